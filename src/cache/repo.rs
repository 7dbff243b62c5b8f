//! All SQL of the change log.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, QueryResult};

use crate::db::{Connection, END_OF_LOG, Lsn, NodeKind, NodeVersion, Sql, WriteTransaction};

/// No value lives longer, in seconds, whatever the settings.
const LONGEST_SECS: u32 = 27 * 3600;
/// How long after the first time a row is fenced for the second time.
const AGAIN_AFTER_SECS: u32 = 5;

/// A row of the change log.
pub struct Logged {
    pub seq: i64,
    /// `None` for a kind that this version does not know.
    pub node: Option<NodeVersion>,
}

/// Rows that were taken, and where the log ended after all of them were committed.
pub struct Taken {
    pub rows: Vec<Logged>,
    pub position: Lsn,
}

/// A moment so many seconds ago, as the column holds it.
fn ago(backend: DbBackend, secs: u32) -> String {
    match backend {
        DbBackend::Sqlite => format!("strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now', '-{secs} seconds')"),
        _ => format!("clock_timestamp() - interval '{secs} seconds'"),
    }
}

/// Rows that were never fenced.
const UNFENCED: &str = "NOT is_settled AND fenced_at IS NULL";

/// Rows that were fenced once, a while ago.
fn due(backend: DbBackend) -> String {
    format!("NOT is_settled AND fenced_at < {}", ago(backend, AGAIN_AFTER_SECS))
}

/// Where the log ends now. The embedded database has no such place.
fn end_of_log(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Sqlite => "0",
        _ => END_OF_LOG,
    }
}

/// Where the log ends now, behind everything that is committed. Only the primary knows.
pub async fn position(primary: &Connection) -> Result<Option<Lsn>, DbErr> {
    let backend = primary.get_database_backend();
    let mut sql = Sql::new(backend);
    sql.push("SELECT ").push(end_of_log(backend)).push(" AS position");
    let row = primary.query_one_raw(sql.build()).await?;
    row.map(|row| Ok(Lsn(row.try_get::<i64>("", "position")? as u64))).transpose()
}

/// What there is to take.
#[derive(Clone, Copy, Debug, FromQueryResult)]
pub struct Open {
    /// The newest row that was never fenced.
    pub unfenced: Option<i64>,
    /// Whether rows are to be fenced for the second time.
    pub due: bool,
}

/// What there is to take; of the rows that were never fenced those up to `until` alone.
pub async fn open(db: &Connection, until: i64) -> Result<Open, DbErr> {
    let backend = db.get_database_backend();
    let mut sql = Sql::new(backend);
    sql.push("SELECT (SELECT max(seq) FROM change_log WHERE ").push(UNFENCED).push(" AND seq <= ").bind(until);
    sql.push(") AS unfenced, EXISTS (SELECT 1 FROM change_log WHERE ").push(&due(backend)).push(") AS due");
    let row = db.query_one_raw(sql.build()).await?;
    row.map_or(Ok(Open { unfenced: None, due: false }), |row| Open::from_query_result(&row, ""))
}

/// Takes up to `most` rows that no other instance is taking: those that were never fenced, or those that are due.
pub async fn take(tx: &WriteTransaction, unfenced: bool, most: i64) -> Result<Taken, DbErr> {
    let backend = tx.get_database_backend();
    let due = due(backend);
    let mut sql = Sql::new(backend);
    sql.push("SELECT seq, kind, node_id, version, ").push(end_of_log(backend));
    sql.push(" AS position FROM change_log WHERE ").push(if unfenced { UNFENCED } else { &due });
    sql.push(" ORDER BY fenced_at, seq LIMIT ").bind(most);
    if backend == DbBackend::Postgres {
        sql.push(" FOR UPDATE SKIP LOCKED");
    }
    let rows = tx.query_all_raw(sql.build()).await?;
    let position = rows.first().map(|row| row.try_get::<i64>("", "position")).transpose()?.unwrap_or_default();
    Ok(Taken { rows: rows.iter().map(read).collect::<Result<_, _>>()?, position: Lsn(position as u64) })
}

fn read(row: &QueryResult) -> Result<Logged, DbErr> {
    Ok(Logged { seq: row.try_get("", "seq")?, node: node(row)? })
}

fn node(row: &QueryResult) -> Result<Option<NodeVersion>, DbErr> {
    let kind: String = row.try_get("", "kind")?;
    let (id, version) = (row.try_get("", "node_id")?, row.try_get("", "version")?);
    Ok(NodeKind::from_name(&kind).map(|kind| NodeVersion { kind, id, version }))
}

/// Marks rows that were fenced for the first time.
pub async fn mark_fenced(tx: &WriteTransaction, seqs: &[i64]) -> Result<(), DbErr> {
    let backend = tx.get_database_backend();
    let mut sql = Sql::new(backend);
    sql.push("UPDATE change_log SET fenced_at = ").push(&ago(backend, 0)).push(" WHERE ").any_of_numbers("seq", seqs);
    tx.execute_raw(sql.build()).await.map(drop)
}

/// Marks rows that were fenced for the second time: nothing more is to be done for them.
pub async fn settle(tx: &WriteTransaction, seqs: &[i64]) -> Result<(), DbErr> {
    let mut sql = Sql::new(tx.get_database_backend());
    sql.push("UPDATE change_log SET is_settled = true WHERE ").any_of_numbers("seq", seqs);
    tx.execute_raw(sql.build()).await.map(drop)
}

/// Rows behind `seq` that were fenced for the first time no longer ago than so many seconds, or never, oldest first.
pub async fn recent(db: &Connection, seq: i64, within_secs: u32, most: i64) -> Result<Vec<Logged>, DbErr> {
    let backend = db.get_database_backend();
    let mut sql = Sql::new(backend);
    sql.push("SELECT seq, kind, node_id, version FROM change_log WHERE seq > ").bind(seq);
    sql.push(" AND (fenced_at IS NULL OR fenced_at > ").push(&ago(backend, within_secs)).push(") ORDER BY seq LIMIT ");
    sql.bind(most);
    db.query_all_raw(sql.build()).await?.iter().map(read).collect()
}

/// Rows that nobody needs any more. A row says when its transaction began, which may be long before anyone could fence it.
fn old(backend: DbBackend, than_secs: u32) -> String {
    let (fenced, made) = (ago(backend, than_secs), ago(backend, LONGEST_SECS.max(than_secs)));
    format!("is_settled AND fenced_at < {fenced} OR created_at < {made}")
}

/// Deletes those of the `most` oldest rows that were settled and first fenced so many seconds ago; how many they were.
pub async fn delete_old(tx: &WriteTransaction, than_secs: u32, most: i64) -> Result<u64, DbErr> {
    let backend = tx.get_database_backend();
    let mut sql = Sql::new(backend);
    sql.push("DELETE FROM change_log WHERE seq IN (SELECT seq FROM (SELECT seq, created_at, fenced_at, is_settled ");
    sql.push("FROM change_log ORDER BY seq LIMIT ").bind(most).push(") oldest WHERE ").push(&old(backend, than_secs));
    sql.push(")");
    Ok(tx.execute_raw(sql.build()).await?.rows_affected())
}

/// Whether the oldest row is one of those.
pub async fn has_old(db: &Connection, than_secs: u32) -> Result<bool, DbErr> {
    let backend = db.get_database_backend();
    let mut sql = Sql::new(backend);
    sql.push("SELECT 1 AS found FROM (SELECT created_at, fenced_at, is_settled FROM change_log ORDER BY seq LIMIT 1) ");
    sql.push("oldest WHERE ").push(&old(backend, than_secs));
    Ok(db.query_one_raw(sql.build()).await?.is_some())
}
