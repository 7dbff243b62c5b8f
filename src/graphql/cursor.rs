//! Cursors: the position of an edge, sealed together with the fingerprint of its list.

use chrono::DateTime;
use uuid::Uuid;

use crate::auth::Seal;
use crate::db::{Position, SortKey};
use crate::error::{Error, Result};
use crate::text::shorten;

/// The cursor of a position in a list with this fingerprint.
pub fn write(seal: &Seal, fingerprint: u64, position: &Position) -> String {
    let mut bytes = Vec::with_capacity(64);
    bytes.extend(fingerprint.to_be_bytes());
    bytes.extend(position.id.as_bytes());
    match &position.key {
        SortKey::Time(time) => {
            bytes.push(0);
            bytes.extend(time.timestamp_micros().to_be_bytes());
        }
        SortKey::Text(text) => {
            bytes.push(1);
            bytes.extend(text.as_bytes());
        }
        SortKey::Integer(integer) => {
            bytes.push(2);
            bytes.extend(integer.to_be_bytes());
        }
    }
    seal.close(&bytes)
}

/// The position in a cursor of a list with this fingerprint; of another list, or no cursor at all, it is BAD_USER_INPUT.
pub fn read(seal: &Seal, fingerprint: u64, cursor: &str) -> Result<Position> {
    let unknown = || Error::bad_input(format!("{:?} is not a cursor", shorten(cursor)));
    let bytes = seal.open(cursor).ok_or_else(unknown)?;
    let (made_for, rest) = bytes.split_first_chunk::<8>().ok_or_else(unknown)?;
    if u64::from_be_bytes(*made_for) != fingerprint {
        return Err(Error::bad_input(format!(
            "the cursor {:?} is of a list with another order or filter",
            shorten(cursor)
        )));
    }
    let (id, rest) = rest.split_first_chunk::<16>().ok_or_else(unknown)?;
    let key = match rest.split_first().ok_or_else(unknown)? {
        (0, time) => {
            let micros = i64::from_be_bytes(time.try_into().map_err(|_| unknown())?);
            SortKey::Time(DateTime::from_timestamp_micros(micros).ok_or_else(unknown)?)
        }
        (1, text) => SortKey::Text(String::from_utf8(text.to_vec()).map_err(|_| unknown())?),
        (2, integer) => SortKey::Integer(i64::from_be_bytes(integer.try_into().map_err(|_| unknown())?)),
        _ => return Err(unknown()),
    };
    Ok(Position { key, id: Uuid::from_bytes(*id) })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::auth::SecretKey;

    fn seal() -> Seal {
        SecretKey::new("the secret of this shop").seal("cursor")
    }

    proptest! {
        #[test]
        fn a_cursor_reads_back_as_the_position_it_was_made_from(id: u128, micros in 0..4_000_000_000_000_000_i64, text: String, integer: i64) {
            let time = DateTime::from_timestamp_micros(micros).unwrap();
            for key in [SortKey::Time(time), SortKey::Text(text), SortKey::Integer(integer)] {
                let position = Position { key, id: Uuid::from_u128(id) };
                let cursor = write(&seal(), 7, &position);

                prop_assert_eq!(&read(&seal(), 7, &cursor).unwrap(), &position);
                prop_assert!(read(&seal(), 8, &cursor).is_err());
            }
        }

        #[test]
        fn nothing_that_was_sealed_makes_reading_a_cursor_panic(text: String, after: Vec<u8>) {
            let _ = read(&seal(), 7, &text);
            let fingerprint = 7_u64.to_be_bytes().into_iter();
            let _ = read(&seal(), 7, &seal().close(&fingerprint.chain(after).collect::<Vec<_>>()));
        }
    }
}
