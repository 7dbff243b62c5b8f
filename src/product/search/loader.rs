//! Batched reads of the shop's words.

use std::collections::HashMap;
use std::sync::Arc;

use super::near;
use crate::error::Result;
use crate::graphql::{Batch, Kind, Reads, Shown};
use crate::product::repo;

/// The words of the shop that a typed one stands for, by that word: nothing when the shop has it, or has nothing like it.
pub struct SimilarWords;

impl Batch for SimilarWords {
    type Key = String;
    type Value = Arc<[String]>;
    const NAME: &'static str = "SimilarWords";

    /// A product may bring the word.
    fn show(_: Option<&Self::Value>, shown: &Shown) {
        shown.list(Kind::Product, std::iter::empty());
    }

    async fn load(reads: &Reads, keys: &[String]) -> Result<HashMap<String, Arc<[String]>>> {
        let candidates = repo::similar_words(&reads.reader(Self::NAME), keys).await?;
        let nearest = |(typed, words): (String, Vec<String>)| {
            let nearest = near::nearest(&typed, words.iter().map(String::as_str));
            (typed, nearest.into())
        };
        Ok(candidates.into_iter().map(nearest).collect())
    }
}
