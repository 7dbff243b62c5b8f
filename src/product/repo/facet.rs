//! Counting what facets show: one statement for a few of the lists that ask in the same moment, whatever kinds they ask for.

use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::block::{Block, Part};
use crate::db::{Columns, Connection, Sql};
use crate::error::{Error, Result};
use crate::product::facet::{Choice, Counted, Dimension, FacetsKey, Narrowing, What};

/// The most lists of one statement, and the number of values bound in it beyond which it gets no further list. A statement that takes too
/// long fails all of its lists, so there are few.
const MOST_LISTS: usize = 5;
const MANY_VALUES: usize = 20_000;

/// What facets of these lists show, list by list: a timeout is that of one statement, the others still run.
pub async fn count_facets(db: &Connection, keys: &[FacetsKey]) -> Result<Vec<Result<Vec<Counted>>>> {
    let mut counted = vec![Ok(Vec::new()); keys.len()];
    let mut first = 0;
    while first < keys.len() {
        let mut sql = Sql::new(db.get_database_backend());
        let mut next = first;
        while next < keys.len() && next - first < MOST_LISTS && sql.bound() < MANY_VALUES {
            sql.push(if next > first { " UNION ALL " } else { "" });
            sql.push(&format!("SELECT {next} AS list, block.* FROM ("));
            Block::of(&keys[next], &mut sql).write();
            sql.push(") block");
            next += 1;
        }
        match rows(db, sql, keys).await {
            Err(error @ Error::Timeout(_)) => counted[first..next].fill(Err(error)),
            rows => {
                for (place, row) in rows? {
                    if let Ok(counted) = &mut counted[place] {
                        counted.push(row);
                    }
                }
            }
        }
        first = next;
    }
    Ok(counted)
}

/// The rows of a statement, each with the place of its list.
async fn rows(db: &Connection, sql: Sql, keys: &[FacetsKey]) -> Result<Vec<(usize, Counted)>> {
    let rows = db.query_all_raw(sql.build()).await?;
    let placed = rows.iter().map(|row| {
        let mut columns = Columns::of(row);
        let place = columns.take::<i32>()? as usize;
        Ok((place, read(columns, &keys[place])?))
    });
    placed.collect()
}

/// The row of a branch, behind the number of its list.
fn read(mut columns: Columns<'_>, key: &FacetsKey) -> Result<Counted> {
    let part = Part::of(columns.take()?)?;
    let (name, value) = (columns.take::<Option<String>>()?, columns.take::<String>()?);
    let (label, count, matched) = (columns.take::<Option<String>>()?, columns.take()?, columns.take()?);
    let id = |text: &str| Uuid::parse_str(text).map_err(Error::internal);
    let plain = |choice| What::Choice { choice, name: None, parent: None, within: None };
    let what = match part {
        Part::Category | Part::CategoryTree => {
            let choice = Choice::Category { id: id(&value)?, with_descendants: part == Part::CategoryTree };
            What::Choice { choice, name: label, parent: name, within: None }
        }
        Part::CategoryBelow => {
            let (tree, below) = value.split_once(' ').unwrap_or_default();
            let tree = Choice::Category { id: id(tree)?, with_descendants: true };
            let choice = Choice::Category { id: id(below)?, with_descendants: false };
            What::Choice { choice, name: label, parent: name, within: Some(tree) }
        }
        Part::Store => What::Choice { choice: Choice::Store(id(&value)?), name: label, parent: None, within: None },
        Part::Prices => {
            What::Prices { currency: name.unwrap_or_default(), from: value.parse().map_err(Error::internal)? }
        }
        Part::ChosenPrice => plain(chosen_price(key, &value)?),
        Part::Stock => plain(Choice::Stock(value == "true")),
        Part::Tag => plain(Choice::Tag(value)),
        Part::Option => plain(Choice::Option { name: name.unwrap_or_default(), value }),
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
