//! What every test stands on: a server over an empty migrated database, and short ways to fill and ask it.

mod acme;
mod answer;
mod browsing;
mod bulk;
mod database;
mod fixture;
mod fleet;
mod order;
mod probe;
mod program;
mod sdl;
mod session;
mod shop;
mod smtp;
mod switch;
mod until;
mod wire;
mod write;

pub use answer::Answer;
pub use browsing::while_browsing;
pub use database::{Kind, TestDatabase};
pub use fleet::{Fleet, SECRET, Telltale};
pub use order::{Line, PlacedOrder};
pub use program::{Ended, Program, run};
pub use sdl::{Coordinate, fields, minimal_input};
pub use shop::{EXPLAIN, STAFF, STAFF_KEY, Shop, TOKEN, UNCACHED};
pub use smtp::SmtpServer;
pub use switch::Switch;
pub use until::until;
pub use wire::Impatient;

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

/// Makes two tests of each claim about what is asked of the database, where nothing is cached.
macro_rules! uncached_on_both {
    ($($claim:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $claim() {
                let shop = $crate::support::Shop::start_with($crate::support::Kind::Sqlite, $crate::support::UNCACHED);
                let shop = shop.await;
                super::$claim(&shop).await;
                shop.stop().await;
            })+
        }

        mod postgres {
            $(#[tokio::test]
            async fn $claim() {
                let shop = $crate::support::Shop::start_with($crate::support::Kind::Postgres, $crate::support::UNCACHED);
                let shop = shop.await;
                super::$claim(&shop).await;
                shop.stop().await;
            })+
        }
    };
}

/// Makes a test of each claim that no database has a part in.
macro_rules! on_sqlite {
    ($($claim:ident),+ $(,)?) => {
        mod on_sqlite {
            $(#[tokio::test]
            async fn $claim() {
                let shop = $crate::support::Shop::start($crate::support::Kind::Sqlite).await;
                super::$claim(&shop).await;
                shop.stop().await;
            })+
        }
    };
}

pub(crate) use {on_both, on_sqlite, uncached_on_both};
