//! The rules that the database keeps by itself, on SQLite and on Postgres.
//!
//! A claim is a function over a migrated, empty database; `on_both!` turns it into a test for each.

mod archived;
mod change_log;
mod concurrent;
mod constraint;
mod database;
mod price;
mod schema;
mod shop;
mod stock;
mod version;

/// Makes two tests of each claim: `sqlite::claim` and `postgres::claim`.
#[macro_export]
macro_rules! on_both {
    ($($claim:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $claim() {
                let database = $crate::database::sqlite().await;
                super::$claim(&database.connection).await;
                database.remove().await;
            })+
        }

        mod postgres {
            $(#[tokio::test]
            async fn $claim() {
                let database = $crate::database::postgres().await;
                super::$claim(&database.connection).await;
                database.remove().await;
            })+
        }
    };
}
