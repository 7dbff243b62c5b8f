//! Loads of reads that differ in nothing but the product: at a constant rate, or as fast as they are answered.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::ensure;
use futures_util::future::try_join_all;
use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};
use tokio::sync::Mutex;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::wire::Wire;

pub type Dice = Xoshiro256PlusPlus;
/// Connections of a load.
pub const CONNECTIONS: usize = 32;
/// How an answer begins that has what was asked for.
const BEGINNING: &[u8] = b"{\"data\":{\"product\":{\"id\":";

/// The start of all chance.
pub fn dice(number: usize) -> Dice {
    Dice::seed_from_u64(0x5707_EF20 + number as u64)
}

/// What is asked for: a request for each product, the hot ones first, and how many of a hundred ask for a hot one.
#[derive(Clone)]
pub struct Requests {
    pub by_product: Arc<Vec<Vec<u8>>>,
    pub hot: usize,
    pub hot_per_cent: u32,
}

impl Requests {
    fn draw(&self, dice: &mut Dice) -> &[u8] {
        let is_hot = dice.random_range(0..100) < self.hot_per_cent;
        let places = if is_hot { 0..self.hot } else { self.hot..self.by_product.len() };
        &self.by_product[dice.random_range(places)]
    }
}

/// What a load was answered.
#[derive(Default)]
pub struct Outcome {
    /// From the moment for which a request was planned, be it sent then or later, to its answer.
    pub times: Vec<Duration>,
    pub took: Duration,
}

impl Outcome {
    pub fn per_second(&self) -> f64 {
        self.times.len() as f64 / self.took.as_secs_f64()
    }
}

/// The next request of each connection follows the answer to its last one.
pub async fn at_saturation(address: &str, requests: &Requests, long: Duration) -> anyhow::Result<Outcome> {
    let (address, requests) = (address.to_owned(), requests.clone());
    on_one_thread(async move || {
        let begun = Instant::now();
        let ask = async |number: usize| {
            let (mut wire, mut dice, mut times) = (Wire::open(&address).await?, dice(number), Vec::new());
            while begun.elapsed() < long {
                let planned = Instant::now();
                ask(&mut wire, requests.draw(&mut dice)).await?;
                times.push(planned.elapsed());
            }
            anyhow::Ok(times)
        };
        let times = try_join_all((0..CONNECTIONS).map(ask)).await?.concat();
        Ok(Outcome { times, took: begun.elapsed() })
    })
    .await
}

/// So many requests a second, whether those before were answered or not, as long as connections are free.
pub async fn at_rate(address: &str, requests: &Requests, rate: u32, long: Duration) -> anyhow::Result<Outcome> {
    let (address, requests) = (address.to_owned(), requests.clone());
    on_one_thread(async move || {
        let (begun, plan) = (Instant::now(), Plan::start(rate, long));
        let ask = async |number: usize| {
            let (mut wire, mut dice, mut times) = (Wire::open(&address).await?, dice(number), Vec::new());
            while let Some(planned) = plan.next().await {
                ask(&mut wire, requests.draw(&mut dice)).await?;
                times.push(planned.elapsed());
            }
            anyhow::Ok(times)
        };
        let times = try_join_all((0..CONNECTIONS).map(ask)).await?.concat();
        Ok(Outcome { times, took: begun.elapsed() })
    })
    .await
}

async fn ask(wire: &mut Wire, request: &[u8]) -> anyhow::Result<()> {
    let body = wire.ask(request).await?.body;
    ensure!(body.starts_with(BEGINNING), "no product: {}", String::from_utf8_lossy(body));
    Ok(())
}

/// The moments for which requests are planned, evenly spaced, each given to one of those who wait for it.
pub struct Plan(Mutex<UnboundedReceiver<Instant>>);

impl Plan {
    /// A thread of its own keeps the time: the runtime's timer is a millisecond coarse.
    pub fn start(rate: u32, long: Duration) -> Self {
        let (plan, moments) = unbounded_channel();
        let begun = Instant::now();
        std::thread::spawn(move || {
            let moments = (0..).map(|number| Duration::from_secs(1) * number / rate).take_while(|after| *after < long);
            for moment in moments.map(|after| begun + after) {
                std::thread::sleep(moment.saturating_duration_since(Instant::now()));
                if plan.send(moment).is_err() {
                    break;
                }
            }
        });
        Self(Mutex::new(moments))
    }

    pub async fn next(&self) -> Option<Instant> {
        self.0.lock().await.recv().await
    }

    /// Nothing is planned any more.
    pub async fn end(&self) {
        self.0.lock().await.close();
    }
}

/// Runs a load beside everything else, on one thread: two would take more from the servers for the same work.
async fn on_one_thread<F>(load: F) -> anyhow::Result<Outcome>
where
    F: AsyncFnOnce() -> anyhow::Result<Outcome> + Send + 'static,
{
    let load = move || tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(load());
    tokio::task::spawn_blocking(load).await?
}

/// The time below which this part of them lies.
pub fn quantile(times: &mut [Duration], part: f64) -> Duration {
    times.sort_unstable();
    let rank = (times.len() as f64 * part) as usize;
    times.get(rank.min(times.len().saturating_sub(1))).copied().unwrap_or_default()
}
