//! Arguments and filters that make no sense, and some that look as if they did not.

use serde_json::{Value, json};

use super::Shelf;

impl Shelf {
    pub(super) fn unsound_arguments(&self) -> Vec<(String, Value)> {
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

    pub(super) fn unsound_filters(&self) -> Vec<(String, Value)> {
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
}
