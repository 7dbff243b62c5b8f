//! Every way to what belongs to somebody, as the schema has it: each is gone by nobody, by another shopper, by whoever has no session any more,
//! by its owner and by staff. A field that is added and leads there fails these tests until it is gone as well.

use std::collections::BTreeSet;

use serde_json::json;

use super::people::{Person, by, every_row, no_sessions, staff};
use super::walk::{OWNED, Schema};
use crate::accounts::PASSWORD;
use crate::support::{Answer, Kind, STAFF, Shop};

/// Documents that follow all ways are longer than a client's may be.
const LONG: [&str; 8] =
    ["--max-aliases", "100000", "--max-tokens", "100000", "--max-depth", "30", "--max-fields", "100000"];

/// Types that belong to nobody and from which nothing leads to anyone.
const OF_NOBODY: [&str; 21] = [
    "Category",
    "Count",
    "Money",
    "PageInfo",
    "PriceRange",
    "Product",
    "ProductFacet",
    "ProductFacetValue",
    "ProductImage",
    "ProductOption",
    "ProductOptionValue",
    "ProductSeo",
    "ProductSuggestion",
    "SelectedOption",
    "Sku",
    "SkuAttribute",
    "Stock",
    "Store",
    "CategoryConnection",
    "ProductConnection",
    "StoreConnection",
];

/// A root field that leads to what belongs to Bob.
struct Way {
    root: &'static str,
    field: &'static str,
    /// As whoever may not go it would try.
    arguments: String,
    /// As whoever may go it does, where that is something else.
    own: Option<String>,
    /// Whether it shows Bob what is his, and staff.
    is_for_bob: bool,
    is_for_staff: bool,
}

impl Way {
    fn new(root: &'static str, field: &'static str, arguments: impl Into<String>) -> Self {
        Self { root, field, arguments: arguments.into(), own: None, is_for_bob: true, is_for_staff: true }
    }

    fn of_bob_alone(self) -> Self {
        Self { is_for_staff: false, ..self }
    }

    fn of_staff_alone(self) -> Self {
        Self { is_for_bob: false, ..self }
    }
}

fn ways(bob: &Person) -> Vec<Way> {
    let Person { id, email, order, .. } = bob;
    let (order, item) = (&order.id, &order.item);
    vec![
        Way::new("Query", "user", format!("id: \"{id}\"")),
        Way::new("Query", "user", format!("email: \"{email}\"")),
        Way::new("Query", "user", format!("email: \"{}\"", email.to_uppercase())),
        Way::new("Query", "node", format!("id: \"{id}\"")),
        Way::new("Query", "node", format!("id: \"{order}\"")),
        Way::new("Query", "node", format!("id: \"{item}\"")),
        Way::new("Query", "nodes", format!("ids: [\"{id}\", \"{order}\", \"{item}\"]")),
        Way::new("Query", "users", "").of_staff_alone(),
        Way::new("Query", "users", "last: 3").of_staff_alone(),
        Way::new("Query", "viewer", "").of_bob_alone(),
        Way::new("Mutation", "userUpdate", format!("input: {{ id: \"{id}\" }}")),
        Way::new("Mutation", "userCreate", "input: { email: \"new@example.com\", name: \"N\" }").of_staff_alone(),
        Way {
            own: Some(format!("input: {{ email: \"{email}\", password: \"{PASSWORD}\" }}")),
            ..Way::new("Mutation", "sessionCreate", format!("input: {{ email: \"{email}\", password: \"wrong\" }}"))
        },
    ]
}

#[test]
fn every_type_belongs_to_somebody_or_to_nobody() {
    let schema = Schema::served();
    let of_nobody = |ty: &str| {
        OF_NOBODY.contains(&ty) || ["Edge", "Payload", "UserError"].iter().any(|ending| ty.ends_with(ending))
    };
    for ty in schema.objects().filter(|ty| !["Query", "Mutation", "Subscription"].contains(ty)) {
        assert!(schema.leads(ty) || of_nobody(ty), "{ty} belongs to somebody (walk.rs), or to nobody (here)");
        assert!(!(schema.leads(ty) && OF_NOBODY.contains(&ty)), "a field of {ty} leads to what belongs to somebody");
    }
    for ty in OWNED {
        assert!(schema.objects().any(|object| object == ty), "there is no {ty}");
    }
}

async fn send(shop: &Shop, document: &str, headers: &[(&str, &str)]) -> Answer {
    shop.send(document, json!({}), headers).await
}

#[track_caller]
fn assert_tells_nothing_of(person: &Person, answer: &Answer, asked: &str) {
    for secret in person.secrets().into_iter().filter(|secret| !asked.contains(secret)) {
        assert!(!answer.text.contains(secret), "{secret:?} is told to {asked}: {}", answer.text);
    }
}

async fn every_way_is_for_its_owner_and_staff(kind: Kind) {
    let shop = Shop::start_with(kind, &LONG).await;
    let (eve, bob) = (Person::join(&shop, "eve").await, Person::join(&shop, "bob").await);
    let (staff, no_sessions) = (staff(&shop).await, no_sessions(&shop, "eve@example.com").await);
    let (schema, mut gone) = (Schema::served(), BTreeSet::new());

    for Way { root, field, arguments, own, is_for_bob, is_for_staff } in ways(&bob) {
        let document = schema.document(root, field, &arguments);
        let before = every_row(&shop).await;
        for headers in [&[][..], &by(&eve.session)] {
            let answer = send(&shop, &document, headers).await;
            assert_tells_nothing_of(&bob, &answer, &document);
        }
        for (what, session) in &no_sessions {
            let answer = send(&shop, &document, &by(session)).await;
            assert_eq!((answer.status, answer.json.get("data")), (401, None), "{what}: {}", answer.text);
        }
        let after = every_row(&shop).await;
        assert!(before == after, "{field} was refused and has written:\n{before}\n{after}");

        let document = own.map_or(document, |own| schema.document(root, field, &own));
        let key = [STAFF];
        let (as_bob, as_staff, by_key) = (by(&bob.session), by(&staff), &key[..]);
        for (is_for_them, headers) in [(is_for_bob, &as_bob[..]), (is_for_staff, &as_staff[..]), (is_for_staff, by_key)]
        {
            let answer = send(&shop, &document, headers).await;
            if is_for_them {
                assert!(answer.json.get("errors").is_none(), "{document}: {}", answer.text);
                Schema::come_by(&answer.json["data"], &mut gone);
            } else if field != "viewer" {
                assert_eq!(answer.error().0, "FORBIDDEN", "{document}: {}", answer.text);
            } else {
                assert_tells_nothing_of(&bob, &answer, &document);
            }
            // What two of them create is taken the second time.
            shop.sql("DELETE FROM users WHERE email = 'new@example.com'", vec![]).await;
        }
    }
    let missed: Vec<String> = schema.ways().into_iter().filter(|way| !gone.contains(way)).collect();
    assert_eq!(missed, [""; 0], "no test goes these ways to what belongs to somebody: add them to `ways`");
    shop.stop().await;
}

/// Whatever a shopper can ask: nothing of anyone else is in it, in whatever type and field.
async fn no_root_field_tells_of_anyone_else(kind: Kind) {
    let shop = Shop::start_with(kind, &LONG).await;
    let store = shop.store("acme").await;
    let category = shop.category("garden", None).await;
    let product = json!({ "storeId": store, "categoryId": category, "slug": "oak", "name": "oak", "status": "ACTIVE" });
    let product = shop.product_with(product).await;
    let sku = shop.sku(&product, "19.99").await;
    shop.stock(&sku, 5).await;
    let (eve, bob) = (Person::join(&shop, "eve").await, Person::join(&shop, "bob").await);
    let schema = Schema::served();
    let arguments = |field: &str| match field {
        "node" => format!("id: \"{product}\""),
        "nodes" => format!("ids: [\"{product}\", \"{}\", \"{}\"]", bob.id, eve.id),
        "product" | "category" | "store" => format!(
            "slug: \"{}\"",
            match field {
                "product" => "oak",
                "category" => "garden",
                _ => "acme",
            }
        ),
        "user" => "email: \"eve@example.com\"".to_owned(),
        "productSuggestions" => "text: \"oa\"".to_owned(),
        _ => String::new(),
    };

    for field in schema.roots("Query") {
        let document = schema.survey("Query", &field, &arguments(&field));
        for headers in [&[][..], &by(&eve.session)] {
            let answer = send(&shop, &document, headers).await;
            let is_answered = answer.status == 200 && answer.json["data"].is_object();
            assert!(is_answered, "{field} is not asked: {document}\n{}", answer.text);
            assert_tells_nothing_of(&bob, &answer, &document);
        }
    }
    shop.stop().await;
}

mod sqlite {
    #[tokio::test]
    async fn every_way_is_for_its_owner_and_staff() {
        super::every_way_is_for_its_owner_and_staff(crate::support::Kind::Sqlite).await;
    }

    #[tokio::test]
    async fn no_root_field_tells_of_anyone_else() {
        super::no_root_field_tells_of_anyone_else(crate::support::Kind::Sqlite).await;
    }
}

mod postgres {
    #[tokio::test]
    async fn every_way_is_for_its_owner_and_staff() {
        super::every_way_is_for_its_owner_and_staff(crate::support::Kind::Postgres).await;
    }

    #[tokio::test]
    async fn no_root_field_tells_of_anyone_else() {
        super::no_root_field_tells_of_anyone_else(crate::support::Kind::Postgres).await;
    }
}
