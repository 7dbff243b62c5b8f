//! Creating, changing and deleting products.

use serde_json::json;

use crate::support::{Shop, on_both};

const WHOLE: &str = "product { slug name description status options { name values { name } } tags images { url altText } inStock \
     store { slug } category { slug } priceRange { min { amount } } skus { id } }";

on_both!(
    a_product_is_created_as_it_was_given,
    a_product_is_a_draft_without_anything_unless_it_is_told,
    an_update_changes_what_is_given_and_nothing_else,
    null_takes_a_product_out_of_its_category_and_leaves_the_rest,
    a_variable_that_is_left_out_leaves_the_field,
    a_products_texts_have_their_bounds,
    a_products_lists_have_their_bounds,
    options_have_names_and_values_of_their_own,
    a_slug_is_lower_case_words_and_taken_once,
    what_a_product_belongs_to_must_exist,
    what_is_gone_is_not_changed,
    the_number_of_options_stays_while_there_are_skus,
    the_option_values_of_skus_stay,
    deleting_a_product_takes_its_skus_and_their_stock_along,
    an_address_of_an_image_is_absolute,
);

async fn a_product_is_created_as_it_was_given(shop: &Shop) {
    let store = shop.store("acme").await;
    let category = shop.category("boards", None).await;

    let payload = shop
        .done(
            "productCreate",
            json!({
                "storeId": store, "categoryId": category, "slug": "oak-board", "name": "Oak \"board\" ✂ 板",
                "description": "Two\nlines\tand a tab.", "status": "ARCHIVED",
                "options": [{ "name": "Size", "values": ["S", "M"] }, { "name": "Oil", "values": ["yes"] }],
                "tags": ["kitchen", "oak"],
                "images": [{ "url": "https://example.com/a.png", "altText": "a board" }, { "url": "http://example.com/b" }]
            }),
            WHOLE,
        )
        .await;

    assert_eq!(
        payload["product"],
        json!({
            "slug": "oak-board", "name": "Oak \"board\" ✂ 板", "description": "Two\nlines\tand a tab.", "status": "ARCHIVED",
            "options": [
                { "name": "Size", "values": [{ "name": "S" }, { "name": "M" }] }, { "name": "Oil", "values": [{ "name": "yes" }] }
            ],
            "tags": ["kitchen", "oak"],
            "images": [
                { "url": "https://example.com/a.png", "altText": "a board" },
                { "url": "http://example.com/b", "altText": null }
            ],
            "inStock": false, "store": { "slug": "acme" }, "category": { "slug": "boards" }, "priceRange": null, "skus": []
        })
    );
}

async fn a_product_is_a_draft_without_anything_unless_it_is_told(shop: &Shop) {
    let store = shop.store("acme").await;

    let payload = shop.done("productCreate", json!({ "storeId": store, "slug": "bare", "name": "Bare" }), WHOLE).await;

    assert_eq!(
        payload["product"],
        json!({
            "slug": "bare", "name": "Bare", "description": "", "status": "DRAFT", "options": [], "tags": [], "images": [],
            "inStock": false, "store": { "slug": "acme" }, "category": null, "priceRange": null, "skus": []
        })
    );
}

async fn an_update_changes_what_is_given_and_nothing_else(shop: &Shop) {
    let (store, category) = (shop.store("acme").await, shop.category("boards", None).await);
    let given = json!({
        "storeId": store, "categoryId": category, "slug": "oak", "name": "Oak", "description": "d", "status": "ACTIVE",
        "tags": ["t"], "options": [{ "name": "Size", "values": ["S"] }], "images": [{ "url": "https://example.com/a" }]
    });
    let id = shop.product_with(given).await;
    let before = shop
        .ask_as_staff(
            &format!("{{ product(slug: \"oak\") {{ ...All }} }} fragment All on Product {}", &WHOLE[8..]),
            json!({}),
        )
        .await;
    let mut expected = before.data("/product").clone();

    let payload = shop.done("productUpdate", json!({ "id": id, "name": "Ash", "tags": [] }), WHOLE).await;

    expected["name"] = json!("Ash");
    expected["tags"] = json!([]);
    assert_eq!(payload["product"], expected);
}

async fn null_takes_a_product_out_of_its_category_and_leaves_the_rest(shop: &Shop) {
    let (store, category) = (shop.store("acme").await, shop.category("boards", None).await);
    let given = json!({ "storeId": store, "categoryId": category, "slug": "oak", "name": "Oak", "description": "d" });
    let id = shop.product_with(given).await;
    let selection = "product { slug name description category { slug } }";

    let absent = shop.done("productUpdate", json!({ "id": id, "name": "Ash" }), selection).await;
    let null = json!({ "id": id, "categoryId": null, "name": null, "slug": null, "description": null, "tags": null });
    let null = shop.done("productUpdate", null, selection).await;

    let mut expected = json!({ "slug": "oak", "name": "Ash", "description": "d", "category": { "slug": "boards" } });
    assert_eq!(absent["product"], expected);
    expected["category"] = json!(null);
    assert_eq!(null["product"], expected);
}

async fn a_variable_that_is_left_out_leaves_the_field(shop: &Shop) {
    let (store, category) = (shop.store("acme").await, shop.category("boards", None).await);
    let given = json!({ "storeId": store, "categoryId": category, "slug": "oak", "name": "Oak" });
    let id = shop.product_with(given).await;
    let mutation = "mutation ($id: ID!, $name: String, $category: ID) {
        productUpdate(input: { id: $id, name: $name, categoryId: $category }) {
            product { name category { slug } } userErrors { message } } }";

    let absent = shop.ask_as_staff(mutation, json!({ "id": id })).await;
    let null = shop.ask_as_staff(mutation, json!({ "id": id, "category": null })).await;

    assert_eq!(absent.data("/productUpdate/product"), &json!({ "name": "Oak", "category": { "slug": "boards" } }));
    assert_eq!(null.data("/productUpdate/product"), &json!({ "name": "Oak", "category": null }));
}

async fn a_products_texts_have_their_bounds(shop: &Shop) {
    let store = shop.store("acme").await;
    let id = shop.product(&store, "oak").await;
    let cases = [
        (json!({ "name": "ä".repeat(256) }), "input.name TOO_LONG"),
        (json!({ "name": "" }), "input.name BLANK"),
        (json!({ "name": " \u{a0} " }), "input.name BLANK"),
        (json!({ "name": "a\u{0}b" }), "input.name INVALID"),
        (json!({ "name": "a\nb" }), "input.name INVALID"),
        (json!({ "name": "a\u{9b}b" }), "input.name INVALID"),
        (json!({ "description": "d".repeat(20_001) }), "input.description TOO_LONG"),
        (json!({ "description": "a\u{0}b" }), "input.description INVALID"),
        (json!({ "tags": ["t", "t".repeat(256)] }), "input.tags.1 TOO_LONG"),
        (json!({ "tags": [" "] }), "input.tags.0 BLANK"),
        (json!({ "tags": ["a\u{7f}"] }), "input.tags.0 INVALID"),
        (json!({ "images": [{ "url": "https://example.com", "altText": "\u{0}" }] }), "input.images.0.altText INVALID"),
        (json!({ "options": [{ "name": "o".repeat(101), "values": ["v"] }] }), "input.options.0.name TOO_LONG"),
        (json!({ "options": [{ "name": "\u{1b}[", "values": ["v"] }] }), "input.options.0.name INVALID"),
        (
            json!({ "options": [{ "name": "o", "values": ["v", "v".repeat(101)] }] }),
            "input.options.0.values.1 TOO_LONG",
        ),
    ];

    for (change, refusal) in cases {
        let mut create = json!({ "storeId": store, "slug": "new", "name": "New" });
        let mut update = json!({ "id": id });
        for input in [&mut create, &mut update] {
            input.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        }

        assert_eq!(shop.refused("productCreate", create).await, [refusal]);
        assert_eq!(shop.refused("productUpdate", update).await, [refusal]);
    }
    let longest =
        json!({ "id": id, "name": "ä".repeat(255), "description": "d".repeat(20_000), "slug": "s".repeat(255) });
    let kept = shop.done("productUpdate", longest, "product { name description slug }").await;
    assert_eq!(kept["product"]["name"], "ä".repeat(255));
    assert_eq!(kept["product"]["description"].as_str().map(str::len), Some(20_000));
}

async fn a_products_lists_have_their_bounds(shop: &Shop) {
    let id = shop.product(&shop.store("acme").await, "oak").await;
    let option = |index: usize| json!({ "name": format!("o{index}"), "values": ["v"] });
    let options: Vec<_> = (0..4).map(option).collect();
    let values: Vec<_> = (0..251).map(|value| value.to_string()).collect();
    let images: Vec<_> = (0..251).map(|_| json!({ "url": "https://example.com" })).collect();

    let four_options = shop.refused("productUpdate", json!({ "id": id, "options": options })).await;
    let many_values = json!({ "id": id, "options": [{ "name": "o", "values": values }] });
    let many_values = shop.refused("productUpdate", many_values).await;
    let many_tags = shop.refused("productUpdate", json!({ "id": id, "tags": values })).await;
    let many_images = shop.refused("productUpdate", json!({ "id": id, "images": images })).await;
    let three_options = json!({ "id": id, "options": &options[..3], "tags": &values[..250], "images": &images[..250] });

    assert_eq!(four_options, ["input.options TOO_MANY"]);
    assert_eq!(many_values, ["input.options.0.values TOO_MANY"]);
    assert_eq!(many_tags, ["input.tags TOO_MANY"]);
    assert_eq!(many_images, ["input.images TOO_MANY"]);
    shop.done("productUpdate", three_options, "").await;
}

async fn options_have_names_and_values_of_their_own(shop: &Shop) {
    let id = shop.product(&shop.store("acme").await, "oak").await;
    let with = |options: serde_json::Value| json!({ "id": id, "options": options });

    let same_name = with(json!([{ "name": "Size", "values": ["S"] }, { "name": "Size", "values": ["M"] }]));
    let same_value = with(json!([{ "name": "Size", "values": ["S", "M", "S"] }]));
    let no_value = with(json!([{ "name": "Size", "values": [] }]));
    let several = with(json!([{ "name": "", "values": ["S", ""] }, { "name": "Oil", "values": ["a", "a"] }]));

    assert_eq!(shop.refused("productUpdate", same_name).await, ["input.options.1.name TAKEN"]);
    assert_eq!(shop.refused("productUpdate", same_value).await, ["input.options.0.values.2 TAKEN"]);
    assert_eq!(shop.refused("productUpdate", no_value).await, ["input.options.0.values BLANK"]);
    assert_eq!(
        shop.refused("productUpdate", several).await,
        ["input.options.0.name BLANK", "input.options.0.values.1 BLANK", "input.options.1.values.1 TAKEN"]
    );
}

async fn a_slug_is_lower_case_words_and_taken_once(shop: &Shop) {
    let store = shop.store("acme").await;
    let id = shop.product(&store, "oak").await;
    shop.product(&store, "ash").await;
    let create = |slug: &str| json!({ "storeId": store, "slug": slug, "name": "New" });

    for slug in ["", "Oak", "a b", "a--b", "-a", "a-", "a_b", "a/b", "a\u{0}", "a\n", "É"] {
        assert_eq!(shop.refused("productCreate", create(slug)).await, ["input.slug INVALID"], "{slug:?}");
        assert_eq!(shop.refused("productUpdate", json!({ "id": id, "slug": slug })).await, ["input.slug INVALID"]);
    }
    assert_eq!(shop.refused("productCreate", create(&"a".repeat(256))).await, ["input.slug TOO_LONG"]);
    assert_eq!(shop.refused("productCreate", create("oak")).await, ["input.slug TAKEN"]);
    assert_eq!(shop.refused("productUpdate", json!({ "id": id, "slug": "ash" })).await, ["input.slug TAKEN"]);
    let own = shop.done("productUpdate", json!({ "id": id, "slug": "oak", "name": "Same" }), "product { slug }").await;
    assert_eq!(own["product"]["slug"], "oak");
}

async fn what_a_product_belongs_to_must_exist(shop: &Shop) {
    let store = shop.store("acme").await;
    let id = shop.product(&store, "oak").await;
    let gone = shop.category("gone", None).await;
    shop.done("categoryDelete", json!({ "id": gone }), "").await;
    let no_store = super::id_of_nothing("Store");

    let create = json!({ "storeId": store, "categoryId": gone, "slug": "new", "name": "New" });
    let elsewhere = json!({ "storeId": no_store, "slug": "new", "name": "New" });

    assert_eq!(shop.refused("productCreate", create).await, ["input.categoryId NOT_FOUND"]);
    assert_eq!(shop.refused("productCreate", elsewhere).await, ["input.storeId NOT_FOUND"]);
    assert_eq!(
        shop.refused("productUpdate", json!({ "id": id, "categoryId": gone })).await,
        ["input.categoryId NOT_FOUND"]
    );
}

async fn what_is_gone_is_not_changed(shop: &Shop) {
    let id = shop.product(&shop.store("acme").await, "oak").await;

    let gone = shop.done("productDelete", json!({ "id": id }), "deletedProductId").await;

    assert_eq!(gone["deletedProductId"], json!(id));
    assert_eq!(shop.refused("productUpdate", json!({ "id": id, "name": "New" })).await, ["input.id NOT_FOUND"]);
    assert_eq!(shop.refused("productDelete", json!({ "id": id })).await, ["input.id NOT_FOUND"]);
    let sku = json!({ "productId": id, "optionValues": [], "price": "1" });
    assert_eq!(shop.refused("skuCreate", sku).await, ["input.productId NOT_FOUND"]);
}

async fn the_number_of_options_stays_while_there_are_skus(shop: &Shop) {
    let product = shop.product(&shop.store("acme").await, "oak").await;
    let sku = shop.sku(&product, "1").await;
    let change = json!({ "id": product, "options": [{ "name": "Size", "values": ["S"] }] });

    let with_sku = shop.refused("productUpdate", change.clone()).await;
    shop.done("skuDelete", json!({ "id": sku }), "").await;
    let without_sku = shop.done("productUpdate", change, "product { options { name } }").await;

    assert_eq!(with_sku, ["input.options IN_USE"]);
    assert_eq!(without_sku["product"]["options"], json!([{ "name": "Size" }]));
}

async fn the_option_values_of_skus_stay(shop: &Shop) {
    let store = shop.store("acme").await;
    let size = |values: &[&str]| json!({ "name": "Size", "values": values });
    let colour = json!({ "name": "Colour", "values": ["Red", "Blue"] });
    let given = json!({ "storeId": store, "slug": "shirt", "name": "n", "options": [size(&["S", "M"]), colour] });
    let id = shop.product_with(given).await;
    shop.sku_with(json!({ "productId": id, "optionValues": ["S", "Red"], "price": "1" })).await;
    let with = |options: serde_json::Value| json!({ "id": id, "options": options });

    let without_value = shop.refused("productUpdate", with(json!([size(&["M"]), colour]))).await;
    let swapped = shop.refused("productUpdate", with(json!([colour, size(&["S", "M"])]))).await;
    let renamed = with(json!([{ "name": "Grösse", "values": ["XL", "S"] }, colour]));
    let renamed = shop.done("productUpdate", renamed, "product { skus { selectedOptions { name value } } }").await;

    assert_eq!(without_value, ["input.options IN_USE"]);
    assert_eq!(swapped, ["input.options IN_USE"]);
    let selected = json!([{ "name": "Grösse", "value": "S" }, { "name": "Colour", "value": "Red" }]);
    assert_eq!(renamed["product"]["skus"][0]["selectedOptions"], selected);
}

async fn deleting_a_product_takes_its_skus_and_their_stock_along(shop: &Shop) {
    let store = shop.store("acme").await;
    let (gone, stays) = (shop.product(&store, "gone").await, shop.product(&store, "stays").await);
    let (gone_sku, stays_sku) = (shop.sku(&gone, "1").await, shop.sku(&stays, "2").await);
    shop.stock(&gone_sku, 5).await;
    shop.stock(&stays_sku, 7).await;

    shop.done("productDelete", json!({ "id": gone }), "").await;

    let answer = shop
        .ask_as_staff(
            "query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on Sku { stock { quantity } } } }",
            json!({ "ids": [gone, gone_sku, stays, stays_sku] }),
        )
        .await;
    assert_eq!(
        answer.data("/nodes"),
        &json!([null, null, { "id": stays }, { "id": stays_sku, "stock": { "quantity": 7 } }])
    );
    assert_eq!(shop.refused("stockSet", json!({ "skuId": gone_sku, "quantity": 1 })).await, ["input.skuId NOT_FOUND"]);
    assert_eq!(shop.rows().await.matches("quantity:").count(), 1);
}

async fn an_address_of_an_image_is_absolute(shop: &Shop) {
    let id = shop.product(&shop.store("acme").await, "oak").await;

    for url in
        ["", "/a.png", "javascript:alert(1)", "https://", "https:///a", "https://a b", "https://a/\u{0}", "HTTPS//a"]
    {
        let code = shop.failed("productUpdate", json!({ "id": id, "images": [{ "url": url }] })).await;

        assert_eq!(code, "BAD_USER_INPUT", "{url:?}");
    }
}
