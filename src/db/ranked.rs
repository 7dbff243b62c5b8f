//! Lists in the order of a rank that no index has: all that is found is ranked, then sorted. What that costs is bounded by the most rows that
//! are ranked. Under parents it is found once for all of them, and each parent's rows are numbered in its order.

use sea_orm::Statement;

use super::page::{List, Parents, Position, Window};
use super::sql::Sql;

/// How the rows of a list are ranked.
pub struct Ranking<'a> {
    /// The table that the rank and the condition look at, with its alias, and its column of the ids of `t`.
    pub words: (&'static str, &'static str),
    /// The conditions of the list where they can be told from that table alone, each with a leading `AND`: then `t` is not looked at.
    pub alone: Option<&'static str>,
    /// Appends the condition on that table, with a leading `AND`.
    pub condition: &'a (dyn Fn(&mut Sql) + Send + Sync),
    /// Appends the rank, a whole number.
    pub rank: &'a (dyn Fn(&mut Sql) + Send + Sync),
    /// Of more rows than this those with the highest ids are the list.
    pub most: u32,
}

impl List<'_> {
    /// The rows of a page as [`List::page`] has them, each with its `rank`.
    pub(super) fn ranked_page(&self, ranking: &Ranking<'_>, mut sql: Sql, columns: &str, window: &Window) -> Statement {
        let direction = if self.descending != window.backward { "DESC" } else { "ASC" };
        let limit = i64::from(window.size) + 1;
        let order = format!("t.rank {direction}, t.id {direction}");
        let parent = self.parent();
        self.tree(&mut sql);
        sql.push("SELECT ").push(columns).push(", page.rank AS rank");
        if parent.is_some() {
            sql.push(", page.parent_id AS parent_id");
        }
        sql.push(" FROM (SELECT t.*");
        if parent.is_some() {
            sql.push(&format!(", row_number() OVER (PARTITION BY t.parent_id ORDER BY {order}) AS place"));
        }
        sql.push(" FROM ");
        self.found(&mut sql, ranking);
        sql.push(" WHERE TRUE");
        self.within(&mut sql, window);
        if parent.is_none() {
            sql.push(" ORDER BY ").push(&order).push(" LIMIT ").bind(limit);
        }
        sql.push(") page JOIN ").push(self.table).push(" t ON t.id = page.id");
        if parent.is_some() {
            sql.push(" WHERE page.place <= ").bind(limit);
        }
        sql.push(" ORDER BY ");
        if parent.is_some() {
            sql.push("page.parent_id, ");
        }
        sql.push(&format!("page.rank {direction}, page.id {direction}"));
        sql.build()
    }

    /// Whether rows lie beyond one end of a window: of parents those alone where some do.
    pub(super) fn ranked_beyond(
        &self,
        ranking: &Ranking<'_>,
        mut sql: Sql,
        position: &Position,
        operator: &str,
    ) -> Statement {
        let under_parents = self.parent().is_some();
        self.tree(&mut sql);
        sql.push(if under_parents {
            "SELECT DISTINCT t.parent_id, TRUE AS found FROM "
        } else {
            "SELECT EXISTS (SELECT 1 FROM "
        });
        self.found(&mut sql, ranking);
        sql.push(" WHERE TRUE");
        self.compare(&mut sql, operator, position);
        if !under_parents {
            sql.push(") AS found");
        }
        sql.build()
    }

    /// How many rows the list has: without parents counted up to `most` where that is given, else all, of the parents that have some.
    pub(super) fn ranked_count(&self, ranking: &Ranking<'_>, mut sql: Sql, most: Option<u32>) -> Statement {
        let parent = self.parent();
        self.tree(&mut sql);
        if let Some(parent) = parent {
            sql.push("SELECT ").push(&parent).push(" AS parent_id, count(*) AS total");
            self.ranked_rows(ranking, &mut sql);
            sql.push(" GROUP BY ").push(&parent);
        } else {
            sql.push("SELECT (SELECT count(*) FROM (SELECT 1");
            self.ranked_rows(ranking, &mut sql);
            if let Some(most) = most {
                sql.push(" LIMIT ").bind(i64::from(most));
            }
            sql.push(") counted) AS total");
        }
        sql.build()
    }

    /// Appends the ids and ranks of all rows of the list, under parents with their `parent_id`, under the alias `t`.
    fn found(&self, sql: &mut Sql, ranking: &Ranking<'_>) {
        let (table, id) = ranking.words;
        let Some(parent) = self.parent() else {
            let id = if ranking.alone.is_some() { id } else { "t.id" };
            sql.push("(SELECT ").push(id).push(" AS id, ");
            (ranking.rank)(sql);
            sql.push(" AS rank");
            self.ranked_rows(ranking, sql);
            sql.push(" ORDER BY ").push(id).push(" DESC LIMIT ").bind(i64::from(ranking.most)).push(") t");
            return;
        };
        sql.push("(SELECT listed.parent_id, listed.id, ");
        (ranking.rank)(sql);
        sql.push(&format!(
            " AS rank FROM (SELECT {parent} AS parent_id, t.id, row_number() OVER (PARTITION BY {parent} ORDER BY t.id DESC) AS age"
        ));
        self.ranked_rows(ranking, sql);
        sql.push(") listed JOIN ").push(table).push(" ON ").push(id).push(" = listed.id");
        sql.push(" WHERE listed.age <= ").bind(i64::from(ranking.most)).push(") t");
    }

    /// Appends all rows of the list, from the `FROM` on.
    fn ranked_rows(&self, ranking: &Ranking<'_>, sql: &mut Sql) {
        let (table, id) = ranking.words;
        sql.push(" FROM ");
        if let Some(conditions) = ranking.alone {
            sql.push(table).push(" WHERE TRUE").push(conditions);
            (ranking.condition)(sql);
            return;
        }
        sql.push(self.table).push(" t JOIN ").push(table).push(" ON ").push(id).push(" = t.id");
        match &self.parents {
            Parents::None => sql.push(" WHERE TRUE"),
            Parents::Column(column, ids) => sql.push(" WHERE ").any_of(&format!("t.{column}"), ids),
            Parents::CategoryTree(column, _) => sql.push(" JOIN tree ON tree.id = t.").push(column).push(" WHERE TRUE"),
        };
        (ranking.condition)(sql);
        (self.conditions)(sql);
    }

    /// The id of the parent of a row, among [`List::ranked_rows`].
    fn parent(&self) -> Option<String> {
        match &self.parents {
            Parents::None => None,
            Parents::Column(column, _) => Some(format!("t.{column}")),
            Parents::CategoryTree(..) => Some("tree.root".to_owned()),
        }
    }
}
