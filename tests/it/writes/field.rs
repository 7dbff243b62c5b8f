//! What holds for every mutation field: who may call it, what ids it takes, and how several stand side by side.

use std::collections::HashMap;

use async_graphql::Positioned;
use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{BaseType, InputValueDefinition, Type, TypeKind, TypeSystemDefinition};
use serde_json::{Map, Value, json};

use crate::support::{Answer, Shop, on_both};

on_both!(
    no_mutation_is_for_nobody,
    no_mutation_takes_a_malformed_id_or_one_of_another_type,
    every_conflict_is_told,
    a_field_that_fails_leaves_the_others_standing,
    fields_run_in_the_order_in_which_they_are_written,
    a_payload_reads_its_own_write,
    what_is_read_before_a_write_is_read_anew_after_it,
    a_bad_later_field_lets_nothing_happen,
);

/// A mutation field with the arguments of its input.
struct Mutation {
    name: String,
    input_type: String,
    fields: Vec<(String, Type)>,
}

/// The fields by which people come and go. They are for whoever is logged in or wants to be, and are told of in `accounts`.
const OF_ACCOUNTS: [&str; 8] = [
    "emailVerify",
    "passwordChange",
    "passwordReset",
    "passwordResetRequest",
    "sessionCreate",
    "sessionDelete",
    "sessionDeleteAll",
    "userRegister",
];

/// All other mutation fields, read from the schema so that a new one cannot be forgotten.
fn mutations() -> Vec<Mutation> {
    let mut objects = HashMap::new();
    let mut inputs: HashMap<String, Vec<Positioned<InputValueDefinition>>> = HashMap::new();
    for definition in parse_schema(storefront::graphql::sdl()).unwrap().definitions {
        let TypeSystemDefinition::Type(definition) = definition else { continue };
        let name = definition.node.name.node.to_string();
        match definition.node.kind {
            TypeKind::Object(object) => drop(objects.insert(name, object.fields)),
            TypeKind::InputObject(input) => drop(inputs.insert(name, input.fields)),
            _ => {}
        }
    }
    let describe = |field: Positioned<async_graphql::parser::types::FieldDefinition>| {
        assert_eq!(field.node.arguments.len(), 1, "{} takes one input", field.node.name);
        let input_type = name_of(&field.node.arguments[0].node.ty.node);
        let fields = inputs[&input_type].iter().map(|field| (field.node.name.to_string(), field.node.ty.node.clone()));
        Mutation { name: field.node.name.to_string(), fields: fields.collect(), input_type }
    };
    let all = objects.remove("Mutation").unwrap().into_iter().map(describe);
    all.filter(|mutation| !OF_ACCOUNTS.contains(&mutation.name.as_str())).collect()
}

fn name_of(of: &Type) -> String {
    match &of.base {
        BaseType::Named(name) => name.to_string(),
        BaseType::List(inner) => name_of(inner),
    }
}

impl Mutation {
    fn noun(&self) -> &str {
        let verbs = ["Create", "Update", "Delete", "Set"];
        verbs
            .into_iter()
            .find_map(|verb| self.name.strip_suffix(verb))
            .unwrap_or_else(|| panic!("the verb of {}", self.name))
    }

    /// The name of the type that the id in this input field must be of.
    fn type_of_id(&self, field: &str) -> String {
        let noun = match field.strip_suffix("Id").unwrap_or(self.noun()) {
            "parent" => self.noun(),
            noun => noun,
        };
        format!("{}{}", noun[..1].to_uppercase(), &noun[1..])
    }

    /// The fields that hold ids, optional ones too.
    fn ids(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().filter(|(_, of)| name_of(of) == "ID").map(|(name, _)| name.as_str())
    }

    /// An input with all that is required; `ids` has an existing one for each type.
    fn input(&self, ids: &HashMap<String, String>) -> Value {
        let required = self.fields.iter().filter(|(_, of)| !of.nullable);
        let sample = |(name, of): &(String, Type)| {
            let value = match (&of.base, name_of(of).as_str()) {
                (BaseType::List(_), _) => json!([]),
                (_, "ID") => json!(ids[&self.type_of_id(name)]),
                (_, "Int") => json!(1),
                (_, "Decimal") => json!("1.00"),
                (_, "CurrencyCode") => json!("EUR"),
                (_, "String") if name == "email" => json!("new@example.com"),
                (_, "String") => json!("new"),
                (_, other) => panic!("no sample of {other} for {}.{name}", self.input_type),
            };
            (name.clone(), value)
        };
        Value::Object(required.map(sample).collect::<Map<String, Value>>())
    }

    fn text(&self) -> String {
        format!(
            "mutation ($input: {}!) {{ {}(input: $input) {{ userErrors {{ code field message }} }} }}",
            self.input_type, self.name
        )
    }

    async fn as_staff(&self, shop: &Shop, input: &Value) -> Answer {
        shop.ask_as_staff(&self.text(), json!({ "input": input })).await
    }
}

/// One of each, by type.
async fn one_of_each(shop: &Shop) -> HashMap<String, String> {
    let store = shop.store("acme").await;
    let product = shop.product(&store, "oak").await;
    let bare = shop.product(&store, "bare").await;
    let sku = shop.sku(&product, "1").await;
    shop.stock(&sku, 1).await;
    let category = shop.category("boards", None).await;
    let user = shop.user("ada@example.com").await;
    let named = [("Store", store), ("Product", bare), ("Sku", sku), ("Category", category), ("User", user)];
    named.into_iter().map(|(name, id)| (name.to_owned(), id)).collect()
}

async fn no_mutation_is_for_nobody(shop: &Shop) {
    let ids = one_of_each(shop).await;
    let before = shop.rows().await;
    let mutations = mutations();
    assert!(mutations.len() >= 15, "{}", mutations.len());

    for mutation in &mutations {
        let variables = json!({ "input": mutation.input(&ids) });
        let nobody = shop.ask(&mutation.text(), variables.clone()).await;
        let wrong_key =
            shop.send(&mutation.text(), variables, &[("x-storefront-staff-key", "not the staff key")]).await;

        assert_eq!(nobody.error().0, "UNAUTHENTICATED", "{}", mutation.name);
        assert!(nobody.json["data"][&mutation.name].is_null(), "{}", nobody.text);
        assert_eq!(wrong_key.error().0, "UNAUTHENTICATED", "{}", mutation.name);
        assert_eq!(wrong_key.status, 401);
        assert!(wrong_key.json.get("data").is_none(), "{}", wrong_key.text);
        assert_eq!(shop.rows().await, before, "{} as nobody has written", mutation.name);
    }
    // The same inputs do write when staff sends them; what deletes comes last.
    let (deletes, others): (Vec<_>, Vec<_>) = mutations.iter().partition(|mutation| mutation.name.ends_with("Delete"));
    for mutation in others.into_iter().chain(deletes) {
        let before = shop.rows().await;

        let answer = mutation.as_staff(shop, &mutation.input(&ids)).await;

        assert_eq!(answer.data(&format!("/{}/userErrors", mutation.name)), &json!([]), "{}", mutation.name);
        assert_ne!(shop.rows().await, before, "{} as staff has not written", mutation.name);
    }
}

async fn no_mutation_takes_a_malformed_id_or_one_of_another_type(shop: &Shop) {
    let ids = one_of_each(shop).await;
    let before = shop.rows().await;

    for mutation in mutations() {
        for field in mutation.ids() {
            let own = &ids[&mutation.type_of_id(field)];
            let others = ids.values().filter(|id| *id != own).cloned();
            let malformed =
                ["", "1", "not an id", "AAAA", "\u{0}", "ä", &own[1..], &format!("{own}A"), &format!("{own}=")];
            for id in malformed.into_iter().map(str::to_owned).chain(others).chain(["x".repeat(10_000)]) {
                let mut input = mutation.input(&ids);
                input[field] = json!(id);

                let answer = mutation.as_staff(shop, &input).await;

                let (code, message) = answer.error();
                assert_eq!(code, "BAD_USER_INPUT", "{} {field}: {id:?}: {}", mutation.name, answer.text);
                assert!(message.len() < 350, "{message}");
            }
        }
    }
    assert_eq!(shop.rows().await, before);
}

async fn every_conflict_is_told(shop: &Shop) {
    let ids = one_of_each(shop).await;

    let versioned: Vec<_> =
        mutations().into_iter().filter(|mutation| mutation.fields.iter().any(|(name, _)| name == "version")).collect();
    for mutation in versioned.iter() {
        for version in ["-1", "0", "9223372036854775807", "-9223372036854775808"] {
            let mut input = mutation.input(&ids);
            input["version"] = json!(version);
            assert_eq!(shop.refused(&mutation.name, input).await, ["input.version CONFLICT"], "{}", mutation.name);
        }
        for version in [json!("9223372036854775808"), json!(""), json!("1.0"), json!(1.5), json!(true)] {
            let mut input = mutation.input(&ids);
            input["version"] = version;
            assert_eq!(shop.failed(&mutation.name, input).await, "BAD_USER_INPUT", "{}", mutation.name);
        }
    }
    let names: Vec<&str> = versioned.iter().map(|mutation| mutation.name.as_str()).collect();
    let without: Vec<String> =
        mutations().into_iter().map(|mutation| mutation.name).filter(|name| !names.contains(&name.as_str())).collect();
    assert!(without.iter().all(|name| name.ends_with("Create")), "{without:?} take no version");
}

async fn a_field_that_fails_leaves_the_others_standing(shop: &Shop) {
    let before_text = "mutation {
        first: storeCreate(input: { slug: \"first\", name: \"n\", currencyCode: EUR }) { store { slug } userErrors { code } }
        failed: storeUpdate(input: { id: \"nothing\", name: \"n\" }) { store { slug } userErrors { code } }
        refused: storeCreate(input: { slug: \"first\", name: \"n\", currencyCode: EUR }) { store { slug } userErrors { code } }
        last: storeCreate(input: { slug: \"last\", name: \"n\", currencyCode: EUR }) { store { slug } userErrors { code } }
    }";

    let answer = shop.ask_as_staff(before_text, json!({})).await;

    assert_eq!(
        answer.json["data"],
        json!({
            "first": { "store": { "slug": "first" }, "userErrors": [] },
            "failed": null,
            "refused": { "store": null, "userErrors": [{ "code": "TAKEN" }] },
            "last": { "store": { "slug": "last" }, "userErrors": [] }
        })
    );
    let errors = answer.json["errors"].as_array().unwrap();
    assert_eq!(errors.len(), 1, "{}", answer.text);
    assert_eq!(errors[0]["path"], json!(["failed"]));
    assert_eq!(errors[0]["extensions"]["code"], "BAD_USER_INPUT");
    let stores = shop.ask("{ stores(first: 10) { nodes { slug } } }", json!({})).await;
    let mut slugs = stores.strings("/stores/nodes", "slug");
    slugs.sort_unstable();
    assert_eq!(slugs, ["first", "last"]);
}

async fn fields_run_in_the_order_in_which_they_are_written(shop: &Shop) {
    let id = shop.store("acme").await;
    let mutation = "mutation ($id: ID!) {
        a: storeUpdate(input: { id: $id, name: \"1\" }) { store { name } }
        b: storeUpdate(input: { id: $id, name: \"2\" }) { store { name } }
        c: storeUpdate(input: { id: $id }) { store { name } }
        d: storeUpdate(input: { id: $id, name: \"3\" }) { store { name } }
    }";

    let answer = shop.ask_as_staff(mutation, json!({ "id": id })).await;

    let names = ["/a", "/b", "/c", "/d"].map(|alias| answer.string(&format!("{alias}/store/name")));
    assert_eq!(names, ["1", "2", "2", "3"]);
}

async fn a_payload_reads_its_own_write(shop: &Shop) {
    let store = shop.store("acme").await;
    let product = shop.product(&store, "oak").await;

    let count = "product { store { products { totalCount { count } nodes { slug } } } }";
    let input = json!({ "storeId": store, "slug": "ash", "name": "n", "status": "ACTIVE" });
    let created = shop.done("productCreate", input, count).await;
    let priced = "sku { product { priceRange { min { amount } max { amount } } skus { price { amount } } inStock } }";
    let priced =
        shop.done("skuCreate", json!({ "productId": product, "optionValues": [], "price": "3" }), priced).await;

    let products = &created["product"]["store"]["products"];
    assert_eq!(products["totalCount"]["count"], 2);
    assert_eq!(products["nodes"].as_array().map(Vec::len), Some(2));
    let three = json!({ "amount": "3.00" });
    assert_eq!(
        priced["sku"]["product"],
        json!({ "priceRange": { "min": three, "max": three }, "skus": [{ "price": three }], "inStock": false })
    );
}

async fn what_is_read_before_a_write_is_read_anew_after_it(shop: &Shop) {
    let store = shop.store("acme").await;
    let product = shop.product(&store, "oak").await;
    let sku = shop.sku(&product, "3").await;
    let mutation = "mutation ($product: ID!, $sku: ID!) {
        named: productUpdate(input: { id: $product, name: \"New\" }) { product { ...Seen } }
        stocked: stockSet(input: { skuId: $sku, quantity: 4 }) { stock { sku { product { ...Seen } } } }
        priced: skuUpdate(input: { id: $sku, price: \"9\" }) { sku { product { ...Seen } } }
        gone: skuDelete(input: { id: $sku }) { deletedSkuId }
        after: productUpdate(input: { id: $product }) { product { ...Seen } }
    }
    fragment Seen on Product { inStock priceRange { max { amount } } skus { stock { quantity } price { amount } } }";

    let answer = shop.ask_as_staff(mutation, json!({ "product": product, "sku": sku })).await;

    let seen = |in_stock: bool, price: &str, quantity: i32| {
        let price = json!({ "amount": price });
        let skus = json!([{ "stock": { "quantity": quantity }, "price": price }]);
        json!({ "inStock": in_stock, "priceRange": { "max": price }, "skus": skus })
    };
    assert_eq!(answer.data("/named/product"), &seen(false, "3.00", 0));
    assert_eq!(answer.data("/stocked/stock/sku/product"), &seen(true, "3.00", 4));
    assert_eq!(answer.data("/priced/sku/product"), &seen(true, "9.00", 4));
    assert_eq!(answer.data("/after/product"), &json!({ "inStock": false, "priceRange": null, "skus": [] }));
}

async fn a_bad_later_field_lets_nothing_happen(shop: &Shop) {
    let mutation = "mutation ($price: Decimal!) {
        storeCreate(input: { slug: \"first\", name: \"n\", currencyCode: EUR }) { store { slug } }
        skuCreate(input: { productId: \"x\", optionValues: [], price: $price }) { sku { id } }
    }";
    let before = shop.rows().await;

    // Twice with a good document before: a kept plan must not let the first field commit.
    for price in [json!("no number"), json!(null), json!(["1"]), json!("no number")] {
        let answer = shop.ask_as_staff(mutation, json!({ "price": price })).await;

        assert_eq!(answer.error().0, "BAD_USER_INPUT", "{price}");
        assert!(answer.json.get("data").is_none(), "{}", answer.text);
    }
    assert_eq!(shop.rows().await, before);
}
