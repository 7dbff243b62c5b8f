//! Values on their way into a row.

use chrono::{DateTime, SubsecRound, Utc};
use sea_orm::{ActiveValue, NotSet, Set, Value};

/// The present moment, as exact as both databases keep it: to the microsecond.
pub fn now() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(6)
}

/// A column that is changed when there is a value for it.
pub fn set<V: Into<Value>>(value: Option<V>) -> ActiveValue<V> {
    value.map_or(NotSet, Set)
}
