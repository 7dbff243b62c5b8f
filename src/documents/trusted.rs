//! The trusted documents: every operation that the front-ends send, known when the server starts.
//!
//! They are read from a folder: each `*.graphql` file is one document; a `*.json` file is a manifest as the build tools of front-ends write
//! it, an object from id to text (GraphQL Code Generator, Relay) or Apollo's `{ "operations": [{ "id", "body" }] }`.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use serde_json::Value;

use super::fingerprint::fingerprint;
use super::{Documents, Hash};

/// Folders inside folders that are read.
const DEEPEST: usize = 8;

#[derive(Default)]
pub struct Trusted {
    by_hash: HashMap<Hash, Arc<str>>,
    by_id: HashMap<String, Arc<str>>,
    fingerprints: HashSet<Hash>,
}

impl Trusted {
    /// Reads all documents below a folder.
    ///
    /// # Errors
    /// A file that cannot be read, or a folder without any document.
    pub fn read(folder: &Path) -> anyhow::Result<Self> {
        let mut trusted = Self::default();
        let name = folder.display();
        for file in
            files(folder, DEEPEST).with_context(|| format!("cannot read STOREFRONT_TRUSTED_DOCUMENTS_PATH {name}"))?
        {
            let text = || fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()));
            match file.extension().and_then(|extension| extension.to_str()) {
                Some("graphql" | "gql") => trusted.add(&text()?),
                Some("json") => trusted.add_manifest(&text()?).with_context(|| format!("in {}", file.display()))?,
                _ => {}
            }
        }
        if trusted.by_hash.is_empty() {
            bail!("STOREFRONT_TRUSTED_DOCUMENTS_PATH {name} holds no document: nothing could be executed");
        }
        Ok(trusted)
    }

    pub fn by_hash(&self, hash: &Hash) -> Option<Arc<str>> {
        self.by_hash.get(hash).cloned()
    }

    pub fn by_id(&self, id: &str) -> Option<Arc<str>> {
        self.by_id.get(id).cloned()
    }

    /// Whether a text is one of them, in any spelling.
    pub fn holds(&self, text: &str) -> bool {
        self.by_hash.contains_key(&Documents::hash(text)) || self.fingerprints.contains(&fingerprint(text))
    }

    fn add(&mut self, text: &str) {
        self.by_hash.insert(Documents::hash(text), text.into());
        self.fingerprints.insert(fingerprint(text));
    }

    fn add_named(&mut self, id: &str, text: &str) -> anyhow::Result<()> {
        self.add(text);
        let other = self.by_id.insert(id.to_owned(), text.into()).filter(|other| **other != *text);
        if other.is_some() {
            bail!("the id {id:?} stands for two documents");
        }
        Ok(())
    }

    fn add_manifest(&mut self, text: &str) -> anyhow::Result<()> {
        let manifest: Value = serde_json::from_str(text)?;
        let operations = manifest.get("operations").and_then(Value::as_array);
        let pairs: Vec<(Option<&str>, Option<&str>)> = match (operations, manifest.as_object()) {
            (Some(operations), _) => {
                operations.iter().map(|operation| (operation["id"].as_str(), operation["body"].as_str())).collect()
            }
            (None, Some(entries)) => entries.iter().map(|(id, text)| (Some(id.as_str()), text.as_str())).collect(),
            (None, None) => bail!("a manifest is an object from id to document"),
        };
        for pair in pairs {
            let (Some(id), Some(text)) = pair else { bail!("an entry of the manifest has no id or no document") };
            self.add_named(id, text)?;
        }
        Ok(())
    }
}

/// The files below a folder.
fn files(folder: &Path, deepest: usize) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if !path.is_dir() {
            found.push(path);
        } else if deepest > 0 {
            found.extend(files(&path, deepest - 1)?);
        }
    }
    Ok(found)
}
