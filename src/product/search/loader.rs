//! Batched reads of the shop's words.

use std::collections::HashMap;
use std::sync::Arc;

use super::near;
use crate::error::Result;
use crate::graphql::{Batch, Kind, Reads, Shown};
use crate::product::listing::Visible;
use crate::product::repo;

/// The words of the shop that a typed one stands for, by that word and the products that are searched: nothing when one of these has it, or
/// none has anything like it.
pub struct SimilarWords;

impl Batch for SimilarWords {
    type Key = (String, Visible);
    type Value = Arc<[String]>;
    const NAME: &'static str = "SimilarWords";

    /// A product may bring the word.
    fn show(_: Option<&Self::Value>, shown: &Shown) {
        shown.list(Kind::Product, std::iter::empty());
    }

    async fn load(reads: &Reads, keys: &[Self::Key]) -> Result<HashMap<Self::Key, Self::Value>> {
        let db = reads.reader(Self::NAME);
        let mut meant = HashMap::new();
        for visible in [Visible::All, Visible::ActiveOnly] {
            let of_these = keys.iter().filter(|(_, of)| *of == visible);
            let typed: Vec<String> = of_these.map(|(word, _)| word.clone()).collect();
            if typed.is_empty() {
                continue;
            }
            let alike: Vec<(String, Vec<(usize, String)>)> = repo::similar_words(&db, &typed, visible)
                .await?
                .into_iter()
                .map(|(typed, words)| (typed.clone(), near::alike(&typed, words)))
                .filter(|(_, alike)| !alike.is_empty())
                .collect();
            if alike.is_empty() {
                continue;
            }
            let words = alike.iter().flat_map(|(_, alike)| alike).map(|(_, word)| word.clone()).collect();
            let found = repo::words_found(&db, words, visible).await?;
            for (typed, alike) in alike {
                meant.insert((typed, visible), near::nearest(alike, |word| found.contains(word)).into());
            }
        }
        Ok(meant)
    }
}
