//! All SQL of the seed but its bulk inserts: is the shop empty, and what makes the database ready for them and for readers after them.

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, Statement};

/// What SQLite may keep of the file in memory during a bulk load, in KiB. Its default of 2 MB makes it write pages many times.
const SQLITE_CACHE_KIB: u32 = 128 * 1024;

/// Whether there is neither a store nor a user.
pub async fn is_empty(connection: &impl ConnectionTrait) -> Result<bool, DbErr> {
    let sql = "SELECT EXISTS (SELECT 1 FROM stores) OR EXISTS (SELECT 1 FROM users) AS found";
    let row = connection.query_one_raw(Statement::from_string(connection.get_database_backend(), sql)).await?;
    Ok(!row.ok_or_else(|| DbErr::RecordNotFound("an answer of one row".to_owned()))?.try_get::<bool>("", "found")?)
}

/// Lets the writer of an embedded database use more memory, until it is closed.
pub async fn prepare_bulk_load(database: &DatabaseConnection) -> Result<(), DbErr> {
    if database.get_database_backend() == DbBackend::Sqlite {
        database.execute_unprepared(&format!("PRAGMA cache_size = -{SQLITE_CACHE_KIB}")).await?;
    }
    Ok(())
}

/// Tells the planner about the rows; on Postgres also clears away the versions of rows that the triggers have left behind.
pub async fn analyze(database: &DatabaseConnection, tables: &[&str]) -> Result<(), DbErr> {
    let verb = match database.get_database_backend() {
        DbBackend::Postgres => "VACUUM (ANALYZE)",
        _ => "ANALYZE",
    };
    for table in tables {
        database.execute_unprepared(&format!("{verb} {table}")).await?;
    }
    Ok(())
}
