//! Several servers on one replicated database, and the database's own servers.

use devstack::{Node, Stack, StackOptions};
use sea_orm::{ConnectionTrait, Database, DbBackend, Statement};
use uuid::Uuid;

use super::database::migrate_template;
use super::shop::Shop;

/// A database on a stack with two replicas.
pub struct Fleet {
    stack: Owned,
    pub database: String,
}

enum Owned {
    Shared(&'static Stack),
    Own(Box<Stack>),
}

/// What instances of one installation share.
const SECRET: &str = "the secret key of the tests";

impl Fleet {
    /// A database of one's own on the stack that all tests share. Nothing of the stack may be broken.
    pub async fn shared() -> Self {
        Self::on(Owned::Shared(Stack::shared().await.unwrap())).await
    }

    /// A stack of one's own, to be broken.
    pub async fn faulty() -> Self {
        Self::faulty_with(StackOptions { redis: false, ..StackOptions::default() }).await
    }

    pub async fn faulty_with(options: StackOptions) -> Self {
        Self::on(Owned::Own(Box::new(Stack::faulty_with(options).await.unwrap()))).await
    }

    async fn on(stack: Owned) -> Self {
        let fleet = Self { stack, database: format!("fleet_{}", Uuid::now_v7().simple()) };
        migrate_template(fleet.stack()).await;
        fleet.stack().clone_database("migrated", &fleet.database).await.unwrap();
        fleet
    }

    pub fn stack(&self) -> &Stack {
        match &self.stack {
            Owned::Shared(stack) => stack,
            Owned::Own(stack) => stack,
        }
    }

    pub fn primary(&self) -> &Node {
        self.stack().primary()
    }

    /// Counted from 0.
    pub fn replica(&self, index: usize) -> &Node {
        &self.stack().replicas()[index]
    }

    pub fn primary_url(&self) -> String {
        self.stack().primary_url(&self.database)
    }

    pub fn replica_urls(&self) -> Vec<String> {
        self.stack().replica_urls(&self.database)
    }

    /// An instance that reads from all replicas.
    pub async fn instance(&self, flags: &[&str]) -> Shop {
        self.instance_on(&self.primary_url(), &self.replica_urls(), flags).await
    }

    /// An instance with addresses of one's choice, such as a proxy's.
    pub async fn instance_on(&self, primary: &str, replicas: &[String], flags: &[&str]) -> Shop {
        let replicas = replicas.join(",");
        let own = ["--replica-urls", &replicas, "--secret-key", SECRET];
        Shop::start_on(primary, &[&own, flags].concat()).await
    }

    /// The address of another database on a replica's server: it follows the primary like every replica, and holds other rows. So an
    /// answer tells who served it.
    pub async fn telltale(&self, index: usize, fill: &[&str]) -> Telltale {
        self.telltale_on(self.replica(index), fill).await
    }

    /// The same on any server, such as the primary's own.
    pub async fn telltale_on(&self, node: &Node, fill: &[&str]) -> Telltale {
        let name = format!("telltale_{}", Uuid::now_v7().simple());
        self.stack().clone_database("migrated", &name).await.unwrap();
        for sql in fill {
            self.primary().execute(&name, sql).await.unwrap();
        }
        self.stack().await_replay().await.unwrap();
        Telltale { url: node.url(&name), name }
    }

    /// A number that a node gives, past all servers.
    pub async fn number(&self, node: &Node, sql: &str) -> i64 {
        let session = Database::connect(node.superuser_url(&self.database)).await.unwrap();
        let row = session.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await.unwrap();
        let number = row.unwrap().try_get_by_index(0).unwrap();
        session.close().await.unwrap();
        number
    }

    /// The two replicas, the one first that has received more of the log.
    pub async fn by_log(&self) -> (&Node, &Node) {
        const RECEIVED: &str = "SELECT (pg_last_wal_receive_lsn() - '0/0')::bigint";
        let (one, other) = (self.replica(0), self.replica(1));
        let is_ahead = self.number(other, RECEIVED).await > self.number(one, RECEIVED).await;
        if is_ahead { (other, one) } else { (one, other) }
    }

    /// Drops what the test made on a stack that others use.
    pub async fn end(self) {
        if let Owned::Shared(stack) = self.stack {
            stack.drop_database(&self.database).await.unwrap();
        }
    }
}

/// A replica whose rows tell that it was read.
pub struct Telltale {
    pub url: String,
    name: String,
}

impl Telltale {
    /// Changes its rows, and waits until the replicas have the change.
    pub async fn execute(&self, fleet: &Fleet, sql: &str) {
        fleet.primary().execute(&self.name, sql).await.unwrap();
        fleet.stack().await_replay().await.unwrap();
    }

    pub async fn end(self, fleet: &Fleet) {
        fleet.stack().drop_database(&self.name).await.unwrap();
    }
}
