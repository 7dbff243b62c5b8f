//! Chance and time that are the same on every run.
//!
//! Each thing draws from dice of its own, made of the seed, what it is and its number: so it can be made again by itself, and a
//! larger number of users does not change the products. Ids have the shape of UUIDv7 and follow the made-up time of creation.

use chrono::{DateTime, Utc};
use rand::rngs::Xoshiro256PlusPlus;
use rand::{Rng, RngExt, SeedableRng};
use uuid::{Builder, Uuid};

/// What draws; the numbers keep the draws of different things apart.
#[derive(Clone, Copy)]
#[repr(u8)]
pub enum Kind {
    Store = 1,
    Category = 2,
    SkuCount = 3,
    Product = 4,
    User = 5,
    Order = 6,
}

/// A named algorithm, which later releases of `rand` do not replace.
pub type Dice = Xoshiro256PlusPlus;

pub fn dice(seed: u64, kind: Kind, index: u64) -> Dice {
    Dice::seed_from_u64(seed.wrapping_mul(0xD134_2543_DE82_EF95) ^ ((kind as u64) << 56) ^ index)
}

pub fn pick<'a, T>(dice: &mut Dice, from: &'a [T]) -> &'a T {
    &from[dice.random_range(0..from.len())]
}

/// True in this many of a hundred cases.
pub fn chance(dice: &mut Dice, per_cent: u32) -> bool {
    dice.random_range(0..100) < per_cent
}

/// An id for the thing of this number; the number makes it unique, whatever is drawn.
pub fn id(dice: &mut Dice, created_at: DateTime<Utc>, number: u32) -> Uuid {
    let mut random = [0; 10];
    random[..6].copy_from_slice(&dice.next_u64().to_be_bytes()[..6]);
    random[6..].copy_from_slice(&number.to_be_bytes());
    let millis = u64::try_from(created_at.timestamp_millis()).expect("the made-up year lies after 1970");
    Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// 2026-01-01T00:00:00Z, in milliseconds: the end of the made-up year.
const END: i64 = 1_767_225_600_000;

/// A part of the made-up year over which things are created evenly, in the order of their numbers.
#[derive(Clone, Copy)]
pub struct Season {
    from: i64,
    to: i64,
}

/// When stores and categories are created.
pub const OPENING: Season = Season { from: END - 365 * DAY, to: END - 350 * DAY };
/// When products are, and users.
pub const GROWTH: Season = Season { from: END - 350 * DAY, to: END };
/// When orders are placed: there are products to choose from by then.
pub const TRADE: Season = Season { from: END - 300 * DAY, to: END };

impl Season {
    /// When the thing of number `index` of `count` is created: at random within its slot, the first at the very start.
    pub fn moment(self, dice: &mut Dice, index: u32, count: u32) -> DateTime<Utc> {
        let slot = |index: i64| self.from + (self.to - self.from) * index / i64::from(count.max(1));
        let start = slot(index.into());
        let length = slot(i64::from(index) + 1) - start;
        let late = if index == 0 || length < 1 { 0 } else { dice.random_range(0..length) };
        at(start + late)
    }

    /// How many of `count` things exist for certain at a moment; at least the first.
    pub fn so_far(self, moment: DateTime<Utc>, count: u32) -> u32 {
        let passed = (moment.timestamp_millis() - self.from).clamp(0, self.to - self.from);
        let exist = passed * i64::from(count) / (self.to - self.from);
        u32::try_from(exist).unwrap_or(count).max(1)
    }
}

/// A moment up to this many hours later, still within the made-up year.
pub fn later(dice: &mut Dice, moment: DateTime<Utc>, hours: i64) -> DateTime<Utc> {
    at((moment.timestamp_millis() + dice.random_range(0..=hours * HOUR)).min(END))
}

/// Hours from a moment to the end of the made-up year.
pub fn age_in_hours(moment: DateTime<Utc>) -> i64 {
    (END - moment.timestamp_millis()) / HOUR
}

fn at(millis: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(millis).expect("the made-up year is representable")
}
