//! Lists in the order of a rank that no index has: all that is found is ranked, then sorted. What that costs is bounded by the most rows that
//! are ranked.

use sea_orm::{DbBackend, Statement};

use super::page::{List, Parents, Position, Window, belongs, parents_table};
use super::sql::Sql;

/// How the rows of a list are ranked.
pub struct Ranking<'a> {
    /// Joins what the rank and the condition look at to `t`.
    pub join: &'static str,
    /// Appends the condition on what was joined, with a leading `AND`.
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
        let page_ids = |sql: &mut Sql| {
            sql.push("SELECT t.id FROM ");
            self.found(sql, ranking);
            sql.push(" WHERE TRUE");
            self.within(sql, window);
            sql.push(&format!(" ORDER BY t.rank {direction}, t.id {direction} LIMIT ")).bind(limit);
        };
        self.tree(&mut sql);
        sql.push("SELECT ").push(columns).push(", ");
        (ranking.rank)(&mut sql);
        sql.push(" AS rank");
        let order = match (&self.parents, sql.backend()) {
            (Parents::None, _) => {
                sql.push(" FROM (");
                page_ids(&mut sql);
                sql.push(") page JOIN ").push(self.table).push(" t ON t.id = page.id").push(ranking.join);
                " ORDER BY "
            }
            (parents, DbBackend::Sqlite) => {
                sql.push(", parent.id AS parent_id FROM ");
                parents_table(&mut sql, parents);
                sql.push(" CROSS JOIN ").push(self.table).push(" t ON t.id IN (");
                page_ids(&mut sql);
                sql.push(")").push(ranking.join);
                " ORDER BY parent.id, "
            }
            (parents, _) => {
                sql.push(", parent.id AS parent_id FROM ");
                parents_table(&mut sql, parents);
                sql.push(" CROSS JOIN LATERAL (");
                page_ids(&mut sql);
                sql.push(") page JOIN ").push(self.table).push(" t ON t.id = page.id").push(ranking.join);
                " ORDER BY parent.id, "
            }
        };
        sql.push(order).push(&format!("rank {direction}, t.id {direction}"));
        sql.build()
    }

    /// Appends whether rows lie beyond one end of a window.
    pub(super) fn ranked_beyond(&self, ranking: &Ranking<'_>, sql: &mut Sql, position: &Position, operator: &str) {
        sql.push("EXISTS (SELECT 1 FROM ");
        self.found(sql, ranking);
        sql.push(" WHERE TRUE");
        self.compare(sql, operator, position);
        sql.push(") AS found");
    }

    /// Appends the ids and ranks of all rows of the list, under the alias `t`.
    fn found(&self, sql: &mut Sql, ranking: &Ranking<'_>) {
        sql.push("(SELECT t.id, ");
        (ranking.rank)(sql);
        sql.push(" AS rank FROM ").push(self.table).push(" t").push(ranking.join).push(" WHERE ");
        belongs(sql, &self.parents);
        (ranking.condition)(sql);
        (self.conditions)(sql);
        sql.push(" ORDER BY t.id DESC LIMIT ").bind(i64::from(ranking.most)).push(") t");
    }
}
