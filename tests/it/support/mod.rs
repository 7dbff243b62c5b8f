//! What every test stands on: a server over an empty migrated database, and short ways to fill and ask it.

mod answer;
mod bulk;
mod database;
mod fixture;
mod order;
mod program;
mod shop;
mod until;
mod write;

pub use answer::Answer;
pub use database::{Kind, TestDatabase};
pub use order::Line;
pub use program::{Program, run};
pub use shop::Shop;
pub use until::until;

/// Makes two tests of each claim, a function over an empty [`Shop`]: `sqlite::claim` and `postgres::claim`.
macro_rules! on_both {
    ($($claim:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $claim() {
                let shop = $crate::support::Shop::start($crate::support::Kind::Sqlite).await;
                super::$claim(&shop).await;
                shop.stop().await;
            })+
        }

        mod postgres {
            $(#[tokio::test]
            async fn $claim() {
                let shop = $crate::support::Shop::start($crate::support::Kind::Postgres).await;
                super::$claim(&shop).await;
                shop.stop().await;
            })+
        }
    };
}

pub(crate) use on_both;
