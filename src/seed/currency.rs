//! The currencies that stores sell in, and what a price looks like in each.

/// A currency of the made-up shop.
#[derive(Debug, PartialEq, Eq)]
pub struct Currency {
    pub code: &'static str,
    /// Minor units to a euro: 100 for EUR itself, 165 for JPY, which has no decimals.
    per_euro: i64,
    /// Prices are multiples of this, less `charm`: 19.95 EUR, 4,980 JPY.
    step: i64,
    charm: i64,
}

const fn currency(code: &'static str, per_euro: i64, step: i64, charm: i64) -> Currency {
    Currency { code, per_euro, step, charm }
}

/// The first stores take these in turn; JPY and KRW have no decimals, KWD has three.
pub const CURRENCIES: [Currency; 12] = [
    currency("EUR", 100, 50, 5),
    currency("USD", 110, 100, 1),
    currency("GBP", 86, 100, 1),
    currency("JPY", 165, 100, 20),
    currency("SEK", 1_130, 1_000, 100),
    currency("CHF", 95, 50, 5),
    currency("EUR", 100, 100, 1),
    currency("PLN", 430, 100, 1),
    currency("CAD", 150, 100, 1),
    currency("KRW", 1_480, 1_000, 100),
    currency("AUD", 165, 100, 5),
    currency("KWD", 335, 250, 0),
];

impl Currency {
    /// The price, in minor units, of what is worth this many euro cents.
    pub fn price(&self, euro_cents: i64) -> i64 {
        let exact = euro_cents * self.per_euro / 100;
        (exact / self.step + 1) * self.step - self.charm
    }
}
