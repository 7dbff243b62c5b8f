//! Batched reads of users.

use std::collections::HashMap;
use std::sync::Arc;

use uuid::Uuid;

use super::entity::Model;
use super::repo;
use crate::db::Window;
use crate::error::Result;
use crate::graphql::{Batch, Page, Reads};

/// A user by id.
pub struct UserById;

impl Batch for UserById {
    type Key = Uuid;
    type Value = Arc<Model>;
    const NAME: &'static str = "UserById";

    async fn load(reads: &Reads, keys: &[Uuid]) -> Result<HashMap<Uuid, Arc<Model>>> {
        repo::by_ids(&reads.reader(Self::NAME), keys).await
    }
}

/// A user by e-mail address in lower case.
pub struct UserByEmail;

impl Batch for UserByEmail {
    type Key = String;
    type Value = Arc<Model>;
    const NAME: &'static str = "UserByEmail";

    async fn load(reads: &Reads, keys: &[String]) -> Result<HashMap<String, Arc<Model>>> {
        repo::by_emails(&reads.reader(Self::NAME), keys).await
    }
}

/// A page of all users.
pub struct UserPage;

impl Batch for UserPage {
    type Key = Window;
    type Value = Page<Arc<Model>>;
    const NAME: &'static str = "UserPage";

    /// Different windows under different aliases are a statement each.
    async fn load(reads: &Reads, keys: &[Window]) -> Result<HashMap<Window, Self::Value>> {
        let mut pages = HashMap::with_capacity(keys.len());
        for window in keys {
            pages.insert(window.clone(), repo::page(&reads.reader(Self::NAME), window).await?);
        }
        Ok(pages)
    }
}

/// How many users there are, by how many are counted at most.
pub struct UserCount;

impl Batch for UserCount {
    type Key = Option<u32>;
    type Value = u32;
    const NAME: &'static str = "UserCount";

    async fn load(reads: &Reads, keys: &[Option<u32>]) -> Result<HashMap<Option<u32>, u32>> {
        let mut counts = HashMap::with_capacity(keys.len());
        for most in keys {
            counts.insert(*most, repo::count(&reads.reader(Self::NAME), *most).await?);
        }
        Ok(counts)
    }
}
