//! Whoever asks has no say in who pays.

use serde_json::{Value, json};

use crate::support::{Kind, Shop};

/// What is left in the window of who asks.
async fn remaining(shop: &Shop, headers: &[(&str, &str)]) -> u64 {
    let answer = shop.send("{ __typename }", json!({}), headers).await;
    let remaining = &answer.json["extensions"]["cost"]["window"]["remaining"];
    remaining.as_u64().unwrap_or_else(|| panic!("no window in {}", answer.text))
}

#[tokio::test]
async fn an_address_that_the_client_made_up_is_not_charged() {
    let shop = Shop::start(Kind::Sqlite).await;
    let made_up = [
        ("x-forwarded-for", "192.0.2.1"),
        ("x-forwarded-for", "127.0.0.2, 192.0.2.2"),
        ("x-forwarded-for", "garbage"),
        ("forwarded", "for=192.0.2.3"),
        ("x-real-ip", "192.0.2.4"),
        ("x-storefront-buyer-address", "192.0.2.5"),
    ];

    let mut left = remaining(&shop, &[]).await;
    for header in made_up {
        let now = remaining(&shop, &[header]).await;
        assert!(now < left, "{header:?}: {now} of {left} are left");
        left = now;
    }

    shop.stop().await;
}

#[tokio::test]
async fn a_wrong_key_is_charged_to_the_address() {
    let shop = Shop::start(Kind::Sqlite).await;
    let key = format!("sf_{}", "A".repeat(43));

    let before = remaining(&shop, &[]).await;
    let refused = shop.send("{ __typename }", json!({}), &[("x-storefront-client-key", &key)]).await;
    let after = remaining(&shop, &[]).await;

    assert_eq!(refused.status, 401);
    assert_eq!(refused.json.get("data"), None::<&Value>);
    // Ten for what was refused, one for the question.
    assert_eq!(before - after, 11);
    shop.stop().await;
}
