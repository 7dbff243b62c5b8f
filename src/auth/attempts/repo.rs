//! All SQL of logins that failed, and of places that users have logged in from.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr};

use crate::db::{Connection, Sql};
use crate::error::Result;

/// Counts one more; how many there are by now, and since when. What began at `over` or before does not count any more.
pub async fn count(
    db: &impl ConnectionTrait,
    subject: &[u8],
    now: DateTime<Utc>,
    over: DateTime<Utc>,
) -> Result<(i64, DateTime<Utc>), DbErr> {
    let mut sql = Sql::new(db.get_database_backend());
    sql.push("INSERT INTO login_failures (subject, failures, since) VALUES (").bind(subject.to_vec());
    sql.push(", 1, ").bind(now).push(") ON CONFLICT (subject) DO UPDATE SET");
    sql.push(" failures = CASE WHEN login_failures.since <= ").bind(over);
    sql.push(" THEN 1 ELSE login_failures.failures + 1 END, since = CASE WHEN login_failures.since <= ").bind(over);
    sql.push(" THEN excluded.since ELSE login_failures.since END RETURNING failures, since");
    let row = db.query_one_raw(sql.build()).await?;
    let row = row.ok_or_else(|| DbErr::RecordNotFound("an attempt was not counted".to_owned()))?;
    Ok((row.try_get::<i32>("", "failures")?.into(), row.try_get("", "since")?))
}

pub async fn clear(db: &impl ConnectionTrait, subject: &[u8]) -> Result<(), DbErr> {
    let mut sql = Sql::new(db.get_database_backend());
    sql.push("DELETE FROM login_failures WHERE subject = ").bind(subject.to_vec());
    db.execute_raw(sql.build()).await.map(|_| ())
}

pub async fn take_back(db: &impl ConnectionTrait, subject: &[u8]) -> Result<(), DbErr> {
    let mut sql = Sql::new(db.get_database_backend());
    sql.push("UPDATE login_failures SET failures = failures - 1 WHERE failures > 0 AND subject = ");
    sql.bind(subject.to_vec());
    db.execute_raw(sql.build()).await.map(|_| ())
}

/// Whether an account was logged in from a place after that.
pub async fn is_known(db: &Connection, place: &[u8], after: DateTime<Utc>) -> Result<bool> {
    let mut sql = Sql::new(db.get_database_backend());
    sql.push("SELECT since FROM login_places WHERE subject = ").bind(place.to_vec());
    sql.push(" AND since > ").bind(after);
    Ok(db.query_one_raw(sql.build()).await?.is_some())
}

/// Takes note that an account was logged in from a place.
pub async fn know(db: &impl ConnectionTrait, place: &[u8], now: DateTime<Utc>) -> Result<(), DbErr> {
    let mut sql = Sql::new(db.get_database_backend());
    sql.push("INSERT INTO login_places (subject, since) VALUES (").bind(place.to_vec()).push(", ").bind(now);
    sql.push(") ON CONFLICT (subject) DO UPDATE SET since = excluded.since");
    db.execute_raw(sql.build()).await.map(|_| ())
}

/// Drops failures that began at `over` or before, and places that were last used at `forgotten` or before.
pub async fn sweep(db: &impl ConnectionTrait, over: DateTime<Utc>, forgotten: DateTime<Utc>) -> Result<(), DbErr> {
    for (table, before) in [("login_failures", over), ("login_places", forgotten)] {
        let mut sql = Sql::new(db.get_database_backend());
        sql.push("DELETE FROM ").push(table).push(" WHERE since <= ").bind(before);
        db.execute_raw(sql.build()).await.map(|_| ())?;
    }
    Ok(())
}
