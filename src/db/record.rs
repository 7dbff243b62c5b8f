//! Rows within a row: what belongs to a row comes in one column of it, and is read by serde.
//!
//! Postgres sends records as it sends columns, in its binary form; SQLite, which has no such thing, sends JSON lists. The fields of a
//! type are the columns of its record, in their order.

use sea_orm::DbBackend;
use sea_orm::sqlx::ValueRef;
use sea_orm::sqlx::error::BoxDynError;
use sea_orm::sqlx::postgres::PgValueRef;
use serde::de::value::Error;
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, Error as _, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;

/// A record of these columns. On SQLite ids need `lower(hex(…))`, and JSON needs `json(…)`.
pub fn record(backend: DbBackend, columns: &str) -> String {
    let function = if backend == DbBackend::Sqlite { "json_array" } else { "ROW" };
    format!("{function}({columns})")
}

/// A list of records, one for each row of a selection that goes on with `from`.
pub fn records(backend: DbBackend, record: &str, from: &str) -> String {
    match backend {
        DbBackend::Sqlite => {
            format!("(SELECT json_group_array(json(record)) FROM (SELECT {record} AS record {from}))")
        }
        _ => format!("ARRAY(SELECT {record} {from})"),
    }
}

/// What is in a column that holds a record, or a list of records.
pub fn read<T: DeserializeOwned>(column: PgValueRef<'_>) -> Result<T, BoxDynError> {
    let type_id = column.type_info().oid().map_or(0, |id| id.0);
    let bytes = if column.is_null() { None } else { Some(column.as_bytes()?) };
    Ok(T::deserialize(Datum { type_id, bytes })?)
}

// The ids that Postgres has given to its types for good.
const BOOL: u32 = 16;
const INT8: u32 = 20;
const INT4: u32 = 23;
const TEXT: u32 = 25;
const VARCHAR: u32 = 1043;
const TIMESTAMPTZ: u32 = 1184;
const RECORD: u32 = 2249;
const RECORDS: u32 = 2287;
const UUID: u32 = 2950;
const JSONB: u32 = 3802;

/// From 1970, when our moments begin, to 2000, when those of Postgres do, in microseconds.
const BEFORE_2000: i64 = 946_684_800_000_000;

/// A value of Postgres in its binary form; without bytes it is null.
#[derive(Clone, Copy)]
struct Datum<'de> {
    type_id: u32,
    bytes: Option<&'de [u8]>,
}

impl<'de> Datum<'de> {
    fn bytes(self) -> Result<&'de [u8], Error> {
        self.bytes.ok_or_else(|| Error::custom("a null where a value was expected"))
    }

    fn number<const N: usize>(self) -> Result<[u8; N], Error> {
        self.bytes()?.try_into().map_err(|_| Error::custom("a number of another length"))
    }

    fn json(self) -> Result<serde_json::Deserializer<serde_json::de::SliceRead<'de>>, Error> {
        match self.bytes()?.split_first() {
            Some((1, json)) => Ok(serde_json::Deserializer::from_slice(json)),
            _ => Err(Error::custom("an unknown version of jsonb")),
        }
    }
}

impl<'de> Deserializer<'de> for Datum<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.type_id {
            BOOL => visitor.visit_bool(self.number::<1>()? != [0]),
            INT4 => visitor.visit_i32(i32::from_be_bytes(self.number()?)),
            INT8 => visitor.visit_i64(i64::from_be_bytes(self.number()?)),
            TIMESTAMPTZ => visitor.visit_i64(i64::from_be_bytes(self.number()?).saturating_add(BEFORE_2000)),
            TEXT | VARCHAR => visitor.visit_borrowed_str(std::str::from_utf8(self.bytes()?).map_err(Error::custom)?),
            UUID => visitor.visit_borrowed_bytes(self.bytes()?),
            JSONB => self.json()?.deserialize_any(visitor).map_err(Error::custom),
            RECORD => visitor.visit_seq(Fields::of(self.bytes()?)?),
            RECORDS => visitor.visit_seq(Items::of(self.bytes()?)?),
            other => Err(Error::custom(format_args!("a value of type {other}, which no record has"))),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.bytes.is_some() { visitor.visit_some(self) } else { visitor.visit_none() }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn is_human_readable(&self) -> bool {
        false
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct enum identifier ignored_any
    }
}

/// The columns of a record: each with the id of its type and its length, -1 for null.
struct Fields<'de> {
    left: usize,
    rest: &'de [u8],
}

impl<'de> Fields<'de> {
    fn of(bytes: &'de [u8]) -> Result<Self, Error> {
        let mut rest = bytes;
        Ok(Self { left: length(&mut rest)?.unwrap_or_default(), rest })
    }
}

impl<'de> SeqAccess<'de> for Fields<'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        let Some(left) = self.left.checked_sub(1) else { return Ok(None) };
        self.left = left;
        let type_id = number(&mut self.rest)?;
        seed.deserialize(Datum { type_id, bytes: value(&mut self.rest)? }).map(Some)
    }
}

/// The items of a list: a head, then each with its length.
struct Items<'de> {
    type_id: u32,
    left: usize,
    rest: &'de [u8],
}

impl<'de> Items<'de> {
    fn of(bytes: &'de [u8]) -> Result<Self, Error> {
        let mut rest = bytes;
        let (dimensions, _has_nulls, type_id) = (number(&mut rest)?, number(&mut rest)?, number(&mut rest)?);
        let left = match dimensions {
            0 => 0,
            1 => {
                let left = length(&mut rest)?.unwrap_or_default();
                let _first_index = number(&mut rest)?;
                left
            }
            _ => return Err(Error::custom("a list of lists")),
        };
        Ok(Self { type_id, left, rest })
    }
}

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        let Some(left) = self.left.checked_sub(1) else { return Ok(None) };
        self.left = left;
        seed.deserialize(Datum { type_id: self.type_id, bytes: value(&mut self.rest)? }).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.left)
    }
}

fn number(rest: &mut &[u8]) -> Result<u32, Error> {
    let (number, behind) = rest.split_first_chunk().ok_or_else(cut)?;
    *rest = behind;
    Ok(u32::from_be_bytes(*number))
}

/// A length; `None` for that of a null.
fn length(rest: &mut &[u8]) -> Result<Option<usize>, Error> {
    Ok(usize::try_from(number(rest)? as i32).ok())
}

fn value<'de>(rest: &mut &'de [u8]) -> Result<Option<&'de [u8]>, Error> {
    let Some(length) = length(rest)? else { return Ok(None) };
    let (value, behind) = rest.split_at_checked(length).ok_or_else(cut)?;
    *rest = behind;
    Ok(Some(value))
}

fn cut() -> Error {
    Error::custom("a record that was cut off")
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};
    use serde::Deserialize;
    use uuid::Uuid;

    use super::*;
    use crate::db::moment;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Sample {
        id: Uuid,
        name: Option<String>,
        is_there: bool,
        few: i32,
        many: Option<i64>,
        #[serde(with = "moment")]
        at: DateTime<Utc>,
        words: Vec<String>,
        #[serde(default)]
        absent: Option<i64>,
    }

    fn sized(bytes: &[u8]) -> Vec<u8> {
        [&(bytes.len() as i32).to_be_bytes(), bytes].concat()
    }

    fn field(type_id: u32, bytes: Option<&[u8]>) -> Vec<u8> {
        [&type_id.to_be_bytes()[..], &bytes.map_or((-1_i32).to_be_bytes().to_vec(), sized)].concat()
    }

    /// A [`Sample`] as Postgres sends it.
    fn sample() -> Vec<u8> {
        let fields = [
            field(UUID, Some(&[7; 16])),
            field(TEXT, Some("é".as_bytes())),
            field(BOOL, Some(&[1])),
            field(INT4, Some(&(-3_i32).to_be_bytes())),
            field(INT8, None),
            field(TIMESTAMPTZ, Some(&1_000_001_i64.to_be_bytes())),
            field(JSONB, Some(b"\x01[\"a\\n\", \"b\"]")),
        ];
        [&(fields.len() as i32).to_be_bytes()[..], &fields.concat()].concat()
    }

    fn list(items: &[Vec<u8>]) -> Vec<u8> {
        let head = [1, 0, RECORD, items.len() as u32, 1].map(u32::to_be_bytes).concat();
        items.iter().fold(head, |list, item| [list, sized(item)].concat())
    }

    fn parse<T: DeserializeOwned>(type_id: u32, bytes: &[u8]) -> Result<T, Error> {
        T::deserialize(Datum { type_id, bytes: Some(bytes) })
    }

    #[test]
    fn a_record_is_read_field_by_field() {
        let expected = Sample {
            id: Uuid::from_bytes([7; 16]),
            name: Some("é".to_owned()),
            is_there: true,
            few: -3,
            many: None,
            at: "2000-01-01T00:00:01.000001Z".parse().unwrap(),
            words: vec!["a\n".to_owned(), "b".to_owned()],
            absent: None,
        };

        assert_eq!(parse::<Vec<Sample>>(RECORDS, &list(&[sample()])), Ok(vec![expected]));
        assert_eq!(parse::<Vec<Sample>>(RECORDS, &list(&[])), Ok(vec![]));
        assert_eq!(parse::<Vec<Sample>>(RECORDS, &[0; 12]), Ok(vec![]));
    }

    #[test]
    fn what_is_cut_off_or_of_another_type_is_an_error() {
        let whole = list(&[sample(), sample()]);

        for length in 0..whole.len() {
            assert!(parse::<Vec<Sample>>(RECORDS, &whole[..length]).is_err(), "{length}");
        }
        assert!(parse::<Sample>(RECORDS, &whole).is_err());
        assert!(parse::<Sample>(0, &sample()).is_err());
    }
}
