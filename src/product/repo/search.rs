//! The SQL of searching: over `product_search`, which the database keeps. On Postgres it has the words of a product as a `tsvector`; on SQLite
//! its number in `product_words`, an FTS5 table.
//!
//! What was typed is bound as a text in the language of the index. Its words are letters and digits alone, each in quotes, so that
//! nothing in them can be an operator.

use std::collections::{HashMap, HashSet};

use sea_orm::{ConnectionTrait, DbBackend};
use uuid::Uuid;

use crate::db::{Connection, Sql};
use crate::error::Result;
use crate::product::listing::Visible;
use crate::product::loader::Suggested;
use crate::product::search::{Search, Term};

/// Of more products than this that match, the newest are ranked.
pub const MOST_RANKED: u32 = 10_000;

/// How many words of the shop are compared with one that it does not have.
const MOST_COMPARED: i64 = 100;

/// How many names are looked at for suggestions, of those that begin with the text and of the newest that have its words.
const MOST_NAMES: i64 = 200;

/// What [`matches`] and [`rank`] look at, and its column of products' ids.
pub const WORDS: (&str, &str) = ("product_search s", "s.product_id");

/// Where in a product a term is looked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Anywhere,
    Name,
    Tags,
}

/// Where the list of products that are found is looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Looked {
    /// Once: the database may look up each of them.
    Once,
    /// Again for each parent: then each row is looked for among them.
    ForEachParent,
}

/// Appends the condition that a product under the alias `t` is found, with a leading `AND`.
pub fn found(sql: &mut Sql, search: &Search, looked: Looked) {
    // SQLite takes no index for what has a sign.
    let sign = if looked == Looked::ForEachParent && sql.backend() == DbBackend::Sqlite { "+" } else { "" };
    sql.push(" AND ").push(sign).push("t.id IN (SELECT s.product_id FROM product_search s WHERE TRUE");
    matches(sql, search);
    sql.push(")");
}

/// Appends the condition that the row `s` has all terms, with a leading `AND`.
pub fn matches(sql: &mut Sql, search: &Search) {
    sql.push(" AND ");
    if search.terms.is_empty() {
        sql.push("FALSE");
    } else {
        matches_in(sql, &search.terms, Place::Anywhere, false);
    }
}

/// Appends how well the row `s` matches: for each term 8 when it is a whole word of the name, 6 when it begins one, 3 when it is in the
/// tags, and 1 else.
pub fn rank(sql: &mut Sql, search: &Search) {
    sql.push("CAST(0");
    for term in &search.terms {
        sql.push(" + CASE");
        for (place, is_whole, points) in
            [(Place::Name, true, "8"), (Place::Name, false, "6"), (Place::Tags, false, "3")]
        {
            if is_whole || place != Place::Name || term.finds_beginnings() {
                sql.push(" WHEN ");
                matches_in(sql, std::slice::from_ref(term), place, is_whole);
                sql.push(" THEN ").push(points);
            }
        }
        sql.push(" ELSE 1 END");
    }
    sql.push(" AS bigint)");
}

fn matches_in(sql: &mut Sql, terms: &[Term], place: Place, is_whole: bool) {
    match sql.backend() {
        DbBackend::Sqlite => {
            let column = match place {
                Place::Anywhere => "",
                Place::Name => "name : ",
                Place::Tags => "tags : ",
            };
            let query = join(terms, is_whole, " AND ", " OR ", |words, is_beginning| {
                format!("\"{}\"{}", words.join(" "), if is_beginning { "*" } else { "" })
            });
            sql.push("s.id IN (SELECT rowid FROM product_words WHERE product_words MATCH ");
            sql.bind(format!("{column}({query})")).push(")");
        }
        _ => {
            let weight = match place {
                Place::Anywhere => "",
                Place::Name => "A",
                Place::Tags => "B",
            };
            let query = join(terms, is_whole, " & ", " | ", |words, is_beginning| {
                let mark = match (is_beginning, weight) {
                    (false, "") => String::new(),
                    (true, _) => format!(":*{weight}"),
                    (false, _) => format!(":{weight}"),
                };
                let words: Vec<String> = words.iter().map(|word| format!("'{word}'{mark}")).collect();
                words.join(" <-> ")
            });
            sql.push("s.words @@ ").bind(query).push("::tsquery");
        }
    }
}

/// All terms, each as any of its words.
fn join(terms: &[Term], is_whole: bool, and: &str, or: &str, write: impl Fn(&[String], bool) -> String) -> String {
    let terms: Vec<String> = terms
        .iter()
        .map(|term| {
            let is_beginning = term.finds_beginnings() && !is_whole;
            let any: Vec<String> = if term.instead.is_empty() {
                vec![write(&term.words, is_beginning)]
            } else {
                term.instead.iter().map(|word| write(std::slice::from_ref(word), is_beginning)).collect()
            };
            format!("({})", any.join(or))
        })
        .collect();
    terms.join(and)
}

/// Words of the shop that may be meant by those that none of the visible products has, neither whole nor as a beginning, by these.
pub async fn similar_words(
    db: &Connection,
    typed: &[String],
    visible: Visible,
) -> Result<HashMap<String, Vec<String>>> {
    let mut sql = Sql::new(db.get_database_backend());
    match sql.backend() {
        // The index of all words goes by their beginnings.
        DbBackend::Sqlite => {
            sql.push("SELECT typed.value AS typed, near.term AS near FROM json_each(").bind(json(typed));
            sql.push(
                ") typed CROSS JOIN search_words near WHERE near.term >= substr(typed.value, 1, 1) \
                 AND near.term < substr(typed.value, 1, 1) || char(1114111) \
                 AND length(near.term) BETWEEN length(typed.value) - 2 AND length(typed.value) + 2 AND NOT ",
            );
            has_word(&mut sql, "typed.value", true, visible);
        }
        _ => {
            sql.push("SELECT typed.word AS typed, near.word AS near FROM (SELECT word FROM unnest(");
            sql.bind(typed.to_vec()).push("::text[]) AS word WHERE NOT ");
            has_word(&mut sql, "word", true, visible);
            sql.push(
                " OFFSET 0) typed CROSS JOIN LATERAL (SELECT near.word FROM search_words near \
                 WHERE length(near.word) BETWEEN length(typed.word) - 2 AND length(typed.word) + 2 \
                 ORDER BY near.word <-> typed.word LIMIT ",
            );
            sql.bind(MOST_COMPARED).push(") near");
        }
    }
    let mut similar: HashMap<String, Vec<String>> = HashMap::new();
    for row in db.query_all_raw(sql.build()).await? {
        similar.entry(row.try_get("", "typed")?).or_default().push(row.try_get("", "near")?);
    }
    Ok(similar)
}

/// Of these words those that a visible product has.
pub async fn words_found(db: &Connection, words: Vec<String>, visible: Visible) -> Result<HashSet<String>> {
    let mut sql = Sql::new(db.get_database_backend());
    match sql.backend() {
        DbBackend::Sqlite => {
            sql.push("SELECT near.value AS word FROM json_each(").bind(json(&words)).push(") near WHERE ");
            has_word(&mut sql, "near.value", false, visible);
        }
        _ => {
            sql.push("SELECT word FROM unnest(").bind(words).push("::text[]) AS word WHERE ");
            has_word(&mut sql, "word", false, visible);
        }
    }
    let rows = db.query_all_raw(sql.build()).await?;
    rows.iter().map(|row| Ok(row.try_get("", "word")?)).collect()
}

/// Appends the condition that a visible product has the word in this column, or one that begins with it.
fn has_word(sql: &mut Sql, column: &str, is_beginning: bool, visible: Visible) {
    match sql.backend() {
        DbBackend::Sqlite => {
            let mark = if is_beginning { "*" } else { "" };
            sql.push(&format!(
                "EXISTS (SELECT 1 FROM product_words w CROSS JOIN product_search s ON s.id = w.rowid \
                 WHERE w.product_words MATCH '\"' || {column} || '\"{mark}'"
            ));
            if visible == Visible::ActiveOnly {
                sql.push(" AND s.status = 'ACTIVE'");
            }
            sql.push(")");
        }
        _ => {
            let mark = if is_beginning { ":*" } else { "" };
            let status = if visible == Visible::ActiveOnly { "'ACTIVE'" } else { "NULL" };
            sql.push(&format!("search_finds(('''' || {column} || '''{mark}')::tsquery, {status})"));
        }
    }
}

fn json(words: &[String]) -> String {
    serde_json::Value::from(words.to_vec()).to_string()
}

/// Products on sale whose names begin with the text, or have its words.
pub async fn suggested(db: &Connection, search: &Search) -> Result<Vec<Suggested>> {
    let mut sql = Sql::new(db.get_database_backend());
    let typed: Vec<&str> = search.terms.iter().flat_map(|term| &term.words).map(String::as_str).collect();
    let typed = typed.join(" ");
    sql.push("SELECT id, name FROM (SELECT t.id, t.name FROM products t WHERE t.status = 'ACTIVE' AND t.name_key >= ");
    sql.bind(typed.clone()).push(" AND t.name_key < ").bind(format!("{typed}\u{10ffff}"));
    sql.push(" ORDER BY t.name_key, t.id LIMIT ").bind(MOST_NAMES);
    sql.push(") first UNION SELECT t.id, t.name FROM (SELECT s.product_id FROM product_search s");
    sql.push(" WHERE s.status = 'ACTIVE' AND ");
    matches_in(&mut sql, &search.terms, Place::Name, false);
    sql.push(" ORDER BY s.product_id DESC LIMIT ").bind(MOST_NAMES);
    sql.push(") other JOIN products t ON t.id = other.product_id");
    let rows = db.query_all_raw(sql.build()).await?;
    rows.iter()
        .map(|row| Ok(Suggested { id: row.try_get::<Uuid>("", "id")?, name: row.try_get("", "name")? }))
        .collect()
}
