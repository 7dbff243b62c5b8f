//! The consistency token: what a client brings to see at least its own writes.
//!
//! It says up to where the log was written when the client's write had committed. A request that brings it is read to by a replica
//! that has replayed as much, or by the primary. It is sealed, so nobody can make one up and move others' reads to the primary,
//! and it counts for a while only: from then on every replica in use has what it stood for.

use uuid::Uuid;

use super::change::{Changed, NodeKind, NodeVersion};
use super::position::{Commit, Epoch, Lsn};
use crate::auth::Seal;

/// What a token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Where the log ended; `None` on the embedded database, where a read that begins after a commit sees it, and when it is not known.
    pub position: Option<(Epoch, Lsn)>,
    /// The database's clock when it was issued, in microseconds since 1970.
    pub issued_us: i64,
    /// Up to this moment of the database's clock only the primary will do: the outcome or the position of a write is not known.
    pub primary_until_us: Option<i64>,
    /// What was written.
    pub changed: Changed,
}

impl Token {
    /// The token of a commit, or of one whose position is not known. `clock_us` is the database's clock now, `life_us` a token's life.
    pub fn of(commit: Option<Commit>, is_known: bool, changed: Changed, clock_us: i64, life_us: i64) -> Self {
        Self {
            position: commit.map(|commit| (commit.epoch, commit.position)),
            issued_us: commit.map_or(clock_us, |commit| commit.clock_us),
            primary_until_us: (!is_known).then(|| clock_us.saturating_add(life_us)),
            changed,
        }
    }

    /// One token for what two stand for. Positions of two epochs do not compare: the newer token's stays, and only the primary will do while
    /// the older one counts.
    pub fn merge(&mut self, other: &Self, life_us: i64) {
        let mut primary_until_us = self.primary_until_us.max(other.primary_until_us);
        match (&mut self.position, other.position) {
            (Some((epoch, position)), Some((other_epoch, other_position))) if *epoch == other_epoch => {
                *position = (*position).max(other_position);
            }
            (Some(_), Some(others)) => {
                let older_us = self.issued_us.min(other.issued_us);
                primary_until_us = primary_until_us.max(Some(older_us.saturating_add(life_us)));
                if other.issued_us > self.issued_us {
                    self.position = Some(others);
                }
            }
            (None, others) => self.position = others,
            (Some(_), None) => {}
        }
        self.primary_until_us = primary_until_us;
        self.issued_us = self.issued_us.max(other.issued_us);
        self.changed.merge(&other.changed);
    }
}

const FORMAT: u8 = 1;
const ALL_NODES: u8 = u8::MAX;
const NODE_BYTES: usize = 1 + 16 + 8;
const HEAD_BYTES: usize = 1 + 8 + 4 + 8 + 8 + 8 + 1;
/// The longest token in characters: what is longer is not one.
const LONGEST: usize = (HEAD_BYTES + Changed::MOST * NODE_BYTES + 16) * 4 / 3 + 4;

/// Seals tokens and opens them.
#[derive(Clone)]
pub struct TokenCodec(Seal);

impl TokenCodec {
    pub fn new(seal: Seal) -> Self {
        Self(seal)
    }

    /// The token as URL-safe text of 72 to 606 characters.
    ///
    /// Format byte 1; system identifier (8 bytes), timeline (4) and position (8), zero without one; issued at and primary until (8 each, 0 for
    /// never); the number of nodes, 255 for all, and of each its kind (1), id (16) and version (8). Big-endian.
    pub fn close(&self, token: &Token) -> String {
        let mut bytes = Vec::with_capacity(HEAD_BYTES);
        let (epoch, position) = token.position.unwrap_or((Epoch { system: 0, timeline: 0 }, Lsn(0)));
        bytes.push(FORMAT);
        bytes.extend(epoch.system.to_be_bytes());
        bytes.extend(epoch.timeline.to_be_bytes());
        bytes.extend(position.0.to_be_bytes());
        bytes.extend(token.issued_us.to_be_bytes());
        bytes.extend(token.primary_until_us.unwrap_or(0).to_be_bytes());
        match &token.changed {
            Changed::Nodes(nodes) if nodes.len() <= Changed::MOST => {
                bytes.push(nodes.len() as u8);
                for node in nodes {
                    bytes.push(node.kind as u8);
                    bytes.extend(node.id.as_bytes());
                    bytes.extend(node.version.to_be_bytes());
                }
            }
            _ => bytes.push(ALL_NODES),
        }
        self.0.close(&bytes)
    }

    /// The token in a text that an instance with the same secret key sealed; anything else is `None`.
    pub fn open(&self, text: &str) -> Option<Token> {
        if text.len() > LONGEST {
            return None;
        }
        let bytes = self.0.open(text)?;
        let mut rest = bytes.as_slice();
        let [FORMAT] = take(&mut rest)? else { return None };
        let epoch =
            Epoch { system: u64::from_be_bytes(take(&mut rest)?), timeline: u32::from_be_bytes(take(&mut rest)?) };
        let position = Lsn(u64::from_be_bytes(take(&mut rest)?));
        let issued_us = i64::from_be_bytes(take(&mut rest)?);
        let primary_until_us = i64::from_be_bytes(take(&mut rest)?);
        let [count] = take(&mut rest)?;
        let changed = if count == ALL_NODES {
            Changed::All
        } else {
            let node = |rest: &mut &[u8]| {
                let [kind] = take(rest)?;
                let (id, version) = (Uuid::from_bytes(take(rest)?), i64::from_be_bytes(take(rest)?));
                Some(NodeVersion { kind: NodeKind::from_byte(kind)?, id, version })
            };
            Changed::Nodes((0..count).map(|_| node(&mut rest)).collect::<Option<_>>()?)
        };
        rest.is_empty().then_some(Token {
            position: (epoch.timeline > 0).then_some((epoch, position)),
            issued_us,
            primary_until_us: (primary_until_us != 0).then_some(primary_until_us),
            changed,
        })
    }
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (head, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*head)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::auth::SecretKey;

    const LIFE: i64 = 30_000_000;

    fn codec(secret: &str) -> TokenCodec {
        TokenCodec::new(SecretKey::new(secret).seal("consistency"))
    }

    fn token(timeline: u32, position: u64, issued_us: i64) -> Token {
        let position = Some((Epoch { system: 7, timeline }, Lsn(position)));
        Token { position, issued_us, primary_until_us: None, changed: Changed::default() }
    }

    fn nodes(count: u128) -> Changed {
        let node = |id| NodeVersion { kind: NodeKind::Product, id: Uuid::from_u128(id), version: 3 };
        Changed::Nodes((0..count).map(node).collect())
    }

    fn any_token() -> impl Strategy<Value = Token> {
        let node = (0..NodeKind::ALL.len(), any::<u128>(), any::<i64>()).prop_map(|(kind, id, version)| NodeVersion {
            kind: NodeKind::ALL[kind],
            id: Uuid::from_u128(id),
            version,
        });
        let changed = prop_oneof![
            Just(Changed::All),
            proptest::collection::vec(node, 0..=Changed::MOST).prop_map(Changed::Nodes)
        ];
        let position = (1_u64.., 1_u32.., any::<u64>())
            .prop_map(|(system, timeline, position)| (Epoch { system, timeline }, Lsn(position)));
        (proptest::option::of(position), any::<i64>(), proptest::option::of(1_i64..), changed).prop_map(
            |(position, issued_us, primary_until_us, changed)| Token { position, issued_us, primary_until_us, changed },
        )
    }

    proptest! {
        #[test]
        fn any_token_comes_back_as_it_was_sealed(token in any_token()) {
            let codec = codec("the secret of this shop");

            prop_assert_eq!(codec.open(&codec.close(&token)), Some(token));
        }

        #[test]
        fn a_token_with_any_character_changed_does_not_open(token in any_token(), place: prop::sample::Index, to in "[A-Za-z0-9_-]") {
            let codec = codec("the secret of this shop");
            let text = codec.close(&token);
            let place = place.index(text.len());
            let mut forged = text.clone();
            forged.replace_range(place..=place, &to);

            prop_assert!(forged == text || codec.open(&forged).is_none());
        }

        #[test]
        fn nothing_that_was_sealed_makes_opening_a_token_panic(text: String, bytes: Vec<u8>) {
            let codec = codec("the secret of this shop");
            let _ = codec.open(&text);
            let _ = codec.open(&codec.0.close(&bytes));
        }

        #[test]
        fn merging_never_forgets_what_either_asked_for(one in any_token(), other in any_token()) {
            let mut merged = one.clone();
            merged.merge(&other, LIFE);

            prop_assert!(merged.primary_until_us >= one.primary_until_us.max(other.primary_until_us));
            prop_assert_eq!(merged.issued_us, one.issued_us.max(other.issued_us));
            for token in [&one, &other] {
                if let (Some((epoch, asked)), Some((kept, position))) = (token.position, merged.position) {
                    prop_assert!(kept != epoch || position >= asked || merged.primary_until_us.is_some());
                }
            }
        }
    }

    #[test]
    fn a_token_comes_back_as_it_was_sealed() {
        let codec = codec("the secret of this shop");
        for changed in [Changed::All, Changed::default(), nodes(1), nodes(16)] {
            for primary_until_us in [None, Some(5)] {
                let token = Token { changed: changed.clone(), primary_until_us, ..token(2, 99, 1234) };

                assert_eq!(codec.open(&codec.close(&token)), Some(token.clone()));
                assert_eq!(
                    codec.open(&codec.close(&Token { position: None, ..token.clone() })).unwrap().position,
                    None
                );
            }
        }
        let (shortest, longest) =
            (codec.close(&token(1, 1, 1)), codec.close(&Token { changed: nodes(16), ..token(1, 1, 1) }));
        assert_eq!((shortest.len(), longest.len()), (72, 606));
    }

    #[test]
    fn what_is_not_a_token_of_this_shop_does_not_open() {
        let text = codec("the secret of this shop").close(&token(1, 1, 1));

        assert_eq!(codec("the secret of another").open(&text), None);
        for garbage in ["", "x", "äöü", &text[1..], &format!("{text}A"), &"A".repeat(100_000)] {
            assert_eq!(codec("the secret of this shop").open(garbage), None);
        }
    }

    #[test]
    fn merging_keeps_the_higher_position_and_all_nodes() {
        let mut merged = Token { changed: nodes(2), ..token(1, 10, 100) };
        merged.merge(&Token { changed: nodes(3), ..token(1, 5, 200) }, LIFE);

        assert_eq!(merged, Token { changed: nodes(3), ..token(1, 10, 200) });
    }

    #[test]
    fn more_nodes_than_can_be_named_are_all() {
        let mut merged = Token { changed: nodes(16), ..token(1, 1, 1) };
        merged.merge(&Token { changed: nodes(17), ..token(1, 1, 1) }, LIFE);

        assert_eq!(merged.changed, Changed::All);
    }

    #[test]
    fn positions_of_two_epochs_leave_only_the_primary_while_the_older_one_counts() {
        for (mut one, other) in [(token(1, 99, 100), token(2, 5, 200)), (token(2, 5, 200), token(1, 99, 100))] {
            one.merge(&other, LIFE);

            assert_eq!(one.position, token(2, 5, 200).position);
            assert_eq!(one.primary_until_us, Some(100 + LIFE));
        }
    }

    #[test]
    fn an_unknown_outcome_stays_with_what_it_is_merged_into() {
        let mut merged = token(1, 10, 100);
        merged.merge(&Token::of(None, false, Changed::All, 50, LIFE), LIFE);

        assert_eq!(merged.position, token(1, 10, 100).position);
        assert_eq!(merged.primary_until_us, Some(50 + LIFE));
        assert_eq!(merged.changed, Changed::All);
    }
}
