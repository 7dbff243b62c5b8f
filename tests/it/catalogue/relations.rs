//! From each noun to its neighbours, and back.

use serde_json::json;

use crate::support::{Shop, on_both};

on_both!(
    a_store_lists_its_products_and_each_knows_its_store,
    a_category_lists_its_products_with_and_without_those_below,
    the_category_tree_is_walked_up_and_down,
    skus_come_in_their_order_and_know_their_product,
    a_sku_without_stock_has_none,
    a_product_without_category_and_skus_says_so,
    a_moved_product_is_found_under_its_new_category_only,
);

async fn a_store_lists_its_products_and_each_knows_its_store(shop: &Shop) {
    for slug in ["acme", "bolt"] {
        let store = shop.store(slug).await;
        for product in ["one", "two"] {
            shop.product(&store, &format!("{slug}-{product}")).await;
        }
    }
    shop.store("empty").await;

    let query = "{ stores { nodes { slug products(orderBy: {field: NAME}) { totalCount { count } nodes { slug store { slug } } } } } }";
    let answer = shop.ask(query, json!({})).await;

    let list = |slug: &str| {
        let nodes: Vec<_> = ["one", "two"]
            .map(|product| json!({ "slug": format!("{slug}-{product}"), "store": { "slug": slug } }))
            .into();
        json!({ "slug": slug, "products": { "totalCount": { "count": 2 }, "nodes": nodes } })
    };
    let empty = json!({ "slug": "empty", "products": { "totalCount": { "count": 0 }, "nodes": [] } });
    assert_eq!(answer.data("/stores/nodes"), &json!([empty, list("bolt"), list("acme")]));
}

/// `garden` > `chairs` > `folding`, beside `kitchen`, with a product in each.
async fn tree(shop: &Shop) {
    let store = shop.store("acme").await;
    let garden = shop.category("garden", None).await;
    let chairs = shop.category("chairs", Some(&garden)).await;
    let folding = shop.category("folding", Some(&chairs)).await;
    let kitchen = shop.category("kitchen", None).await;
    for (slug, category) in [("hose", garden), ("chair", chairs), ("folding-chair", folding), ("knife", kitchen)] {
        shop.product_with(
            json!({ "storeId": store, "categoryId": category, "slug": slug, "name": slug, "status": "ACTIVE" }),
        )
        .await;
    }
    shop.product(&store, "unfiled").await;
}

async fn a_category_lists_its_products_with_and_without_those_below(shop: &Shop) {
    tree(shop).await;
    let query = "query ($slug: String) {
        category(slug: $slug) {
            below: products(orderBy: {field: NAME}) { totalCount { count } nodes { slug category { slug } } }
            here: products(includeDescendants: false) { totalCount { count } nodes { slug } }
            cheap: products(where: {inStock: {eq: true}}) { nodes { slug } }
        }
    }";

    for (slug, below, here) in [
        ("garden", &["chair", "folding-chair", "hose"][..], "hose"),
        ("chairs", &["chair", "folding-chair"], "chair"),
        ("folding", &["folding-chair"], "folding-chair"),
        ("kitchen", &["knife"], "knife"),
    ] {
        let answer = shop.ask(query, json!({ "slug": slug })).await;

        assert_eq!(answer.strings("/category/below/nodes", "slug"), below);
        assert_eq!(answer.data("/category/below/totalCount/count"), &json!(below.len()));
        assert_eq!(answer.strings("/category/here/nodes", "slug"), [here]);
        assert_eq!(answer.data("/category/here/totalCount/count"), &json!(1));
        assert_eq!(answer.data("/category/cheap/nodes"), &json!([]));
    }
    let all =
        shop.ask("{ categories { nodes { slug products { nodes { slug } totalCount { count } } } } }", json!({})).await;
    for category in all.data("/categories/nodes").as_array().unwrap() {
        let expected = match category["slug"].as_str().unwrap() {
            "garden" => 3,
            "chairs" => 2,
            _ => 1,
        };
        assert_eq!(category["products"]["totalCount"]["count"], expected, "{category}");
        assert_eq!(category["products"]["nodes"].as_array().unwrap().len(), expected, "{category}");
    }
}

async fn the_category_tree_is_walked_up_and_down(shop: &Shop) {
    tree(shop).await;
    let query = "query ($slug: String) {
        category(slug: $slug) { parent { slug } ancestors { slug ancestors { slug } } children { slug parent { slug } } }
    }";

    let root = shop.ask(query, json!({ "slug": "garden" })).await;
    let leaf = shop.ask(query, json!({ "slug": "folding" })).await;
    let roots = shop.ask("{ categories(rootsOnly: true) { totalCount { count } nodes { slug } } }", json!({})).await;

    assert_eq!(
        root.data("/category"),
        &json!({ "parent": null, "ancestors": [], "children": [{ "slug": "chairs", "parent": { "slug": "garden" } }] })
    );
    assert_eq!(
        leaf.data("/category"),
        &json!({
            "parent": { "slug": "chairs" },
            "ancestors": [{ "slug": "garden", "ancestors": [] }, { "slug": "chairs", "ancestors": [{ "slug": "garden" }] }],
            "children": [],
        })
    );
    assert_eq!(roots.strings("/categories/nodes", "slug"), ["garden", "kitchen"]);
    assert_eq!(roots.data("/categories/totalCount/count"), &json!(2));
}

async fn skus_come_in_their_order_and_know_their_product(shop: &Shop) {
    let store = shop.store("acme").await;
    let shirt = json!({
        "storeId": store, "slug": "shirt", "name": "Shirt", "status": "ACTIVE",
        "options": [{ "name": "Size", "values": ["S", "M", "L"] }, { "name": "Colour", "values": ["Red"] }],
    });
    let shirt = shop.product_with(shirt).await;
    for (size, position) in [("L", json!(2)), ("S", json!(0)), ("M", json!(1))] {
        let sku = json!({
            "productId": shirt, "optionValues": [size, "Red"], "price": "10", "position": position,
            "attributes": [{ "name": "Weight", "value": "200 g" }, { "name": "Care", "value": "30 °C" }],
        });
        shop.sku_with(sku).await;
    }

    let fields = "title selectedOptions { name value } attributes { name value } product { slug skus { title } }";
    let by_slug = shop.ask(&format!("{{ product(slug: \"shirt\") {{ skus {{ {fields} }} }} }}"), json!({})).await;
    let in_list = shop.ask(&format!("{{ products(first: 5) {{ nodes {{ skus {{ {fields} }} }} }} }}"), json!({})).await;

    assert_eq!(by_slug.strings("/product/skus", "title"), ["S / Red", "M / Red", "L / Red"]);
    assert_eq!(
        by_slug.data("/product/skus/1"),
        &json!({
            "title": "M / Red",
            "selectedOptions": [{ "name": "Size", "value": "M" }, { "name": "Colour", "value": "Red" }],
            "attributes": [{ "name": "Weight", "value": "200 g" }, { "name": "Care", "value": "30 °C" }],
            "product": { "slug": "shirt", "skus": [{ "title": "S / Red" }, { "title": "M / Red" }, { "title": "L / Red" }] },
        })
    );
    assert_eq!(in_list.data("/products/nodes/0/skus"), by_slug.data("/product/skus"));
}

async fn a_sku_without_stock_has_none(shop: &Shop) {
    let store = shop.store("acme").await;
    let product = shop.product(&store, "oak-board").await;
    let sku = shop.sku(&product, "19.99").await;
    let query =
        "{ product(slug: \"oak-board\") { inStock skus { stock { quantity isAvailable updatedAt sku { id } } } } }";

    let never_set = shop.ask(query, json!({})).await;
    shop.stock(&sku, 3).await;
    let set = shop.ask(query, json!({})).await;
    shop.stock(&sku, 0).await;
    let sold_out = shop.ask(query, json!({})).await;

    let none = json!({ "quantity": 0, "isAvailable": false, "updatedAt": null, "sku": { "id": sku } });
    assert_eq!(never_set.data("/product"), &json!({ "inStock": false, "skus": [{ "stock": none }] }));
    assert_eq!(set.data("/product/inStock"), &json!(true));
    assert_eq!(set.data("/product/skus/0/stock/quantity"), &json!(3));
    assert_eq!(set.data("/product/skus/0/stock/isAvailable"), &json!(true));
    assert_eq!(sold_out.data("/product/inStock"), &json!(false));
    assert!(sold_out.data("/product/skus/0/stock/updatedAt").is_string());
}

async fn a_product_without_category_and_skus_says_so(shop: &Shop) {
    let store = shop.store("acme").await;
    shop.product(&store, "bare").await;

    let query = "{ product(slug: \"bare\") { category { id } skus { id } priceRange { min { amount } } inStock options { name } tags images { url } description } }";
    let answer = shop.ask(query, json!({})).await;

    assert_eq!(
        answer.data("/product"),
        &json!({
            "category": null, "skus": [], "priceRange": null, "inStock": false, "options": [], "tags": [], "images": [], "description": "",
        })
    );
}

async fn a_moved_product_is_found_under_its_new_category_only(shop: &Shop) {
    tree(shop).await;
    let ids = shop.ask("{ product(slug: \"chair\") { id } category(slug: \"kitchen\") { id } }", json!({})).await;
    let move_it = "mutation ($id: ID!, $to: ID) { productUpdate(input: {id: $id, categoryId: $to}) { product { category { slug } } } }";
    let lists = "{ chairs: category(slug: \"chairs\") { products { nodes { slug } } } kitchen: category(slug: \"kitchen\") { products { nodes { slug } } } }";

    let to = json!({ "id": ids.string("/product/id"), "to": ids.string("/category/id") });
    let moved = shop.ask_as_staff(move_it, to).await;
    let lists = shop.ask(lists, json!({})).await;

    assert_eq!(moved.string("/productUpdate/product/category/slug"), "kitchen");
    assert_eq!(lists.strings("/chairs/products/nodes", "slug"), ["folding-chair"]);
    assert_eq!(lists.strings("/kitchen/products/nodes", "slug").len(), 2);
}
