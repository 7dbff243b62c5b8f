//! A steady load on two servers: reads of hot products, and writes that are read back with their token.
//!
//! What is planned begins at its moment, whether what began before was answered or not: a connection is opened when none is free. So what hangs
//! delays nothing but itself.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::Context;
use rand::RngExt;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;

use super::installation::HOT;
use super::shop::{SERVERS, Shop, draw_kind, lock};
use super::view::{Kind, View, look, request};
use super::write::{Written, write};
use crate::load::{Dice, Plan, dice};
use crate::wire::Wire;

pub const READS_PER_SECOND: u32 = 300;
pub const WRITES_PER_SECOND: u32 = 10;
/// What has no answer then has failed.
const ANSWER_WITHIN: Duration = Duration::from_secs(15);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    Read,
    Write,
    ReadBack,
}

pub struct Operation {
    pub deed: Deed,
    /// The place of the server that was asked.
    pub server: usize,
    /// The moment for which it was planned; of a reading back that at which the write was acknowledged.
    pub begun: Instant,
    pub took: Duration,
    pub end: End,
}

#[derive(Debug, PartialEq, Eq)]
pub enum End {
    Answered,
    /// What its client has written itself was not there.
    Stale,
    Failed(String),
}

/// A load that goes on until it is ended.
pub struct Load {
    plan: Arc<Plan>,
    dispatcher: JoinHandle<Vec<Operation>>,
}

impl Load {
    pub fn start(shop: Arc<Shop>) -> Self {
        let plan = Arc::new(Plan::start(READS_PER_SECOND + WRITES_PER_SECOND, Duration::MAX));
        let dispatcher = tokio::spawn(dispatch(plan.clone(), Arc::new(Clients { shop, free: Default::default() })));
        Self { plan, dispatcher }
    }

    /// All operations, once the last of them has ended.
    pub async fn end(self) -> anyhow::Result<Vec<Operation>> {
        self.plan.end().await;
        Ok(self.dispatcher.await?)
    }
}

async fn dispatch(plan: Arc<Plan>, clients: Arc<Clients>) -> Vec<Operation> {
    let (mut running, mut number) = (JoinSet::new(), 0);
    while let Some(planned) = plan.next().await {
        number += 1;
        let (clients, mut dice) = (clients.clone(), dice(number));
        let is_write = number.is_multiple_of((READS_PER_SECOND / WRITES_PER_SECOND + 1) as usize);
        running.spawn(async move {
            match is_write {
                true => clients.write_and_read_back(planned, &mut dice).await,
                false => vec![clients.read(planned, &mut dice).await],
            }
        });
    }
    running.join_all().await.into_iter().flatten().collect()
}

struct Clients {
    shop: Arc<Shop>,
    /// The connections to each server, the one that was idle longest first, lest the server close it.
    free: [Mutex<VecDeque<Wire>>; SERVERS],
}

impl Clients {
    async fn read(&self, planned: Instant, dice: &mut Dice) -> Operation {
        let (server, product) = (dice.random_range(0..SERVERS), dice.random_range(0..HOT));
        let shown = self.look(server, &self.shop.requests[product]).await;
        operation(Deed::Read, server, planned, shown.map(|_| End::Answered))
    }

    async fn write_and_read_back(&self, planned: Instant, dice: &mut Dice) -> Vec<Operation> {
        let (writer, reader) = (dice.random_range(0..SERVERS), dice.random_range(0..SERVERS));
        let kind = draw_kind(dice);
        let product = self.shop.claim(kind, dice);
        let mut operations = Vec::new();
        match self.write(writer, kind, product).await {
            Ok(written) => {
                operations.push(operation(Deed::Write, writer, planned, Ok(End::Answered)));
                let acknowledged = Instant::now();
                let back = self.look(reader, &request(&self.shop.hot[product].id, &[written.header()])).await;
                let end = back.map(|view| if written.is_shown_by(&view) { End::Answered } else { End::Stale });
                operations.push(operation(Deed::ReadBack, reader, acknowledged, end));
            }
            Err(error) => operations.push(operation(Deed::Write, writer, planned, Err(error))),
        }
        self.shop.release(kind, product);
        operations
    }

    async fn look(&self, server: usize, request: &[u8]) -> anyhow::Result<View> {
        let mut wire = self.wire(server).await?;
        let view = timeout(ANSWER_WITHIN, look(&mut wire, request)).await.context("the read has no answer")??;
        lock(&self.free[server]).push_back(wire);
        Ok(view)
    }

    async fn write(&self, server: usize, kind: Kind, product: usize) -> anyhow::Result<Written> {
        let mut wire = self.wire(server).await?;
        let written = write(&mut wire, kind, &self.shop.hot[product], self.shop.next_number());
        let written = timeout(ANSWER_WITHIN, written).await.context("the write has no answer")??;
        lock(&self.free[server]).push_back(wire);
        Ok(written)
    }

    /// One that is given back when it was answered well.
    async fn wire(&self, server: usize) -> anyhow::Result<Wire> {
        let free = lock(&self.free[server]).pop_front();
        match free {
            Some(wire) => Ok(wire),
            None => Wire::open(&self.shop.addresses[server]).await,
        }
    }
}

/// One that ends now.
fn operation(deed: Deed, server: usize, begun: Instant, end: anyhow::Result<End>) -> Operation {
    let end = end.unwrap_or_else(|error| End::Failed(format!("{error:#}")));
    Operation { deed, server, begun, took: begun.elapsed(), end }
}
