//! Which operation of a document runs, and that nothing runs of a request that is refused.

use serde_json::{Value, json};

use crate::support::{Answer, STAFF_KEY, Shop, on_both, on_sqlite};

on_both!(
    a_bad_variable_is_refused_before_the_first_mutation_commits,
    only_the_named_operation_runs,
    an_argument_whose_variable_has_no_value_is_left_alone,
);

on_sqlite!(
    an_operation_that_cannot_be_told_is_refused,
    defaults_and_skipped_fields_are_as_the_specification_has_them,
    the_introspection_of_graphql_clients_is_answered_in_development,
);

async fn send(shop: &Shop, body: Value) -> Answer {
    let request = shop.http().post(shop.url("/graphql")).header("x-storefront-staff-key", STAFF_KEY).json(&body);
    Answer::read(request.send().await.unwrap()).await
}

async fn a_bad_variable_is_refused_before_the_first_mutation_commits(shop: &Shop) {
    let query = "mutation ($slug: String!, $currency: CurrencyCode = \"EUR\", $position: Int, $price: Decimal) {
        storeCreate(input: {slug: $slug, name: \"a\", currencyCode: \"EUR\"}) { store { id } userErrors { field } }
        other: storeCreate(input: {slug: \"other\", name: \"a\", currencyCode: $currency}) { store { id } userErrors { field } }
        categoryUpdate(input: {id: \"?\", position: $position}) { category { id } }
        skuUpdate(input: {id: \"?\", price: $price}) { sku { id } }
    }";
    let bad = [
        json!({}),
        json!({ "slug": null }),
        json!({ "slug": 7 }),
        json!({ "slug": ["a"] }),
        json!({ "slug": "a", "currency": "XXY" }),
        json!({ "slug": "a", "currency": null }),
        json!({ "slug": "a", "position": 3_000_000_000_u64 }),
        json!({ "slug": "a", "position": 1.5 }),
        json!({ "slug": "a", "position": "1" }),
        json!({ "slug": "a", "price": "1,50" }),
        json!({ "slug": "a", "price": {} }),
    ];
    let before = shop.contents().await;

    let mut cold = Vec::new();
    for variables in &bad {
        let answer =
            shop.send(query, variables.clone(), &[("x-storefront-staff-key", STAFF_KEY), ("x-request-id", "a")]).await;
        assert_eq!(answer.error().0, "BAD_USER_INPUT", "{variables}: {}", answer.text);
        assert_eq!(answer.json.get("data"), None);
        cold.push(answer.text);
    }
    assert_eq!(shop.contents().await, before);

    let good = shop.ask_as_staff(query, json!({ "slug": "good" })).await;
    assert!(good.json["data"]["storeCreate"]["store"]["id"].is_string(), "{}", good.text);
    let before = shop.contents().await;
    for (variables, cold) in bad.into_iter().zip(cold) {
        let warm = shop.send(query, variables, &[("x-storefront-staff-key", STAFF_KEY), ("x-request-id", "a")]).await;
        assert_eq!(warm.text, cold);
    }
    assert_eq!(shop.contents().await, before);
}

async fn only_the_named_operation_runs(shop: &Shop) {
    let document = "
        query Look($slug: String = \"acme\") { store(slug: $slug) { ...Name } }
        mutation Make($slug: String!) { storeCreate(input: {slug: $slug, name: \"a\", currencyCode: \"EUR\"}) { store { ...Name } } }
        query Count { stores { totalCount { count } } }
        fragment Name on Store { slug }";
    let named = async |name: &str, variables: Value| {
        send(shop, json!({ "query": document, "operationName": name, "variables": variables })).await
    };

    let look = named("Look", json!({})).await;
    let count_before = named("Count", json!({ "slug": 7 })).await;
    let make = named("Make", json!({ "slug": "acme" })).await;
    let look_again = named("Look", json!({})).await;
    let count_after = named("Count", json!({})).await;

    assert!(look.data("/store").is_null());
    assert_eq!(count_before.data("/stores/totalCount/count"), &json!(0));
    assert_eq!(make.string("/storeCreate/store/slug"), "acme");
    assert_eq!(look_again.string("/store/slug"), "acme");
    assert_eq!(count_after.data("/stores/totalCount/count"), &json!(1));
}

async fn an_operation_that_cannot_be_told_is_refused(shop: &Shop) {
    let two = "query A { __typename } query B { __typename }";
    for (body, expected) in [
        (json!({ "query": two }), "the document has 2 operations: operationName must name one"),
        (json!({ "query": two, "operationName": null }), "the document has 2 operations: operationName must name one"),
        (json!({ "query": two, "operationName": "C" }), "the document has no operation named \"C\""),
        (json!({ "query": two, "operationName": "a" }), "the document has no operation named \"a\""),
        (json!({ "query": "{ __typename }", "operationName": "A" }), "the document has no operation named \"A\""),
        (json!({ "query": two, "operationName": "" }), "the document has 2 operations: operationName must name one"),
    ] {
        let answer = send(shop, body).await;

        assert_eq!(answer.error(), ("BAD_USER_INPUT".to_owned(), expected.to_owned()));
        assert_eq!(answer.json.get("data"), None);
    }
    for document in [
        "query A { __typename } query A { __typename }",
        "{ __typename } query B { __typename }",
        "fragment F on Query { __typename }",
        "type Query { a: Int }",
        "subscription { a }",
    ] {
        let answer = send(shop, json!({ "query": document })).await;
        assert_eq!(answer.error().0, "BAD_USER_INPUT", "{document}");
        assert_eq!(answer.json.get("data"), None, "{document}");
    }
}

async fn an_argument_whose_variable_has_no_value_is_left_alone(shop: &Shop) {
    let store = shop.store("acme").await;
    let category = shop.category("garden", None).await;
    let product =
        json!({ "storeId": store, "slug": "oak", "name": "Oak", "categoryId": category, "description": "Old" });
    let product = shop.product_with(product).await;
    let change = "mutation ($id: ID!, $name: String, $description: String, $category: ID) {
        productUpdate(input: {id: $id, name: $name, description: $description, categoryId: $category}) {
            product { name description category { slug } } userErrors { message }
        }
    }";

    let unchanged = shop.ask_as_staff(change, json!({ "id": product, "name": "Pine" })).await;
    let taken_out = shop.ask_as_staff(change, json!({ "id": product, "category": null })).await;

    let product = json!({ "name": "Pine", "description": "Old", "category": { "slug": "garden" } });
    assert_eq!(unchanged.data("/productUpdate/product"), &product);
    let product = json!({ "name": "Pine", "description": "Old", "category": null });
    assert_eq!(taken_out.data("/productUpdate/product"), &product);
}

async fn defaults_and_skipped_fields_are_as_the_specification_has_them(shop: &Shop) {
    shop.store("acme").await;
    let query = "query ($slug: String = \"acme\", $with: Boolean = true, $without: Boolean! = false) {
        store(slug: $slug) { slug name @include(if: $with) currencyCode @skip(if: $without) ...More @include(if: $without) }
    }
    fragment More on Store { description }";

    let defaults = shop.ask(query, json!({})).await;
    let others = shop.ask(query, json!({ "with": false, "without": true })).await;
    let null_slug = shop.ask(query, json!({ "slug": null })).await;
    let null_switch = shop.ask(query, json!({ "with": null })).await;

    assert_eq!(defaults.data("/store"), &json!({ "slug": "acme", "name": "acme", "currencyCode": "EUR" }));
    assert_eq!(others.data("/store"), &json!({ "slug": "acme", "description": "" }));
    assert_eq!(null_slug.json["errors"][0]["message"], "store takes either id or slug");
    assert_eq!(null_switch.error().0, "BAD_USER_INPUT");
    assert_eq!(null_switch.json.get("data"), None);
}

/// What `getIntrospectionQuery()` of graphql-js 16 gives, and GraphiQL sends.
const INTROSPECTION: &str = "
    query IntrospectionQuery {
      __schema {
        description
        queryType { name } mutationType { name } subscriptionType { name }
        types { ...FullType }
        directives { name description isRepeatable locations args(includeDeprecated: true) { ...InputValue } }
      }
    }
    fragment FullType on __Type {
      kind name description specifiedByURL
      fields(includeDeprecated: true) {
        name description args(includeDeprecated: true) { ...InputValue } type { ...TypeRef } isDeprecated deprecationReason
      }
      inputFields(includeDeprecated: true) { ...InputValue }
      interfaces { ...TypeRef }
      enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason }
      possibleTypes { ...TypeRef }
    }
    fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue isDeprecated deprecationReason }
    fragment TypeRef on __Type {
      kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType {
        kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } } }
    }";

async fn the_introspection_of_graphql_clients_is_answered_in_development(shop: &Shop) {
    for introspection in [INTROSPECTION.to_owned(), INTROSPECTION.replace("(includeDeprecated: true)", "")] {
        let answer = shop.ask(&introspection, json!({})).await;

        let types = answer.strings("/__schema/types", "name");
        assert!(
            ["Query", "Mutation", "Product", "Money", "DateTime"]
                .iter()
                .all(|name| types.contains(&(*name).to_owned()))
        );
        assert_eq!(answer.data("/__schema/mutationType/name"), "Mutation");
    }
}
