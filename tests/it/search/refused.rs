//! Texts that are no words, too long, or full of what the database's own language of queries means something by.

use serde_json::json;

use super::{found, search, shelf};
use crate::support::{Shop, on_both};

on_both!(
    what_has_no_letter_or_digit_finds_nothing,
    operators_are_plain_text,
    too_much_is_refused_by_its_name_and_limit,
    relevance_needs_a_text,
);

async fn what_has_no_letter_or_digit_finds_nothing(shop: &Shop) {
    shelf(shop, &[("A Shirt", "all there is", &["x"])]).await;

    for text in
        ["&", "|!():*<>'\"\\-", "* * *", "👕", "👨‍👩‍👧", "\u{301}\u{302}", "—", "\u{200d}", "\u{202e}", "''", "\"\"", "%"]
    {
        assert_eq!(found(shop, text).await, [""; 0], "{text:?}");
    }
}

async fn operators_are_plain_text(shop: &Shop) {
    shelf(shop, &[("Shirt or Not", "near and far", &[])]).await;

    for text in [
        "shirt & not",
        "shirt | nothing",
        "!shirt",
        "shirt:*",
        "shirt <-> or",
        "'shirt'",
        "\"shirt",
        "shirt\"",
        "(shirt",
        "shirt)",
        "shirt'",
        "shirt\\",
        "name:shirt",
        "name : shirt",
        "^shirt",
        "-shirt",
        "shirt*",
        "NEAR(shirt)",
        "shirt AND not",
        "shirt NOT or",
        "shirt OR near",
        "+shirt",
        "{name} shirt",
        "shirt\u{202e}",
        "\u{feff}shirt",
        "👕 shirt",
        "shirt'; DROP TABLE products --",
        "%shirt%",
        "$1 shirt",
        "shirt:A",
    ] {
        let answer = search(shop, json!({ "search": text })).await;
        assert_eq!(answer.json.get("errors"), None, "{text}: {}", answer.text);
    }
    for text in [
        "shirt & not",
        "!shirt",
        "shirt:*",
        "'shirt'",
        "\"shirt",
        "(shirt",
        "-shirt",
        "NEAR(shirt)",
        "shirt AND not",
        "👕 shirt",
    ] {
        assert_eq!(found(shop, text).await, ["Shirt or Not"], "{text}");
    }
}

async fn too_much_is_refused_by_its_name_and_limit(shop: &Shop) {
    for (text, expected) in [
        (
            "x".repeat(10_000),
            "search \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…\" has 10000 characters, over the maximum of 200",
        ),
        (
            "ab ".repeat(30),
            "search \"ab ab ab ab ab ab ab ab ab ab ab ab ab ab ab ab ab ab ab ab …\" has 30 words, over the maximum of 20",
        ),
        ("a\0b".to_owned(), "search \"a\\0b\" holds a null byte"),
        ("\0".to_owned(), "search \"\\0\" holds a null byte"),
    ] {
        let (code, message) = search(shop, json!({ "search": text })).await.error();
        assert_eq!((code.as_str(), message.as_str()), ("BAD_USER_INPUT", expected));

        let query = "query ($text: String!) { productSuggestions(text: $text) { text } }";
        let (code, message) = shop.ask(query, json!({ "text": text })).await.error();
        assert_eq!((code.as_str(), message), ("BAD_USER_INPUT", expected.replacen("search", "text", 1)));
    }
    assert_eq!(found(shop, &"ab ".repeat(20)).await, [""; 0]);
    assert_eq!(found(shop, &"é".repeat(200)).await, [""; 0]);
    assert_eq!(found(shop, &"京".repeat(200)).await, [""; 0]);
}

async fn relevance_needs_a_text(shop: &Shop) {
    for text in [json!(null), json!(""), json!("  ")] {
        let answer = search(shop, json!({ "search": text, "orderBy": { "field": "RELEVANCE" } })).await;

        let expected = ("BAD_USER_INPUT".to_owned(), "orderBy RELEVANCE needs a text in search".to_owned());
        assert_eq!(answer.error(), expected);
    }
}
