//! Several servers on one replicated database, and the database's own servers.

use devstack::{Node, RedisServer, Stack, StackOptions};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};
use uuid::Uuid;

use super::database::migrate_template;
use super::shop::Shop;
use super::until::until;

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
pub const SECRET: &str = "the secret key of the tests";

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

    /// An instance that reads from all replicas, and through the stack's Redis. The stock there outlives a test.
    pub async fn cached(&self, flags: &[&str]) -> Shop {
        let redis = self.redis().url();
        let shop = self.instance(&[&["--redis-url", &redis, "--stock-ttl-secs", "300"], flags].concat()).await;
        until("the cache is in use", async || shop.app.shared.cache.is_trusted()).await;
        shop
    }

    /// The stack's Redis. On the shared stack its keys are apart by database; it may not be emptied there.
    pub fn redis(&self) -> &RedisServer {
        self.stack().redis().expect("the stack has a Redis")
    }

    /// An instance with addresses of one's choice, such as a proxy's.
    pub async fn instance_on(&self, primary: &str, replicas: &[String], flags: &[&str]) -> Shop {
        let replicas = replicas.join(",");
        let own = ["--replica-urls", &replicas, "--secret-key", SECRET];
        Shop::start_on(primary, &[&own, flags].concat()).await
    }

    /// A session of one's own on the primary, as superuser and without time limits.
    pub async fn session(&self) -> DatabaseConnection {
        session(&self.primary().superuser_url(&self.database)).await
    }

    /// A number of the test's database, read past the servers.
    pub async fn number(&self, sql: &str) -> i64 {
        numbers(self.primary(), &self.database, sql).await[0]
    }

    /// The sessions on the test's database that wait for a lock, on one server.
    pub async fn waiting(&self, node: &Node) -> Vec<i64> {
        let waiting = format!("SELECT pid::bigint FROM pg_stat_activity WHERE {}", self.waits());
        numbers(node, "postgres", &waiting).await
    }

    /// Ends the sessions that wait for a lock on one server.
    pub async fn terminate_waiting(&self, node: &Node) {
        let terminate = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {}", self.waits());
        node.execute("postgres", &terminate).await.unwrap();
    }

    fn waits(&self) -> String {
        format!("datname = '{}' AND wait_event_type = 'Lock'", self.database)
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
    pub async fn number_on(&self, node: &Node, sql: &str) -> i64 {
        numbers(node, &self.database, sql).await[0]
    }

    /// The two replicas, the one first that has received more of the log.
    pub async fn by_log(&self) -> (&Node, &Node) {
        const RECEIVED: &str = "SELECT (pg_last_wal_receive_lsn() - '0/0')::bigint";
        let (one, other) = (self.replica(0), self.replica(1));
        let is_ahead = self.number_on(other, RECEIVED).await > self.number_on(one, RECEIVED).await;
        if is_ahead { (other, one) } else { (one, other) }
    }

    /// Drops what the test made on a stack that others use.
    pub async fn end(self) {
        if let Owned::Shared(stack) = self.stack {
            stack.drop_database(&self.database).await.unwrap();
        }
    }
}

async fn session(url: &str) -> DatabaseConnection {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1);
    Database::connect(options).await.unwrap()
}

async fn numbers(node: &Node, database: &str, sql: &str) -> Vec<i64> {
    let session = session(&node.superuser_url(database)).await;
    let rows = session.query_all_raw(Statement::from_string(DbBackend::Postgres, sql)).await.unwrap();
    session.close().await.unwrap();
    rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
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
