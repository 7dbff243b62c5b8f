//! The block of a statement that counts the facets of one list.
//!
//! `matched` in it holds the products that meet all conditions, and facets that nothing narrows count those; a facet that is narrowed has
//! its own products, for which its own conditions are left out: `relaxed_category` and `relaxed_price`, which several branches read, or
//! a selection in place. Lists of tags and of options are grouped as they are before they are taken apart: many products have the same.

use super::{restrict, search};
use crate::db::Sql;
use crate::error::{Error, Result};
use crate::product::facet::{Dimension, FacetKind, FacetsKey, MOST_MATCHED, Narrowing};
use crate::product::filter::ProductFilter;
use crate::product::listing::ProductParent;

/// What a row is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Category,
    /// A category with all below it.
    CategoryTree,
    /// A category that lies in a tree, with the root of that.
    CategoryBelow,
    Store,
    /// Prices that agree in their first two digits.
    Prices,
    /// A range of prices that is chosen, by its place.
    ChosenPrice,
    Stock,
    Tag,
    Option,
}

impl Part {
    const ALL: [Self; 9] = [
        Self::Category,
        Self::CategoryTree,
        Self::CategoryBelow,
        Self::Store,
        Self::Prices,
        Self::ChosenPrice,
        Self::Stock,
        Self::Tag,
        Self::Option,
    ];

    /// The part of this number.
    pub fn of(number: i32) -> Result<Self> {
        let part = Self::ALL.into_iter().find(|part| *part as i32 == number);
        part.ok_or_else(|| Error::internal(anyhow::anyhow!("a row of part {number}, which there is not")))
    }
}

/// The block of one list.
pub struct Block<'a> {
    pub(super) sql: &'a mut Sql,
    key: &'a FacetsKey,
    pub(super) narrowing: Narrowing<'a>,
    branches: usize,
}

impl<'a> Block<'a> {
    pub fn of(key: &'a FacetsKey, sql: &'a mut Sql) -> Self {
        Self { sql, key, narrowing: Narrowing::of(&key.listing.filter), branches: 0 }
    }

    pub fn write(&mut self) {
        self.sql.push("WITH matched AS (");
        let all: Vec<&str> = self.key.kinds.iter().map(|kind| columns(*kind)).collect();
        self.products(&all.join(", "), &self.narrowing.all());
        for (kind, dimension) in [(FacetKind::Category, Dimension::Category), (FacetKind::Price, Dimension::Price)] {
            if let Some(name) = relaxed(kind).filter(|_| self.key.kinds.contains(&kind) && self.is_narrowed(&dimension))
            {
                self.sql.push("), ").push(name).push(" AS (");
                self.products(columns(kind), &self.narrowing.without(&dimension));
            }
        }
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
        if let Some(search) = self.key.listing.search.as_deref() {
            search::found(self.sql, search, search::Looked::Once);
        }
        self.sql.push(&format!(" LIMIT {}", MOST_MATCHED + 1));
    }

    fn is_narrowed(&self, dimension: &Dimension) -> bool {
        self.narrowing.chosen(dimension).is_some()
    }

    /// Appends the products that a facet counts, under the alias `t`.
    pub(super) fn source(&mut self, kind: FacetKind, dimension: Option<&Dimension>) {
        let Some(dimension) = dimension.filter(|dimension| self.is_narrowed(dimension)) else {
            self.sql.push("matched t");
            return;
        };
        if let Some(name) = relaxed(kind) {
            self.sql.push(name).push(" t");
            return;
        }
        let conditions = self.narrowing.without(dimension);
        self.sql.push("(");
        self.products(columns(kind), &conditions);
        self.sql.push(") t");
    }

    /// Appends the products of a facet in groups, with `n`, how many are in each, and `matched`, how many there are at all.
    pub(super) fn groups(&mut self, kind: FacetKind, dimension: Option<&Dimension>, column: &str) {
        self.sql
            .push("(SELECT ")
            .push(column)
            .push(", count(*) AS n, CAST(sum(count(*)) OVER () AS bigint) AS matched FROM ");
        self.source(kind, dimension);
        self.sql.push(" GROUP BY ").push(column).push(") g");
    }

    /// Appends a branch: rows of `name, value, label, n, matched`, which `select` appends.
    pub(super) fn branch(&mut self, part: Part, select: impl FnOnce(&mut Self)) {
        let union = if self.branches > 0 { "UNION ALL " } else { "" };
        self.branches += 1;
        self.sql.push(&format!("{union}SELECT {} AS part, v.* FROM (", part as i32));
        select(self);
        self.sql.push(") v ");
    }

    /// How many values are read of a facet of which so many are chosen.
    pub(super) fn most(&self, chosen: usize) -> usize {
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

/// The name of a facet's own products where several branches read them.
fn relaxed(kind: FacetKind) -> Option<&'static str> {
    match kind {
        FacetKind::Category => Some("relaxed_category"),
        FacetKind::Price => Some("relaxed_price"),
        _ => None,
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
