//! The SQL of searching: over `product_search`, which the database keeps. On Postgres it has the words of a product as a `tsvector`; on SQLite
//! its number in `product_words`, an FTS5 table.
//!
//! What was typed is bound as a text in the language of the index. Its words are letters and digits alone, each in quotes, so that
//! nothing in them can be an operator.

use std::collections::HashMap;

use sea_orm::{ConnectionTrait, DbBackend};
use uuid::Uuid;

use crate::db::{Connection, Sql};
use crate::error::Result;
use crate::product::loader::Suggested;
use crate::product::search::{Search, Term};

/// Of more products than this that match, the newest are ranked.
pub const MOST_RANKED: u32 = 10_000;

/// How many words of the shop are compared with one that it does not have.
const MOST_COMPARED: i64 = 100;

/// How many names are looked at for suggestions, of those that begin with the text and of those that have its words.
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

/// Appends the condition that a product under the alias `t` is found, with a leading `AND`.
pub fn found(sql: &mut Sql, search: &Search) {
    sql.push(" AND t.id IN (SELECT s.product_id FROM product_search s WHERE TRUE");
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
            if is_whole || place != Place::Name || term.is_beginning {
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
            let is_beginning = term.is_beginning && !is_whole;
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

/// Words of the shop that may be meant by those that it has neither whole nor as a beginning, by these.
pub async fn similar_words(db: &Connection, typed: &[String]) -> Result<HashMap<String, Vec<String>>> {
    let mut sql = Sql::new(db.get_database_backend());
    match sql.backend() {
        // The index of all words goes by their beginnings.
        DbBackend::Sqlite => {
            sql.push("SELECT typed.value AS typed, near.term AS near FROM json_each(");
            sql.bind(serde_json::Value::from(typed.to_vec()).to_string());
            sql.push(
                ") typed CROSS JOIN search_words near WHERE near.term >= substr(typed.value, 1, 1) \
                 AND near.term < substr(typed.value, 1, 1) || char(1114111) \
                 AND length(near.term) BETWEEN length(typed.value) - 2 AND length(typed.value) + 2 \
                 AND NOT EXISTS (SELECT 1 FROM search_words kept WHERE kept.term >= typed.value \
                 AND kept.term < typed.value || char(1114111))",
            );
        }
        _ => {
            sql.push("SELECT typed.word AS typed, near.word AS near FROM unnest(").bind(typed.to_vec());
            sql.push(
                "::text[]) AS typed (word) CROSS JOIN LATERAL (SELECT near.word FROM search_words near \
                 WHERE length(near.word) BETWEEN length(typed.word) - 2 AND length(typed.word) + 2 \
                 ORDER BY near.word <-> typed.word LIMIT ",
            );
            sql.bind(MOST_COMPARED).push(
                ") near WHERE NOT EXISTS (SELECT 1 FROM search_words kept WHERE kept.word >= typed.word \
                 AND kept.word < typed.word || chr(1114111))",
            );
        }
    }
    let mut similar: HashMap<String, Vec<String>> = HashMap::new();
    for row in db.query_all_raw(sql.build()).await? {
        similar.entry(row.try_get("", "typed")?).or_default().push(row.try_get("", "near")?);
    }
    Ok(similar)
}

/// Products on sale whose names begin with the text, or have its words.
pub async fn suggested(db: &Connection, search: &Search) -> Result<Vec<Suggested>> {
    let mut sql = Sql::new(db.get_database_backend());
    let typed: Vec<&str> = search.terms.iter().flat_map(|term| &term.words).map(String::as_str).collect();
    let typed = typed.join(" ");
    sql.push("SELECT id, name FROM (SELECT t.id, t.name FROM products t WHERE t.status = 'ACTIVE' AND t.name_key >= ");
    sql.bind(typed.clone()).push(" AND t.name_key < ").bind(format!("{typed}\u{10ffff}"));
    sql.push(" ORDER BY t.name_key, t.id LIMIT ").bind(MOST_NAMES);
    sql.push(") first UNION SELECT id, name FROM (SELECT t.id, t.name FROM product_search s");
    sql.push(" JOIN products t ON t.id = s.product_id WHERE t.status = 'ACTIVE' AND ");
    matches_in(&mut sql, &search.terms, Place::Name, false);
    sql.push(" LIMIT ").bind(MOST_NAMES).push(") other");
    let rows = db.query_all_raw(sql.build()).await?;
    rows.iter()
        .map(|row| Ok(Suggested { id: row.try_get::<Uuid>("", "id")?, name: row.try_get("", "name")? }))
        .collect()
}
