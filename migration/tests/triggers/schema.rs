//! Every migration can be undone, with rows in the tables, and done again.

use migration::{Migrator, MigratorTrait};
use sea_orm_migration::sea_orm::{DatabaseConnection, DbBackend};

use crate::shop::{new_category, new_product, new_sku, new_stock, new_store, product, rows, run};

crate::on_both!(down_leaves_nothing_and_up_works_again, each_step_can_be_undone_alone);

async fn down_leaves_nothing_and_up_works_again(db: &DatabaseConnection) {
    fill(db).await;

    Migrator::down(db, None).await.expect("every migration can be undone");

    assert_eq!(what_is_there(db).await, [""; 0]);

    Migrator::up(db, None).await.expect("every migration runs again");
    let boots = new_product(db, new_store(db).await).await;
    new_sku(db, boots, "S", 100).await;
    assert_eq!(product(db, boots).await.prices, Some((100, 100)));
}

async fn each_step_can_be_undone_alone(db: &DatabaseConnection) {
    fill(db).await;

    let mut stages = vec![what_is_there(db).await];
    for _ in Migrator::migrations() {
        Migrator::down(db, Some(1)).await.expect("the last migration can be undone");
        stages.push(what_is_there(db).await);
    }

    stages.pop();
    for stage in stages.iter().rev() {
        Migrator::up(db, Some(1)).await.expect("the next migration runs again");
        assert_eq!(&what_is_there(db).await, stage);
    }
}

async fn fill(db: &DatabaseConnection) {
    let leaf = new_category(db, Some(new_category(db, None).await)).await;
    let boots = new_product(db, new_store(db).await).await;
    run(db, "UPDATE products SET category_id = $1", [leaf.into()]).await;
    let small = new_sku(db, boots, "S", 100).await;
    new_stock(db, small, boots, 1).await;
}

/// The names of all tables, sequences, indexes, triggers and functions but those of the migrator itself.
async fn what_is_there(db: &DatabaseConnection) -> Vec<String> {
    let sql = match db.get_database_backend() {
        DbBackend::Postgres => {
            "SELECT name FROM (
                SELECT relname::text AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace
                UNION ALL SELECT proname::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace
                UNION ALL SELECT tgname::text FROM pg_trigger WHERE NOT tgisinternal
            ) AS things WHERE name NOT LIKE 'seaql_migrations%' ORDER BY name"
        }
        _ => {
            "SELECT name FROM sqlite_schema
             WHERE name NOT LIKE 'sqlite_%' AND name NOT LIKE 'seaql_migrations%' ORDER BY name"
        }
    };
    rows(db, sql, []).await.iter().map(|row| row.try_get("", "name").expect("a name")).collect()
}
