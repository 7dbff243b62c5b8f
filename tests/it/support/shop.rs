//! A server under test, on a free port of 127.0.0.1.

use std::net::SocketAddr;
use std::sync::Arc;

use clap::Parser;
use sea_orm::DatabaseConnection;
use serde_json::{Value, json};
use storefront::app::App;
use storefront::config::ServeConfig;
use storefront::db::Db;
use storefront::http::{Bundle, Routes};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::answer::Answer;
use super::database::{Kind, TestDatabase};

pub const STAFF_KEY: &str = "the staff key of the tests";

/// The header that tells that staff asks.
pub const STAFF: (&str, &str) = ("x-storefront-staff-key", STAFF_KEY);
/// The header that asks for the statements that were run.
pub const EXPLAIN: (&str, &str) = ("x-storefront-explain", "1");
/// Flags of a server that asks the database for everything.
pub const UNCACHED: &[&str] = &["--feature-redis-cache=false"];
/// Flags of a server that lets its clients ask for much.
const WIDE: [&str; 8] = [
    "--client-points",
    "1000000000",
    "--address-points",
    "1000000000",
    "--window-mutations",
    "1000000",
    "--max-cost",
    "10000000",
];
/// The header of a consistency token.
pub const TOKEN: &str = "x-consistency-token";

/// A server with a database of its own.
pub struct Shop {
    pub kind: Kind,
    pub address: SocketAddr,
    pub db: Arc<Db>,
    pub app: Arc<App>,
    database: TestDatabase,
    client: reqwest::Client,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<anyhow::Result<()>>,
}

#[derive(Parser)]
#[command(args_override_self = true)]
struct Flags {
    #[command(flatten)]
    config: ServeConfig,
}

impl Shop {
    pub async fn start(kind: Kind) -> Self {
        Self::start_with(kind, &[]).await
    }

    /// A server with further flags.
    pub async fn start_with(kind: Kind, flags: &[&str]) -> Self {
        Self::start_without_staff_key(kind, &[&["--staff-key", STAFF_KEY], flags].concat()).await
    }

    /// A server on a database that it does not own.
    pub async fn start_on(url: &str, flags: &[&str]) -> Self {
        let database = TestDatabase::Elsewhere(url.to_owned());
        Self::serve(Kind::Postgres, database, None, &[&["--staff-key", STAFF_KEY], flags].concat()).await
    }

    /// A server that nobody gave a staff key.
    pub async fn start_without_staff_key(kind: Kind, flags: &[&str]) -> Self {
        Self::serve(kind, TestDatabase::migrated(kind).await, None, flags).await
    }

    /// A server that nobody gave a staff key, with this playground; all others have the page of the CDN, whatever was built.
    pub async fn start_with_playground(bundle: Option<Bundle>, flags: &[&str]) -> Self {
        Self::serve(Kind::Sqlite, TestDatabase::migrated(Kind::Sqlite).await, bundle, flags).await
    }

    async fn serve(kind: Kind, database: TestDatabase, playground: Option<Bundle>, flags: &[&str]) -> Self {
        let url = database.url().await;
        let own = ["storefront", "--database-url", &url, "--port", "0"];
        let few = ["--read-connections", "4", "--write-connections", "2", "--connection-wait-ms", "10000"];
        // Tests ask for more than clients may; what is refused by its price, or by a window, is tested apart.
        let config = Flags::parse_from(own.iter().chain(&few).chain(&WIDE).chain(flags)).config;
        config.check().unwrap();
        storefront::telemetry::metrics();
        let db = Db::connect_all(&config).await;
        let db = Arc::new(db.unwrap());
        let listener = storefront::http::bind(config.address()).await.unwrap();
        let address = listener.local_addr().unwrap();
        let app = App::new(config, db.clone()).await.unwrap();
        let routes = Routes::with_playground(app.clone(), playground);
        let (stop, stopped) = oneshot::channel();
        let stopped = async {
            // A dropped sender stops the server as well.
            let _ = stopped.await;
        };
        let serving = tokio::spawn(storefront::http::serve(routes, listener, stopped));
        Self { kind, address, db, app, database, client: reqwest::Client::new(), stop, serving }
    }

    pub async fn stop(self) {
        drop(self.client);
        self.stop.send(()).unwrap();
        self.serving.await.unwrap().unwrap();
        self.app.stop().await;
        self.database.remove().await;
    }

    /// A connection beside the server's own, without its time limits.
    pub async fn database_pool(&self) -> DatabaseConnection {
        sea_orm::Database::connect(self.database_url().await).await.unwrap()
    }

    pub async fn database_url(&self) -> String {
        self.database.url().await
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn http(&self) -> &reqwest::Client {
        &self.client
    }

    /// Asks as nobody in particular.
    pub async fn ask(&self, query: &str, variables: Value) -> Answer {
        self.send(query, variables, &[]).await
    }

    /// Asks as staff.
    pub async fn ask_as_staff(&self, query: &str, variables: Value) -> Answer {
        self.send(query, variables, &[STAFF]).await
    }

    /// Asks as staff, and for the statements that were run.
    pub async fn explain(&self, query: &str, variables: Value) -> Answer {
        self.send(query, variables, &[STAFF, EXPLAIN]).await
    }

    pub async fn send(&self, query: &str, variables: Value, headers: &[(&str, &str)]) -> Answer {
        let body = json!({ "query": query, "variables": variables });
        let request = self.client.post(self.url("/graphql")).json(&body);
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        Answer::read(request.send().await.unwrap()).await
    }
}
