//! Names for whoever is still typing.

use serde_json::{Value, json};

use super::{put, shelf};
use crate::support::{Shop, on_both};

on_both!(
    the_last_word_counts_from_its_first_letter_on,
    each_name_comes_once_and_the_best_ones_first,
    there_are_as_many_as_are_asked_for_and_at_most_20,
    a_mistyped_word_is_suggested_right,
);

async fn suggested(shop: &Shop, text: &str) -> Vec<String> {
    let query = "query ($text: String!) { productSuggestions(text: $text, first: 20) { text product { name slug } } }";
    let answer = shop.ask(query, json!({ "text": text })).await;
    for suggestion in answer.data("/productSuggestions").as_array().unwrap() {
        assert_eq!(suggestion["text"], suggestion["product"]["name"]);
    }
    answer.strings("/productSuggestions", "text")
}

async fn the_last_word_counts_from_its_first_letter_on(shop: &Shop) {
    shelf(
        shop,
        &[
            ("Oak Table", "round", &["wood"]),
            ("Round Mirror", "", &[]),
            ("Crème Brûlée", "", &[]),
            ("東京タワー", "", &[]),
        ],
    )
    .await;

    assert_eq!(suggested(shop, "t").await, ["Oak Table"]);
    assert_eq!(suggested(shop, "oak t").await, ["Oak Table"]);
    assert_eq!(suggested(shop, "table o").await, ["Oak Table"]);
    assert_eq!(suggested(shop, "tab oa").await, ["Oak Table"]);
    assert_eq!(suggested(shop, "oa tab").await, [""; 0]);
    assert_eq!(suggested(shop, "ROU").await, ["Round Mirror"]);
    assert_eq!(suggested(shop, "creme b").await, ["Crème Brûlée"]);
    assert_eq!(suggested(shop, "タワ").await, ["東京タワー"]);
    assert_eq!(suggested(shop, "wood").await, [""; 0]);
    for text in ["", "  ", "&!", "👕"] {
        assert_eq!(suggested(shop, text).await, [""; 0], "{text}");
    }
}

async fn each_name_comes_once_and_the_best_ones_first(shop: &Shop) {
    let names = ["Old Oak", "Oak Table", "Oak", "oak table", "Oak Table", "An Oak"];
    let products: Vec<(&str, &str, &[&str])> = names.iter().map(|name| (*name, "", &[][..])).collect();
    shelf(shop, &products).await;

    assert_eq!(suggested(shop, "oak").await, ["Oak", "Oak Table", "An Oak", "Old Oak"]);
}

async fn there_are_as_many_as_are_asked_for_and_at_most_20(shop: &Shop) {
    let store = shop.store("acme").await;
    for n in 10..40 {
        put(shop, &store, &format!("Lamp {n}"), "", &[], "ACTIVE").await;
    }
    let ask = async |first: Value| {
        let query = "query ($first: Int! = 5) { productSuggestions(text: \"lam\", first: $first) { text } }";
        shop.ask(query, first).await
    };
    let count = async |first: Value| ask(first).await.strings("/productSuggestions", "text").len();

    assert_eq!((count(json!({})).await, count(json!({ "first": 0 })).await), (5, 0));
    assert_eq!((count(json!({ "first": 7 })).await, count(json!({ "first": 20 })).await), (7, 20));
    for first in [-1, 21, i32::MAX] {
        let (code, message) = ask(json!({ "first": first })).await.error();
        assert_eq!((code.as_str(), message), ("BAD_USER_INPUT", format!("first is {first}, must be from 0 to 20")));
    }
}

async fn a_mistyped_word_is_suggested_right(shop: &Shop) {
    shelf(shop, &[("Cotton Shirt", "", &[]), ("Cotton Shorts", "", &[]), ("Floral Lamp", "", &[])]).await;

    assert_eq!(suggested(shop, "cotton shrit").await, ["Cotton Shirt"]);
    assert_eq!(suggested(shop, "flor lam").await, ["Floral Lamp"]);
    assert_eq!(suggested(shop, "floarl lam").await, ["Floral Lamp"]);
}
