//! Where pages begin, in a subject's own form: the first hundred pages, and a hundred around the depth of 50,000 products.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::ask::{PAGE, end, page};
use super::shop::{PRODUCTS, Shop, WORDS};
use super::subject::Subject;

const PAGES: usize = 100;
const DEPTH: u64 = 50_000;
/// How far a step to the depth goes.
const STEP: u64 = 100;

/// Makes the folder that a load on this subject draws from, unless it is there; the subject serves at the address.
pub async fn write(shop: &Shop, subject: Subject, url: &str) -> anyhow::Result<PathBuf> {
    let folder = shop.folder().join(subject.name());
    if folder.join("cursors.json").exists() {
        return Ok(folder);
    }
    std::fs::create_dir_all(&folder)?;
    let client = reqwest::Client::new();
    let walk = Walk { client: &client, subject, url };
    let early = match subject.has_pages() {
        true => walk.go(Value::Null, PAGE, PAGES - 1).await?,
        false => Vec::new(),
    };
    let deep = match subject {
        Subject::Storefront => deep(&walk, &early).await?,
        _ => Vec::new(),
    };
    let early = std::iter::once(Value::Null).chain(early);
    let cursors = json!({ "first": early.collect::<Vec<_>>(), "deep": deep });
    for file in [PRODUCTS, WORDS] {
        std::fs::hard_link(shop.folder().join(file), folder.join(file))?;
    }
    std::fs::write(folder.join("cursors.json"), cursors.to_string())?;
    Ok(folder)
}

/// The last pages where the list ends before the depth.
async fn deep(walk: &Walk<'_>, early: &[Value]) -> anyhow::Result<Vec<Value>> {
    let Some(last) = early.last() else { return Ok(vec![Value::Null]) };
    let walked = PAGE * early.len() as u64;
    let ends = walk.go(last.clone(), STEP, ((DEPTH - walked) / STEP) as usize).await?;
    let Some(there) = ends.last() else { return Ok(early.to_vec()) };
    let deep = walk.go(there.clone(), PAGE, PAGES).await?;
    Ok(if deep.is_empty() { early.to_vec() } else { deep })
}

struct Walk<'a> {
    client: &'a reqwest::Client,
    subject: Subject,
    url: &'a str,
}

impl Walk<'_> {
    /// The ends of so many pages from here on, as far as others follow them.
    async fn go(&self, from: Value, first: u64, pages: usize) -> anyhow::Result<Vec<Value>> {
        let (mut after, mut ends) = (from, Vec::new());
        for _ in 0..pages {
            let answer = page(self.client, self.subject, self.url, first, &after).await?;
            let Some(end) = end(&answer.body) else { break };
            after = end.clone();
            ends.push(after.clone());
        }
        // The page behind the last end may be shorter than the loads want it.
        if ends.len() < pages {
            ends.pop();
        }
        Ok(ends)
    }
}
