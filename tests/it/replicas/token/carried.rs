//! Every answer after a first COMMIT carries a token, and no other does.

use serde_json::{Value, json};

use crate::replicas::acme::{Divided, rename};
use crate::support::{Answer, Kind, STAFF, Shop, TOKEN, on_both};

on_both!(
    a_mutation_is_answered_with_one_token_in_header_and_extensions,
    a_later_field_that_fails_takes_the_token_of_an_earlier_one_not_away,
    a_payload_that_cannot_be_read_after_the_commit_takes_the_token_not_away,
    an_answer_that_committed_nothing_carries_no_token,
);

fn create(alias: &str, slug: &str, selection: &str) -> String {
    let input = format!("{{ slug: \"{slug}\", name: \"{slug}\", currencyCode: \"EUR\" }}");
    format!("{alias}: storeCreate(input: {input}) {{ store {{ id {selection} }} userErrors {{ code }} }}")
}

async fn mutate(shop: &Shop, fields: &[String]) -> Answer {
    shop.ask_as_staff(&format!("mutation {{ {} }}", fields.join(" ")), json!({})).await
}

#[track_caller]
fn assert_carries_none(answer: &Answer) {
    assert_eq!(answer.headers.get(TOKEN), None, "{}", answer.text);
    assert_eq!(answer.headers.get("set-cookie"), None, "{}", answer.text);
    assert_eq!(answer.json["extensions"].get("consistency"), None, "{}", answer.text);
}

async fn a_mutation_is_answered_with_one_token_in_header_and_extensions(shop: &Shop) {
    let one = mutate(shop, &[create("a", "one", "")]).await;
    let two = mutate(shop, &[create("a", "two", ""), create("b", "three", "")]).await;

    for answer in [&one, &two] {
        assert_eq!(answer.headers.get_all(TOKEN).iter().count(), 1);
        assert_eq!(answer.json["extensions"]["consistency"], json!({ "token": answer.token() }));
    }
    let (one, two) = (shop.app.tokens.open(&one.token()).unwrap(), shop.app.tokens.open(&two.token()).unwrap());
    assert!(two.issued_us > one.issued_us);
    assert!(two.position.map(|(_, position)| position) >= one.position.map(|(_, position)| position));
    assert_eq!((one.primary_until_us, two.primary_until_us), (None, None));
}

async fn a_later_field_that_fails_takes_the_token_of_an_earlier_one_not_away(shop: &Shop) {
    let failing = "b: storeUpdate(input: { id: \"nonsense\", name: \"B\" }) { store { id } }".to_owned();

    let answer = mutate(shop, &[create("a", "one", ""), failing.clone()]).await;
    let the_failing_one_alone = mutate(shop, &[failing]).await;

    assert_eq!(answer.json["data"]["b"], Value::Null);
    assert!(answer.json["data"]["a"]["store"]["id"].is_string(), "{}", answer.text);
    assert_eq!(answer.json["errors"].as_array().unwrap().len(), 1);
    answer.token();
    assert_eq!(the_failing_one_alone.json["errors"].as_array().unwrap().len(), 1);
    assert_carries_none(&the_failing_one_alone);
}

async fn a_payload_that_cannot_be_read_after_the_commit_takes_the_token_not_away(shop: &Shop) {
    let selection = "products(after: \"nonsense\") { nodes { id } }";

    let answer = mutate(shop, &[create("a", "one", selection)]).await;

    assert_eq!(answer.error().0, "BAD_USER_INPUT", "{}", answer.text);
    answer.token();
    let store = shop.ask("{ store(slug: \"one\") { slug } }", json!({})).await;
    assert_eq!(store.string("/store/slug"), "one");
}

async fn an_answer_that_committed_nothing_carries_no_token(shop: &Shop) {
    let done = mutate(shop, &[create("a", "one", "")]).await;
    let brought = (TOKEN, done.token());
    let brought = [(brought.0, brought.1.as_str()), STAFF];
    let refused = format!("mutation {{ {} }}", create("a", "one", ""));

    let query = shop.ask("{ stores { nodes { id } } }", json!({})).await;
    let query_with_token = shop.send("{ stores { nodes { id } } }", json!({}), &brought).await;
    let refused_with_token = shop.send(&refused, json!({}), &brought).await;
    let refused = shop.ask_as_staff(&refused, json!({})).await;
    let not_allowed = shop
        .ask(
            "mutation { storeCreate(input: { slug: \"b\", name: \"B\", currencyCode: \"EUR\" }) { store { id } } }",
            json!({}),
        )
        .await;
    let unknown = shop.ask_as_staff("mutation { nothing }", json!({})).await;

    assert_eq!(refused.user_errors("a"), [" TAKEN"]);
    assert_eq!(not_allowed.error().0, "UNAUTHENTICATED");
    for answer in [&query, &query_with_token, &refused, &refused_with_token, &not_allowed, &unknown] {
        assert_carries_none(answer);
    }
}

#[tokio::test]
async fn the_token_of_an_answer_stands_for_those_that_its_request_brought() {
    let divided = Divided::start(&[]).await;
    let open = |token: &str| divided.shop.app.tokens.open(token).unwrap();
    let brought = divided.token_ahead().await;

    let carried = rename(&divided.shop, "primary", &[(TOKEN, &brought)]).await.token();

    let (brought, carried) = (open(&brought), open(&carried));
    assert_eq!(carried.position, brought.position);
    assert!(carried.issued_us > brought.issued_us);
    divided.end().await;
}

#[tokio::test]
async fn a_field_whose_write_cannot_be_read_back_says_that_it_was_committed() {
    let shop = Shop::start(Kind::Postgres).await;
    let product = shop.product(&shop.store("acme").await, "mug").await;
    let spoil = "CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS \
                 $$ BEGIN NEW.options := '{\"no\": \"list\"}'; RETURN NEW; END $$";
    shop.sql(spoil, vec![]).await;
    shop.sql("CREATE TRIGGER spoil BEFORE UPDATE ON products FOR EACH ROW EXECUTE FUNCTION spoil()", vec![]).await;
    let update = "mutation ($id: ID!) { productUpdate(input: { id: $id, name: \"Mug\" }) { \
                  product { id options { name } } } }";

    let answer = shop.ask_as_staff(update, json!({ "id": product })).await;

    assert_eq!(answer.json["data"], json!({ "productUpdate": null }));
    assert_eq!(answer.error().0, "INTERNAL", "{}", answer.text);
    assert_eq!(answer.json["errors"][0]["extensions"]["outcome"], "COMMITTED", "{}", answer.text);
    assert!(answer.error().1.contains("do not send it again"), "{}", answer.text);
    assert_eq!(answer.status, 200);
    answer.token();
    shop.stop().await;
}
