//! Which server is written to, when several could be.
//!
//! A promotion begins a timeline with a higher number. The old primary may come back on its own, still writable, and nobody told it:
//! so only the server on the highest timeline that was ever heard of is the primary, and when that cannot be told, none is.

use std::fmt;

use super::position::Incarnation;

/// A server that can be written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Writable {
    /// Its place in the settings.
    pub host: usize,
    pub incarnation: Incarnation,
    pub system: u64,
    pub timeline: u32,
}

/// Why there is no primary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoPrimary {
    /// No server that can be written to is reached.
    Unreachable,
    /// One is, and it holds another database than this server began with.
    Foreign,
    /// One is, and another was promoted past it.
    Outdated,
    /// Two were promoted to one timeline: each may hold writes that the other lacks.
    SplitBrain,
}

impl fmt::Display for NoPrimary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unreachable => "no database server that can be written to is reached",
            Self::Foreign => "the server that can be written to has another system identifier than at the start",
            Self::Outdated => "the server that can be written to is on an older timeline than was seen before",
            Self::SplitBrain => "two servers on one timeline can be written to",
        })
    }
}

/// The place of the primary. `ours` is the system identifier of the database, `highest` the highest timeline heard of.
pub fn elect(ours: u64, highest: u32, writables: &[Writable]) -> Result<usize, NoPrimary> {
    let of_ours: Vec<_> = writables.iter().filter(|writable| writable.system == ours).collect();
    let mut newest = of_ours.iter().filter(|writable| writable.timeline >= highest);
    match newest.next() {
        // One server may be named twice, by two addresses.
        Some(first) if newest.all(|other| other.incarnation == first.incarnation) => Ok(first.host),
        Some(_) => Err(NoPrimary::SplitBrain),
        None if !of_ours.is_empty() => Err(NoPrimary::Outdated),
        None if !writables.is_empty() => Err(NoPrimary::Foreign),
        None => Err(NoPrimary::Unreachable),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn writable(host: usize, system: u64, timeline: u32) -> Writable {
        Writable { host, incarnation: Incarnation::of(system, host), system, timeline }
    }

    #[test]
    fn the_only_server_that_can_be_written_to_is_the_primary() {
        assert_eq!(elect(7, 1, &[writable(0, 7, 1)]), Ok(0));
        assert_eq!(elect(7, 1, &[]), Err(NoPrimary::Unreachable));
    }

    #[test]
    fn the_highest_timeline_wins_in_any_order() {
        let highest = [writable(0, 7, 1), writable(1, 7, 3), writable(2, 7, 2)];

        assert_eq!(elect(7, 3, &highest), Ok(1));
        assert_eq!(elect(7, 3, &[highest[1], highest[0]]), Ok(1));
    }

    #[test]
    fn an_outdated_server_is_not_written_to_while_the_newer_one_is_away() {
        assert_eq!(elect(7, 2, &[writable(0, 7, 1)]), Err(NoPrimary::Outdated));
    }

    #[test]
    fn of_two_on_one_timeline_none_is_written_to() {
        assert_eq!(elect(7, 2, &[writable(0, 7, 2), writable(1, 7, 2)]), Err(NoPrimary::SplitBrain));
    }

    #[test]
    fn one_server_under_two_addresses_is_one_server() {
        let one = writable(0, 7, 2);

        assert_eq!(elect(7, 2, &[one, Writable { host: 1, ..one }]), Ok(0));
    }

    #[test]
    fn a_foreign_server_is_never_written_to() {
        assert_eq!(elect(7, 1, &[writable(0, 8, 5)]), Err(NoPrimary::Foreign));
        assert_eq!(elect(7, 1, &[writable(0, 8, 5), writable(1, 7, 1)]), Ok(1));
    }
}
