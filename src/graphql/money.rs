//! Money: whole minor units of one currency. Nothing here is ever a float.

use async_graphql::{ScalarType, ServerResult, SimpleObject, Value};
use iso_currency::Currency;
use rust_decimal::Decimal as Number;
use rust_decimal::prelude::ToPrimitive;

use crate::error::Error;

use super::at_hand::{AtHand, Below, Selected};
use super::directive::{MaxAge, Weight};
use super::scalar::{BigInt, CurrencyCode, Decimal};

/// An amount of money in one currency.
#[derive(SimpleObject, Clone, Copy, Debug, PartialEq)]
#[graphql(directive = Weight::apply(0), directive = MaxAge::apply(60))]
pub struct Money {
    /// The amount in the currency's own unit, with as many decimals as the currency has: `"19.99"` for EUR, `"2000"` for JPY.
    amount: Decimal,
    /// The currency of the amount.
    currency_code: CurrencyCode,
    /// The same amount in the smallest unit of the currency: `"1999"` for 19.99 EUR, `"2000"` for 2000 JPY.
    minor_units: BigInt,
}

impl Money {
    pub fn new(minor_units: i64, currency: Currency) -> Self {
        Self {
            amount: Decimal(amount(minor_units, currency)),
            currency_code: CurrencyCode(currency),
            minor_units: BigInt(minor_units),
        }
    }
}

impl AtHand for Money {
    fn part(&self, field: &str, below: Below<'_>) -> Option<ServerResult<Value>> {
        match field {
            "amount" => below.scalar(self.amount.to_value()),
            "currencyCode" => below.scalar(self.currency_code.to_value()),
            _ => None,
        }
    }

    fn is_at_hand(_: &str, _: Selected<'_>) -> bool {
        true
    }
}

/// A lowest and a highest amount, both included.
#[derive(SimpleObject, Clone, Copy, Debug, PartialEq)]
#[graphql(directive = Weight::apply(0), directive = MaxAge::apply(60))]
pub struct PriceRange {
    /// The lowest price.
    min: Money,
    /// The highest price; equal to `min` when all prices are the same.
    max: Money,
}

impl PriceRange {
    pub fn new(min: i64, max: i64, currency: Currency) -> Self {
        Self { min: Money::new(min, currency), max: Money::new(max, currency) }
    }
}

/// The largest amount that is taken, in minor units: sums of a hundred thousand such stay within 64 bits.
pub const MOST_MINOR_UNITS: i64 = 10_000_000_000_000;

/// The amount in the currency's own unit, with as many decimals as it has.
pub fn amount(minor_units: i64, currency: Currency) -> Number {
    Number::new(minor_units, decimals(currency))
}

/// The amount in minor units; the text of an error is for the client.
pub fn minor_units(amount: Number, currency: Currency) -> Result<i64, String> {
    let decimals = decimals(currency);
    let amount = amount.normalize();
    if amount.is_sign_negative() && !amount.is_zero() {
        return Err(format!("{amount} is negative"));
    }
    if amount.scale() > decimals {
        return Err(format!("{amount} has {} decimals, {} has {decimals}", amount.scale(), currency.code()));
    }
    let most = Number::new(MOST_MINOR_UNITS, decimals);
    if amount > most {
        return Err(format!("{amount} is over the maximum of {most}"));
    }
    Ok((amount * Number::from(10_i64.pow(decimals))).to_i64().expect("an amount within the maximum fits 64 bits"))
}

/// The currency of a code that the database holds.
pub fn currency(code: &str) -> Result<Currency, Error> {
    Currency::from_code(code).ok_or_else(|| Error::internal(anyhow::anyhow!("{code:?} is not a currency")))
}

/// How many decimals a currency has (ISO 4217's exponent); none for codes that have no minor unit.
fn decimals(currency: Currency) -> u32 {
    currency.exponent().map_or(0, u32::from)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decimal(text: &str) -> Number {
        text.parse().unwrap()
    }

    #[test]
    fn an_amount_has_the_decimals_of_its_currency() {
        assert_eq!(minor_units(decimal("19.99"), Currency::EUR), Ok(1999));
        assert_eq!(minor_units(decimal("19.9900"), Currency::EUR), Ok(1999));
        assert_eq!(minor_units(decimal("2000"), Currency::JPY), Ok(2000));
        assert_eq!(minor_units(decimal("1.234"), Currency::KWD), Ok(1234));
        assert_eq!(minor_units(decimal("0.5"), Currency::JPY).unwrap_err(), "0.5 has 1 decimals, JPY has 0");
        assert_eq!(minor_units(decimal("-1"), Currency::EUR).unwrap_err(), "-1 is negative");
        assert!(
            minor_units(decimal("79228162514264337593543950335"), Currency::EUR)
                .unwrap_err()
                .contains("over the maximum")
        );
    }

    proptest! {
        #[test]
        fn minor_units_read_back_as_they_were_shown(minor in 0..=MOST_MINOR_UNITS) {
            for currency in [Currency::EUR, Currency::JPY, Currency::KWD] {
                prop_assert_eq!(minor_units(Money::new(minor, currency).amount.0, currency), Ok(minor));
            }
        }
    }
}
