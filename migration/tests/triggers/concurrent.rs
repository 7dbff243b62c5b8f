//! Writers that meet at one product on Postgres; SQLite has one writer at a time.
//!
//! Each test holds one transaction open until the other is seen to wait for it in the database.

use std::time::{Duration, Instant};

use sea_orm_migration::sea_orm::{DatabaseConnection, TransactionTrait};
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::database::postgres;
use crate::shop::{
    delete, move_sku, new_product, new_sku, new_stock, new_store, product, rows, run, set_stock, stock_version,
};

#[tokio::test]
async fn the_last_two_skus_sold_out_at_once_leave_the_product_out_of_stock() {
    let database = postgres().await;
    let db = &database.connection;
    let boots = new_product(db, new_store(db).await).await;
    let (small, large) = stocked_pair(db, boots, boots).await;
    let before = stock_version(db, boots).await;

    let first = db.begin().await.expect("a transaction");
    set_stock(&first, small, 0).await;
    let second = in_background(db, move |db| async move { set_stock(&db, large, 0).await });
    someone_waits(db).await;
    first.commit().await.expect("the first commits");
    second.await.expect("the second commits");

    assert!(!product(db, boots).await.in_stock);
    assert_eq!(stock_version(db, boots).await, before + 2);
    database.remove().await;
}

#[tokio::test]
async fn prices_changed_at_once_both_count() {
    let database = postgres().await;
    let db = &database.connection;
    let boots = new_product(db, new_store(db).await).await;
    let (small, large) = (new_sku(db, boots, "S", 100).await, new_sku(db, boots, "L", 100).await);
    let before = product(db, boots).await.version;

    let first = db.begin().await.expect("a transaction");
    set_price(&first, small, 50).await;
    let second = in_background(db, move |db| async move { set_price(&db, large, 900).await });
    someone_waits(db).await;
    first.commit().await.expect("the first commits");
    second.await.expect("the second commits");

    let after = product(db, boots).await;
    assert_eq!((after.prices, after.version), (Some((50, 900)), before + 2));
    database.remove().await;
}

#[tokio::test]
async fn skus_moved_in_opposite_directions_do_not_deadlock() {
    let database = postgres().await;
    let db = &database.connection;
    let store = new_store(db).await;
    let (boots, shoes) = (new_product(db, store).await, new_product(db, store).await);
    let (small, large) = stocked_pair(db, boots, shoes).await;

    let first = db.begin().await.expect("a transaction");
    move_sku(&first, small, shoes).await;
    let second = in_background(db, move |db| async move { move_sku(&db, large, boots).await });
    someone_waits(db).await;
    first.commit().await.expect("the first commits");
    second.await.expect("the second commits");

    assert_eq!(product(db, boots).await.prices, Some((200, 200)));
    assert_eq!(product(db, shoes).await.prices, Some((100, 100)));
    database.remove().await;
}

#[tokio::test]
async fn many_movers_and_sellers_never_deadlock_and_end_right() {
    let database = postgres().await;
    let db = &database.connection;
    let store = new_store(db).await;
    let (boots, shoes) = (new_product(db, store).await, new_product(db, store).await);
    let mut writers = Vec::new();
    for (writer, size) in ["XS", "S", "L", "XL"].into_iter().enumerate() {
        let (home, away) = if writer % 2 == 0 { (boots, shoes) } else { (shoes, boots) };
        let sku = new_sku(db, home, size, 100).await;
        if writer < 3 {
            new_stock(db, sku, home, 0).await;
        }
        writers.push(in_background(db, move |db| async move {
            for turn in 0..60 {
                move_sku(&db, sku, if turn % 2 == 0 { away } else { home }).await;
                set_stock(&db, sku, turn % 3).await;
                set_price(&db, sku, i64::from(turn)).await;
            }
        }));
    }

    for writer in writers {
        writer.await.expect("no writer fails");
    }

    for id in [boots, shoes] {
        let after = product(db, id).await;
        assert_eq!((after.prices, after.in_stock), (Some((59, 59)), true));
    }
    database.remove().await;
}

#[tokio::test]
async fn first_stock_of_a_sku_that_is_being_moved_lands_at_its_new_product() {
    let database = postgres().await;
    let db = &database.connection;
    let store = new_store(db).await;
    let (boots, shoes) = (new_product(db, store).await, new_product(db, store).await);
    let small = new_sku(db, boots, "S", 100).await;

    let first = db.begin().await.expect("a transaction");
    move_sku(&first, small, shoes).await;
    let second = in_background(db, move |db| async move { new_stock(&db, small, boots, 3).await });
    someone_waits(db).await;
    first.commit().await.expect("the first commits");
    second.await.expect("the second commits");

    assert!(product(db, shoes).await.in_stock);
    assert!(!product(db, boots).await.in_stock);
    database.remove().await;
}

#[tokio::test]
async fn a_product_deleted_while_its_sku_changes_goes_if_the_writer_holds_the_product_first() {
    let database = postgres().await;
    let db = &database.connection;
    let boots = new_product(db, new_store(db).await).await;
    let (small, _) = stocked_pair(db, boots, boots).await;

    let first = db.begin().await.expect("a transaction");
    run(&first, "SELECT FROM products WHERE id = $1 FOR KEY SHARE", [boots.into()]).await;
    let second = in_background(db, move |db| async move { delete(&db, "products", boots).await });
    someone_waits(db).await;
    set_price(&first, small, 50).await;
    delete(&first, "skus", small).await;
    first.commit().await.expect("the first commits");
    second.await.expect("the second commits");

    assert!(rows(db, "SELECT id FROM skus", []).await.is_empty());
    database.remove().await;
}

/// One sku with stock on each of two products, at 100 and 200; they may be the same product.
async fn stocked_pair(db: &DatabaseConnection, first: Uuid, second: Uuid) -> (Uuid, Uuid) {
    let (small, large) = (new_sku(db, first, "S", 100).await, new_sku(db, second, "L", 200).await);
    new_stock(db, small, first, 1).await;
    new_stock(db, large, second, 1).await;
    (small, large)
}

async fn set_price(db: &impl sea_orm_migration::sea_orm::ConnectionTrait, sku: Uuid, price: i64) {
    run(db, "UPDATE skus SET price = $2 WHERE id = $1", [sku.into(), price.into()]).await;
}

fn in_background<F>(db: &DatabaseConnection, work: impl FnOnce(DatabaseConnection) -> F) -> JoinHandle<()>
where
    F: Future<Output = ()> + Send + 'static,
{
    tokio::spawn(work(db.clone()))
}

/// Returns once a session of this database waits for a lock.
async fn someone_waits(db: &DatabaseConnection) {
    let sql = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let deadline = Instant::now() + Duration::from_secs(10);
    while rows(db, sql, []).await.is_empty() {
        assert!(Instant::now() < deadline, "nobody waits for a lock");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
