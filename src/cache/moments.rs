//! What is dear to compute and may be a moment old, such as counts over a whole list: computed once for all who ask at the same time, and
//! kept for a second or two in the process.
//!
//! Nobody tells it of changes, so it is for whoever brings no token and has not written; what this instance writes ends all of it.

use std::any::Any;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use moka::future::Cache as Kept;

use super::Cache;
use super::rule::Rule;
use crate::db::{Routing, Scope};
use crate::error::{Error, Result};

/// How long it is kept.
const LIFE: Duration = Duration::from_secs(2);
/// How many are kept: a few kilobytes each.
const MOST_KEPT: u64 = 1000;

/// What was computed in the last moment, by what it is of.
pub struct Moments(Kept<Key, Moment>);

#[derive(Clone, PartialEq, Eq, Hash)]
struct Key {
    scope: Scope,
    name: &'static str,
    digest: u128,
    /// How often this instance had written.
    written: u64,
}

#[derive(Clone)]
struct Moment {
    value: Arc<dyn Any + Send + Sync>,
    /// It tells of nothing older than this.
    begun: Instant,
}

impl Default for Moments {
    fn default() -> Self {
        Self(Kept::builder().max_capacity(MOST_KEPT).time_to_live(LIFE).build())
    }
}

impl Cache {
    /// Computes a value, or takes what was computed for another one a moment ago. `digest`: what tells it from others of its name.
    pub async fn for_a_moment<T: Send + Sync + 'static>(
        &self,
        routing: &Routing,
        name: &'static str,
        digest: u128,
        compute: impl Future<Output = Result<T>>,
    ) -> Result<Arc<T>> {
        let scope = routing.db().scope().filter(|_| self.is_on() && Rule::of(routing) == Rule::Free);
        let Some(scope) = scope else { return compute.await.map(Arc::new) };
        routing.took_other();
        let key = Key { scope, name, digest, written: self.answers.written() };
        let compute = async {
            let begun = Instant::now();
            Ok::<_, Error>(Moment { value: Arc::new(compute.await?), begun })
        };
        let Moment { value, begun } =
            self.moments.0.try_get_with(key, compute).await.map_err(|error| Error::clone(&error))?;
        routing.took(begun);
        value.downcast().map_err(|_| Error::internal(anyhow::anyhow!("{name} is of another type")))
    }
}
