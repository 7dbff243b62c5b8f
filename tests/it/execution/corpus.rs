//! Requests of every kind, none of which changes anything: sound ones, and many that are not.

mod arguments;
mod documents;

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
        requests.extend(documents::unsound_documents());
        requests.extend(self.unsound_arguments());
        requests.extend(documents::unsound_variables());
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
