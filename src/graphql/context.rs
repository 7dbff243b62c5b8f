//! What one request carries through its fields: who asks, its way to the database and its loaders.

use std::sync::Arc;

use async_graphql::Context;

use super::id::IdCodec;
use super::loader::{Batch, Loaders};
use super::page::PageRules;
use crate::auth::{Seal, Viewer};
use crate::db::Routing;
use crate::error::{Error, Result};

/// What is the same for all requests of a server and needed inside fields.
pub struct Shared {
    pub ids: IdCodec,
    pub cursors: Seal,
    pub pages: PageRules,
    /// The most ids that `nodes` takes.
    pub max_nodes: usize,
}

/// One request.
pub struct RequestContext {
    pub viewer: Viewer,
    pub routing: Arc<Routing>,
    pub shared: Arc<Shared>,
    loaders: Loaders,
}

impl RequestContext {
    pub fn new(viewer: Viewer, routing: Arc<Routing>, shared: Arc<Shared>) -> Self {
        let loaders = Loaders::new(routing.clone());
        Self { viewer, routing, shared, loaders }
    }

    /// Reads by key, in one batch with everyone who asks at the same moment.
    pub async fn load<B: Batch>(&self, key: B::Key) -> Result<Option<B::Value>> {
        self.loaders.load::<B>(key).await
    }

    /// Begins a root field that writes: staff only, and nothing that was read before it counts any more.
    pub fn begin_mutation(&self) -> Result<()> {
        self.require_staff()?;
        self.loaders.forget();
        Ok(())
    }

    /// Ends the writing of a root field: what its payload reads is read anew.
    pub fn end_mutation(&self) {
        self.loaders.forget();
    }

    pub fn require_staff(&self) -> Result<()> {
        if self.viewer.is_staff() { Ok(()) } else { Err(Error::StaffOnly) }
    }
}

/// Reaches the request from a field.
pub trait ContextExt {
    fn request(&self) -> &RequestContext;
}

impl ContextExt for Context<'_> {
    fn request(&self) -> &RequestContext {
        self.data_unchecked::<RequestContext>()
    }
}
