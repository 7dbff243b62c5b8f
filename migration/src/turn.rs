//! Changes of the tables take turns.

use sea_orm_migration::sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, SqliteTransactionMode,
    TransactionOptions, TransactionTrait,
};

/// Runs a change of the tables while no other one runs, all of it or nothing. Of servers that start together on one database the
/// first one changes it, and the others find it changed.
pub async fn in_turn<T>(
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
