//! The rows of stores and of the category tree.

use fake::Fake;
use fake::faker::name::en::LastName;
use uuid::Uuid;

use super::dice::{Dice, Kind, OPENING, dice, id, pick};
use super::tree::{Leaf, TREE};
use super::words::{STORE_CLAIMS, STORE_KINDS};
use super::{Shop, row, slug};

impl Shop {
    pub fn store(&self, index: u32) -> row::Store {
        let (id, created_at, mut dice) = drawn(self.seed, Kind::Store, index, self.sizes.stores);
        let family: String = LastName().fake_with_rng(&mut dice);
        let name = format!("{family} {}", pick(&mut dice, &STORE_KINDS));
        row::Store {
            id,
            slug: format!("{}-{}", slug(&name), index + 1),
            description: (*pick(&mut dice, &STORE_CLAIMS)).to_owned(),
            currency_code: self.currency_of(index).code.to_owned(),
            name,
            created_at,
            updated_at: created_at,
        }
    }
}

/// The id of a store, which its products refer to.
pub fn store_id(seed: u64, index: u32, count: u32) -> Uuid {
    drawn(seed, Kind::Store, index, count).0
}

/// All categories, each after the one above it.
pub fn categories(seed: u64) -> Vec<row::Category> {
    let count =
        TREE.iter().map(|department| 1 + department.ranges.iter().map(|range| 1 + range.leaves.len()).sum::<usize>());
    let mut nursery =
        Nursery { seed, count: u32::try_from(count.sum::<usize>()).expect("a small tree"), rows: Vec::new() };
    for (place, department) in (0..).zip(TREE) {
        let top = nursery.plant(None, department.name, place);
        for (place, range) in (0..).zip(department.ranges) {
            let middle = nursery.plant(Some(top), range.name, place);
            for (place, Leaf { name, .. }) in (0..).zip(range.leaves) {
                nursery.plant(Some(middle), name, place);
            }
        }
    }
    nursery.rows
}

/// The ids of the leaves, in the order of [`leaves`](super::tree::leaves).
pub fn leaf_ids(categories: &[row::Category]) -> Vec<Uuid> {
    let is_parent = |id| categories.iter().any(|below| below.parent_id == Some(id));
    categories.iter().map(|category| category.id).filter(|&id| !is_parent(id)).collect()
}

struct Nursery {
    seed: u64,
    count: u32,
    rows: Vec<row::Category>,
}

impl Nursery {
    fn plant(&mut self, parent_id: Option<Uuid>, name: &str, position: i32) -> Uuid {
        let index = u32::try_from(self.rows.len()).expect("a small tree");
        let (id, created_at, _) = drawn(self.seed, Kind::Category, index, self.count);
        self.rows.push(row::Category {
            id,
            parent_id,
            slug: slug(name),
            name: name.to_owned(),
            description: format!("{name} for a calm and well-used home."),
            position,
            created_at,
            updated_at: created_at,
        });
        id
    }
}

fn drawn(seed: u64, kind: Kind, index: u32, count: u32) -> (Uuid, chrono::DateTime<chrono::Utc>, Dice) {
    let mut dice = dice(seed, kind, index.into());
    let created_at = OPENING.moment(&mut dice, index, count);
    (id(&mut dice, created_at, index), created_at, dice)
}
