//! Whole answers: which questions get the answer that was given a moment ago, and how it ends.

use std::cell::Cell;

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::acts::{PATIENT, found, name, rename};
use super::entry::Entry;
use super::hot::{filled, id_of, settle};
use super::process::Process;
use crate::support::{Answer, EXPLAIN, Fleet, Kind, STAFF, Shop, TOKEN, UNCACHED, until};

const PRODUCT: &str = "query ($id: ID!) { product(id: $id) { name store { name } } }";
const RENAME: &str =
    "mutation ($id: ID!, $name: String!) { productUpdate(input: { id: $id, name: $name }) { product { name } } }";
/// As long as can be set: only what a test does ends an answer.
const LONG: [(&str, &str); 1] = [("STOREFRONT_LOCAL_CACHE_TTL_MS", "10000")];

/// An instance in a process of its own, and two products.
struct Window {
    fleet: Fleet,
    process: Process,
    products: [String; 2],
}

impl Window {
    async fn open() -> Self {
        Self::open_with(&LONG).await
    }

    async fn open_with(environment: &[(&str, &str)]) -> Self {
        let fleet = filled(1, 2).await;
        let process = Process::in_use(&fleet, environment).await;
        let shop = fleet.instance(UNCACHED).await;
        let products = [id_of(&shop, "product", "store-1-1").await, id_of(&shop, "product", "store-1-2").await];
        shop.stop().await;
        Self { fleet, process, products }
    }

    /// How many questions were answered whole, and how many of those that could have been were not.
    async fn found(&self) -> (f64, f64) {
        let count =
            async |outcome| self.process.counted("reads_total", &[("kind", "answer"), ("outcome", outcome)]).await;
        (count("local_hit").await, count("miss").await)
    }

    /// Asks, and what that has added to [`found`](Self::found).
    async fn ask(&self, question: Value, headers: &[(&str, &str)]) -> (Answer, (f64, f64)) {
        let before = self.found().await;
        let answer = self.process.program.post(question, headers).await;
        let after = self.found().await;
        (answer, (after.0 - before.0, after.1 - before.1))
    }

    /// Asks until the question is answered whole; that answer, and the one before it.
    async fn until_kept(&self, question: &Value) -> [Answer; 2] {
        let (mut last, _) = self.ask(question.clone(), &[]).await;
        let mut kept = None;
        until("the answer is kept", async || {
            let (answer, found) = self.ask(question.clone(), &[]).await;
            match found {
                KEPT => kept = Some(answer),
                _ => last = answer,
            }
            kept.is_some()
        })
        .await;
        [last, kept.unwrap()]
    }

    async fn close(self) {
        self.process.program.stop().await;
        self.fleet.end().await;
    }
}

/// What one question adds to what was found.
const KEPT: (f64, f64) = (1.0, 0.0);
const ANEW: (f64, f64) = (0.0, 1.0);
const NOT_LOOKED_FOR: (f64, f64) = (0.0, 0.0);

fn of_product(id: &str) -> Value {
    json!({ "query": PRODUCT, "variables": { "id": id } })
}

#[tokio::test]
async fn shoppers_get_the_bytes_of_a_moment_ago_and_nobody_else_does() {
    let window = Window::open().await;
    let question = of_product(&window.products[0]);
    let token = window.process.send(RENAME, json!({ "id": window.products[1], "name": "other" }), &[STAFF]).await;
    let token = token.token();

    let [executed, kept] = window.until_kept(&question).await;
    assert_eq!(executed.text, kept.text);
    assert_eq!(kept.data("/product"), &json!({ "name": "Product", "store": { "name": "Store" } }));
    for header in ["content-type", "cache-control", "vary"] {
        assert_eq!(executed.headers.get(header), kept.headers.get(header), "{header}");
    }
    assert!(kept.headers.contains_key("x-request-id"));
    assert_ne!(executed.headers["x-request-id"], kept.headers["x-request-id"]);
    // By now the body is known, and is not read any more.
    for _ in 0..3 {
        let (again, found) = window.ask(question.clone(), &[]).await;
        assert_eq!((&again.text, found), (&kept.text, KEPT));
    }

    for headers in [&[STAFF][..], &[EXPLAIN], &[STAFF, EXPLAIN], &[(TOKEN, &token)]] {
        let (answer, found) = window.ask(question.clone(), headers).await;
        assert_eq!((answer.data("/product"), found), (kept.data("/product"), NOT_LOOKED_FOR), "{headers:?}");
    }
    let refused = json!({ "query": RENAME, "variables": { "id": window.products[0], "name": "mine" } });
    for _ in 0..2 {
        let (answer, found) = window.ask(refused.clone(), &[]).await;
        assert!(answer.json.get("errors").is_some(), "{}", answer.text);
        assert_eq!(found, NOT_LOOKED_FOR);
    }
    window.close().await;
}

/// What is left of the window after an answer.
fn left(answer: &Answer) -> u64 {
    answer.json["extensions"]["cost"]["window"]["remaining"].as_u64().unwrap_or_else(|| panic!("{}", answer.text))
}

#[tokio::test]
async fn a_body_that_is_known_again_is_charged_and_refunded_as_it_was_at_first() {
    // Its windows are nobody else's.
    let own = ("STOREFRONT_SECRET_KEY", "known again, charged and refunded");
    let window = Window::open_with(&[LONG[0], own]).await;
    let question = json!({ "query": "{ products(first: 50) { nodes { slug } } }" });

    let [executed, kept] = window.until_kept(&question).await;
    let cost = |answer: &Answer| ["requested", "actual"].map(|part| answer.json["extensions"]["cost"][part].clone());
    assert_eq!(cost(&executed), [json!(52), json!(4)], "{}", executed.text);
    assert_eq!(cost(&kept), cost(&executed));

    let nothing = json!({ "query": "{ __typename }" });
    let mut before = 0;
    until("what was not used before is given back", async || {
        let now = left(&window.ask(nothing.clone(), &[]).await.0);
        std::mem::replace(&mut before, now) == now + 1
    })
    .await;
    for _ in 0..3 {
        let (answer, found) = window.ask(question.clone(), &[]).await;
        assert_eq!((cost(&answer), found), (cost(&executed), KEPT));
    }
    let mut asked = 0;
    until("three times 4 were spent", async || {
        asked += 1;
        before - left(&window.ask(nothing.clone(), &[]).await.0) == 3 * 4 + asked
    })
    .await;
    window.close().await;
}

#[tokio::test]
async fn a_body_that_is_known_again_is_refused_when_its_window_is_used_up() {
    let own = ("STOREFRONT_SECRET_KEY", "known again, refused in the end at last");
    let few = [("STOREFRONT_ADDRESS_POINTS", "500"), ("STOREFRONT_MAX_COST", "200")];
    let window = Window::open_with(&[LONG[0], own, few[0], few[1]]).await;
    let question = json!({ "query": "{ products(first: 50) { nodes { slug } } }" });
    let [_, kept] = window.until_kept(&question).await;

    let mut last = kept;
    until("nothing is left", async || {
        let (answer, _) = window.ask(question.clone(), &[]).await;
        last = answer;
        last.status == 429
    })
    .await;

    assert_eq!(last.error().0, "THROTTLED", "{}", last.text);
    assert!(last.headers.contains_key("retry-after"));
    window.close().await;
}

#[tokio::test]
async fn without_the_setting_every_request_is_executed() {
    let window = Window::open_with(&[LONG[0], ("STOREFRONT_ANSWER_CACHE", "off")]).await;
    let question = of_product(&window.products[0]);

    for _ in 0..5 {
        let (answer, found) = window.ask(question.clone(), &[]).await;
        assert_eq!((answer.data("/product/name"), found), (&json!("Product"), NOT_LOOKED_FOR));
    }
    let nodes = window.process.counted("reads_total", &[("kind", "product"), ("outcome", "local_hit")]).await;
    assert!(nodes > 0.0, "nodes are cached all the same");
    window.close().await;
}

#[tokio::test]
async fn another_question_has_another_answer_and_one_with_errors_is_not_kept() {
    let window = Window::open().await;
    let [one, other] = &window.products;
    let two = "query Name($id: ID!) { product(id: $id) { name } } query Slug($id: ID!) { product(id: $id) { slug } }";
    let named = |name: &str| json!({ "query": two, "operationName": name, "variables": { "id": one } });
    window.until_kept(&of_product(one)).await;
    window.until_kept(&named("Name")).await;

    let by_id = "query ($id: ID!) { product(id: $id) { id } }";
    for question in [
        of_product(other),
        json!({ "query": by_id, "variables": { "id": one } }),
        json!({ "query": by_id, "variables": { "id": other } }),
        named("Slug"),
    ] {
        let (answer, found) = window.ask(question.clone(), &[]).await;
        assert_eq!(found, ANEW, "{question}: {}", answer.text);
    }
    assert_eq!(window.until_kept(&named("Slug")).await[1].data("/product"), &json!({ "slug": "store-1-1" }));
    assert_eq!(window.until_kept(&named("Name")).await[1].data("/product"), &json!({ "name": "Product" }));

    for failing in [
        "{ node(id: \"nonsense\") { id } }",
        "query ($id: ID!) { product(id: $id) { name } node(id: \"nonsense\") { id } }",
    ] {
        for _ in 0..3 {
            let question = json!({ "query": failing, "variables": { "id": one } });
            let (answer, found) = window.ask(question, &[]).await;
            assert!(answer.json["errors"][0].is_object(), "{}", answer.text);
            assert_eq!(found, ANEW, "{}", answer.text);
        }
    }
    window.close().await;
}

#[tokio::test]
async fn a_write_through_the_instance_ends_all_of_them_at_once() {
    let window = Window::open().await;
    let questions = [of_product(&window.products[0]), json!({ "query": "{ stores { nodes { name } } }" })];
    for question in &questions {
        window.until_kept(question).await;
    }

    window.process.send(RENAME, json!({ "id": window.products[0], "name": "new" }), &[STAFF]).await.token();
    window.fleet.stack().await_replay().await.unwrap();

    let [(of_product, found), (_, found_too)] =
        [window.ask(questions[0].clone(), &[]).await, window.ask(questions[1].clone(), &[]).await];
    assert_eq!([found, found_too], [ANEW, ANEW]);
    assert_eq!(of_product.string("/product/name"), "new");
    assert_eq!(window.until_kept(&questions[0]).await[1].string("/product/name"), "new");
    window.close().await;
}

/// One that is made of what has long been in the process ends with that.
#[tokio::test]
async fn an_answer_lives_no_longer_than_the_oldest_thing_in_it() {
    let fleet = filled(1, 1).await;
    let shop = fleet.cached(&[&PATIENT[..], &["--local-cache-ttl-ms", "5000"]].concat()).await;
    let product = id_of(&shop, "product", "store-1-1").await;
    let entry = Entry::of(&fleet, &shop, "product", &product).await;
    until("the node is in the process", async || {
        found(&shop.send(PRODUCT, json!({ "id": product }), &[EXPLAIN]).await, "ProductById") == (1, 0, 0)
    })
    .await;

    // By hand, and nobody tells this instance of it.
    let by_hand = "BEGIN; UPDATE products SET name = 'new'; \
                   UPDATE change_log SET fenced_at = now(), is_settled = true; COMMIT";
    fleet.primary().execute(&fleet.database, by_hand).await.unwrap();
    settle(&fleet).await;
    entry.evict_value().await;
    // Each is another question, and asked once before the node is read anew.
    let question = |number: usize| format!("query ($id: ID!) {{ product(id: $id) {{ name at{number}: name }} }}");
    let shown = async |text: &str, headers: &[(&str, &str)]| {
        shop.send(text, json!({ "id": product }), headers).await.string("/product/name")
    };
    let asked = Cell::new(0);
    until("the node is read anew", async || {
        if shown(PRODUCT, &[EXPLAIN]).await == "new" {
            return true;
        }
        shown(&question(asked.get()), &[]).await;
        asked.set(asked.get() + 1);
        false
    })
    .await;

    assert!(asked.get() > 0, "the node was not in the process");
    for number in 0..asked.get() {
        assert_eq!(shown(&question(number), &[]).await, "new", "question {number} of {}", asked.get());
    }
    shop.stop().await;
    fleet.end().await;
}

#[tokio::test]
async fn a_write_of_another_instance_is_seen_however_often_the_question_is_asked() {
    let fleet = filled(1, 1).await;
    let (one, other) = (fleet.cached(&PATIENT).await, fleet.cached(&PATIENT).await);
    let product = id_of(&one, "product", "store-1-1").await;
    for round in 0..3 {
        for _ in 0..5 {
            name(&other, &product).await;
        }

        let new = format!("round {round}");
        rename(&one, &product, &new).await;

        // Each time the answer is given it may not live longer.
        until("the write is seen", async || name(&other, &product).await == new).await;
    }
    for shop in [one, other] {
        shop.stop().await;
    }
    fleet.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_the_embedded_database_the_next_read_sees_a_write_whatever_others_ask_meanwhile() {
    let shop = Shop::start_with(Kind::Sqlite, &["--local-cache-ttl-ms", "10000"]).await;
    let store = shop.store("acme").await;
    let product = shop.product(&store, "mug").await;
    let is_over = Cell::new(false);

    let writes = async {
        for round in 0..40 {
            let new = format!("round {round}");
            rename(&shop, &product, &new).await;
            for _ in 0..2 {
                assert_eq!(name(&shop, &product).await, new);
            }
        }
        is_over.set(true);
    };
    let browse = async || {
        while !is_over.get() {
            name(&shop, &product).await;
        }
    };
    tokio::join!(writes, join_all((0..4).map(|_| browse())));

    shop.stop().await;
}
