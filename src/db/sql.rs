//! A statement in the making: text and the values bound to it, numbered as they come.
//!
//! Both databases read `$1`, `$2`, …; nothing that a client sent ever becomes text.

use sea_orm::{DbBackend, Statement, Value};
use uuid::Uuid;

pub struct Sql {
    backend: DbBackend,
    text: String,
    values: Vec<Value>,
}

impl Sql {
    pub fn new(backend: DbBackend) -> Self {
        Self { backend, text: String::with_capacity(512), values: Vec::new() }
    }

    pub fn backend(&self) -> DbBackend {
        self.backend
    }

    /// How many values are bound. Postgres takes 65,535 of them, SQLite 32,766.
    pub fn bound(&self) -> usize {
        self.values.len()
    }

    /// Appends text of ours.
    pub fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Appends a parameter and binds the value to it.
    pub fn bind(&mut self, value: impl Into<Value>) -> &mut Self {
        self.values.push(value.into());
        self.text.push('$');
        self.text.push_str(&self.values.len().to_string());
        self
    }

    /// Appends a list of ids as one parameter whatever their number: one prepared statement serves every batch size, where a
    /// list of placeholders would make a hundred and each connection would keep them all. On Postgres it is an array of uuids,
    /// on SQLite a JSON text of hexadecimal strings.
    pub fn bind_ids(&mut self, ids: &[Uuid]) -> &mut Self {
        match self.backend {
            DbBackend::Sqlite => self.bind(json_list(ids)),
            _ => self.bind(ids.to_vec()),
        }
    }

    /// Appends `column = any of the ids`.
    pub fn any_of(&mut self, column: &str, ids: &[Uuid]) -> &mut Self {
        self.push(column);
        match self.backend {
            DbBackend::Sqlite => self.push(" IN (SELECT unhex(value) FROM json_each(").bind_ids(ids).push("))"),
            _ => self.push(" = ANY(").bind_ids(ids).push(")"),
        }
    }

    /// Appends `column = any of the ids`, for a column in which each is found once or is the key that rows are read by.
    ///
    /// Postgres is not shown how many there are, unless it is one. It plans a prepared statement anew for each execution as long as that makes the plan look
    /// cheaper than one for ten ids, which it does for two; planning then costs more than the statement.
    pub fn key_any_of(&mut self, column: &str, ids: &[Uuid]) -> &mut Self {
        match (self.backend, ids) {
            (_, [id]) => self.push(column).push(" = ").bind(*id),
            (DbBackend::Sqlite, _) => self.any_of(column, ids),
            _ => self.push(column).push(" = ANY((SELECT ").bind_ids(ids).push("::uuid[])::uuid[])"),
        }
    }

    /// Appends a table of the ids, in a column `id`; their number is kept from the planner as in [`key_any_of`](Self::key_any_of).
    pub fn ids(&mut self, ids: &[Uuid], alias: &str) -> &mut Self {
        match self.backend {
            DbBackend::Sqlite => {
                self.push("(SELECT unhex(value) AS id FROM json_each(").bind_ids(ids).push(")) ").push(alias)
            }
            _ => self.push("unnest((SELECT ").bind_ids(ids).push("::uuid[])) AS ").push(alias).push(" (id)"),
        }
    }

    /// Appends `column = any of the numbers`, as one parameter.
    pub fn any_of_numbers(&mut self, column: &str, numbers: &[i64]) -> &mut Self {
        self.push(column);
        match self.backend {
            DbBackend::Sqlite => {
                let list = serde_json::Value::from(numbers.to_vec()).to_string();
                self.push(" IN (SELECT value FROM json_each(").bind(list).push("))")
            }
            _ => self.push(" = ANY(").bind(numbers.to_vec()).push(")"),
        }
    }

    /// Appends `column = any of the texts`, as one parameter.
    pub fn any_of_texts(&mut self, column: &str, texts: &[String]) -> &mut Self {
        self.push(column);
        match self.backend {
            DbBackend::Sqlite => {
                let list = serde_json::Value::from(texts.to_vec()).to_string();
                self.push(" IN (SELECT value FROM json_each(").bind(list).push("))")
            }
            _ => self.push(" = ANY(").bind(texts.to_vec()).push(")"),
        }
    }

    /// Appends `column = any of the texts`, as one parameter; their number is kept from the planner as in
    /// [`key_any_of`](Self::key_any_of).
    pub fn key_any_of_texts(&mut self, column: &str, texts: &[String]) -> &mut Self {
        self.push(column);
        match (self.backend, texts) {
            (_, [text]) => self.push(" = ").bind(text.clone()),
            (DbBackend::Sqlite, _) => {
                let list = serde_json::Value::from(texts.to_vec()).to_string();
                self.push(" IN (SELECT value FROM json_each(").bind(list).push("))")
            }
            _ => self.push(" = ANY((SELECT ").bind(texts.to_vec()).push("::text[])::text[])"),
        }
    }

    pub fn build(self) -> Statement {
        Statement::from_sql_and_values(self.backend, self.text, self.values)
    }
}

fn json_list(ids: &[Uuid]) -> String {
    let mut json = String::with_capacity(2 + ids.len() * 35);
    json.push('[');
    for (index, id) in ids.iter().enumerate() {
        if index > 0 {
            json.push(',');
        }
        json.push('"');
        json.push_str(id.simple().encode_lower(&mut Uuid::encode_buffer()));
        json.push('"');
    }
    json.push(']');
    json
}
