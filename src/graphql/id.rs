//! Global ids: opaque to clients, unique over all types, the same in every answer.
//!
//! An id is URL-safe base64 of a kind byte and the key. What belongs to a user carries that user's id as well, so that it can be
//! found where the user's rows live, and is sealed: it tells nobody whose it is and cannot be made up.

use async_graphql::ID;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

use crate::auth::{Seal, SecretKey};
use crate::error::{Error, Result};
use crate::text::shorten;

/// The types that have a global id. The numbers are part of every id given out and never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Kind {
    Product = 1,
    Sku = 2,
    Store = 3,
    Category = 4,
    User = 5,
    Order = 6,
    OrderItem = 7,
    Session = 8,
}

impl Kind {
    const ALL: [Self; 8] = [
        Self::Product,
        Self::Sku,
        Self::Store,
        Self::Category,
        Self::User,
        Self::Order,
        Self::OrderItem,
        Self::Session,
    ];

    /// The name of the type in the schema.
    pub fn type_name(self) -> &'static str {
        match self {
            Self::Product => "Product",
            Self::Sku => "Sku",
            Self::Store => "Store",
            Self::Category => "Category",
            Self::User => "User",
            Self::Order => "Order",
            Self::OrderItem => "OrderItem",
            Self::Session => "Session",
        }
    }

    fn is_owned(self) -> bool {
        matches!(self, Self::Order | Self::OrderItem | Self::Session)
    }
}

/// The key of something that belongs to a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Owned {
    pub user: Uuid,
    pub id: Uuid,
}

/// What an id names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    Plain(Kind, Uuid),
    Owned(Kind, Owned),
}

/// Makes and reads global ids.
pub struct IdCodec {
    owned: Seal,
}

impl IdCodec {
    pub fn new(secret: &SecretKey) -> Self {
        Self { owned: secret.seal("owned id") }
    }

    pub fn owned(&self, kind: Kind, key: Owned) -> ID {
        let mut bytes = [0; 33];
        bytes[0] = kind as u8;
        bytes[1..17].copy_from_slice(key.user.as_bytes());
        bytes[17..].copy_from_slice(key.id.as_bytes());
        ID(self.owned.close(&bytes))
    }

    /// What an id names; an id that this server never gave out is BAD_USER_INPUT.
    pub fn parse(&self, id: &str) -> Result<Key> {
        parse_plain(id)
            .or_else(|| self.parse_owned(id))
            .ok_or_else(|| Error::bad_input(format!("{:?} is not an id", shorten(id))))
    }

    /// The key of an id of this kind; an id of another type is BAD_USER_INPUT.
    pub fn expect(&self, kind: Kind, id: &str) -> Result<Uuid> {
        match self.parse(id)? {
            Key::Plain(named, key) if named == kind => Ok(key),
            Key::Plain(named, _) | Key::Owned(named, _) => Err(of_another_type(id, named, kind)),
        }
    }

    /// The key of an id of this kind, of what belongs to a user.
    pub fn expect_owned(&self, kind: Kind, id: &str) -> Result<Owned> {
        match self.parse(id)? {
            Key::Owned(named, key) if named == kind => Ok(key),
            Key::Plain(named, _) | Key::Owned(named, _) => Err(of_another_type(id, named, kind)),
        }
    }

    fn parse_owned(&self, id: &str) -> Option<Key> {
        let bytes = self.owned.open(id)?;
        let kind = Kind::ALL.into_iter().find(|kind| kind.is_owned() && Some(&(*kind as u8)) == bytes.first())?;
        let user = Uuid::from_slice(bytes.get(1..17)?).ok()?;
        let id = Uuid::from_slice(bytes.get(17..)?).ok()?;
        Some(Key::Owned(kind, Owned { user, id }))
    }
}

fn of_another_type(id: &str, named: Kind, kind: Kind) -> Error {
    let (id, named, kind) = (shorten(id), named.type_name(), kind.type_name());
    Error::bad_input(format!("{id:?} is the id of a {named}, not of a {kind}"))
}

/// The global id of what belongs to nobody in particular.
pub fn plain(kind: Kind, key: Uuid) -> ID {
    let mut bytes = [0; 17];
    bytes[0] = kind as u8;
    bytes[1..].copy_from_slice(key.as_bytes());
    ID(URL_SAFE_NO_PAD.encode(bytes))
}

fn parse_plain(id: &str) -> Option<Key> {
    let mut bytes = [0; 17];
    // 17 bytes are 23 characters; anything else is no plain id.
    if id.len() != 23 || URL_SAFE_NO_PAD.decode_slice(id, &mut bytes).ok()? != bytes.len() {
        return None;
    }
    let kind = Kind::ALL.into_iter().find(|kind| !kind.is_owned() && *kind as u8 == bytes[0])?;
    Some(Key::Plain(kind, Uuid::from_slice(&bytes[1..]).ok()?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn codec() -> IdCodec {
        IdCodec::new(&SecretKey::new("the secret of this shop"))
    }

    proptest! {
        #[test]
        fn an_id_names_what_it_was_made_from(user: u128, id: u128) {
            let (user, id) = (Uuid::from_u128(user), Uuid::from_u128(id));
            let codec = codec();

            for kind in Kind::ALL {
                if kind.is_owned() {
                    let owned = Owned { user, id };
                    prop_assert_eq!(codec.parse(&codec.owned(kind, owned)).unwrap(), Key::Owned(kind, owned));
                } else {
                    prop_assert_eq!(codec.parse(&plain(kind, id)).unwrap(), Key::Plain(kind, id));
                }
            }
        }

        #[test]
        fn nothing_that_was_sealed_or_encoded_makes_the_codec_panic(text: String, bytes: Vec<u8>) {
            let codec = codec();
            let _ = codec.parse(&text);
            let _ = codec.parse(&URL_SAFE_NO_PAD.encode(&bytes));
            let _ = codec.parse(&codec.owned.close(&bytes));
        }
    }

    #[test]
    fn an_owned_id_cannot_be_made_up() {
        let mut forged = [6u8; 33];
        forged[0] = Kind::Order as u8;

        assert!(codec().parse(&URL_SAFE_NO_PAD.encode(forged)).is_err());
        assert!(codec().parse(&plain(Kind::Order, Uuid::nil())).is_err());
    }

    #[test]
    fn an_id_of_another_type_is_told_by_name() {
        let error = codec().expect(Kind::Product, &plain(Kind::Store, Uuid::nil())).unwrap_err();

        assert!(error.to_string().ends_with("is the id of a Store, not of a Product"), "{error}");
    }
}
