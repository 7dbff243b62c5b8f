//! Requests of every kind, none of which changes anything: sound ones, and many that are not.

use serde_json::{Value, json};

use crate::support::{PlacedOrder, Shop};

/// What the requests are about.
pub struct Shelf {
    store: String,
    category: String,
    product: String,
    sku: String,
    user: String,
    order: PlacedOrder,
}

impl Shelf {
    pub async fn fill(shop: &Shop) -> Self {
        let store = shop.store("acme").await;
        let root = shop.category("garden", None).await;
        let category = shop.category("chairs", Some(&root)).await;
        let product = json!({
            "storeId": store, "categoryId": category, "slug": "oak-bread-board-1", "name": "Oak bread board", "status": "ACTIVE",
            "options": [{ "name": "Size", "values": ["S", "M"] }], "tags": ["oak"],
            "images": [{ "url": "https://example.com/oak.jpg", "altText": "A board" }],
        });
        let product = shop.product_with(product).await;
        let sku = json!({ "productId": product, "optionValues": ["S"], "price": "19.99", "compareAtPrice": "24.99" });
        let sku = shop.sku_with(sku).await;
        shop.stock(&sku, 7).await;
        shop.product(&store, "pine-board").await;
        let user = shop.user("ada@example.com").await;
        let order = shop.order_of(&user, &sku).await;
        Self { store, category, product, sku, user, order }
    }

    pub fn requests(&self) -> Vec<(String, Value)> {
        let mut requests = self.sound();
        requests.extend(self.examples());
        requests.extend(unsound_documents());
        requests.extend(self.unsound_arguments());
        requests.extend(unsound_variables());
        requests.extend(self.unsound_filters());
        requests.extend(self.refused_writes());
        requests
    }

    fn sound(&self) -> Vec<(String, Value)> {
        let ids = json!({ "ids": [self.sku, self.store, self.product, self.category, self.user, self.order.id, self.order.item] });
        let by_name = json!({ "o": { "field": "NAME" }, "f": null });
        [
            ("{ __typename }", json!({})),
            ("{ stores { nodes { id slug name currencyCode createdAt updatedAt version } totalCount { count precision } } }", json!({})),
            ("query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on Product { skus { title } } } }", ids),
            ("query ($o: ProductOrder, $f: Int = 3) { products(orderBy: $o, first: $f) { nodes { slug } } }", by_name),
            ("query ($o: ProductOrder) { products(orderBy: $o, last: 1) { edges { cursor } } }", json!({ "o": { "field": "PRICE", "direction": "DESC" } })),
            ("{ category(slug: \"chairs\") { parent { slug children { slug } } ancestors { slug } children { slug } } }", json!({})),
            ("{ products(where: {OR: [{inStock: {eq: true}}, {status: {eq: DRAFT}}]}) { nodes { slug inStock } } }", json!({})),
            ("{ users { nodes { email orders { nodes { id total { minorUnits } items { sku { id } } } } } } }", json!({})),
            ("query ($unused: Int) { __typename @include(if: true) ... @skip(if: false) { a: __typename } }", json!({ "unused": 1 })),
            ("query A { __typename } query B { __typename }", json!({})),
            ("{ __schema { queryType { name fields { name } } } __type(name: \"Money\") { fields { name } } }", json!({})),
        ]
        .map(|(query, variables)| (query.to_owned(), variables))
        .into()
    }

    /// Every example operation, with its defaults and with variables.
    fn examples(&self) -> Vec<(String, Value)> {
        let every = json!({
            "first": 2, "slug": "oak-bread-board-1", "stores": 1, "products": 2, "users": 1, "orders": 1,
            "where": { "category": { "eq": self.category } }, "orderBy": { "field": "PRICE" },
            // Of an old version and out of range: nothing is written.
            "id": self.product, "name": "Another name", "version": "-1", "skuId": self.sku, "quantity": -1,
        });
        storefront::http::EXAMPLES
            .iter()
            .flat_map(|(_, query)| [((*query).to_owned(), json!({})), ((*query).to_owned(), every.clone())])
            .collect()
    }

    fn unsound_arguments(&self) -> Vec<(String, Value)> {
        let mut requests = Vec::new();
        let texts = [
            "",
            " ",
            "?",
            "null",
            "-1",
            "' OR '1'='1",
            "'; DROP TABLE products; --",
            "\" OR 1=1",
            "%",
            "_",
            "\\",
            "\\u0000",
            "a\\u0000b",
            "\\n",
            "\\u001b[31m",
            "\\u202e",
            "ÄÖ",
            "🪑",
            "a--b",
            "-a",
            "a-",
            "A",
            "../../etc/passwd",
            "${jndi:ldap://x}",
            "AQAAAAAAAAAAAAAAAAAAAAA",
            "AQAAAAAAAAAAAAAAAAAAAAB",
            "CAAAAAAAAAAAAAAAAAAAAAA",
            "a@b@c",
            "a b@c",
            "\\u0007@example.com",
        ];
        for text in texts {
            let lookups = "a: product(slug: T) { id } b: product(id: T) { id } c: store(slug: T) { id } d: category(slug: T) { id } \
                           e: user(email: T) { id } f: user(id: T) { id } g: node(id: T) { id }";
            requests.push((format!("{{ {} }}", lookups.replace('T', &format!("\"{text}\""))), json!({})));
            requests.push((format!("{{ nodes(ids: [\"{text}\"]) {{ id }} }}"), json!({})));
            requests.push((format!("{{ products(after: \"{text}\") {{ nodes {{ id }} }} }}"), json!({})));
        }
        let long = "x".repeat(10_000);
        requests.push((format!("{{ product(slug: \"{long}\") {{ id }} node(id: \"{long}\") {{ id }} }}"), json!({})));
        for arguments in [
            "first: -1",
            "last: -1",
            "first: 1, last: 1",
            "first: 0",
            "first: null",
            "first: 1000000000",
            "first: 2147483648",
            "first: 1000000000000000000000000000000",
            "first: 1e2",
            "first: 1.0",
            "first: 1e999",
            "first: \"1\"",
            "first: true",
            "before: \"x\", after: \"y\"",
            "after: null",
            "after: 7",
            "orderBy: {field: SIZE}",
            "orderBy: {}",
            "orderBy: NAME",
            "orderBy: {field: NAME, direction: UP}",
            "orderBy: {field: null}",
            "size: 1",
            "first: 1, first: 2",
            "where: 7",
            "where: []",
        ] {
            requests.push((format!("{{ products({arguments}) {{ nodes {{ id }} }} }}"), json!({})));
        }
        let owned = [&self.order.id, &self.order.item, &self.user].map(|id| id.chars().rev().collect::<String>());
        requests.extend(owned.map(|id| (format!("{{ node(id: \"{id}\") {{ id }} }}"), json!({}))));
        requests.push((
            format!("{{ product(id: \"{}\") {{ id }} user(id: \"{}\") {{ id }} }}", self.store, self.order.id),
            json!({}),
        ));
        requests.push((
            "{ a: product { id } b: store(id: null) { id } c: category(id: \"a\", slug: \"b\") { id } }".to_owned(),
            json!({}),
        ));
        requests
    }

    fn unsound_filters(&self) -> Vec<(String, Value)> {
        let nested = |word: &str, depth: usize| {
            (0..depth).fold(json!({ "inStock": { "eq": true } }), |inner, _| json!({ word: [inner] }))
        };
        let literal = |depth: usize| format!("{}inStock: {{eq: true}}{}", "AND: {".repeat(depth), "}".repeat(depth));
        let ids = |count: usize| vec![self.store.clone(); count];
        let conditions = [
            json!({ "OR": vec![json!({ "inStock": { "eq": true } }); 51] }),
            json!({ "AND": vec![json!({}); 51] }),
            json!({ "AND": vec![json!({}); 50] }),
            json!({ "OR": vec![json!({ "OR": vec![json!({ "inStock": { "eq": false } }); 7] }); 7] }),
            json!({ "store": { "in": ids(101) } }),
            json!({ "store": { "in": ids(100) } }),
            json!({ "store": { "in": [] } }),
            json!({ "store": { "in": [null] } }),
            json!({ "store": { "eq": self.product } }),
            json!({ "store": { "eq": "?" } }),
            json!({ "category": { "in": [], "includeDescendants": false } }),
            json!({ "category": { "in": vec![self.category.clone(); 101] } }),
            json!({ "category": { "eq": self.category, "includeDescendants": null } }),
            json!({ "status": { "in": [] } }),
            json!({ "status": { "eq": "active" } }),
            json!({ "status": { "in": vec!["ACTIVE"; 101] } }),
            json!({ "price": {} }),
            json!({ "price": { "currencyCode": "EUR", "gte": "10", "lte": "9" } }),
            json!({ "price": { "currencyCode": "EUR", "gte": "1.234" } }),
            json!({ "price": { "currencyCode": "EUR", "gte": "-1" } }),
            json!({ "price": { "currencyCode": "EUR", "gte": 1e30 } }),
            json!({ "price": { "currencyCode": "EUR", "gte": 1_000_000_000 } }),
            json!({ "price": { "currencyCode": "EUR", "lte": "79228162514264337593543950336" } }),
            json!({ "price": { "currencyCode": "eur" } }),
            json!({ "price": { "currencyCode": "JPY", "gte": "0.5" } }),
            json!({ "createdAt": { "gte": "2030-01-01T00:00:00Z", "lt": "2020-01-01T00:00:00Z" } }),
            json!({ "createdAt": { "gt": "yesterday" } }),
            json!({ "createdAt": { "gt": "2024-13-01T00:00:00Z" } }),
            json!({ "createdAt": { "gt": "2024-02-30T00:00:00Z" } }),
            json!({ "createdAt": { "gt": "2024-06-30T23:59:60Z" } }),
            json!({ "createdAt": { "gt": 0 } }),
            json!({ "createdAt": { "gt": "0000-01-01T00:00:00Z" } }),
            json!({ "createdAt": { "gt": "-4800-01-01T00:00:00Z" } }),
            json!({ "createdAt": { "lt": "+262142-12-31T23:59:59Z" } }),
            json!({ "createdAt": { "gte": "-262143-01-01T00:00:00Z", "lte": "9999-12-31T23:59:59.999999999+14:00" } }),
            json!({ "inStock": { "eq": "yes" } }),
            json!({ "inStock": null, "store": null, "OR": null }),
            json!({ "nothing": true }),
            nested("AND", 60),
            nested("OR", 49),
        ];
        let by_variable =
            "query ($where: ProductWhere) { products(where: $where) { totalCount { count } nodes { slug } } }";
        let by_variable =
            conditions.into_iter().map(|condition| (by_variable.to_owned(), json!({ "where": condition })));
        let by_literal = [40, 49, 55, 60, 70]
            .map(|depth| (format!("{{ products(where: {{{}}}) {{ nodes {{ slug }} }} }}", literal(depth)), json!({})));
        by_variable.chain(by_literal).collect()
    }

    /// Writes that are refused: whoever asks, nothing changes.
    fn refused_writes(&self) -> Vec<(String, Value)> {
        let create = "mutation ($input: StoreCreateInput!) { storeCreate(input: $input) { store { id } userErrors { field message code } } }";
        let user = "mutation ($input: UserCreateInput!) { userCreate(input: $input) { user { id } userErrors { field message code } } }";
        let mut requests = vec![
            (create.to_owned(), json!({ "input": { "slug": "acme", "name": "n", "currencyCode": "EUR" } })),
            (create.to_owned(), json!({ "input": { "slug": "a b", "name": "\u{0}", "currencyCode": "EUR" } })),
            (
                create.to_owned(),
                json!({ "input": { "slug": "'; DROP TABLE stores; --", "name": "", "currencyCode": "EUR" } }),
            ),
            (create.to_owned(), json!({ "input": { "slug": "new", "name": "x".repeat(256), "currencyCode": "EUR" } })),
            (create.to_owned(), json!({ "input": { "slug": "new", "name": "n", "currencyCode": "EURO" } })),
            (create.to_owned(), json!({ "input": { "slug": "new", "currencyCode": "EUR" } })),
            (create.to_owned(), json!({ "input": { "slug": "new", "name": "n", "currencyCode": "EUR", "id": "x" } })),
        ];
        for email in
            ["ada@example.com", "a\u{0}@b.c", "\u{7}@b.c", "a b@c.d", "@", "ä@ö@ü", "new@example.com\r\nBcc: x"]
        {
            requests.push((user.to_owned(), json!({ "input": { "email": email, "name": "Ada" } })));
        }
        let delete = "mutation ($id: ID!) { categoryDelete(input: {id: $id}) { deletedCategoryId userErrors { field message code } } }";
        requests.push((delete.to_owned(), json!({ "id": self.category })));
        requests.push((delete.to_owned(), json!({ "id": self.store })));
        requests.push((delete.to_owned(), json!({ "id": self.order.id })));
        requests
    }
}

fn unsound_documents() -> Vec<(String, Value)> {
    [
        "",
        " ",
        "#",
        "{",
        "}",
        "{}",
        "{ }",
        "query",
        "{ a",
        "{ \"a\" }",
        "{ nothing }",
        "{ stores }",
        "{ stores { nodes } }",
        "{ stores { nodes { id { id } } } }",
        "{ product(slug: 'a') { id } }",
        "{ stores(nothing: 1) { nodes { id } } }",
        "{ ...Missing }",
        "{ ... on Nothing { id } }",
        "{ ... on Product { id } }",
        "fragment F on Product { id }",
        "{ __typename } fragment F on Product { id }",
        "{ __typename @nothing }",
        "{ __typename @include }",
        "{ __typename @include(if: 1) }",
        "{ __typename @skip(if: true) @skip(if: true) }",
        "query ($a: Int) { __typename }",
        "query ($a: Nothing) { __typename }",
        "query ($a: Product) { node(id: $a) { id } }",
        "{ node(id: $a) { id } }",
        "query ($a: Int, $a: Int) { __typename }",
        "query ($a: Int) { node(id: $a) { id } }",
        "query ($a: [Int] = 1) { __typename }",
        "{ a: stores { nodes { id } } a: products { nodes { id } } }",
        "{ stores { nodes { x: id x: slug } } }",
        "{ product(id: \"\\ud800\") { id } }",
        "{ product(id: \"\\q\") { id } }",
        "{ product(id: \"\"\"a) { id } }",
        "{ product(id: \"a\nb\") { id } }",
        "{ product(id: 1.5) { id } }",
        "{ product(id: {}) { id } }",
        "mutation { nothing }",
        "mutation { __typename }",
        "subscription { a }",
        "{ __type { name } }",
        "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }",
        "{ prodcts { nodes { id } } }",
        "\u{feff}{ __typename }",
        "{ __typename }\u{0}",
        "{\u{a0}__typename }",
        "{ 🪑 }",
        "query 🪑 { __typename }",
        "{ product(slug: \"🪑\") { id } }",
        "query ($🪑: Int) { __typename }",
        "extend type Query { a: Int }",
        "{ stores { nodes { id } } } }",
        "query Q { __typename } mutation Q { __typename }",
        "{ nodes(ids: null) { id } }",
        "{ nodes(ids: []) { id } }",
        "{ nodes(ids: \"a\") { id } }",
    ]
    .map(|document| (document.to_owned(), json!({})))
    .into()
}

fn unsound_variables() -> Vec<(String, Value)> {
    let by_type = |ty: &str, list: &str| match list {
        "Int" => format!("query ($v: {ty}) {{ products(first: $v) {{ nodes {{ id }} }} }}"),
        "ID" => format!("query ($v: {ty}) {{ node(id: $v) {{ id }} }}"),
        "Boolean" => format!("query ($v: {ty}) {{ __typename @include(if: $v) }}"),
        _ => format!("query ($v: {ty}) {{ products(orderBy: {{field: $v}}) {{ nodes {{ id }} }} }}"),
    };
    let values = [
        json!(null),
        json!(0),
        json!(-1),
        json!(1.0),
        json!(1.5),
        json!(1e30),
        json!(i64::MIN),
        json!(u64::MAX),
        json!(2_147_483_648_u64),
        json!("1"),
        json!(""),
        json!("NAME"),
        json!("name"),
        json!("\u{0}"),
        json!(true),
        json!([]),
        json!([1]),
        json!(["NAME"]),
        json!({}),
        json!({ "a": { "b": [] } }),
        json!("🪑"),
        json!("x".repeat(1_000)),
    ];
    let types =
        [("Int", "Int"), ("Int!", "Int"), ("ID!", "ID"), ("Boolean!", "Boolean"), ("ProductOrderField!", "enum")];
    let mut requests = Vec::new();
    for (ty, kind) in types {
        requests.push((by_type(ty, kind), json!({})));
        requests.extend(values.iter().map(|value| (by_type(ty, kind), json!({ "v": value }))));
    }
    requests
}
