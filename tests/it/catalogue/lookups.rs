//! Products, stores and categories by id and by slug.

use serde_json::json;

use crate::support::{Shop, on_both};

on_both!(
    a_product_a_store_and_a_category_are_found_by_id_and_by_slug,
    what_does_not_exist_is_null_without_an_error,
    a_lookup_takes_either_id_or_slug,
    a_slug_is_compared_letter_by_letter,
    many_lookups_of_one_request_each_get_their_own,
);

async fn a_product_a_store_and_a_category_are_found_by_id_and_by_slug(shop: &Shop) {
    let store = shop.store("acme").await;
    let category = shop.category("garden", None).await;
    let product = shop.product(&store, "oak-board").await;

    for (field, id, slug) in
        [("product", product, "oak-board"), ("store", store, "acme"), ("category", category, "garden")]
    {
        let by_id =
            shop.ask(&format!("query ($id: ID!) {{ {field}(id: $id) {{ id slug }} }}"), json!({ "id": id })).await;
        let by_slug = shop
            .ask(&format!("query ($slug: String) {{ {field}(slug: $slug) {{ id slug }} }}"), json!({ "slug": slug }))
            .await;

        assert_eq!(by_id.data(&format!("/{field}")), &json!({ "id": id, "slug": slug }));
        assert_eq!(by_slug.text, by_id.text);
    }
}

async fn what_does_not_exist_is_null_without_an_error(shop: &Shop) {
    let store = shop.store("acme").await;
    let product = shop.product(&store, "oak-board").await;
    let category = shop.category("garden", None).await;
    let delete = "mutation ($product: ID!, $category: ID!) {
        productDelete(input: {id: $product}) { deletedProductId } categoryDelete(input: {id: $category}) { deletedCategoryId }
    }";
    let gone = json!({ "product": product, "category": category });
    assert_eq!(shop.ask_as_staff(delete, gone.clone()).await.string("/productDelete/deletedProductId"), product);

    let query = "query ($product: ID!, $category: ID!) {
        a: product(id: $product) { id } b: category(id: $category) { id } c: product(slug: \"oak-board\") { id }
        d: store(slug: \"nobody\") { id } e: product(slug: \"No Slug!\") { id } f: store(slug: \"\") { id } g: category(slug: \"-\") { id }
    }";
    let answer = shop.ask(query, gone).await;

    assert_eq!(
        answer.data(""),
        &json!({ "a": null, "b": null, "c": null, "d": null, "e": null, "f": null, "g": null })
    );
}

async fn a_lookup_takes_either_id_or_slug(shop: &Shop) {
    let store = shop.store("acme").await;
    for (field, id) in [("product", &store), ("store", &store), ("category", &store)] {
        for arguments in ["", "(id: null)", "(id: null, slug: null)", &format!("(id: \"{id}\", slug: \"acme\")")] {
            let answer = shop.ask(&format!("{{ {field}{arguments} {{ id }} }}"), json!({})).await;

            assert_eq!(answer.error(), ("BAD_USER_INPUT".to_owned(), format!("{field} takes either id or slug")));
            assert_eq!(answer.json["data"], json!({ field: null }));
        }
    }
    let with_null = shop.ask("{ store(id: null, slug: \"acme\") { id } }", json!({})).await;
    assert_eq!(with_null.string("/store/id"), store);
}

async fn a_slug_is_compared_letter_by_letter(shop: &Shop) {
    let store = shop.store("acme").await;
    shop.product(&store, "oak-board").await;
    shop.product(&store, "öl-für-möbel").await;

    for slug in
        ["Oak-Board", "oak-board ", "oak_board", "oak%", "oak", "ol-fur-mobel", "o\u{308}l-fu\u{308}r-mo\u{308}bel"]
    {
        let answer = shop.ask("query ($slug: String) { product(slug: $slug) { id } }", json!({ "slug": slug })).await;
        assert!(answer.data("/product").is_null(), "{slug:?}");
    }
    let found = shop.ask("{ product(slug: \"öl-für-möbel\") { slug } }", json!({})).await;
    assert_eq!(found.string("/product/slug"), "öl-für-möbel");
}

async fn many_lookups_of_one_request_each_get_their_own(shop: &Shop) {
    let store = shop.store("acme").await;
    let mut query = String::new();
    for index in 0..10 {
        let product = shop.product(&store, &format!("board-{index}")).await;
        query += &format!(
            "i{index}: product(id: \"{product}\") {{ slug }} s{index}: product(slug: \"board-{index}\") {{ slug skus {{ id }} }} "
        );
    }

    shop.ask(&format!("{{ {query} }}"), json!({})).await;
    let answer = shop.explain(&format!("{{ {query} }}"), json!({})).await;

    for index in 0..10 {
        assert_eq!(answer.string(&format!("/i{index}/slug")), format!("board-{index}"));
        assert_eq!(answer.string(&format!("/s{index}/slug")), format!("board-{index}"));
    }
    // Those by id were read into the cache, where there is one.
    let of_ids = u64::from(!shop.app.shared.cache.is_on());
    assert_eq!(answer.statements(), 1 + of_ids);
}
