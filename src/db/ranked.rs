//! Lists in the order of a rank that no index has: all that is found is ranked, then sorted. What that costs is bounded by the most rows that
//! are ranked.

use sea_orm::{DbBackend, Statement};

use super::page::{List, Parents, Position, Window, belongs, parents_table};
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
                sql.push(") page JOIN ").push(self.table).push(" t ON t.id = page.id");
                ranking.join(&mut sql);
                " ORDER BY "
            }
            (parents, DbBackend::Sqlite) => {
                sql.push(", parent.id AS parent_id FROM ");
                parents_table(&mut sql, parents);
                sql.push(" CROSS JOIN ").push(self.table).push(" t ON t.id IN (");
                page_ids(&mut sql);
                sql.push(")");
                ranking.join(&mut sql);
                " ORDER BY parent.id, "
            }
            (parents, _) => {
                sql.push(", parent.id AS parent_id FROM ");
                parents_table(&mut sql, parents);
                sql.push(" CROSS JOIN LATERAL (");
                page_ids(&mut sql);
                sql.push(") page JOIN ").push(self.table).push(" t ON t.id = page.id");
                ranking.join(&mut sql);
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
        let id = if ranking.alone.is_some() { ranking.words.1 } else { "t.id" };
        sql.push("(SELECT ").push(id).push(" AS id, ");
        (ranking.rank)(sql);
        sql.push(" AS rank");
        self.ranked_rows(ranking, sql);
        sql.push(" ORDER BY ").push(id).push(" DESC LIMIT ").bind(i64::from(ranking.most)).push(") t");
    }

    /// Appends all rows of the list, from the `FROM` on.
    pub(super) fn ranked_rows(&self, ranking: &Ranking<'_>, sql: &mut Sql) {
        sql.push(" FROM ");
        match ranking.alone {
            Some(conditions) => {
                sql.push(ranking.words.0).push(" WHERE TRUE").push(conditions);
                (ranking.condition)(sql);
            }
            None => {
                sql.push(self.table).push(" t");
                ranking.join(sql);
                sql.push(" WHERE ");
                belongs(sql, &self.parents);
                (ranking.condition)(sql);
                (self.conditions)(sql);
            }
        }
    }
}

impl Ranking<'_> {
    fn join(&self, sql: &mut Sql) {
        let (table, id) = self.words;
        sql.push(" JOIN ").push(table).push(" ON ").push(id).push(" = t.id");
    }
}
