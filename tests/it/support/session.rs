//! SQL past the server: rows by hand, locks of another session, and what the whole database holds.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement, Value};

use super::{Kind, Shop};

/// A session beside the server's that holds everything which writes, or reads on Postgres, have to wait for.
pub struct Blockade(DatabaseConnection);

impl Blockade {
    pub async fn lift(self) {
        self.0.execute_unprepared("ROLLBACK").await.unwrap();
        self.0.close().await.unwrap();
    }
}

impl Shop {
    /// Runs a statement past the server.
    pub async fn sql(&self, text: &str, values: Vec<Value>) {
        let statement = Statement::from_sql_and_values(self.db.backend(), text, values);
        self.db.administration().execute_raw(statement).await.unwrap();
    }

    /// How many rows there are of what is written behind `FROM`; `$1` in it is this moment.
    pub async fn count(&self, what: &str, moment: DateTime<Utc>) -> i64 {
        let text = format!("SELECT count(*) AS rows FROM {what}");
        let count = Statement::from_sql_and_values(self.backend(), text, [moment.into()]);
        self.db.administration().query_one_raw(count).await.unwrap().unwrap().try_get("", "rows").unwrap()
    }

    /// Locks a table in another session: on Postgres for reads and writes, on SQLite the whole database for writes.
    pub async fn block(&self, table: &str) -> Blockade {
        let mut options = sea_orm::ConnectOptions::new(self.database_url().await);
        options.max_connections(1);
        let session = Database::connect(options).await.unwrap();
        let lock = match self.kind {
            Kind::Postgres => format!("BEGIN; LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"),
            Kind::Sqlite => "BEGIN IMMEDIATE".to_owned(),
        };
        session.execute_unprepared(&lock).await.unwrap();
        Blockade(session)
    }

    /// How many rows each table has, and the sum of their versions: equal when nothing was written in between.
    pub async fn contents(&self) -> Vec<(String, i64, i64)> {
        let versioned = ["stores", "categories", "products", "skus", "stock", "product_stock", "users", "orders"];
        let others = [("order_items", "quantity"), ("change_log", "seq")];
        let tables = versioned.map(|table| (table, "version")).into_iter().chain(others);
        let sums = tables.map(|(table, number)| {
            format!("SELECT '{table}' AS name, count(*) AS rows, CAST(coalesce(sum({number}), 0) AS bigint) AS sum FROM {table}")
        });
        let union = sums.collect::<Vec<_>>().join(" UNION ALL ");
        let rows = self.db.administration().query_all_raw(Statement::from_string(self.backend(), union)).await.unwrap();
        rows.iter()
            .map(|row| {
                let name: String = row.try_get("", "name").unwrap();
                (name, row.try_get("", "rows").unwrap(), row.try_get("", "sum").unwrap())
            })
            .collect()
    }

    fn backend(&self) -> DbBackend {
        self.db.backend()
    }
}
