//! One value serves everyone, and nobody sees by it what is not for them.

use serde_json::json;

use super::acts::{PATIENT, change, read};
use super::entry::Entry;
use crate::support::{Answer, Fleet, STAFF, Shop, TOKEN, until};

/// A shop with one product, in a store and a category, with a sku and stock; cached on two instances.
struct Shelf {
    fleet: Fleet,
    instances: [Shop; 2],
    store: String,
    product: String,
    sku: String,
}

/// The product is called this wherever it can be told by its text.
const SECRET: &str = "secret";

impl Shelf {
    async fn start(status: &str) -> Self {
        let fleet = Fleet::shared().await;
        let instances = [fleet.cached(&PATIENT).await, fleet.cached(&PATIENT).await];
        let shop = &instances[0];
        let store = shop.store("acme").await;
        let garden = shop.category("garden", None).await;
        let category = shop.category("chairs", Some(&garden)).await;
        let input =
            json!({ "storeId": store, "categoryId": category, "slug": SECRET, "name": SECRET, "status": status });
        let product = shop.product_with(input).await;
        let sku = json!({ "productId": product, "optionValues": [], "price": "9.99", "code": SECRET });
        let sku = shop.sku_with(sku).await;
        shop.stock(&sku, 7).await;
        fleet.stack().await_replay().await.unwrap();
        Self { fleet, instances, store, product, sku }
    }

    /// Asks for the product on every path that there is.
    async fn by_every_path(&self, shop: &Shop, headers: &[(&str, &str)]) -> Vec<Answer> {
        let mut answers = Vec::new();
        for path in PATHS {
            let ids = [("PRODUCT_ID", &self.product), ("SKU_ID", &self.sku), ("STORE_ID", &self.store)];
            let path = ids.iter().fold(path.to_owned(), |path, (name, id)| path.replace(name, &format!("\"{id}\"")));
            let query = format!("{{ {path} }}").replace("...P", P).replace("...S", S);
            answers.push(shop.send(&query, json!({}), headers).await);
        }
        answers
    }

    async fn end(self) {
        for shop in self.instances {
            shop.stop().await;
        }
        self.fleet.end().await;
    }
}

const PATHS: [&str; 10] = [
    "product(id: PRODUCT_ID) { ...P }",
    "product(slug: \"secret\") { ...P }",
    "node(id: PRODUCT_ID) { ...P }",
    "node(id: SKU_ID) { ...S }",
    "nodes(ids: [PRODUCT_ID, SKU_ID, PRODUCT_ID]) { ...P ...S }",
    "products(first: 5) { nodes { ...P } }",
    "products(last: 5, orderBy: {field: NAME}) { edges { node { ...P } } }",
    "store(id: STORE_ID) { products { nodes { ...P store { products { nodes { ...P } } } } } }",
    "category(slug: \"chairs\") { products { nodes { ...P } } }",
    "categories(rootsOnly: true) { nodes { products { nodes { ...P } } children { products { nodes { ...P } } } } }",
];
const P: &str =
    "... on Product { slug store { name } category { name } skus { code stock { quantity } product { name } } }";
const S: &str = "... on Sku { code product { slug } stock { quantity } }";

fn is_shown(answer: &Answer) -> bool {
    assert_eq!(answer.json.get("errors"), None, "{}", answer.text);
    answer.text.contains(SECRET)
}

#[tokio::test]
async fn a_draft_that_staff_has_brought_into_the_cache_is_seen_by_no_shopper_on_any_path() {
    let shelf = Shelf::start("DRAFT").await;
    for shop in &shelf.instances {
        for answer in shelf.by_every_path(shop, &[STAFF]).await {
            assert!(is_shown(&answer), "{}", answer.text);
        }
    }
    let entry = Entry::of(&shelf.fleet, &shelf.instances[0], "product", &shelf.product).await;
    entry.stored_by(async || shelf.by_every_path(&shelf.instances[0], &[STAFF]).await).await;

    // The first time lists are stored, the second time they are taken.
    for shop in shelf.instances.iter().chain(&shelf.instances) {
        for answer in shelf.by_every_path(shop, &[]).await {
            assert!(!is_shown(&answer), "{}", answer.text);
        }
        for answer in shelf.by_every_path(shop, &[STAFF]).await {
            assert!(is_shown(&answer), "{}", answer.text);
        }
    }
    shelf.end().await;
}

#[tokio::test]
async fn a_product_that_is_withdrawn_is_gone_at_once_for_who_did_it_and_soon_for_everyone() {
    let shelf = Shelf::start("ACTIVE").await;
    let [one, other] = &shelf.instances;
    for shop in [one, other, one, other] {
        for answer in shelf.by_every_path(shop, &[]).await {
            assert!(is_shown(&answer), "{}", answer.text);
        }
    }

    let withdrawal = json!({ "id": shelf.product, "status": "ARCHIVED" });
    let token = change(one, "productUpdate", withdrawal, &[]).await.token();

    for shop in [other, one] {
        for answer in shelf.by_every_path(shop, &[(TOKEN, &token)]).await {
            assert!(!is_shown(&answer), "{}", answer.text);
        }
    }
    for shop in [one, other] {
        until("it is gone for everyone", async || !shelf.by_every_path(shop, &[]).await.iter().any(is_shown)).await;
    }
    for shop in [one, other] {
        assert!(!shelf.by_every_path(shop, &[]).await.iter().any(is_shown));
    }
    shelf.end().await;
}

#[tokio::test]
async fn a_renamed_store_is_shown_in_cached_products_at_once_to_who_did_it_and_soon_to_everyone() {
    let shelf = Shelf::start("ACTIVE").await;
    let [one, other] = &shelf.instances;
    let store = async |shop, headers: &[(&str, &str)]| {
        read(shop, &shelf.product, headers).await.data("/product/store/name").clone()
    };
    for shop in [one, other, one, other] {
        assert_eq!(store(shop, &[]).await, "acme");
    }

    let renamed = change(one, "storeUpdate", json!({ "id": shelf.store, "name": "Acme & Sons" }), &[]).await;

    for shop in [other, one] {
        assert_eq!(store(shop, &[(TOKEN, &renamed.token())]).await, "Acme & Sons");
    }
    for shop in [other, one] {
        until("everyone sees it", async || store(shop, &[]).await == "Acme & Sons").await;
    }
    shelf.end().await;
}
