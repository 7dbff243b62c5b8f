//! The branches of a block: what each kind of facet counts.

use uuid::Uuid;

use super::block::{Block, Part};
use super::dialect::{by_letter, id_text, option_items, tag_items, unit};
use super::filter;
use crate::db::Sql;
use crate::product::facet::{Choice, Dimension, FacetKind};
use crate::product::filter::{PriceBounds, ProductFilter};

/// The most values of options that are read.
const MOST_OPTION_VALUES: usize = 1000;

impl Block<'_> {
    pub fn categories(&mut self) {
        let (mut own, mut trees) = (Vec::new(), Vec::new());
        for choice in self.narrowing.chosen(&Dimension::Category).unwrap_or_default() {
            match choice {
                Choice::Category { id, with_descendants: true } => trees.push(id),
                Choice::Category { id, .. } => own.push(id),
                _ => {}
            }
        }
        self.branch(Part::Category, |block| {
            block.select_named("p.name", "categories", "category_id", FacetKind::Category, &Dimension::Category);
            block.sql.push(" LEFT JOIN categories p ON p.id = c.parent_id");
            block.first_named(&own);
        });
        if !trees.is_empty() {
            self.branch(Part::CategoryTree, |block| block.category_trees(&trees));
            self.branch(Part::CategoryBelow, |block| block.below_trees(&trees));
        }
    }

    /// Categories with all that is below them.
    fn category_trees(&mut self, roots: &[Uuid]) {
        self.trees(roots);
        let id = id_text(self.sql.backend(), "c.id");
        self.sql.push(&format!("SELECT p.name AS name, {id} AS value, c.name AS label, "));
        self.sql.push("CAST(coalesce(sum(g.n), 0) AS bigint) AS n, coalesce(max(g.matched), 0) AS matched FROM tree ");
        self.sql.push("JOIN categories c ON c.id = tree.root LEFT JOIN categories p ON p.id = c.parent_id LEFT JOIN ");
        self.groups(FacetKind::Category, Some(&Dimension::Category), "t.category_id");
        self.sql.push(" ON g.category_id = tree.id GROUP BY c.id, c.name, p.name");
    }

    /// The categories in these trees that most products are filed under, of each the first.
    fn below_trees(&mut self, roots: &[Uuid]) {
        self.trees(roots);
        let backend = self.sql.backend();
        let (root, id, by_name) =
            (id_text(backend, "tree.root"), id_text(backend, "c.id"), by_letter(backend, "c.name"));
        self.sql.push("SELECT x.name, x.value, x.label, x.n, x.matched FROM (");
        self.sql
            .push(&format!("SELECT p.name AS name, {root} || ' ' || {id} AS value, c.name AS label, g.n, g.matched, "));
        self.sql
            .push(&format!("row_number() OVER (PARTITION BY tree.root ORDER BY g.n DESC, {by_name}, c.id) AS place "));
        self.sql
            .push("FROM tree JOIN categories c ON c.id = tree.id LEFT JOIN categories p ON p.id = c.parent_id JOIN ");
        self.groups(FacetKind::Category, Some(&Dimension::Category), "t.category_id");
        let most = self.most(0);
        self.sql.push(&format!(" ON g.category_id = tree.id) x WHERE x.place <= {most}"));
    }

    /// Appends what names the trees below these roots: `tree`, with the root and the id of each category.
    fn trees(&mut self, roots: &[Uuid]) {
        self.sql.push("WITH RECURSIVE tree (root, id) AS (SELECT c.id, c.id FROM categories c WHERE ");
        self.sql.any_of("c.id", roots);
        self.sql.push(" UNION SELECT tree.root, c.id FROM tree JOIN categories c ON c.parent_id = tree.id) ");
    }

    pub fn stores(&mut self) {
        let chosen = self.narrowing.chosen(&Dimension::Store).unwrap_or_default();
        let store = |choice: &Choice| if let Choice::Store(id) = choice { Some(*id) } else { None };
        let chosen: Vec<Uuid> = chosen.iter().filter_map(store).collect();
        self.branch(Part::Store, |block| {
            block.select_named("CAST(NULL AS text)", "stores", "store_id", FacetKind::Store, &Dimension::Store);
            block.first_named(&chosen);
        });
    }

    /// Appends the selection of categories or stores, under the alias `c`, with what is counted of them.
    fn select_named(&mut self, name: &str, table: &str, column: &str, kind: FacetKind, dimension: &Dimension) {
        let id = id_text(self.sql.backend(), "c.id");
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
    pub fn prices(&mut self) {
        let chosen = self.narrowing.chosen(&Dimension::Price).unwrap_or_default();
        let bounds = |choice: &Choice| if let Choice::Price(bounds) = choice { Some(bounds.clone()) } else { None };
        let chosen: Vec<PriceBounds> = chosen.iter().filter_map(bounds).collect();
        self.branch(Part::Prices, |block| {
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
        if !chosen.is_empty() {
            self.branch(Part::ChosenPrice, |block| block.chosen_prices(&chosen));
        }
    }

    /// Ranges of prices, all counted in one go over the products.
    fn chosen_prices(&mut self, chosen: &[PriceBounds]) {
        self.sql.push("WITH counted AS MATERIALIZED (SELECT ");
        for (place, bounds) in chosen.iter().enumerate() {
            self.sql.push(if place > 0 { ", count(*) FILTER (WHERE " } else { "count(*) FILTER (WHERE " });
            filter::append(self.sql, &ProductFilter::Price(bounds.clone()));
            self.sql.push(&format!(") AS n{place}"));
        }
        self.sql.push(" FROM ");
        self.source(FacetKind::Price, Some(&Dimension::Price));
        self.sql.push(")");
        for place in 0..chosen.len() {
            self.sql.push(if place > 0 { " UNION ALL " } else { " " });
            self.sql
                .push(&format!("SELECT CAST(NULL AS text) AS name, '{place}' AS value, CAST(NULL AS text) AS label, "));
            self.sql.push(&format!("n{place} AS n, CAST(0 AS bigint) AS matched FROM counted"));
        }
    }

    pub fn stock(&mut self) {
        self.branch(Part::Stock, |block| {
            block.sql.push(
                "SELECT CAST(NULL AS text) AS name, CASE WHEN g.in_stock THEN 'true' ELSE 'false' END AS value, ",
            );
            block.sql.push("CAST(NULL AS text) AS label, g.n, g.matched FROM ");
            block.groups(FacetKind::Stock, Some(&Dimension::Stock), "t.in_stock");
        });
    }

    pub fn tags(&mut self) {
        let chosen = self.narrowing.chosen(&Dimension::Tag).unwrap_or_default();
        let tag = |choice: &Choice| if let Choice::Tag(tag) = choice { Some(tag.clone()) } else { None };
        let chosen: Vec<String> = chosen.iter().filter_map(tag).collect();
        let (by_tag, most) = (by_letter(self.sql.backend(), "e.value"), self.most(chosen.len()));
        self.branch(Part::Tag, |block| {
            block.sql.push("SELECT CAST(NULL AS text) AS name, e.value, CAST(NULL AS text) AS label, ");
            block.sql.push("CAST(sum(g.n) AS bigint) AS n, max(g.matched) AS matched FROM ");
            block.groups(FacetKind::Tag, Some(&Dimension::Tag), "t.tags");
            block.sql.push(tag_items(block.sql.backend()));
            block.sql.push(" GROUP BY e.value ORDER BY ").any_of_texts("e.value", &chosen);
            block.sql.push(&format!(" DESC, n DESC, {by_tag} LIMIT {most}"));
        });
    }

    /// Options that are chosen from, each by itself, and all others together.
    pub fn options(&mut self) {
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
        self.branch(Part::Option, |block| {
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
}
