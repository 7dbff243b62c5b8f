//! The embedded database has no replica that could lag, and its tokens look and work the same.

use serde_json::json;

use crate::support::{Answer, EXPLAIN, Kind, STAFF, Shop, TOKEN};

async fn create(shop: &Shop, slug: &str, headers: &[(&str, &str)]) -> Answer {
    let mutation = "mutation ($input: StoreCreateInput!) { storeCreate(input: $input) { store { slug } } }";
    let input = json!({ "slug": slug, "name": slug, "currencyCode": "EUR" });
    let answer = shop.send(mutation, json!({ "input": input }), &[&[STAFF], headers].concat()).await;
    assert_eq!(answer.string("/storeCreate/store/slug"), slug);
    answer
}

/// The slugs of all stores, as a read with these headers sees them.
async fn slugs(shop: &Shop, headers: &[(&str, &str)]) -> Vec<String> {
    let query = "{ stores(first: 100) { nodes { slug } } }";
    let mut slugs = shop.send(query, json!({}), headers).await.strings("/stores/nodes", "slug");
    slugs.sort();
    slugs
}

#[tokio::test]
async fn a_token_is_given_and_accepted_in_the_same_form() {
    let shop = Shop::start(Kind::Sqlite).await;

    let one = create(&shop, "one", &[]).await.token();
    let answer =
        create(&shop, "two", &[(TOKEN, &one), ("cookie", &format!("storefront_consistency_00000000000a={one}"))]).await;

    let two = answer.token();
    for token in [&one, &two] {
        assert!((72..=606).contains(&token.len()), "{token}");
        assert!(token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)), "{token}");
    }
    let cookies: Vec<_> = answer.headers.get_all("set-cookie").iter().map(|cookie| cookie.to_str().unwrap()).collect();
    assert_eq!(cookies.len(), 2, "{cookies:?}");
    assert_eq!(cookies[0], "storefront_consistency_00000000000a=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
    assert!(cookies[1].ends_with(&format!("={two}; Path=/; Max-Age=90; HttpOnly; SameSite=Lax")), "{cookies:?}");
    assert_eq!(slugs(&shop, &[(TOKEN, &format!("{one},{two}"))]).await, ["one", "two"]);
    shop.stop().await;
}

#[tokio::test]
async fn every_token_is_satisfied_and_pins_nothing() {
    let shop = Shop::start(Kind::Sqlite).await;
    let token = create(&shop, "one", &[]).await.token();
    let query = "{ stores { nodes { slug } } }";

    let with = shop.send(query, json!({}), &[EXPLAIN, (TOKEN, &token)]).await;
    let without = shop.send(query, json!({}), &[EXPLAIN]).await;

    for answer in [&with, &without] {
        assert_eq!(answer.strings("/stores/nodes", "slug"), ["one"]);
        assert_eq!(answer.json["extensions"]["explain"]["pinned"], false);
        assert_eq!(answer.json["extensions"]["consistency"]["lagMs"], 0.0);
    }
    shop.stop().await;
}

#[tokio::test]
async fn garbage_counts_as_no_token() {
    let shop = Shop::start(Kind::Sqlite).await;
    let (other, token) = (Shop::start(Kind::Sqlite).await, create(&shop, "one", &[]).await.token());
    let of_another_shop = create(&other, "other", &[]).await.token();

    for garbage in ["garbage", "", ",", &token[1..], &format!("{token}A"), &of_another_shop, &"A".repeat(20_000)] {
        let cookie = format!("storefront_consistency_00000000000a={garbage}");
        assert_eq!(slugs(&shop, &[(TOKEN, garbage), ("cookie", &cookie)]).await, ["one"]);
    }
    create(&shop, "two", &[(TOKEN, "garbage")]).await;
    assert_eq!(slugs(&shop, &[]).await, ["one", "two"]);
    shop.stop().await;
    other.stop().await;
}

#[tokio::test]
async fn a_client_of_two_servers_on_one_file_reads_its_own_writes() {
    let one = Shop::start(Kind::Sqlite).await;
    let two = Shop::start_on(&one.database_url().await, &[]).await;
    let mut written: Vec<String> = Vec::new();
    let mut brought = String::new();

    for round in 0..20 {
        let (writer, reader) = if round % 2 == 0 { (&one, &two) } else { (&two, &one) };
        let slug = format!("store-{round:02}");
        brought = create(writer, &slug, &[(TOKEN, &brought)]).await.token();
        written.push(slug);

        assert_eq!(slugs(reader, &[(TOKEN, &brought)]).await, written);
        assert_eq!(slugs(writer, &[]).await, written);
    }
    two.stop().await;
    one.stop().await;
}
