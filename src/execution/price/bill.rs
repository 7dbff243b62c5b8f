//! What an operation cost in the end: its price, with every list as long as it really was.

use std::sync::Arc;

use async_graphql::Value;

use super::evaluate::Known;
use super::{Field, Kind, Mark, Member, Part, PartId, Points};
use crate::execution::plan::Plan;

/// The price of one request, kept while it runs.
#[derive(Debug, Clone)]
pub struct Bill {
    pub(crate) plan: Arc<Plan>,
    pub(crate) inputs: Box<[u64]>,
    pub(crate) price: u64,
}

impl Bill {
    /// The points that were charged before anything ran, at least 1.
    pub fn price(&self) -> u64 {
        self.price
    }

    /// The points of what came back in `data`, at least 1 and never more than the price. Only objects of lists that did not come are
    /// given back. An item that is null was looked for, and costs its weight.
    pub fn actual(&self, data: &Value) -> u64 {
        let tree = self.plan.price_tree();
        let walk = Walk { known: Known { parts: &tree.parts, inputs: &self.inputs, live: &[] } };
        tree.root.map_or(0, |root| walk.part(root, Some(data))).max(self.plan.least()).min(self.price)
    }
}

/// Walks tree and answer side by side. Recursion is bounded by how deep selections may nest.
struct Walk<'a> {
    known: Known<'a>,
}

impl Walk<'_> {
    /// What a part cost whose fields are those of `data`; none when that object is not there.
    fn part(&self, id: PartId, data: Option<&Value>) -> u64 {
        let part = &self.known.parts[id.0 as usize];
        match (&part.kind, part.points) {
            (_, Points::Fixed(points)) if !part.is_sized => points,
            (Kind::Set(parts), _) => parts.iter().fold(0, |sum: u64, id| sum.saturating_add(self.part(*id, data))),
            (Kind::Guarded(guards, inner), _) if guards.iter().all(|guard| guard.holds(self.known.inputs)) => {
                self.part(*inner, data)
            }
            (Kind::Guarded(..), _) => 0,
            (Kind::Field(field), _) => self.field(field, data),
        }
    }

    fn field(&self, field: &Field, data: Option<&Value>) -> u64 {
        let value = match data {
            Some(Value::Object(fields)) => fields.get(&field.key).filter(|value| **value != Value::Null),
            _ => None,
        };
        let inside = match (field.size, value) {
            (None, value) => self.dearest(field, value),
            (Some(_), Some(Value::List(items))) => {
                items.iter().fold(0, |sum: u64, item| sum.saturating_add(self.item(field, item)))
            }
            (Some(_), _) => 0,
        };
        self.known.own(field).saturating_add(inside)
    }

    fn item(&self, field: &Field, item: &Value) -> u64 {
        match item {
            Value::Null => field.members.iter().map(|member| member.weight).max().unwrap_or(0),
            item => self.dearest(field, Some(item)),
        }
    }

    /// The dearest of the types that an object can be, going by the fields that it has.
    fn dearest(&self, field: &Field, object: Option<&Value>) -> u64 {
        let fitting = field.members.iter().filter(|member| member.fits(object));
        let points = |member: &Member| {
            let inside = member.set.map_or(0, |set| self.part(set, object));
            member.weight.saturating_add(inside)
        };
        fitting.map(points).max().unwrap_or_else(|| field.members.iter().map(points).max().unwrap_or(0))
    }
}

impl Member {
    fn fits(&self, object: Option<&Value>) -> bool {
        let Some(Value::Object(fields)) = object else { return true };
        self.marks.iter().all(|Mark { key, is_typename }| match fields.get(key) {
            Some(Value::String(name)) if *is_typename => **name == *self.name,
            value => value.is_some(),
        })
    }
}

impl Part {
    /// Costs nothing, whatever is given and whatever comes back.
    pub(super) fn is_free(&self) -> bool {
        matches!(self.points, Points::Fixed(0)) && !self.is_sized && !self.is_judged
    }
}
