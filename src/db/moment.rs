//! Moments as serde writes them: text for people, microseconds since 1970 for machines.

use std::borrow::Cow;

use chrono::{DateTime, NaiveDateTime, Utc};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A moment, where serde can't be told how to read it otherwise.
#[derive(Deserialize)]
pub struct Moment(#[serde(with = "self")] pub DateTime<Utc>);

pub fn serialize<S: Serializer>(moment: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    if serializer.is_human_readable() {
        moment.serialize(serializer)
    } else {
        moment.timestamp_micros().serialize(serializer)
    }
}

pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<DateTime<Utc>, D::Error> {
    if deserializer.is_human_readable() {
        let text = Cow::<str>::deserialize(deserializer)?;
        // What SQLite writes by itself has no offset, and means UTC.
        let without_offset = |_| NaiveDateTime::parse_from_str(&text, "%Y-%m-%d %H:%M:%S%.f").map(|at| at.and_utc());
        return text.parse().or_else(without_offset).map_err(D::Error::custom);
    }
    let micros = i64::deserialize(deserializer)?;
    DateTime::from_timestamp_micros(micros).ok_or_else(|| D::Error::custom("no such moment"))
}
