//! The store `acme`, which tests of replication rename and read: one row, whose name tells which write a reader has seen.

use serde_json::json;

use super::answer::Answer;
use super::shop::{EXPLAIN, STAFF, Shop, TOKEN};

impl Shop {
    /// Renames the store with the id; the answer, whatever it is.
    pub async fn rename(&self, id: &str, name: &str) -> Answer {
        let mutation = "mutation ($input: StoreUpdateInput!) { storeUpdate(input: $input) { store { name } userErrors { code } } }";
        self.ask_as_staff(mutation, json!({ "input": { "id": id, "name": name } })).await
    }

    /// Reads `acme` with a consistency token, explained.
    pub async fn acme_with(&self, token: &str) -> Answer {
        self.send("{ store(slug: \"acme\") { name } }", json!({}), &[STAFF, EXPLAIN, (TOKEN, token)]).await
    }

    /// Reads `acme` without a token, explained.
    pub async fn acme(&self) -> Answer {
        self.explain("{ store(slug: \"acme\") { name } }", json!({})).await
    }
}

impl Answer {
    /// The consistency token, in the header and in the body.
    #[track_caller]
    pub fn token(&self) -> String {
        let token = self.headers.get(TOKEN).unwrap_or_else(|| panic!("no token: {}", self.text));
        let token = token.to_str().unwrap().to_owned();
        assert_eq!(self.json["extensions"]["consistency"]["token"], token, "{}", self.text);
        token
    }

    /// The hosts that the statements of an explained answer went to, with their roles.
    #[track_caller]
    pub fn hosts(&self) -> Vec<(String, String)> {
        let statements = self.json["extensions"]["explain"]["statements"].as_array();
        let statements = statements.unwrap_or_else(|| panic!("nothing explained in {}", self.text));
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        statements.iter().map(|statement| (text(&statement["host"]), text(&statement["role"]))).collect()
    }
}
