//! Counting what facets show: one statement for all lists that ask in the same moment, whatever kinds they ask for.
//!
//! Each list is a block of the statement. `matched` in it holds the products that meet all conditions, and facets that nothing narrows count
//! those; a facet that is narrowed has its own products, for which its own conditions are left out. Lists of tags and of options are
//! grouped as they are before they are taken apart: many products have the same.

use sea_orm::{ConnectionTrait, DbBackend};
use uuid::Uuid;

use super::{filter, restrict};
use crate::db::{Columns, Connection, Sql};
use crate::error::{Error, Result};
use crate::product::facet::{Choice, Counted, Dimension, FacetKind, FacetsKey, MOST_MATCHED, Narrowing, What};
use crate::product::filter::{PriceBounds, ProductFilter};
use crate::product::listing::ProductParent;

/// The most lists of one statement.
const MOST_LISTS: usize = 50;

/// The most values of options that are read.
const MOST_OPTION_VALUES: usize = 1000;

/// What a row of the statement is about.
const CATEGORY: i32 = 0;
const CATEGORY_TREE: i32 = 1;
const STORE: i32 = 2;
const PRICES: i32 = 3;
const CHOSEN_PRICE: i32 = 4;
const STOCK: i32 = 5;
const TAG: i32 = 6;
const OPTION: i32 = 7;

/// What facets of these lists show, list by list.
pub async fn count_facets(db: &Connection, keys: &[FacetsKey]) -> Result<Vec<Vec<Counted>>> {
    let mut counted: Vec<Vec<Counted>> = vec![Vec::new(); keys.len()];
    for (chunk, keys) in keys.chunks(MOST_LISTS).enumerate() {
        let mut sql = Sql::new(db.get_database_backend());
        for (place, key) in keys.iter().enumerate() {
            sql.push(if place > 0 { " UNION ALL " } else { "" });
            sql.push(&format!("SELECT {place} AS list, block.* FROM ("));
            Block { sql: &mut sql, key, narrowing: Narrowing::of(&key.listing.filter), branches: 0 }.write();
            sql.push(") block");
        }
        for row in db.query_all_raw(sql.build()).await? {
            let mut columns = Columns::of(&row);
            let place = columns.take::<i32>()? as usize;
            counted[chunk * MOST_LISTS + place].push(read(columns, &keys[place])?);
        }
    }
    Ok(counted)
}

/// The block of one list.
struct Block<'a> {
    sql: &'a mut Sql,
    key: &'a FacetsKey,
    narrowing: Narrowing<'a>,
    branches: usize,
}

impl Block<'_> {
    fn write(&mut self) {
        self.sql.push("WITH matched AS (");
        let columns: Vec<&str> = self.key.kinds.iter().map(|kind| columns(*kind)).collect();
        self.products(&columns.join(", "), &self.narrowing.all());
        self.sql.push(") ");
        for kind in &self.key.kinds {
            match kind {
                FacetKind::Category => self.categories(),
                FacetKind::Store => self.stores(),
                FacetKind::Price => self.prices(),
                FacetKind::Stock => self.stock(),
                FacetKind::Tag => self.tags(),
                FacetKind::Option => self.options(),
            }
        }
    }

    /// Appends the selection of the products of the list that meet these conditions.
    fn products(&mut self, columns: &str, conditions: &[&ProductFilter]) {
        let parent = self.key.listing.parent.map(parent_filter);
        let conditions: Vec<&ProductFilter> = parent.iter().chain(conditions.iter().copied()).collect();
        self.sql.push("SELECT ").push(columns).push(" FROM products t WHERE TRUE");
        restrict(self.sql, &self.key.listing, &conditions);
        self.sql.push(&format!(" LIMIT {}", MOST_MATCHED + 1));
    }

    /// Appends the products that a facet counts, under the alias `t`.
    fn source(&mut self, kind: FacetKind, dimension: Option<&Dimension>) {
        let Some(dimension) = dimension.filter(|dimension| self.narrowing.chosen(dimension).is_some()) else {
            self.sql.push("matched t");
            return;
        };
        let conditions = self.narrowing.without(dimension);
        self.sql.push("(");
        self.products(columns(kind), &conditions);
        self.sql.push(") t");
    }

    /// Appends the products of a facet in groups, with `n`, how many are in each, and `matched`, how many there are at all.
    fn groups(&mut self, kind: FacetKind, dimension: Option<&Dimension>, column: &str) {
        self.sql
            .push("(SELECT ")
            .push(column)
            .push(", count(*) AS n, CAST(sum(count(*)) OVER () AS bigint) AS matched FROM ");
        self.source(kind, dimension);
        self.sql.push(" GROUP BY ").push(column).push(") g");
    }

    /// Appends a branch: rows of `name, value, label, n, matched`, which `select` appends.
    fn branch(&mut self, part: i32, select: impl FnOnce(&mut Self)) {
        let union = if self.branches > 0 { "UNION ALL " } else { "" };
        self.branches += 1;
        self.sql.push(&format!("{union}SELECT {part} AS part, v.* FROM ("));
        select(self);
        self.sql.push(") v ");
    }

    fn categories(&mut self) {
        let (mut own, mut trees) = (Vec::new(), Vec::new());
        for choice in self.narrowing.chosen(&Dimension::Category).unwrap_or_default() {
            match choice {
                Choice::Category { id, with_descendants: true } => trees.push(id),
                Choice::Category { id, .. } => own.push(id),
                _ => {}
            }
        }
        self.branch(CATEGORY, |block| {
            block.select_named("p.name", "categories", "category_id", FacetKind::Category, &Dimension::Category);
            block.sql.push(" LEFT JOIN categories p ON p.id = c.parent_id");
            block.first_named(&own);
        });
        if !trees.is_empty() {
            self.branch(CATEGORY_TREE, |block| block.category_trees(&trees));
        }
    }

    /// Categories with all that is below them.
    fn category_trees(&mut self, roots: &[Uuid]) {
        self.sql.push("WITH RECURSIVE tree (root, id) AS (SELECT c.id, c.id FROM categories c WHERE ");
        self.sql.any_of("c.id", roots);
        self.sql.push(" UNION SELECT tree.root, c.id FROM tree JOIN categories c ON c.parent_id = tree.id) SELECT ");
        let id = id_text(self.sql.backend());
        self.sql.push(&format!("p.name AS name, {id} AS value, c.name AS label, "));
        self.sql.push("CAST(coalesce(sum(g.n), 0) AS bigint) AS n, coalesce(max(g.matched), 0) AS matched FROM tree ");
        self.sql.push("JOIN categories c ON c.id = tree.root LEFT JOIN categories p ON p.id = c.parent_id LEFT JOIN ");
        self.groups(FacetKind::Category, Some(&Dimension::Category), "t.category_id");
        self.sql.push(" ON g.category_id = tree.id GROUP BY c.id, c.name, p.name");
    }

    fn stores(&mut self) {
        let chosen = self.narrowing.chosen(&Dimension::Store).unwrap_or_default();
        let store = |choice: &Choice| if let Choice::Store(id) = choice { Some(*id) } else { None };
        let chosen: Vec<Uuid> = chosen.iter().filter_map(store).collect();
        self.branch(STORE, |block| {
            block.select_named("CAST(NULL AS text)", "stores", "store_id", FacetKind::Store, &Dimension::Store);
            block.first_named(&chosen);
        });
    }

    /// Appends the selection of categories or stores, under the alias `c`, with what is counted of them.
    fn select_named(&mut self, name: &str, table: &str, column: &str, kind: FacetKind, dimension: &Dimension) {
        let id = id_text(self.sql.backend());
        self.sql.push(&format!("SELECT {name} AS name, {id} AS value, c.name AS label, coalesce(g.n, 0) AS n, "));
        self.sql.push(&format!("coalesce(g.matched, 0) AS matched FROM {table} c LEFT JOIN "));
        self.groups(kind, Some(dimension), &format!("t.{column}"));
        self.sql.push(&format!(" ON g.{column} = c.id"));
    }

    /// Of what [`select_named`](Self::select_named) selects, the first and those that are chosen.
    fn first_named(&mut self, chosen: &[Uuid]) {
        let by_name = by_letter(self.sql.backend(), "c.name");
        let most = self.most(chosen.len());
        self.sql.push(" WHERE g.n > 0 OR ").any_of("c.id", chosen).push(" ORDER BY ").any_of("c.id", chosen);
        self.sql.push(&format!(" DESC, n DESC, {by_name}, c.id LIMIT {most}"));
    }

    /// Prices, in cells that agree in their first two digits; of the currency that most have, where none is chosen.
    fn prices(&mut self) {
        let chosen = self.narrowing.chosen(&Dimension::Price).unwrap_or_default();
        let chosen: Vec<&PriceBounds> = chosen.iter().filter_map(price_bounds).collect();
        self.branch(PRICES, |block| {
            block
                .sql
                .push("SELECT currency_code AS name, CAST(cell AS text) AS value, CAST(NULL AS text) AS label, n, ");
            block.sql.push(
                "matched FROM (SELECT h.*, rank() OVER (ORDER BY h.priced DESC, h.currency_code) AS place FROM (",
            );
            block
                .sql
                .push("SELECT t.currency_code, t.min_price - t.min_price % ")
                .push(&unit("t.min_price"))
                .push(" AS cell, ");
            block.sql.push("count(*) AS n, CAST(sum(count(*)) OVER () AS bigint) AS matched, ");
            block.sql.push("sum(count(t.min_price)) OVER (PARTITION BY t.currency_code) AS priced FROM ");
            block.source(FacetKind::Price, Some(&Dimension::Price));
            block.sql.push(" GROUP BY 1, 2) h");
            if let Some(bounds) = chosen.first() {
                block.sql.push(" WHERE h.currency_code = ").bind(bounds.currency.clone());
            }
            block.sql.push(") x WHERE place = 1 AND cell IS NOT NULL");
        });
        for (place, bounds) in chosen.iter().enumerate() {
            self.branch(CHOSEN_PRICE, |block| {
                block.sql.push(&format!(
                    "SELECT CAST(NULL AS text) AS name, '{place}' AS value, CAST(NULL AS text) AS label, "
                ));
                block.sql.push("count(*) AS n, CAST(0 AS bigint) AS matched FROM ");
                block.source(FacetKind::Price, Some(&Dimension::Price));
                block.sql.push(" WHERE ");
                filter::append(block.sql, &ProductFilter::Price((*bounds).clone()));
            });
        }
    }

    fn stock(&mut self) {
        self.branch(STOCK, |block| {
            block.sql.push(
                "SELECT CAST(NULL AS text) AS name, CASE WHEN g.in_stock THEN 'true' ELSE 'false' END AS value, ",
            );
            block.sql.push("CAST(NULL AS text) AS label, g.n, g.matched FROM ");
            block.groups(FacetKind::Stock, Some(&Dimension::Stock), "t.in_stock");
        });
    }

    fn tags(&mut self) {
        let chosen = self.narrowing.chosen(&Dimension::Tag).unwrap_or_default();
        let tag = |choice: &Choice| if let Choice::Tag(tag) = choice { Some(tag.clone()) } else { None };
        let chosen: Vec<String> = chosen.iter().filter_map(tag).collect();
        let (by_tag, most) = (by_letter(self.sql.backend(), "e.value"), self.most(chosen.len()));
        self.branch(TAG, |block| {
            block.sql.push("SELECT CAST(NULL AS text) AS name, e.value, CAST(NULL AS text) AS label, ");
            block.sql.push("CAST(sum(g.n) AS bigint) AS n, max(g.matched) AS matched FROM ");
            block.groups(FacetKind::Tag, Some(&Dimension::Tag), "t.tags");
            block.sql.push(tag_items(block.sql.backend()));
            block.sql.push(" GROUP BY e.value ORDER BY ").any_of_texts("e.value", &chosen);
            block.sql.push(&format!(" DESC, n DESC, {by_tag} LIMIT {most}"));
        });
    }

    /// Options that are chosen from, each by itself, and all others together.
    fn options(&mut self) {
        let names: Vec<String> = self.narrowing.options().into_iter().map(str::to_owned).collect();
        for name in &names {
            let dimension = Dimension::Option(name.clone());
            let chosen = self.narrowing.chosen(&dimension).unwrap_or_default();
            let value =
                |choice: &Choice| if let Choice::Option { value, .. } = choice { Some(value.clone()) } else { None };
            let chosen: Vec<String> = chosen.iter().filter_map(value).collect();
            self.option_values(Some(&dimension), &chosen, |sql, name_of| {
                sql.any_of_texts(name_of, std::slice::from_ref(name));
            });
        }
        self.option_values(None, &[], |sql, name_of| {
            sql.push("NOT ").any_of_texts(name_of, &names);
        });
    }

    fn option_values(
        &mut self,
        dimension: Option<&Dimension>,
        chosen: &[String],
        which: impl FnOnce(&mut Sql, &'static str),
    ) {
        let by_value = by_letter(self.sql.backend(), "value");
        let (items, name) = option_items(self.sql.backend());
        let most = self.most(chosen.len());
        self.branch(OPTION, |block| {
            block
                .sql
                .push("SELECT name, value, CAST(NULL AS text) AS label, n, matched FROM (SELECT x.*, row_number() ");
            block.sql.push("OVER (PARTITION BY name ORDER BY ").any_of_texts("value", chosen);
            block.sql.push(&format!(" DESC, n DESC, {by_value}) AS place FROM (SELECT {name} AS name, e.value, "));
            block.sql.push("CAST(sum(g.n) AS bigint) AS n, max(g.matched) AS matched FROM ");
            block.groups(FacetKind::Option, dimension, "t.options");
            block.sql.push(items).push(" WHERE ");
            which(block.sql, name);
            block.sql.push(&format!(" GROUP BY {name}, e.value) x) y WHERE place <= {most}"));
            block.sql.push(&format!(" ORDER BY n DESC LIMIT {MOST_OPTION_VALUES}"));
        });
    }

    /// How many values are read of a facet of which so many are chosen.
    fn most(&self, chosen: usize) -> usize {
        self.key.first as usize + chosen
    }
}

/// Being under a parent as a condition.
fn parent_filter(parent: ProductParent) -> ProductFilter {
    match parent {
        ProductParent::Store(id) => ProductFilter::Store(vec![id]),
        ProductParent::Category { id, with_descendants } => ProductFilter::Category { ids: vec![id], with_descendants },
    }
}

/// The columns that a facet counts.
fn columns(kind: FacetKind) -> &'static str {
    match kind {
        FacetKind::Category => "t.category_id",
        FacetKind::Store => "t.store_id",
        FacetKind::Price => "t.currency_code, t.min_price",
        FacetKind::Stock => "t.in_stock",
        FacetKind::Tag => "t.tags",
        FacetKind::Option => "t.options",
    }
}

/// The id under the alias `c` as a text.
fn id_text(backend: DbBackend) -> &'static str {
    if backend == DbBackend::Sqlite { "lower(hex(c.id))" } else { "CAST(c.id AS text)" }
}

/// Sorts by code point, whatever the locale of the database.
fn by_letter(backend: DbBackend, column: &str) -> String {
    if backend == DbBackend::Sqlite { column.to_owned() } else { format!("{column} COLLATE \"C\"") }
}

/// Joins each tag of a list, once even where the list has it twice, as `e.value`.
fn tag_items(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Sqlite => {
            " CROSS JOIN json_each((SELECT json_group_array(DISTINCT i.value) FROM json_each(g.tags) i)) e"
        }
        _ => " CROSS JOIN LATERAL (SELECT DISTINCT i.value FROM jsonb_array_elements_text(g.tags) AS i (value)) e",
    }
}

/// Joins each value of a list of options, as `e.value`; and what is the name of its option.
fn option_items(backend: DbBackend) -> (&'static str, &'static str) {
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
fn unit(price: &str) -> String {
    let units = (0..17).map(|zeros| 10_i64.pow(zeros));
    let cases: String = units.map(|unit| format!(" WHEN {price} < {} THEN {unit}", unit * 100)).collect();
    format!("CASE{cases} END")
}

fn price_bounds(choice: &Choice) -> Option<&PriceBounds> {
    if let Choice::Price(bounds) = choice { Some(bounds) } else { None }
}

/// The row of a branch, behind the number of its list.
fn read(mut columns: Columns<'_>, key: &FacetsKey) -> Result<Counted> {
    let part: i32 = columns.take()?;
    let (name, value) = (columns.take::<Option<String>>()?, columns.take::<String>()?);
    let (label, count, matched) = (columns.take::<Option<String>>()?, columns.take()?, columns.take()?);
    let id = || Uuid::parse_str(&value).map_err(Error::internal);
    let plain = |choice| What::Choice { choice, name: None, parent: None };
    let what = match part {
        CATEGORY | CATEGORY_TREE => {
            let choice = Choice::Category { id: id()?, with_descendants: part == CATEGORY_TREE };
            What::Choice { choice, name: label, parent: name }
        }
        STORE => What::Choice { choice: Choice::Store(id()?), name: label, parent: None },
        PRICES => What::Prices { currency: name.unwrap_or_default(), from: value.parse().map_err(Error::internal)? },
        CHOSEN_PRICE => plain(chosen_price(key, &value)?),
        STOCK => plain(Choice::Stock(value == "true")),
        TAG => plain(Choice::Tag(value)),
        _ => plain(Choice::Option { name: name.unwrap_or_default(), value }),
    };
    let number = |number: i64| u64::try_from(number).unwrap_or_default();
    Ok(Counted { what, count: number(count), matched: number(matched) })
}

/// The range of prices at a place among those that are chosen.
fn chosen_price(key: &FacetsKey, place: &str) -> Result<Choice> {
    let chosen = Narrowing::of(&key.listing.filter).chosen(&Dimension::Price).unwrap_or_default();
    let place: usize = place.parse().map_err(Error::internal)?;
    chosen.into_iter().nth(place).ok_or_else(|| Error::internal(anyhow::anyhow!("no price range {place}")))
}
