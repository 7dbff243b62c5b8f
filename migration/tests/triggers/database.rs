//! A migrated database for one test, removed when the test has passed.

use migration::{Migrator, MigratorTrait};
use sea_orm_migration::sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection};
use tempfile::TempDir;
use uuid::Uuid;

pub(crate) struct TestDatabase {
    pub(crate) connection: DatabaseConnection,
    home: Home,
}

enum Home {
    Folder(TempDir),
    Server { url: String, name: String },
}

/// A file of its own, with one connection.
pub(crate) async fn sqlite() -> TestDatabase {
    let folder = TempDir::new().expect("a temporary folder");
    let url = format!("sqlite://{}?mode=rwc", folder.path().join("shop.sqlite").display());
    let connection = connect(&url, 1).await;
    TestDatabase { connection, home: Home::Folder(folder) }
}

/// A database of its own on the server; None where there is no server.
pub(crate) async fn postgres() -> Option<TestDatabase> {
    let url = std::env::var("STOREFRONT_TEST_POSTGRES_URL").ok()?;
    let name = format!("triggers_{}", Uuid::now_v7().simple());
    on_server(&url, &format!("CREATE DATABASE {name}")).await;
    let (server, _) = url.rsplit_once('/').expect("the address names a database");
    let connection = connect(&format!("{server}/{name}"), 4).await;
    Some(TestDatabase { connection, home: Home::Server { url, name } })
}

impl TestDatabase {
    pub(crate) async fn remove(self) {
        self.connection.close().await.expect("the connections close");
        match self.home {
            Home::Folder(folder) => folder.close().expect("the folder can be removed"),
            Home::Server { url, name } => on_server(&url, &format!("DROP DATABASE {name} WITH (FORCE)")).await,
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

async fn on_server(url: &str, statement: &str) {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    let server = Database::connect(options).await.expect("the server answers");
    server.execute_unprepared(statement).await.expect("the server obeys");
    server.close().await.expect("the connection closes");
}
