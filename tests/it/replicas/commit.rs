//! A COMMIT whose answer does not arrive: the client hears that, and the write is there whole or not at all.

use std::time::Duration;

use devstack::{Fate, Proxy};
use sea_orm::{ConnectionTrait, DatabaseConnection};
use serde_json::json;
use tokio::net::TcpStream;

use crate::support::{Answer, Fleet, Impatient, Program, STAFF_KEY, Shop, Telltale, until};

const CREATE: &str = "mutation ($slug: String!) { \
     storeCreate(input: { slug: $slug, name: $slug, currencyCode: \"EUR\" }) { store { id } userErrors { code } } }";

const RENAME: &str =
    "mutation ($id: ID!) { storeUpdate(input: { id: $id, name: \"new\" }) { store { id } userErrors { code } } }";

/// What only the question for the position says, which follows an answered COMMIT. A connection spells it out once, the first time.
const ASKS_FOR_POSITION: &[u8] = b"AS system, ('x' ||";

/// Every COMMIT that has written a store waits for the lock of its name.
const COMMITS_WAIT: &str = "CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS \
     'BEGIN PERFORM pg_advisory_xact_lock_shared(hashtext(NEW.name)); RETURN NULL; END'; \
     CREATE CONSTRAINT TRIGGER wait AFTER INSERT OR UPDATE ON stores DEFERRABLE INITIALLY DEFERRED \
     FOR EACH ROW EXECUTE FUNCTION wait();";

/// Holds the COMMITs of stores with this name until the session is closed.
async fn hold(fleet: &Fleet, name: &str) -> DatabaseConnection {
    let session = fleet.session().await;
    session.execute_unprepared(&format!("SELECT pg_advisory_lock(hashtext('{name}'))")).await.unwrap();
    session
}

async fn until_held(fleet: &Fleet, commits: usize) {
    until("the COMMITs wait", async || fleet.waiting(fleet.primary()).await.len() == commits).await;
}

/// Waits until something went over a wire that only comes after the answer to a COMMIT.
async fn until_fired(proxy: &Proxy) {
    tokio::time::timeout(Duration::from_secs(30), proxy.fired()).await.expect("nobody asked for the position");
}

async fn stores_called(fleet: &Fleet, name: &str) -> i64 {
    fleet.number(&format!("SELECT count(*) FROM stores WHERE name = '{name}'")).await
}

/// An instance that has not written yet and whose wire to the primary can be broken. Its replica holds another `acme`, so the name tells who served it.
struct Wired {
    fleet: Fleet,
    telltale: Telltale,
    proxy: Proxy,
    shop: Shop,
    acme: String,
}

impl Wired {
    async fn start(flags: &[&str]) -> Self {
        let fleet = Fleet::shared().await;
        let other = "INSERT INTO stores (id, slug, name, currency_code, created_at, updated_at) \
             VALUES (gen_random_uuid(), 'acme', 'of the replica', 'EUR', now(), now())";
        let telltale = fleet.telltale(0, &[other]).await;
        let proxy = fleet.primary().proxy().unwrap();
        let replicas = [telltale.url.clone()];
        let clerk = fleet.instance_on(&fleet.primary_url(), &[], &[]).await;
        let acme = clerk.store("acme").await;
        clerk.stop().await;
        let shop = fleet.instance_on(&proxy.url(&fleet.primary_url()), &replicas, flags).await;
        Self { fleet, telltale, proxy, shop, acme }
    }

    async fn stop(self) {
        self.shop.stop().await;
        self.telltale.end(&self.fleet).await;
        self.fleet.end().await;
    }

    /// Waits until who brings no token is answered by the replica, which on a busy machine may be late for a moment.
    async fn until_the_replica_serves(&self) {
        until("the replica serves", async || self.shop.acme().await.string("/store/name") == "of the replica").await;
    }

    /// The name of `acme` under a token that leaves only the primary.
    async fn name_on_primary(&self, token: &str) -> String {
        let answer = self.shop.acme_with(token).await;
        assert_eq!(answer.json["extensions"]["explain"]["pinned"], true, "{}", answer.text);
        assert!(answer.hosts().iter().all(|(_, role)| role == "primary"), "{}", answer.text);
        answer.string("/store/name")
    }
}

/// The token of an answer that says that nobody knows what became of the write, and does not invite to send it again.
#[track_caller]
fn token_of_unknown_outcome(answer: &Answer, code: &str) -> String {
    assert_eq!(answer.error().0, code, "{}", answer.text);
    assert_eq!(answer.json["errors"][0]["extensions"]["outcome"], "UNKNOWN", "{}", answer.text);
    assert!(!answer.headers.contains_key("retry-after"), "{:?}", answer.headers);
    answer.token()
}

#[tokio::test]
async fn a_connection_cut_after_the_commit_leaves_an_unknown_outcome_that_its_token_shows() {
    let wired = Wired::start(&[]).await;

    wired.proxy.fail_after_sent(b"COMMIT", Fate::Cut);
    let answer = wired.shop.rename(&wired.acme, "new").await;

    let token = token_of_unknown_outcome(&answer, "UNAVAILABLE");
    assert_eq!(wired.name_on_primary(&token).await, "new");
    wired.until_the_replica_serves().await;
    wired.stop().await;
}

#[tokio::test]
async fn a_connection_cut_before_the_commit_arrives_leaves_an_unknown_outcome_and_no_second_attempt() {
    let wired = Wired::start(&[]).await;

    wired.proxy.fail_after_sent(b"COMMIT", Fate::CutBefore);
    let renamed = wired.shop.rename(&wired.acme, "new").await;
    wired.proxy.fail_after_sent(b"COMMIT", Fate::CutBefore);
    let created = wired.shop.ask_as_staff(CREATE, json!({ "slug": "second" })).await;

    let token = token_of_unknown_outcome(&renamed, "UNAVAILABLE");
    token_of_unknown_outcome(&created, "UNAVAILABLE");
    assert_eq!(wired.name_on_primary(&token).await, "acme");
    assert_eq!(stores_called(&wired.fleet, "second").await, 0);
    assert_eq!(wired.shop.rename(&wired.acme, "new").await.string("/storeUpdate/store/name"), "new");
    wired.stop().await;
}

#[tokio::test]
async fn a_commit_that_is_not_answered_in_time_is_a_timeout_with_a_token() {
    let wired = Wired::start(&["--request-timeout-ms", "2500"]).await;

    wired.proxy.fail_after_sent(b"COMMIT", Fate::Swallow);
    let answer = wired.shop.rename(&wired.acme, "new").await;

    assert_eq!(answer.status, 503, "{}", answer.text);
    let token = token_of_unknown_outcome(&answer, "TIMEOUT");
    assert_eq!(wired.name_on_primary(&token).await, "new");
    wired.until_the_replica_serves().await;
    wired.proxy.heal().unwrap();
    wired.stop().await;
}

#[tokio::test]
async fn a_connection_cut_between_the_commit_and_the_position_acknowledges_the_write_and_leaves_its_reads_to_the_primary()
 {
    let wired = Wired::start(&[]).await;

    wired.proxy.fail_after_sent(ASKS_FOR_POSITION, Fate::Cut);
    let answer = wired.shop.rename(&wired.acme, "new").await;
    until_fired(&wired.proxy).await;

    assert_eq!(answer.string("/storeUpdate/store/name"), "new");
    assert_eq!(wired.name_on_primary(&answer.token()).await, "new");
    wired.until_the_replica_serves().await;
    wired.stop().await;
}

#[tokio::test]
async fn a_client_that_hangs_up_during_the_commit_does_not_take_its_write_along() {
    let wired = Wired::start(&[]).await;
    wired.fleet.primary().execute(&wired.fleet.database, COMMITS_WAIT).await.unwrap();
    let held = hold(&wired.fleet, "new").await;
    wired.proxy.fail_after_sent(ASKS_FOR_POSITION, Fate::Cut);

    let client = Impatient::ask(wired.shop.address, RENAME, json!({ "id": wired.acme })).await;
    until_held(&wired.fleet, 1).await;
    client.hang_up().await;
    assert_eq!(stores_called(&wired.fleet, "new").await, 0);
    held.close().await.unwrap();

    until_fired(&wired.proxy).await;
    assert_eq!(stores_called(&wired.fleet, "new").await, 1);
    wired.stop().await;
}

/// The program, between a database and its replicas.
async fn serve(fleet: &Fleet, folder: &tempfile::TempDir, primary: &str) -> Program {
    let replicas = fleet.replica_urls().join(",");
    let environment = [
        ("DATABASE_URL", primary),
        ("REPLICA_URLS", replicas.as_str()),
        ("STOREFRONT_ENV", "production"),
        ("STOREFRONT_SECRET_KEY", "a secret key of a test, long enough"),
        ("STOREFRONT_STAFF_KEY", STAFF_KEY),
    ];
    Program::serve(folder.path(), &environment).await
}

#[tokio::test]
async fn a_server_killed_during_a_commit_leaves_the_write_whole_and_the_next_one_serves() {
    let fleet = Fleet::shared().await;
    let shop = fleet.instance(&[]).await;
    let product = shop.product(&shop.store("acme").await, "shirt").await;
    let sku = shop.sku(&product, "9.90").await;
    let folder = tempfile::tempdir().unwrap();
    let proxy = fleet.primary().proxy().unwrap();
    let mut program = serve(&fleet, &folder, &proxy.url(&fleet.primary_url())).await;
    let set = "mutation ($sku: ID!) { stockSet(input: { skuId: $sku, quantity: 7 }) { userErrors { code } } }";
    // Each part of the write counts one: the stock, the flag of the product, the change log.
    let traces = "SELECT (SELECT count(*) FROM stock WHERE quantity = 7) + (SELECT count(*) FROM products WHERE in_stock) \
         + (SELECT count(*) FROM change_log WHERE kind = 'STOCK')";
    let before = fleet.number(traces).await;

    proxy.fail_after_sent(b"COMMIT", Fate::CutBefore);
    program.ask(STAFF_KEY, set, json!({ "sku": sku })).await;
    let after_none = fleet.number(traces).await;
    proxy.fail_after_sent(b"COMMIT", Fate::Swallow);
    let asked = program.ask(STAFF_KEY, set, json!({ "sku": sku }));
    tokio::select! {
        answer = asked => panic!("it was answered: {}", answer.text),
        () = async { proxy.fired().await; program.signal("KILL") } => {}
    }
    assert!(!program.ended().await.success());

    assert_eq!(after_none, before);
    until("the whole write is there", async || fleet.number(traces).await == before + 3).await;
    let program = serve(&fleet, &folder, &fleet.primary_url()).await;
    assert_eq!(program.ask(STAFF_KEY, set, json!({ "sku": sku })).await.data("/stockSet/userErrors"), &json!([]));
    program.stop().await;
    shop.stop().await;
    fleet.end().await;
}

#[tokio::test]
async fn a_server_told_to_stop_waits_for_its_commits_whether_or_not_their_clients_are_there() {
    let fleet = Fleet::shared().await;
    let folder = tempfile::tempdir().unwrap();
    let proxy = fleet.primary().proxy().unwrap();
    let mut program = serve(&fleet, &folder, &proxy.url(&fleet.primary_url())).await;
    fleet.primary().execute(&fleet.database, COMMITS_WAIT).await.unwrap();
    let (gone, there) = (hold(&fleet, "gone").await, hold(&fleet, "there").await);

    let client = Impatient::ask(program.address, CREATE, json!({ "slug": "gone" })).await;
    until_held(&fleet, 1).await;
    client.hang_up().await;
    let stopping = async {
        until_held(&fleet, 2).await;
        program.signal("TERM");
        until("no connection is taken", async || TcpStream::connect(program.address).await.is_err()).await;
        there.close().await.unwrap();
    };
    let (answer, ()) = tokio::join!(program.ask(STAFF_KEY, CREATE, json!({ "slug": "there" })), stopping);
    proxy.fail_after_sent(ASKS_FOR_POSITION, Fate::Cut);
    gone.close().await.unwrap();

    until_fired(&proxy).await;
    assert_eq!(answer.data("/storeCreate/userErrors"), &json!([]));
    answer.token();
    assert_eq!(program.ended().await.code(), Some(0), "{:?}", program.stderr());
    assert_eq!((stores_called(&fleet, "gone").await, stores_called(&fleet, "there").await), (1, 1));
    fleet.end().await;
}
