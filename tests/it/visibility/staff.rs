//! The staff key: who has it may do everything, who has a wrong one nothing at all.

use serde_json::json;

use crate::support::{Kind, STAFF_KEY, Shop, fields, minimal_input, on_both, on_sqlite};

on_both!(nobody_runs_any_mutation);

on_sqlite!(a_wrong_staff_key_is_told_so_before_anything_runs, the_right_staff_key_is_compared_as_a_whole);

/// The mutations by which nobody becomes somebody.
const FOR_NOBODY: [&str; 5] = ["emailVerify", "passwordReset", "passwordResetRequest", "sessionCreate", "userRegister"];

async fn nobody_runs_any_mutation(shop: &Shop) {
    shop.store("acme").await;
    shop.user("ada@example.com").await;
    let before = shop.contents().await;
    let is_for_nobody = |field: &str| FOR_NOBODY.contains(&field);
    let mutations = fields().into_iter().filter(|field| field.owner == "Mutation" && !is_for_nobody(&field.field));

    let mut asked = 0;
    for field in mutations.map(|mutation| mutation.field) {
        let query = format!("mutation {{ {field}(input: {}) {{ userErrors {{ message }} }} }}", minimal_input(&field));
        let as_nobody = shop.ask(&query, json!({})).await;

        assert_eq!(as_nobody.error().0, "UNAUTHENTICATED", "{query}: {}", as_nobody.text);
        assert_eq!(as_nobody.json["data"], json!({ &field: null }));
        asked += 1;
    }
    assert!(asked >= 15, "only {asked} mutations were asked");
    assert_eq!(shop.contents().await, before);
}

async fn a_wrong_staff_key_is_told_so_before_anything_runs(shop: &Shop) {
    let before = shop.contents().await;
    let create = "mutation { storeCreate(input: {slug: \"a\", name: \"a\", currencyCode: \"EUR\"}) { store { id } } }";
    let wrong = ["", "wrong", &STAFF_KEY[1..], &format!("{STAFF_KEY}!"), &STAFF_KEY.to_uppercase()];

    for key in wrong {
        for query in ["{ __typename }", create, "not even GraphQL"] {
            let answer = shop.send(query, json!({}), &[("x-storefront-staff-key", key)]).await;

            assert_eq!(answer.status, 401, "{key:?}: {}", answer.text);
            assert_eq!(answer.error().0, "UNAUTHENTICATED");
            assert_eq!(answer.json.get("data"), None);
            assert!(!answer.text.contains(STAFF_KEY));
        }
    }
    assert_eq!(shop.contents().await, before);
}

async fn the_right_staff_key_is_compared_as_a_whole(shop: &Shop) {
    let twice = [("x-storefront-staff-key", STAFF_KEY), ("x-storefront-staff-key", "wrong")];

    let alone = shop.ask_as_staff("{ users { totalCount { count } } }", json!({})).await;
    let with_a_wrong_one_first =
        shop.send("{ users { totalCount { count } } }", json!({}), &[twice[1], twice[0]]).await;

    assert_eq!(alone.data("/users/totalCount/count"), &json!(0));
    assert_eq!(with_a_wrong_one_first.status, 401);
}

#[tokio::test]
async fn without_a_staff_key_nobody_is_staff() {
    let flags = ["--environment", "production", "--secret-key", "a secret of the tests"];
    let shop = Shop::start_without_staff_key(Kind::Sqlite, &flags).await;

    for key in ["", "anything", STAFF_KEY] {
        let answer = shop.send("{ users { nodes { id } } }", json!({}), &[("x-storefront-staff-key", key)]).await;
        assert_eq!(answer.status, 401);
    }
    assert_eq!(shop.ask("{ users { nodes { id } } }", json!({})).await.error().0, "UNAUTHENTICATED");

    shop.stop().await;
}
