//! All SQL of logins that failed.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr};

use crate::db::Sql;

/// Counts one more; how many there are by now, and since when. What began at `over` or before does not count any more.
pub async fn count(
    db: &impl ConnectionTrait,
    subject: &[u8],
    now: DateTime<Utc>,
    over: DateTime<Utc>,
) -> Result<(i32, DateTime<Utc>), DbErr> {
    let mut sql = Sql::new(db.get_database_backend());
    sql.push("INSERT INTO login_failures (subject, failures, since) VALUES (").bind(subject.to_vec());
    sql.push(", 1, ").bind(now).push(") ON CONFLICT (subject) DO UPDATE SET");
    sql.push(" failures = CASE WHEN login_failures.since <= ").bind(over);
    sql.push(" THEN 1 ELSE login_failures.failures + 1 END, since = CASE WHEN login_failures.since <= ").bind(over);
    sql.push(" THEN excluded.since ELSE login_failures.since END RETURNING failures, since");
    let row = db.query_one_raw(sql.build()).await?;
    let row = row.ok_or_else(|| DbErr::RecordNotFound("an attempt was not counted".to_owned()))?;
    Ok((row.try_get("", "failures")?, row.try_get("", "since")?))
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

pub async fn sweep(db: &impl ConnectionTrait, over: DateTime<Utc>) -> Result<(), DbErr> {
    let mut sql = Sql::new(db.get_database_backend());
    sql.push("DELETE FROM login_failures WHERE since <= ").bind(over);
    db.execute_raw(sql.build()).await.map(|_| ())
}
