//! Which products a text finds: all its words, whole or as beginnings, and words that were mistyped.

use serde_json::json;

use super::{found, names, put, search, shelf};
use crate::support::{Shop, on_both};

on_both!(
    all_words_must_be_there,
    a_word_of_three_letters_is_a_beginning_as_well,
    name_tags_and_description_are_searched_without_markup,
    a_word_that_the_shop_does_not_have_is_read_as_the_nearest_one,
    a_corrected_word_is_searched_whole_and_only_what_is_near_is_meant,
    entities_of_html_are_letters_or_spaces,
    a_search_joins_with_conditions_parents_and_orders,
);

async fn all_words_must_be_there(shop: &Shop) {
    shelf(shop, &[("Red Shirt", "", &[]), ("Blue Shirt", "", &[]), ("Red Hat", "", &[])]).await;

    assert_eq!(found(shop, "red shirt").await, ["Red Shirt"]);
    assert_eq!(found(shop, "SHIRT red").await, ["Red Shirt"]);
    assert_eq!(found(shop, "shirt").await, ["Blue Shirt", "Red Shirt"]);
    assert_eq!(found(shop, "shirt purple").await, [""; 0]);
    assert_eq!(found(shop, "").await.len(), 3);
    assert_eq!(found(shop, " \t ").await.len(), 3);
}

async fn a_word_of_three_letters_is_a_beginning_as_well(shop: &Shop) {
    shelf(shop, &[("Leather Belt", "", &[]), ("XL", "", &[]), ("XLarge", "", &[])]).await;

    assert_eq!(found(shop, "lea bel").await, ["Leather Belt"]);
    assert_eq!(found(shop, "eather").await, [""; 0]);
    assert_eq!(found(shop, "xl").await, ["XL"]);
    assert_eq!(found(shop, "l").await, [""; 0]);
}

async fn name_tags_and_description_are_searched_without_markup(shop: &Shop) {
    let long = format!("<div class=\"lead\">Woven&nbsp;<b>wool</b></div>{} tail", " word".repeat(3000));
    shelf(shop, &[("Rug", &long, &["on sale", "bed", "6\" wide"])]).await;

    for text in ["rug", "wool woven", "sale", "bed", "wide 6", "rug sale wool"] {
        assert_eq!(found(shop, text).await, ["Rug"], "{text}");
    }
    for text in ["div", "class", "lead", "nbsp", "tail"] {
        assert_eq!(found(shop, text).await, [""; 0], "{text}");
    }
}

async fn a_word_that_the_shop_does_not_have_is_read_as_the_nearest_one(shop: &Shop) {
    shelf(shop, &[("Cotton Shirt", "", &[]), ("Leather Shoe", "", &[]), ("Кожаный ремень", "", &[])]).await;

    for (text, expected) in [
        ("shrit", "Cotton Shirt"),
        ("cottn shiirt", "Cotton Shirt"),
        ("lether", "Leather Shoe"),
        ("leahter sheo", "Leather Shoe"),
        ("кожанный", "Кожаный ремень"),
    ] {
        assert_eq!(found(shop, text).await, [expected], "{text}");
    }
    // Too far away, too short, a number.
    for text in ["shrubs", "she shot", "zzzzz", "shirt2", "hsi"] {
        assert_eq!(found(shop, text).await, [""; 0], "{text}");
    }
}

async fn a_corrected_word_is_searched_whole_and_only_what_is_near_is_meant(shop: &Shop) {
    let names = ["Form", "Formula", "For Sale", "Wall", "Shaker", "Planter", "Chandelier", "Chandelle"];
    let products: Vec<(&str, &str, &[&str])> = names.iter().map(|name| (*name, "", &[][..])).collect();
    shelf(shop, &products).await;

    assert_eq!(found(shop, "forn").await, ["Form"]);
    // Two letters in words of eight and more, and what is one letter away before what is two away.
    assert_eq!(found(shop, "chandaleir").await, ["Chandelier"]);
    assert_eq!(found(shop, "chandelir").await, ["Chandelier"]);
    for text in ["fork", "wallet", "speaker", "printer"] {
        let expected: &[&str] = if text == "fork" { &["Form"] } else { &[] };
        assert_eq!(found(shop, text).await, expected, "{text}");
    }
}

async fn entities_of_html_are_letters_or_spaces(shop: &Shop) {
    let text = "M&auml;dchen &amp; Stra&szlig;e, cr&egrave;me&nbsp;br&ucirc;l&eacute;e, v&aelig;r &#39;quoted&#x27; salt&pepper 1 < 2";
    shelf(shop, &[("Rug", text, &[])]).await;

    for text in ["mädchen", "strasse", "crème brûlée", "vær", "quoted", "pepper", "salt", "2"] {
        assert_eq!(found(shop, text).await, ["Rug"], "{text}");
    }
    for text in ["auml", "amp", "nbsp", "39", "x27", "egrave"] {
        assert_eq!(found(shop, text).await, [""; 0], "{text}");
    }
}

async fn a_search_joins_with_conditions_parents_and_orders(shop: &Shop) {
    let other = shop.store("other").await;
    put(shop, &other, "Oak Shelf", "", &[], "ACTIVE").await;
    let acme = shelf(shop, &[("Oak Table", "", &[]), ("Ash Table", "made like oak", &[])]).await;

    let of_acme = search(shop, json!({ "search": "oak", "where": { "store": { "eq": acme } } })).await;
    let by_name = search(shop, json!({ "search": "oak", "orderBy": { "field": "NAME" } })).await;
    let worst_first =
        search(shop, json!({ "search": "oak", "orderBy": { "field": "RELEVANCE", "direction": "ASC" } })).await;
    let under_stores =
        "{ stores { nodes { slug products(search: \"oak\") { totalCount { count } nodes { name } } } } }";
    let under_stores = shop.ask(under_stores, json!({})).await;

    assert_eq!(names(&of_acme), ["Oak Table", "Ash Table"]);
    assert_eq!(names(&by_name), ["Ash Table", "Oak Shelf", "Oak Table"]);
    assert_eq!(names(&worst_first), ["Ash Table", "Oak Shelf", "Oak Table"]);
    assert_eq!(
        under_stores.data("/stores/nodes"),
        &json!([
            { "slug": "acme", "products": { "totalCount": { "count": 2 }, "nodes": [{ "name": "Oak Table" }, { "name": "Ash Table" }] } },
            { "slug": "other", "products": { "totalCount": { "count": 1 }, "nodes": [{ "name": "Oak Shelf" }] } },
        ])
    );
}
