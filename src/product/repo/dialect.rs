//! What differs between the two databases where facets are counted, and the arithmetic of price cells.

use sea_orm::DbBackend;

/// An id as a text.
pub fn id_text(backend: DbBackend, column: &str) -> String {
    if backend == DbBackend::Sqlite { format!("lower(hex({column}))") } else { format!("CAST({column} AS text)") }
}

/// Sorts by code point, whatever the locale of the database.
pub fn by_letter(backend: DbBackend, column: &str) -> String {
    if backend == DbBackend::Sqlite { column.to_owned() } else { format!("{column} COLLATE \"C\"") }
}

/// Joins each tag of a list, once even where the list has it twice, as `e.value`.
pub fn tag_items(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Sqlite => {
            " CROSS JOIN json_each((SELECT json_group_array(DISTINCT i.value) FROM json_each(g.tags) i)) e"
        }
        _ => " CROSS JOIN LATERAL (SELECT DISTINCT i.value FROM jsonb_array_elements_text(g.tags) AS i (value)) e",
    }
}

/// Joins each value of a list of options, as `e.value`; and what is the name of its option.
pub fn option_items(backend: DbBackend) -> (&'static str, &'static str) {
    match backend {
        DbBackend::Sqlite => (
            " CROSS JOIN json_each(g.options) i CROSS JOIN json_each(i.value, '$.values') e",
            "json_extract(i.value, '$.name')",
        ),
        _ => (
            " CROSS JOIN jsonb_array_elements(g.options) AS i (value) \
             CROSS JOIN jsonb_array_elements_text(i.value -> 'values') AS e (value)",
            "(i.value ->> 'name')",
        ),
    }
}

/// What the second digit of a price counts.
pub fn unit(price: &str) -> String {
    let units = (0..17).map(|zeros| 10_i64.pow(zeros));
    let cases: String = units.map(|unit| format!(" WHEN {price} < {} THEN {unit}", unit * 100)).collect();
    format!("CASE{cases} END")
}
