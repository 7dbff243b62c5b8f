//! Short ways to fill a shop, through its own mutations.

use serde_json::{Value, json};

use super::shop::Shop;

impl Shop {
    /// A store with the slug, in euros; its id.
    pub async fn store(&self, slug: &str) -> String {
        self.store_in(slug, "EUR").await
    }

    pub async fn store_in(&self, slug: &str, currency: &str) -> String {
        let input = json!({ "slug": slug, "name": slug, "currencyCode": currency });
        self.create("storeCreate", "StoreCreateInput", "store", input).await
    }

    /// A category; its id.
    pub async fn category(&self, slug: &str, parent: Option<&str>) -> String {
        let input = json!({ "slug": slug, "name": slug, "parentId": parent });
        self.create("categoryCreate", "CategoryCreateInput", "category", input).await
    }

    /// An active product without options; its id.
    pub async fn product(&self, store: &str, slug: &str) -> String {
        self.product_with(json!({ "storeId": store, "slug": slug, "name": slug, "status": "ACTIVE" })).await
    }

    pub async fn product_with(&self, input: Value) -> String {
        self.create("productCreate", "ProductCreateInput", "product", input).await
    }

    /// A sku of a product without options; its id.
    pub async fn sku(&self, product: &str, price: &str) -> String {
        self.sku_with(json!({ "productId": product, "optionValues": [], "price": price })).await
    }

    pub async fn sku_with(&self, input: Value) -> String {
        self.create("skuCreate", "SkuCreateInput", "sku", input).await
    }

    pub async fn stock(&self, sku: &str, quantity: i32) {
        let mutation = "mutation ($input: StockSetInput!) { stockSet(input: $input) { userErrors { message } } }";
        let answer = self.ask_as_staff(mutation, json!({ "input": { "skuId": sku, "quantity": quantity } })).await;
        assert_eq!(answer.data("/stockSet/userErrors"), &json!([]), "{}", answer.text);
    }

    /// A user; its id.
    pub async fn user(&self, email: &str) -> String {
        self.create("userCreate", "UserCreateInput", "user", json!({ "email": email, "name": email })).await
    }

    #[track_caller]
    fn id_of(answer: &super::Answer, field: &str, noun: &str) -> String {
        answer.string(&format!("/{field}/{noun}/id"))
    }

    async fn create(&self, field: &str, input_type: &str, noun: &str, input: Value) -> String {
        let mutation = format!(
            "mutation ($input: {input_type}!) {{ {field}(input: $input) {{ {noun} {{ id }} userErrors {{ field message }} }} }}"
        );
        let answer = self.ask_as_staff(&mutation, json!({ "input": input })).await;
        assert_eq!(answer.data(&format!("/{field}/userErrors")), &json!([]), "{}", answer.text);
        Self::id_of(&answer, field, noun)
    }
}
