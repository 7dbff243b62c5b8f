//! Price buckets: a few ranges between round prices, each with about as many products as the others.
//!
//! Prices are counted in cells: all that agree in their first two digits. Every round price begins a cell, so buckets are made of whole
//! cells, and no second question is needed to count them.

use crate::product::filter::PriceBounds;

/// As many buckets as can be, at most.
const MOST_BUCKETS: u64 = 6;
/// The first two digits of round prices.
const ROUND: [i64; 10] = [10, 15, 20, 25, 30, 40, 50, 60, 75, 80];

/// How many prices agree in their first two digits with this one, the lowest of them.
pub struct Cell {
    pub from: i64,
    pub count: u64,
}

/// The buckets of cells in ascending order, each with its count. They lie side by side, and none is empty.
pub fn buckets(currency: &str, cells: &[Cell]) -> Vec<(PriceBounds, u64)> {
    let share = cells.iter().map(|cell| cell.count).sum::<u64>().div_ceil(MOST_BUCKETS);
    let mut found: Vec<Cell> = Vec::new();
    let mut before = None;
    for cell in cells {
        let from = round_down(cell.from);
        match found.last_mut() {
            // A bucket goes on until it has its share, and then to the next round price.
            Some(bucket) if bucket.count < share || Some(from) <= before => bucket.count += cell.count,
            _ => found.push(Cell { from, count: cell.count }),
        }
        before = Some(cell.from);
    }
    let ends: Vec<i64> = found.iter().skip(1).map(|bucket| bucket.from).chain(before.map(round_up)).collect();
    let bounds = |from, end: i64| PriceBounds { currency: currency.to_owned(), from: Some(from), to: Some(end - 1) };
    found.iter().zip(ends).map(|(bucket, end)| (bounds(bucket.from, end), bucket.count)).collect()
}

/// The highest round price that is not over this one.
fn round_down(price: i64) -> i64 {
    let unit = unit(price);
    ROUND.iter().rev().map(|digits| digits * unit).find(|round| *round <= price).unwrap_or(price)
}

/// The lowest round price that is over this one.
fn round_up(price: i64) -> i64 {
    let unit = unit(price);
    if price < ROUND[0] {
        return price + 1;
    }
    ROUND.iter().map(|digits| digits * unit).find(|round| *round > price).unwrap_or(100 * unit)
}

/// What the second digit of a price counts.
fn unit(price: i64) -> i64 {
    let mut unit = 1;
    while price / unit >= 100 {
        unit *= 10;
    }
    unit
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cells(counts: &[(i64, u64)]) -> Vec<Cell> {
        counts.iter().map(|(from, count)| Cell { from: *from, count: *count }).collect()
    }

    fn found(counts: &[(i64, u64)]) -> Vec<(i64, i64, u64)> {
        let buckets = buckets("EUR", &cells(counts)).into_iter();
        buckets.map(|(bounds, count)| (bounds.from.unwrap(), bounds.to.unwrap(), count)).collect()
    }

    #[test]
    fn buckets_begin_and_end_at_round_prices() {
        assert_eq!(found(&[]), []);
        assert_eq!(found(&[(1900, 1)]), [(1500, 1999, 1)]);
        assert_eq!(found(&[(9900, 1)]), [(8000, 9999, 1)]);
        assert_eq!(found(&[(0, 3), (7, 1)]), [(0, 6, 3), (7, 7, 1)]);
        assert_eq!(found(&[(1000, 4), (1100, 4), (1200, 4), (3100, 1)]), [(1000, 2999, 12), (3000, 3999, 1)]);
    }

    proptest! {
        #[test]
        fn each_price_is_in_one_bucket(prices in prop::collection::btree_map(0_i64..10_000_000_000_000, 1_u64..50, 1..80)) {
            let mut counts = std::collections::BTreeMap::<i64, u64>::new();
            for (price, count) in prices {
                *counts.entry(price - price % unit(price)).or_default() += count;
            }
            let counts: Vec<_> = counts.into_iter().collect();

            let buckets = found(&counts);

            prop_assert!(buckets.len() as u64 <= MOST_BUCKETS);
            prop_assert!(buckets.windows(2).all(|pair| pair[0].1 + 1 == pair[1].0));
            for (from, to, count) in buckets {
                let inside = counts.iter().filter(|(price, _)| (from..=to).contains(price)).map(|(_, count)| count);
                prop_assert_eq!(count, inside.sum::<u64>());
                prop_assert!(count > 0);
            }
        }
    }
}
