//! The most that was charged in any interval as long as the window, as far as a client can tell.
//!
//! A client knows when it sent a request and when it had the answer; the charge was made somewhere in between. So an interval is taken to hold
//! a charge only when it holds the request and the answer as well: what is found was certainly charged within the window's length, and
//! skew between clocks does not come in. What lies across an edge of the interval is left out, so the true sum may be higher by
//! what is under way at one moment.

use std::time::{Duration, Instant};

/// What a client paid in the end, with what was given back taken off.
#[derive(Clone, Copy, Debug)]
pub struct Charge {
    pub sent: Instant,
    pub answered: Instant,
    pub points: u64,
}

/// The highest sum of the charges in any interval of a length.
pub fn worst_sum(charges: &mut [Charge], length: Duration) -> u64 {
    charges.sort_unstable_by_key(|charge| charge.sent);
    // An interval that holds the most may as well begin where one of its requests was sent.
    let from = |first: usize| {
        let end = charges[first].sent + length;
        let begun = charges[first..].iter().take_while(move |charge| charge.sent <= end);
        begun.filter(move |charge| charge.answered <= end).map(|charge| charge.points).sum()
    };
    (0..charges.len()).map(from).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn worst(charges: &[(u64, u64, u64)]) -> u64 {
        let begun = Instant::now();
        let at = |ms| begun + Duration::from_millis(ms);
        let charge = |&(sent, answered, points)| Charge { sent: at(sent), answered: at(answered), points };
        worst_sum(&mut charges.iter().map(charge).collect::<Vec<_>>(), Duration::from_millis(1000))
    }

    #[test]
    fn the_worst_interval_may_lie_anywhere() {
        assert_eq!(worst(&[]), 0);
        assert_eq!(worst(&[(0, 10, 5), (900, 910, 7), (1500, 1510, 9), (2600, 2610, 15)]), 16);
        assert_eq!(worst(&[(1500, 1510, 9), (0, 10, 5), (900, 1000, 7)]), 16);
    }

    #[test]
    fn what_lies_across_the_edge_of_an_interval_is_not_held_against_anyone() {
        assert_eq!(worst(&[(0, 10, 5), (990, 1000, 7)]), 12);
        assert_eq!(worst(&[(0, 10, 5), (990, 1001, 7)]), 7);
    }
}
