//! The scalars that GraphQL does not bring: each with its specification, its checks and a description for front-end developers.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use chrono::{Datelike, SecondsFormat, SubsecRound, Utc};
use iso_currency::Currency;
use rust_decimal::Decimal as Number;

use crate::text::shorten;

/// The value of the scalar `Decimal`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd)]
pub struct Decimal(pub Number);

/// An exact decimal number as a string, such as `"19.99"`. Never a binary float. As an input a number literal is taken too.
#[Scalar(specified_by_url = "https://www.w3.org/TR/xmlschema11-2/#decimal")]
impl ScalarType for Decimal {
    fn parse(value: Value) -> InputValueResult<Self> {
        let text = match &value {
            Value::String(text) => text.clone(),
            // The shortest text that reads back as the same number: what the client wrote, up to 15 digits.
            Value::Number(number) => number.to_string(),
            _ => return Err(InputValueError::expected_type(value)),
        };
        let is_decimal = text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+'));
        let parsed = if is_decimal { Number::from_str_exact(&text).ok() } else { None };
        parsed.map(Self).ok_or_else(|| {
            InputValueError::custom(format!(
                "{:?} is not a decimal number of at most 28 digits, such as \"19.99\"",
                shorten(&text)
            ))
        })
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// The value of the scalar `BigInt`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd)]
pub struct BigInt(pub i64);

/// A whole number of up to 64 bits as a string, such as `"1999"`: JSON numbers lose digits beyond 2^53. As an input a number
/// literal is taken too.
#[Scalar(specified_by_url = "https://www.w3.org/TR/xmlschema11-2/#long")]
impl ScalarType for BigInt {
    fn parse(value: Value) -> InputValueResult<Self> {
        let parsed = match &value {
            Value::String(text) => text.parse().ok(),
            Value::Number(number) => number.as_i64(),
            _ => None,
        };
        parsed.map(Self).ok_or_else(|| InputValueError::expected_type(value))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// The value of the scalar `CurrencyCode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CurrencyCode(pub Currency);

/// A currency by its three-letter code of ISO 4217, such as `EUR`.
#[Scalar(specified_by_url = "https://www.iso.org/iso-4217-currency-codes.html")]
impl ScalarType for CurrencyCode {
    fn parse(value: Value) -> InputValueResult<Self> {
        let code = match &value {
            Value::String(code) => code.as_str(),
            Value::Enum(code) => code.as_str(),
            _ => return Err(InputValueError::expected_type(value)),
        };
        Currency::from_code(code)
            .map(Self)
            .ok_or_else(|| InputValueError::custom(format!("{:?} is not a currency code of ISO 4217", shorten(code))))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.code().to_owned())
    }
}

/// The value of the scalar `DateTime`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DateTime(pub chrono::DateTime<Utc>);

/// A moment in time by RFC 3339, such as `"2026-01-31T09:30:00Z"`; in answers always in UTC. As an input any offset is taken, and
/// what is finer than a microsecond is cut off.
#[Scalar(specified_by_url = "https://datatracker.ietf.org/doc/html/rfc3339")]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else { return Err(InputValueError::expected_type(value)) };
        let time = chrono::DateTime::parse_from_rfc3339(text).map_err(|_| {
            InputValueError::custom(format!("{:?} is not a time such as \"2026-01-31T09:30:00Z\"", shorten(text)))
        })?;
        let time = time.to_utc().trunc_subsecs(6);
        // RFC 3339 has years of four digits, and an offset can lead out of them.
        if !(0..=9999).contains(&time.year()) {
            return Err(InputValueError::custom(format!("the year {} is not one of 0000 to 9999", time.year())));
        }
        Ok(Self(time))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_rfc3339_opts(SecondsFormat::AutoSi, true))
    }
}

/// The value of the scalar `URL`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Url(pub String);

/// The longest address that is taken, in bytes.
const LONGEST_URL: usize = 2048;

/// An absolute address beginning with `https://` or `http://`.
#[Scalar(name = "URL", specified_by_url = "https://url.spec.whatwg.org/")]
impl ScalarType for Url {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else { return Err(InputValueError::expected_type(value)) };
        check_url(text).map_err(InputValueError::custom)?;
        Ok(Self(text.clone()))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

/// Refuses what is no address; the text is for the client.
pub fn check_url(text: &str) -> Result<(), String> {
    if text.len() > LONGEST_URL {
        return Err(format!("the address has {} bytes, over the maximum of {LONGEST_URL}", text.len()));
    }
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let is_address = host.is_some_and(|host| !host.is_empty() && !host.starts_with('/'))
        && !text.chars().any(|c| c.is_whitespace() || c.is_control() || "<>\"\\^`{|}".contains(c));
    if !is_address {
        return Err(format!("{:?} is not an address that begins with https:// or http://", shorten(text)));
    }
    Ok(())
}

/// The value of the scalar `JSON`.
#[derive(Clone, Debug, PartialEq)]
pub struct Json(pub serde_json::Value);

/// Any value of JSON, with all that is in it.
#[Scalar(name = "JSON", specified_by_url = "https://www.rfc-editor.org/rfc/rfc8259")]
impl ScalarType for Json {
    fn parse(value: Value) -> InputValueResult<Self> {
        Ok(Self(value.into_json()?))
    }

    fn to_value(&self) -> Value {
        Value::from_json(self.0.clone()).unwrap_or_default()
    }
}
