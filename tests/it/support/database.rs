//! Databases for tests: migrated once, copied for each test.

use std::path::PathBuf;
use std::sync::OnceLock;

use devstack::Stack;
use migration::{Migrator, MigratorTrait};
use sea_orm::Database as SeaOrm;
use tempfile::TempDir;
use tokio::sync::OnceCell;
use uuid::Uuid;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Sqlite,
    Postgres,
}

/// One test's database.
pub enum TestDatabase {
    Sqlite(TempDir),
    Postgres(String),
    /// A database that outlives the server on it.
    Elsewhere(String),
}

impl TestDatabase {
    /// A copy of the migrated template.
    pub async fn migrated(kind: Kind) -> Self {
        match kind {
            Kind::Sqlite => {
                let folder = tempfile::tempdir().unwrap();
                tokio::fs::copy(sqlite_template().await, folder.path().join("shop.db")).await.unwrap();
                Self::Sqlite(folder)
            }
            Kind::Postgres => {
                let stack = Stack::shared().await.unwrap();
                migrate_template(stack).await;
                let name = format!("shop_{}", Uuid::now_v7().simple());
                stack.clone_database("migrated", &name).await.unwrap();
                Self::Postgres(name)
            }
        }
    }

    /// A Postgres database without any table.
    pub async fn empty_postgres() -> Self {
        let name = format!("empty_{}", Uuid::now_v7().simple());
        Stack::shared().await.unwrap().create_database(&name).await.unwrap();
        Self::Postgres(name)
    }

    pub async fn url(&self) -> String {
        match self {
            Self::Sqlite(folder) => format!("sqlite://{}", folder.path().join("shop.db").display()),
            Self::Postgres(name) => Stack::shared().await.unwrap().primary_url(name),
            Self::Elsewhere(url) => url.clone(),
        }
    }

    pub async fn remove(self) {
        if let Self::Postgres(name) = self {
            Stack::shared().await.unwrap().drop_database(&name).await.unwrap();
        }
    }
}

/// Makes the template "migrated" on a stack, once.
pub async fn migrate_template(stack: &Stack) {
    let migrate = async |url: String| {
        let database = SeaOrm::connect(url).await?;
        Migrator::up(&database, None).await?;
        Ok(database.close().await?)
    };
    stack.create_template("migrated", migrate).await.unwrap();
}

async fn sqlite_template() -> PathBuf {
    static FOLDER: OnceLock<TempDir> = OnceLock::new();
    static TEMPLATE: OnceCell<PathBuf> = OnceCell::const_new();
    let migrate = || async {
        let file = FOLDER.get_or_init(|| tempfile::tempdir().unwrap()).path().join("template.db");
        let database = SeaOrm::connect(format!("sqlite://{}?mode=rwc", file.display())).await.unwrap();
        Migrator::up(&database, None).await.unwrap();
        database.close().await.unwrap();
        file
    };
    TEMPLATE.get_or_init(migrate).await.clone()
}
