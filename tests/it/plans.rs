//! Plans: a page is read from the index of its list's order, from the cursor on, and a list without a parent is never sorted.

use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, Statement};
use storefront::db::{Position, SortKey, Window};
use storefront::product::{Depth, ProductFilter, ProductListing, ProductParent, ProductSort, Visible};
use uuid::Uuid;

use crate::support::{Kind, Shop, on_both};

on_both!(
    pages_of_products_are_read_from_the_index_of_their_order,
    pages_of_users_and_of_their_orders_are_read_from_an_index,
    pages_of_stores_and_categories_are_read_from_an_index,
);

/// A session that knows how large the tables are. On Postgres it reads even the small ones by an index if one will do.
async fn session(shop: &Shop) -> DatabaseConnection {
    let mut options = ConnectOptions::new(shop.database_url().await);
    options.max_connections(1);
    let session = Database::connect(options).await.unwrap();
    session.execute_unprepared("ANALYZE").await.unwrap();
    if shop.kind == Kind::Postgres {
        session.execute_unprepared("SET enable_seqscan = off; SET enable_bitmapscan = off").await.unwrap();
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

/// The row comparison itself must be the range of the index, and no table may be read without one.
#[track_caller]
fn assert_reads_from(index: &str, kind: Kind, what: &str, plan: &str) {
    let lines: Vec<&str> = plan.lines().collect();
    let (is_range_of_index, reads_a_whole_table) = match kind {
        Kind::Postgres => {
            let mut pairs = lines.windows(2).filter(|pair| pair[0].contains(&format!(" using {index} on ")));
            let is_whole = |pair: &[&str]| {
                pair[0].contains("Scan ") && !pair[0].contains("Function Scan") && !pair[1].contains("Cond: ")
            };
            (
                pairs.any(|pair| pair[1].contains("Index Cond: ") && pair[1].contains("ROW(")),
                lines.windows(2).any(is_whole),
            )
        }
        Kind::Sqlite => {
            let mut searches = lines.iter().filter(|line| line.contains(&format!(" INDEX {index} (")));
            let is_whole = |line: &&str| *line == "SCAN t" || line.starts_with("SCAN t ");
            (searches.any(|line| line.starts_with("SEARCH t ") && line.contains(",id)")), lines.iter().any(is_whole))
        }
    };
    assert!(is_range_of_index, "{what}, not from {index}:\n{plan}");
    assert!(!reads_a_whole_table, "{what}, a whole table:\n{plan}");
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

/// A time on a day of January 2026; all that [`Shop::fill`] and [`Shop::orders`] make was made on the first.
fn january(day: u32) -> SortKey {
    SortKey::Time(chrono::NaiveDate::from_ymd_opt(2026, 1, day).unwrap().and_time(chrono::NaiveTime::MIN).and_utc())
}

async fn pages_of_products_are_read_from_the_index_of_their_order(shop: &Shop) {
    shop.fill(20, 100).await;
    // Where all products sort alike, Postgres takes any index for as good as another.
    let (time, price) = match shop.kind {
        Kind::Postgres => {
            ("timestamptz '2026-01-01' + random() * interval '28 days'", "CAST(random() * 2000 AS bigint)")
        }
        Kind::Sqlite => {
            ("'2026-01-' || printf('%02d', 1 + abs(random() % 28)) || 'T00:00:00+00:00'", "abs(random() % 2000)")
        }
    };
    shop.sql(&format!("UPDATE products SET name = slug, created_at = {time}"), vec![]).await;
    shop.sql(&format!("UPDATE skus SET price = {price}"), vec![]).await;
    let session = session(shop).await;
    let parent = Uuid::nil();

    for (sort, column, key) in [
        (ProductSort::CreatedAt, "created_at", january(14)),
        (ProductSort::Name, "name_key", SortKey::Text("store-5".to_owned())),
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
                let listing = ProductListing { parent: list_parent, filter, search: None, sort, descending, visible };
                let statement = storefront::product::page_statement(
                    shop.db.backend(),
                    &listing,
                    &[parent],
                    &window,
                    Depth::default(),
                );
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

    for window in windows(january(1)) {
        let users = plan(&session, shop.kind, storefront::user::page_statement(backend, &window)).await;
        let orders = storefront::order::page_statement(backend, &[Uuid::nil(), Uuid::max()], &window);
        let orders = plan(&session, shop.kind, orders).await;

        assert_reads_from("users_created_at_id_idx", shop.kind, "users", &users);
        assert_sorts_nothing("users", &users);
        assert_reads_from("orders_user_id_placed_at_id_idx", shop.kind, "orders", &orders);
        // The key of orders begins with the user: by the id alone it would be read from end to end.
        assert!(!orders.contains("Index Cond: (id = "), "{orders}");
    }
    session.close().await.unwrap();
}

async fn pages_of_stores_and_categories_are_read_from_an_index(shop: &Shop) {
    shop.fill(100, 1).await;
    shop.trees(100).await;
    let session = session(shop).await;
    let backend = shop.db.backend();

    for window in windows(january(1)) {
        let stores = plan(&session, shop.kind, storefront::store::page_statement(backend, &window)).await;

        assert_reads_from("stores_created_at_id_idx", shop.kind, "stores", &stores);
        assert_sorts_nothing("stores", &stores);
    }
    for window in windows(SortKey::Integer(1)) {
        let all = storefront::category::page_statement(backend, false, &window);
        let roots = storefront::category::page_statement(backend, true, &window);
        let (all, roots) = (plan(&session, shop.kind, all).await, plan(&session, shop.kind, roots).await);

        assert_reads_from("categories_position_id_idx", shop.kind, "categories", &all);
        // Either will do; Postgres does not see that the roots come in order from the first, and sorts them.
        let own = "categories_parent_id_position_id_idx";
        let index = if roots.contains(own) { own } else { "categories_position_id_idx" };
        assert_reads_from(index, shop.kind, "roots", &roots);
        assert_sorts_nothing("categories", &all);
    }
    session.close().await.unwrap();
}
