//! Plans: a page is read from the index of its list's order, from the cursor on, and a list without a parent is never sorted.

use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, Statement};
use storefront::db::{Position, SortKey, Window};
use storefront::product::{ProductFilter, ProductListing, ProductParent, ProductSort, Visible};
use uuid::Uuid;

use crate::support::{Kind, Shop, on_both};

on_both!(
    pages_of_products_are_read_from_the_index_of_their_order,
    pages_of_users_and_of_their_orders_are_read_from_an_index,
);

/// A session that knows how large the tables are. On Postgres it reads even the small ones by an index if one will do.
async fn session(shop: &Shop) -> DatabaseConnection {
    let mut options = ConnectOptions::new(shop.database_url().await);
    options.max_connections(1);
    let session = Database::connect(options).await.unwrap();
    session.execute_unprepared("ANALYZE").await.unwrap();
    if shop.kind == Kind::Postgres {
        session.execute_unprepared("SET enable_seqscan = off").await.unwrap();
    }
    session
}

async fn plan(session: &DatabaseConnection, kind: Kind, mut statement: Statement) -> String {
    let (explain, column) = match kind {
        Kind::Postgres => ("EXPLAIN", "QUERY PLAN"),
        Kind::Sqlite => ("EXPLAIN QUERY PLAN", "detail"),
    };
    statement.sql = format!("{explain} {}", statement.sql);
    let rows = session.query_all_raw(statement).await.unwrap();
    rows.iter().map(|row| row.try_get::<String>("", column).unwrap()).collect::<Vec<_>>().join("\n")
}

/// The row comparison itself must be the range of the index.
#[track_caller]
fn assert_reads_from(index: &str, kind: Kind, what: &str, plan: &str) {
    let is_range_of_index = match kind {
        Kind::Postgres => {
            let mut lines = plan.lines().skip_while(|line| !line.contains(&format!(" using {index} on ")));
            lines.nth(1).is_some_and(|line| line.contains("Index Cond: ") && line.contains("ROW("))
        }
        Kind::Sqlite => {
            let mut lines = plan.lines().filter(|line| line.contains(&format!("SEARCH t USING INDEX {index} (")));
            lines.any(|line| line.contains(",id)"))
        }
    };
    assert!(is_range_of_index, "{what}, not from {index}:\n{plan}");
}

#[track_caller]
fn assert_sorts_nothing(what: &str, plan: &str) {
    assert!(!plan.contains("Sort") && !plan.contains("TEMP B-TREE"), "{what}:\n{plan}");
}

/// A page after a position in the middle of a list, and one before it.
fn windows(key: SortKey) -> [Window; 2] {
    let position = Position { key, id: Uuid::from_u128(1 << 127) };
    let forward = Window {
        size: 20,
        backward: false,
        after: Some(position.clone()),
        before: None,
        wants_previous: false,
        wants_next: true,
    };
    let backward = Window { backward: true, after: None, before: Some(position), ..forward.clone() };
    [forward, backward]
}

/// When all that [`Shop::fill`] and [`Shop::orders`] make was made.
fn time() -> SortKey {
    SortKey::Time(chrono::DateTime::from_timestamp(1_767_225_600, 0).unwrap())
}

async fn pages_of_products_are_read_from_the_index_of_their_order(shop: &Shop) {
    shop.fill(20, 100).await;
    let session = session(shop).await;
    let parent = Uuid::nil();

    for (sort, column, key) in [
        (ProductSort::CreatedAt, "created_at", time()),
        (ProductSort::Name, "name_key", SortKey::Text("product".to_owned())),
        (ProductSort::Price, "price_key", SortKey::Integer(1000)),
    ] {
        for (list_parent, owner) in [
            (None, ""),
            (Some(ProductParent::Store(parent)), "store_id_"),
            (Some(ProductParent::Category { id: parent, with_descendants: false }), "category_id_"),
        ] {
            let pages = [false, true].map(|descending| windows(key.clone()).map(|window| (descending, window)));
            for (descending, window) in pages.into_iter().flatten() {
                let backward = window.backward;
                let what = format!("{sort:?} under {list_parent:?}, descending: {descending}, backward: {backward}");
                let filter = ProductFilter::All(Vec::new()).into();
                let visible = Visible::ActiveOnly;
                let listing = ProductListing { parent: list_parent, filter, sort, descending, visible };
                let statement =
                    storefront::product::page_statement(shop.db.backend(), &listing, &[parent], &window, false);
                let plan = plan(&session, shop.kind, statement).await;

                assert_reads_from(&format!("products_{owner}{column}_id_idx"), shop.kind, &what, &plan);
                if list_parent.is_none() {
                    assert_sorts_nothing(&what, &plan);
                }
            }
        }
    }
    session.close().await.unwrap();
}

async fn pages_of_users_and_of_their_orders_are_read_from_an_index(shop: &Shop) {
    shop.orders(100, 20).await;
    let session = session(shop).await;
    let backend = shop.db.backend();

    for window in windows(time()) {
        let users = plan(&session, shop.kind, storefront::user::page_statement(backend, &window)).await;
        let orders = storefront::order::page_statement(backend, &[Uuid::nil(), Uuid::max()], &window);
        let orders = plan(&session, shop.kind, orders).await;

        assert_reads_from("users_created_at_id_idx", shop.kind, "users", &users);
        assert_sorts_nothing("users", &users);
        assert_reads_from("orders_user_id_placed_at_id_idx", shop.kind, "orders", &orders);
    }
    session.close().await.unwrap();
}

