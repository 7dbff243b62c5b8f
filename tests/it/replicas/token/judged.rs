//! What a token asks for: nothing when it is not one, a position, or the primary alone.

use serde_json::json;
use storefront::auth::SecretKey;
use storefront::db::TokenCodec;

use crate::replicas::acme::{Divided, name, read, rename, roles};
use crate::support::{Answer, TOKEN, until};

#[tokio::test]
async fn what_is_not_a_token_of_this_shop_moves_no_read_to_the_primary() {
    let divided = Divided::start(&[]).await;
    let ahead = divided.token_ahead().await;
    let opened = divided.shop.app.tokens.open(&ahead).unwrap();
    let foreign = TokenCodec::new(SecretKey::new("the secret of another shop").seal("consistency")).close(&opened);
    let of_another_seal = TokenCodec::new(SecretKey::new("the secret key of the tests").seal("cursor")).close(&opened);
    let mut bent = ahead.clone().into_bytes();
    bent[40] = if bent[40] == b'A' { b'B' } else { b'A' };
    let bent = String::from_utf8(bent).unwrap();

    for garbage in [
        "garbage",
        "",
        ",,, ,",
        "\"",
        "0",
        &ahead[1..],
        &ahead[..ahead.len() - 1],
        &format!("{ahead}A"),
        &ahead.to_lowercase(),
        &bent,
        &foreign,
        &of_another_seal,
        &"A".repeat(72),
        &"A".repeat(20_000),
    ] {
        let shown = &garbage[..garbage.len().min(80)];
        assert_eq!(divided.read(&[(TOKEN, garbage)]).await, "replica", "{shown}");
        let cookie = format!("storefront_consistency_1={garbage}");
        assert_eq!(divided.read(&[("cookie", &cookie)]).await, "replica", "{shown}");
    }
    assert_eq!(divided.read(&[(TOKEN, &format!("garbage,{ahead}"))]).await, "primary");
    let bytes = divided.shop.http().post(divided.shop.url("/graphql")).header(TOKEN, &b"\xff\xfe"[..]);
    let bytes = bytes.json(&json!({ "query": "{ store(slug: \"acme\") { name } }" })).send().await.unwrap();
    assert_eq!(name(&Answer::read(bytes).await), "replica");
    divided.end().await;
}

#[tokio::test]
async fn of_several_tokens_the_highest_position_counts_in_whatever_way_they_come() {
    let divided = Divided::start(&[]).await;
    let ahead = divided.token_ahead().await;
    let low = rename(&divided.shop, "primary", &[]).await.token();
    let other_low = rename(&divided.shop, "primary", &[]).await.token();
    divided.fleet.stack().await_replay().await.unwrap();

    for tokens in [
        vec![format!("{low},{ahead}")],
        vec![format!("{ahead},{low}")],
        vec![format!(" {low} ,, {ahead} , {other_low}")],
        vec![low.clone(), ahead.clone()],
        vec![ahead.clone(), low.clone(), other_low.clone()],
    ] {
        let headers: Vec<_> = tokens.iter().map(|token| (TOKEN, token.as_str())).collect();
        assert_eq!(divided.read(&headers).await, "primary", "{tokens:?}");
    }
    until("a replica that has both writes serves the read", async || {
        divided.read(&[(TOKEN, &low), (TOKEN, &other_low)]).await == "replica"
    })
    .await;
    divided.end().await;
}

/// As old as a token can be, and a second more: none counts for longer than these 30 s.
const PAST_US: i64 = 31_000_000;

#[tokio::test]
async fn a_token_past_its_time_is_none() {
    let divided = Divided::start(&["--token-life-ms", "30000"]).await;

    let young = divided.token_ahead().await;
    let old = divided.aged(&young, PAST_US);

    assert_eq!(divided.read(&[(TOKEN, &young)]).await, "primary");
    assert_eq!(divided.read(&[(TOKEN, &old)]).await, "replica");
    let renamed = rename(&divided.shop, "primary", &[(TOKEN, &old)]).await.token();
    let open = |token: &str| divided.shop.app.tokens.open(token).unwrap();
    assert!(open(&renamed).position.unwrap().1 < open(&old).position.unwrap().1);
    divided.end().await;
}

#[tokio::test]
async fn a_token_of_another_database_goes_to_the_primary_until_it_expires() {
    let divided = Divided::start(&["--token-life-ms", "30000"]).await;

    let young = divided.forged(|token| token.position.as_mut().unwrap().0.system ^= 1).await;
    let answer = read(&divided.shop, &[(TOKEN, &young)]).await;
    let old = divided.aged(&young, PAST_US);

    assert_eq!((name(&answer).as_str(), roles(&answer)), ("primary", vec!["primary".to_owned()]));
    assert_eq!(answer.json["extensions"]["explain"]["pinned"], true);
    assert_eq!(divided.read(&[(TOKEN, &old)]).await, "replica");
    divided.end().await;
}

#[tokio::test]
async fn a_token_that_tells_no_position_goes_to_the_primary_as_long_as_it_says() {
    let divided = Divided::start(&["--token-life-ms", "30000"]).await;

    let unknown = divided
        .forged(|token| {
            token.position = None;
            token.primary_until_us = Some(token.issued_us + 25_000_000);
        })
        .await;
    let old = divided.aged(&unknown, 26_000_000);

    assert_eq!(divided.read(&[(TOKEN, &unknown)]).await, "primary");
    assert_eq!(divided.read(&[(TOKEN, &old)]).await, "replica");
    divided.end().await;
}

#[tokio::test]
async fn a_token_from_the_future_goes_to_the_primary() {
    let divided = Divided::start(&[]).await;

    let future = divided.forged(|token| token.issued_us += 600_000_000).await;
    divided.fleet.stack().await_replay().await.unwrap();

    for _ in 0..4 {
        assert_eq!(divided.read(&[(TOKEN, &future)]).await, "primary");
    }
    divided.end().await;
}
