//! What the cache does not have: read in flights that requests share, and handed over to be stored.
//!
//! Who begins a flight works on it; should they go away before it has landed, it goes on in a task of its own.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, join, join_all};
use tokio::runtime::Handle;
use tokio::time::timeout;
use uuid::Uuid;

use super::Cache;
use super::count::Found;
use super::filling::Reading;
use super::flight::{Departure, Seat};
use super::key::{Key, NodeKey};
use super::nodes::Visit;
use super::rule::Rule;
use super::search::Search;
use super::value::{Cached, Paired};
use crate::db::{Routing, Scope};
use crate::error::{Error, Result};

/// How long a read may take that others wait for.
pub(super) const FLIGHT_WITHIN: Duration = Duration::from_secs(5);

impl Visit<'_> {
    pub(super) async fn read_missing<N: Cached>(&self, search: Search<N>) -> Result<HashMap<Uuid, Arc<N>>> {
        let Search { mut found, missing, began, .. } = search;
        self.found::<N>(Found::Missing, missing.len());
        if missing.is_empty() {
            return Ok(found);
        }
        if self.rule == Rule::Free {
            self.fly(&missing, began, &mut found).await?;
            return Ok(found);
        }
        let (db, reading) = (self.routing.reader(N::NAME), Reading::begin(self.scope));
        let read = N::read(&db, &missing).await?;
        let nodes = read.values().map(|node| (node.clone(), None)).collect();
        self.cache.fill(&reading, self.routing, &db, nodes);
        found.extend(read);
        Ok(found)
    }

    /// Reads what is missing in flights that other requests may share; those that this call begins are one statement.
    async fn fly<N: Cached>(
        &self,
        missing: &[Uuid],
        missed_at: Instant,
        found: &mut HashMap<Uuid, Arc<N>>,
    ) -> Result<()> {
        let (mut seats, mut departures) = (Vec::with_capacity(missing.len()), Vec::new());
        for id in missing {
            let key = Key::Node(NodeKey { scope: self.scope, kind: N::KIND, id: *id });
            let (seat, departure) = self.cache.flights.board(key, missed_at);
            seats.push((*id, seat));
            departures.extend(departure.map(|departure| (*id, departure)));
        }
        self.fly_alone::<N>(departures).await;
        self.land(seats, found).await
    }

    /// Reads what is missing of both kinds in flights that other requests may share; those that this call begins for both are one statement.
    pub(super) async fn fly_both<N: Paired<M>, M: Cached>(
        &self,
        nodes: &mut Search<N>,
        others: &mut Search<M>,
    ) -> Result<()> {
        let key = |kind, id| Key::Node(NodeKey { scope: self.scope, kind, id });
        let (mut seats, mut seats_of_others) = (Vec::new(), Vec::new());
        let (mut alone, mut both) = (Vec::new(), Vec::new());
        let of_both = |id: &Uuid| others.missing.contains(id);
        for id in nodes.missing.extract_if(.., |id| of_both(id)) {
            let (seat, departure) = self.cache.flights.board(key(N::KIND, id), nodes.began);
            seats.push((id, seat));
            let Some(departure) = departure else { continue };
            let (seat_of_other, departure_of_other) = self.cache.flights.board(key(M::KIND, id), others.began);
            seats_of_others.push((id, seat_of_other));
            match departure_of_other {
                Some(departure_of_other) => both.push((id, departure, departure_of_other)),
                None => alone.push((id, departure)),
            }
        }
        if seats.is_empty() {
            return Ok(());
        }
        join(self.fly_for_both::<N, M>(both), self.fly_alone::<N>(alone)).await;
        self.routing.took_other();
        self.found::<N>(Found::Missing, seats.len());
        self.found::<M>(Found::Missing, seats_of_others.len());
        self.land(seats, &mut nodes.found).await?;
        // That these can't be read is told by the fields that ask for them: they will read them again.
        self.land(seats_of_others, &mut others.found).await.ok();
        others.missing.retain(|id| !others.found.contains_key(id));
        Ok(())
    }

    /// Takes note of how old it may be what these flights bring.
    pub(super) fn took_seats<'s>(&self, seats: impl Iterator<Item = &'s Seat>) {
        if let Some(began) = seats.map(Seat::began).min() {
            self.routing.took(began);
        }
    }

    /// Waits for flights and takes what they bring.
    async fn land<N: Cached>(&self, seats: Vec<(Uuid, Seat)>, found: &mut HashMap<Uuid, Arc<N>>) -> Result<()> {
        self.took_seats(seats.iter().map(|(_, seat)| seat));
        for (id, landed) in join_all(seats.into_iter().map(async |(id, seat)| (id, seat.landed().await))).await {
            if let Some(node) = landed? {
                let node = node.downcast().map_err(|_| Error::internal(anyhow::anyhow!("a flight of another kind")))?;
                found.insert(id, node);
            }
        }
        Ok(())
    }

    fn fly_alone<N: Cached>(&self, departures: Vec<(Uuid, Departure)>) -> Flight {
        if departures.is_empty() {
            return Flight(None);
        }
        let (cache, own, scope) = (self.cache.clone(), self.routing.of_its_own(), self.scope);
        Flight(Some(async move { cache.fly_alone::<N>(scope, own, departures).await }.boxed()))
    }

    fn fly_for_both<N: Paired<M>, M: Cached>(&self, departures: Vec<(Uuid, Departure, Departure)>) -> Flight {
        if departures.is_empty() {
            return Flight(None);
        }
        let (cache, own, scope) = (self.cache.clone(), self.routing.of_its_own(), self.scope);
        Flight(Some(async move { cache.fly_both_alone::<N, M>(scope, own, departures).await }.boxed()))
    }
}

/// The work on a flight, which ends as others expect it also when it is dropped.
struct Flight(Option<BoxFuture<'static, ()>>);

impl Future for Flight {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        // Out of its place meanwhile: what panics is over.
        let Some(mut work) = self.0.take() else { return Poll::Ready(()) };
        let polled = work.as_mut().poll(cx);
        if polled.is_pending() {
            self.0 = Some(work);
        }
        polled
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        if let (Some(work), Ok(runtime)) = (self.0.take(), Handle::try_current()) {
            runtime.spawn(work);
        }
    }
}

impl Cache {
    async fn fly_alone<N: Cached>(self: Arc<Self>, scope: Scope, routing: Routing, departures: Vec<(Uuid, Departure)>) {
        let ids: Vec<Uuid> = departures.iter().map(|(id, _)| *id).collect();
        let (db, reading) = (routing.reader(N::NAME), Reading::begin(scope));
        let mut read = match timeout(FLIGHT_WITHIN, N::read(&db, &ids)).await.unwrap_or_else(|_| Err(took_too_long())) {
            Ok(read) => read,
            Err(error) => return departures.iter().for_each(|(_, departure)| departure.land(Err(error.clone()))),
        };
        let landed = departures.into_iter().filter_map(|(id, departure)| departure.bring(read.remove(&id))).collect();
        self.fill::<N>(&reading, &routing, &db, landed);
    }

    async fn fly_both_alone<N: Paired<M>, M: Cached>(
        self: Arc<Self>,
        scope: Scope,
        routing: Routing,
        departures: Vec<(Uuid, Departure, Departure)>,
    ) {
        let ids: Vec<Uuid> = departures.iter().map(|(id, ..)| *id).collect();
        let (db, reading) = (routing.reader(N::NAME), Reading::begin(scope));
        let read = timeout(FLIGHT_WITHIN, N::read_both(&db, &ids)).await.unwrap_or_else(|_| Err(took_too_long()));
        let (mut nodes, mut others) = match read {
            Ok(read) => read,
            Err(error) => {
                return departures.iter().for_each(|(_, departure, of_other)| {
                    departure.land(Err(error.clone()));
                    of_other.land(Err(error.clone()));
                });
            }
        };
        let (mut landed, mut landed_of_others) = (Vec::with_capacity(ids.len()), Vec::with_capacity(ids.len()));
        for (id, departure, of_other) in departures {
            landed.extend(departure.bring(nodes.remove(&id)));
            landed_of_others.extend(of_other.bring(others.remove(&id)));
        }
        self.fill::<N>(&reading, &routing, &db, landed);
        self.fill::<M>(&reading, &routing, &db, landed_of_others);
    }
}

impl Departure {
    /// Lands with a node, or with none. A node is still to be stored: until then its flight is open.
    fn bring<N: Cached>(self, node: Option<Arc<N>>) -> Option<(Arc<N>, Option<Self>)> {
        self.land(Ok(node.clone().map(|node| node as _)));
        match node {
            Some(node) => Some((node, Some(self))),
            None => {
                self.close();
                None
            }
        }
    }
}

/// The error of a read that others wait for.
pub(super) fn took_too_long() -> Error {
    Error::Timeout(Arc::new(anyhow::anyhow!("a read for the cache took over {} s", FLIGHT_WITHIN.as_secs())))
}
