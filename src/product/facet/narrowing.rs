//! A list's filter as its facets see it: which of its conditions belong to which facet.
//!
//! A facet is relaxed: it counts as if its own conditions were not there, so that its other values stay in sight. Its own are those
//! that are about nothing else and must hold by themselves, be it through lists of `AND`.

use serde_json::Value;

use super::choice::{Choice, Dimension};
use super::written::written;
use crate::product::filter::ProductFilter;

pub struct Narrowing<'a> {
    conditions: Vec<(Option<Dimension>, &'a ProductFilter)>,
}

impl<'a> Narrowing<'a> {
    pub fn of(filter: &'a ProductFilter) -> Self {
        let conditions = filter.conjuncts().into_iter().map(|condition| (Dimension::of(condition), condition));
        Self { conditions: conditions.collect() }
    }

    /// All conditions.
    pub fn all(&self) -> Vec<&'a ProductFilter> {
        self.conditions.iter().map(|(_, condition)| *condition).collect()
    }

    /// The conditions but for those of one dimension.
    pub fn without(&self, dimension: &Dimension) -> Vec<&'a ProductFilter> {
        let others = self.conditions.iter().filter(|(of, _)| of.as_ref() != Some(dimension));
        others.map(|(_, condition)| *condition).collect()
    }

    /// What is chosen of a dimension; `None` when nothing narrows it.
    pub fn chosen(&self, dimension: &Dimension) -> Option<Vec<Choice>> {
        let own = self.conditions.iter().filter(|(of, _)| of.as_ref() == Some(dimension));
        let own: Vec<ProductFilter> = own.map(|(_, condition)| (*condition).clone()).collect();
        (!own.is_empty()).then(|| Choice::of(&ProductFilter::All(own)))
    }

    /// The options that are narrowed, each once.
    pub fn options(&self) -> Vec<&str> {
        let mut names = Vec::new();
        for (dimension, _) in &self.conditions {
            if let Some(Dimension::Option(name)) = dimension
                && !names.contains(&name.as_str())
            {
                names.push(name);
            }
        }
        names
    }

    /// The `where` with this choice made as well, in place of those that it lies within; without it, if it is made already.
    pub fn toggled(&self, choice: &Choice, within: &[Choice]) -> Value {
        let dimension = choice.dimension();
        let mut chosen = self.chosen(&dimension).unwrap_or_default();
        match chosen.iter().position(|other| other == choice) {
            Some(place) => drop(chosen.remove(place)),
            None => {
                chosen.retain(|other| !within.contains(other));
                chosen.push(choice.clone());
            }
        }
        let own = (!chosen.is_empty()).then(|| Choice::any_of(&chosen));
        written(self.without(&dimension).into_iter().chain(&own))
    }
}
