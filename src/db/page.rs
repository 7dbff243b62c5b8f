//! Keyset pages: one statement for the page of a list, or for the pages of the same list under many parents.
//!
//! Conditions are row comparisons, `(created_at, id) < ($1, $2)`, all keys in one direction: that is the form that both
//! databases answer from one index range, at any depth. Under parents each parent's range is read by itself, in a LATERAL join
//! on Postgres and in a correlated `IN` on SQLite; then the rows of the pages are fetched by id.

use chrono::{DateTime, Utc};
use sea_orm::{DbBackend, Statement, Value};
use uuid::Uuid;

use super::ranked::Ranking;
use super::sql::Sql;

/// The value of the column that a list is sorted by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum SortKey {
    Time(DateTime<Utc>),
    Text(String),
    Integer(i64),
}

impl From<SortKey> for Value {
    fn from(key: SortKey) -> Self {
        match key {
            SortKey::Time(time) => time.into(),
            SortKey::Text(text) => text.into(),
            SortKey::Integer(integer) => integer.into(),
        }
    }
}

/// A place in a sorted list; the id makes it unique.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Position {
    pub key: SortKey,
    pub id: Uuid,
}

/// Which part of a list is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Window {
    /// The most rows to return; one more is read, to know whether there are more.
    pub size: u32,
    /// The last rows of the range rather than the first.
    pub backward: bool,
    pub after: Option<Position>,
    pub before: Option<Position>,
    /// Whether it must be known if rows lie before the page, and after it.
    pub wants_previous: bool,
    pub wants_next: bool,
}

impl Window {
    /// Whether it is the start of the list.
    pub fn is_first(&self) -> bool {
        !self.backward && self.after.is_none() && self.before.is_none()
    }

    /// The position beyond which it must be asked whether there are rows, if it must.
    pub fn must_look_beyond(&self, end: Beyond) -> Option<&Position> {
        match end {
            Beyond::Start => self.after.as_ref().filter(|_| self.wants_previous),
            Beyond::End => self.before.as_ref().filter(|_| self.wants_next),
        }
    }
}

/// How rows belong to the parents under which they are listed.
pub enum Parents<'a> {
    /// The list has no parent.
    None,
    /// Rows carry the parent's id in this column.
    Column(&'static str, &'a [Uuid]),
    /// Rows belong to a category by this column, or to any category above theirs.
    CategoryTree(&'static str, &'a [Uuid]),
}

/// A list: a table under the alias `t`, and which of its rows in which order.
pub struct List<'a> {
    pub table: &'static str,
    pub parents: Parents<'a>,
    /// The column that stands before `id` in the primary key, where there is one: it holds the parent's id.
    pub key_column: Option<&'static str>,
    /// A column of `t` that is never null, or `rank`; ties are broken by `t.id`.
    pub sort_column: &'static str,
    /// What the rank is, where the list is sorted by that.
    pub ranking: Option<Ranking<'a>>,
    pub descending: bool,
    /// Appends conditions on `t`, each with a leading `AND`.
    pub conditions: &'a (dyn Fn(&mut Sql) + Send + Sync),
}

/// Which rows at which end of the list lie outside a page.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Beyond {
    /// At or before the `after` position.
    Start,
    /// At or after the `before` position.
    End,
}

impl List<'_> {
    /// The rows of a page and one more, in list order (reversed for a backward window), the parent's id in `parent_id`,
    /// which comes last.
    ///
    /// `columns` is the selection over `t`.
    pub fn page(&self, backend: DbBackend, columns: &str, window: &Window) -> Statement {
        let mut sql = Sql::new(backend);
        if let Some(ranking) = &self.ranking {
            return self.ranked_page(ranking, sql, columns, window);
        }
        let descending = self.descending != window.backward;
        let direction = if descending { "DESC" } else { "ASC" };
        let order = format!("t.{} {direction}, t.id {direction}", self.sort_column);
        let limit = i64::from(window.size) + 1;
        match &self.parents {
            Parents::None => {
                sql.push("SELECT ").push(columns).push(" FROM ").push(self.table).push(" t WHERE TRUE");
                self.restrict(&mut sql, window);
                sql.push(" ORDER BY ").push(&order).push(" LIMIT ").bind(limit);
            }
            parents => {
                self.tree(&mut sql);
                sql.push("SELECT ").push(columns).push(", parent.id AS parent_id FROM ");
                parents_table(&mut sql, parents);
                match backend {
                    DbBackend::Sqlite => {
                        // CROSS JOIN keeps SQLite from going through the table first and asking each row for its parents.
                        sql.push(" CROSS JOIN ").push(self.table).push(" t ON ");
                        self.key_of_parent(&mut sql);
                        sql.push("t.id IN (");
                        self.page_ids(&mut sql, window, &order, limit);
                        sql.push(")");
                    }
                    _ => {
                        sql.push(" CROSS JOIN LATERAL (");
                        self.page_ids(&mut sql, window, &order, limit);
                        sql.push(") page JOIN ").push(self.table).push(" t ON ");
                        self.key_of_parent(&mut sql);
                        sql.push("t.id = page.id");
                    }
                }
                sql.push(" ORDER BY parent.id, ").push(&order);
            }
        }
        sql.build()
    }

    /// Whether rows lie beyond one end of a window: a row with `parent_id` (absent without parents) and `found`. A parent without a row has
    /// none there.
    pub fn beyond(&self, backend: DbBackend, position: &Position, end: Beyond) -> Statement {
        let mut sql = Sql::new(backend);
        let smaller = (end == Beyond::Start) != self.descending;
        let operator = if smaller { "<=" } else { ">=" };
        if let Some(ranking) = &self.ranking {
            return self.ranked_beyond(ranking, sql, position, operator);
        }
        self.tree(&mut sql);
        sql.push("SELECT ");
        if !matches!(self.parents, Parents::None) {
            sql.push("parent.id AS parent_id, ");
        }
        sql.push("EXISTS (SELECT 1 FROM ").push(self.table).push(" t WHERE ");
        belongs(&mut sql, &self.parents);
        (self.conditions)(&mut sql);
        self.compare(&mut sql, operator, position);
        sql.push(") AS found");
        if !matches!(self.parents, Parents::None) {
            sql.push(" FROM ");
            parents_table(&mut sql, &self.parents);
        }
        sql.build()
    }

    /// How many rows the list has, counted up to `most` where that is given, or further: a row with `parent_id` and `total`. A parent without
    /// a row has none.
    pub fn count(&self, backend: DbBackend, most: Option<u32>) -> Statement {
        let mut sql = Sql::new(backend);
        if let Some(ranking) = &self.ranking {
            return self.ranked_count(ranking, sql, most);
        }
        self.tree(&mut sql);
        sql.push("SELECT ");
        if !matches!(self.parents, Parents::None) {
            sql.push("parent.id AS parent_id, ");
        }
        sql.push("(SELECT count(*) FROM (SELECT 1 FROM ").push(self.table).push(" t WHERE ");
        belongs(&mut sql, &self.parents);
        (self.conditions)(&mut sql);
        if let Some(most) = most {
            sql.push(" LIMIT ").bind(i64::from(most));
        }
        sql.push(") counted) AS total");
        if !matches!(self.parents, Parents::None) {
            sql.push(" FROM ");
            parents_table(&mut sql, &self.parents);
        }
        sql.build()
    }

    /// Appends what of the primary key is known by the parent.
    fn key_of_parent(&self, sql: &mut Sql) {
        if let Some(column) = self.key_column {
            sql.push("t.").push(column).push(" = parent.id AND ");
        }
    }

    /// Appends the selection of the ids of one page under `parent`: from an index of the parent and the order, which is read as far as
    /// the page goes. Under a category tree no index has the order of the whole, so each category gives a page, and of these the
    /// first rows are taken.
    fn page_ids(&self, sql: &mut Sql, window: &Window, order: &str, limit: i64) {
        let Parents::CategoryTree(column, _) = &self.parents else {
            sql.push("SELECT t.id FROM ").push(self.table).push(" t WHERE ");
            belongs(sql, &self.parents);
            self.restrict(sql, window);
            sql.push(" ORDER BY ").push(order).push(" LIMIT ").bind(limit);
            return;
        };
        sql.push("SELECT t.id FROM tree ");
        let lateral = sql.backend() == DbBackend::Postgres;
        if lateral {
            sql.push("CROSS JOIN LATERAL (SELECT t.id, t.").push(self.sort_column);
        } else {
            sql.push("CROSS JOIN ").push(self.table).push(" t ON t.id IN (SELECT t.id");
        }
        sql.push(" FROM ").push(self.table).push(" t WHERE t.").push(column).push(" = tree.id");
        self.restrict(sql, window);
        sql.push(" ORDER BY ").push(order).push(" LIMIT ").bind(limit);
        sql.push(if lateral { ") t" } else { ")" });
        sql.push(" WHERE tree.root = parent.id ORDER BY ").push(order).push(" LIMIT ").bind(limit);
    }

    fn restrict(&self, sql: &mut Sql, window: &Window) {
        (self.conditions)(sql);
        self.within(sql, window);
    }

    /// Appends the bounds of a window.
    pub(super) fn within(&self, sql: &mut Sql, window: &Window) {
        let (after, before) = if self.descending { ("<", ">") } else { (">", "<") };
        if let Some(position) = &window.after {
            self.compare(sql, after, position);
        }
        if let Some(position) = &window.before {
            self.compare(sql, before, position);
        }
    }

    pub(super) fn compare(&self, sql: &mut Sql, operator: &str, position: &Position) {
        sql.push(" AND (t.").push(self.sort_column).push(", t.id) ").push(operator);
        sql.push(" (").bind(position.key.clone()).push(", ").bind(position.id).push(")");
    }

    /// For a list under categories: each parent with all categories below it. `UNION` ends on a cycle, should one exist.
    pub(super) fn tree(&self, sql: &mut Sql) {
        if let Parents::CategoryTree(_, ids) = &self.parents {
            sql.push("WITH RECURSIVE tree (root, id) AS (SELECT c.id, c.id FROM categories c WHERE ")
                .any_of("c.id", ids);
            sql.push(" UNION SELECT tree.root, c.id FROM tree JOIN categories c ON c.parent_id = tree.id) ");
        }
    }
}

fn parents_table(sql: &mut Sql, parents: &Parents<'_>) {
    let (Parents::Column(_, ids) | Parents::CategoryTree(_, ids)) = parents else { return };
    match sql.backend() {
        DbBackend::Sqlite => sql.push("(SELECT unhex(value) AS id FROM json_each(").bind_ids(ids).push(")) parent"),
        _ => sql.push("unnest(").bind_ids(ids).push(") AS parent (id)"),
    };
}

fn belongs(sql: &mut Sql, parents: &Parents<'_>) {
    match parents {
        Parents::None => sql.push("TRUE"),
        Parents::Column(column, _) => sql.push("t.").push(column).push(" = parent.id"),
        Parents::CategoryTree(column, _) => {
            sql.push("t.").push(column).push(" IN (SELECT tree.id FROM tree WHERE tree.root = parent.id)")
        }
    };
}
