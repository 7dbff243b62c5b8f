//! Changes of the tables take turns.

use sea_orm_migration::sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, SqliteTransactionMode, Statement,
    TransactionOptions, TransactionTrait,
};

/// How long a change waits for its turn on SQLite, in milliseconds: another server may be filling the shop at that time.
const SQLITE_TURN_MS: i64 = 60_000;

/// Runs a change of the tables while no other one runs, all of it or nothing. Of servers that start together on one database the
/// first one changes it, and the others find it changed.
pub async fn in_turn<T>(
    db: &DatabaseConnection,
    change: impl AsyncFnOnce(&DatabaseTransaction) -> Result<T, DbErr>,
) -> Result<T, DbErr> {
    if db.get_database_backend() != DbBackend::Sqlite {
        return in_transaction(db, change).await;
    }
    // Requests wait for a shorter time than this. The pool of the writer has one connection.
    let asked = db.query_one_raw(Statement::from_string(DbBackend::Sqlite, "PRAGMA busy_timeout")).await?;
    let usual: i64 = asked.ok_or_else(|| DbErr::RecordNotFound("PRAGMA busy_timeout".to_owned()))?.try_get_by(0)?;
    db.execute_unprepared(&format!("PRAGMA busy_timeout = {SQLITE_TURN_MS}")).await?;
    let done = in_transaction(db, change).await;
    let reset = db.execute_unprepared(&format!("PRAGMA busy_timeout = {usual}")).await;
    let done = done?;
    reset.map(|_| done)
}

async fn in_transaction<T>(
    db: &DatabaseConnection,
    change: impl AsyncFnOnce(&DatabaseTransaction) -> Result<T, DbErr>,
) -> Result<T, DbErr> {
    // SQLite has one writer: it is enough to be it from the beginning.
    let options =
        TransactionOptions { sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate), ..Default::default() };
    let transaction = db.begin_with_options(options).await?;
    if db.get_database_backend() == DbBackend::Postgres {
        // The number means nothing but this lock. A turn may take longer than a request may.
        let lock = "SET LOCAL statement_timeout = 0; SELECT pg_advisory_xact_lock(7301448925013)";
        transaction.execute_unprepared(lock).await?;
    }
    let done = change(&transaction).await?;
    transaction.commit().await?;
    Ok(done)
}
