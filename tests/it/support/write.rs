//! Writing through the API, and looking at every row it may have touched.

use std::fmt::Write as _;

use sea_orm::{ConnectionTrait, EntityTrait, Statement};
use serde_json::{Value, json};

use super::answer::Answer;
use super::shop::Shop;

/// Words that only a database says.
const DATABASE_WORDS: [&str; 9] =
    ["constraint", "duplicate key", "UNIQUE", "SQLSTATE", "violates", "relation", "sqlx", "SQLite", "Postgres"];

/// The input type of a mutation: `productCreate` takes a `ProductCreateInput`.
fn input_type(field: &str) -> String {
    format!("{}{}Input", field[..1].to_uppercase(), &field[1..])
}

/// What the payload of a mutation shows when it was done: the noun, or the id of what is gone.
fn result_of(field: &str) -> String {
    let noun = ["Create", "Update", "Set"].into_iter().find_map(|verb| field.strip_suffix(verb));
    match (noun, field.strip_suffix("Delete")) {
        (Some(noun), _) => format!("{noun} {{ __typename }}"),
        (None, Some(noun)) => format!("deleted{}{}Id", noun[..1].to_uppercase(), &noun[1..]),
        (None, None) => panic!("{field} has none of the verbs"),
    }
}

impl Shop {
    /// One mutation as staff; `selection` is of its payload, `userErrors` are added.
    pub async fn write(&self, field: &str, input: Value, selection: &str) -> Answer {
        let mutation = format!(
            "mutation ($input: {}!) {{ {field}(input: $input) {{ {selection} userErrors {{ field code message }} }} }}",
            input_type(field)
        );
        self.ask_as_staff(&mutation, json!({ "input": input })).await
    }

    /// A mutation that is done; its payload.
    pub async fn done(&self, field: &str, input: Value, selection: &str) -> Value {
        let answer = self.write(field, input, selection).await;
        let payload = answer.data(&format!("/{field}")).clone();
        assert_eq!(payload["userErrors"], json!([]), "{}", answer.text);
        payload
    }

    /// A mutation that is refused: field and code of each user error. It has changed no row, and tells nothing of the database.
    pub async fn refused(&self, field: &str, input: Value) -> Vec<String> {
        let before = self.rows().await;
        let result = result_of(field);

        let answer = self.write(field, input, &result).await;

        let refusals = answer.user_errors(field);
        let shown = result.split(' ').next().unwrap_or_default();
        assert!(!refusals.is_empty(), "it was not refused: {}", answer.text);
        assert!(answer.data(&format!("/{field}/{shown}")).is_null(), "{}", answer.text);
        assert_eq!(self.rows().await, before, "a refused {field} has written");
        assert_no_database_words(&answer.text);
        refusals
    }

    /// A mutation that is an error: its code. It has changed no row, and tells nothing of the database.
    pub async fn failed(&self, field: &str, input: Value) -> String {
        let before = self.rows().await;

        let answer = self.write(field, input, &result_of(field)).await;

        assert_eq!(self.rows().await, before, "a failed {field} has written");
        assert_no_database_words(&answer.text);
        answer.error().0
    }

    /// Every row of every table that a mutation can touch, as one text.
    pub async fn rows(&self) -> String {
        let db = self.db.administration();
        let mut text = String::new();
        macro_rules! table {
            ($($entity:path),+) => { $(
                let mut rows: Vec<String> =
                    <$entity>::find().all(db).await.unwrap().iter().map(|row| format!("{row:?}")).collect();
                rows.sort_unstable();
                writeln!(text, "{}: {rows:#?}", stringify!($entity)).unwrap();
            )+ };
        }
        table!(
            storefront::store::entity::Entity,
            storefront::category::entity::Entity,
            storefront::product::entity::Entity,
            storefront::sku::entity::Entity,
            storefront::stock::entity::Entity,
            storefront::stock::aggregate::Entity,
            storefront::user::entity::Entity,
            storefront::order::entity::Entity,
            storefront::order::item::Entity
        );
        let count = Statement::from_string(db.get_database_backend(), "SELECT count(*) AS entries FROM change_log");
        let entries: i64 = db.query_one_raw(count).await.unwrap().unwrap().try_get("", "entries").unwrap();
        writeln!(text, "change_log: {entries}").unwrap();
        text
    }
}

#[track_caller]
fn assert_no_database_words(text: &str) {
    for word in DATABASE_WORDS {
        assert!(!text.contains(word), "{word:?} in {text}");
    }
}
