//! A migrated database for one test, removed when the test has passed.

use devstack::Stack;
use migration::{Migrator, MigratorTrait};
use sea_orm_migration::sea_orm::{ConnectOptions, Database, DatabaseConnection};
use tempfile::TempDir;
use uuid::Uuid;

pub(crate) struct TestDatabase {
    pub(crate) connection: DatabaseConnection,
    home: Home,
}

enum Home {
    Folder(TempDir),
    Stack { name: String },
}

/// A file of its own, with one connection.
pub(crate) async fn sqlite() -> TestDatabase {
    let folder = TempDir::new().expect("a temporary folder");
    let url = format!("sqlite://{}?mode=rwc", folder.path().join("shop.sqlite").display());
    let connection = connect(&url, 1).await;
    TestDatabase { connection, home: Home::Folder(folder) }
}

/// A database of its own on the stack of this test run.
pub(crate) async fn postgres() -> TestDatabase {
    let stack = Stack::shared().await.expect("the stack starts");
    let name = format!("triggers_{}", Uuid::now_v7().simple());
    stack.create_database(&name).await.expect("the database is made");
    let connection = connect(&stack.primary_url(&name), 4).await;
    TestDatabase { connection, home: Home::Stack { name } }
}

impl TestDatabase {
    pub(crate) async fn remove(self) {
        self.connection.close().await.expect("the connections close");
        match self.home {
            Home::Folder(folder) => folder.close().expect("the folder can be removed"),
            Home::Stack { name } => {
                let stack = Stack::shared().await.expect("the stack runs");
                stack.drop_database(&name).await.expect("the database goes");
            }
        }
    }
}

async fn connect(url: &str, connections: u32) -> DatabaseConnection {
    let mut options = ConnectOptions::new(url);
    options.max_connections(connections).sqlx_logging(false);
    let connection = Database::connect(options).await.expect("the database answers");
    Migrator::up(&connection, None).await.expect("every migration runs");
    connection
}
