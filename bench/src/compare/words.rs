//! The words that shoppers search for: those of the names of products.

use sea_orm::sqlx::postgres::PgConnection;
use sea_orm::sqlx::{self, Connection};
use serde_json::{Value, json};

use crate::search::mistype;

/// Each word with the category where most products have it, and enough of them that it is still found there after some are renamed.
const SQL: &str = "SELECT DISTINCT ON (word) word, \
     rtrim(translate(encode(decode('04' || replace(category_id::text, '-', ''), 'hex'), 'base64'), '+/', '-_'), '=') \
     FROM (SELECT lower(word) AS word, category_id, count(*) AS products \
     FROM products, regexp_split_to_table(name, '\\s+') AS word \
     WHERE status = 'ACTIVE' AND category_id IS NOT NULL AND word ~ '^[[:alpha:]]{5,}$' \
     GROUP BY 1, 2 HAVING count(*) >= 3) AS counted \
     ORDER BY word, products DESC, category_id";

pub struct Word {
    pub word: String,
    /// With a typing error.
    pub mistyped: String,
    /// The id of a category where it is found.
    pub category: String,
}

impl Word {
    /// As the loads read it.
    pub fn told(&self) -> Value {
        json!({ "word": self.word, "mistyped": self.mistyped, "category": self.category })
    }
}

/// The words of the shop in this database.
pub async fn read(url: &str) -> anyhow::Result<Vec<Word>> {
    let mut primary = PgConnection::connect(url).await?;
    let rows: Vec<(String, String)> = sqlx::query_as(SQL).fetch_all(&mut primary).await?;
    let word = |(word, category): (String, String)| Word { mistyped: mistype(&word), word, category };
    Ok(rows.into_iter().map(word).collect())
}
