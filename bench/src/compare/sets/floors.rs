//! How far a cached answer is from the least that one can do: a handler written by hand which sends the same bytes after one GET.

use std::sync::Arc;

use futures_util::stream::{self, StreamExt, TryStreamExt};
use redis::AsyncCommands;

use crate::by_hand::PREFIX;
use crate::compare::ask;
use crate::compare::contender::{Contender, Fleet};
use crate::compare::load::{Load, Workload};
use crate::compare::run::{About, Bench};
use crate::compare::subject::{Subject, redis_url};
use crate::compare::variant::{BASELINE, NODES, WHOLE_ANSWERS};

const HOT: &str = "hot";
/// The products of W2, and those alone that most of its requests are for: their answers never leave the process.
const KEYS: [(&str, f64); 2] = [(HOT, 0.8), ("hot alone", 1.0)];
/// How many answers are asked for at once while they are stored.
const AT_ONCE: usize = 32;

pub async fn run(bench: &mut Bench) -> anyhow::Result<()> {
    let mut contenders = Vec::new();
    for (subject, variant) in
        [(Subject::Storefront, WHOLE_ANSWERS), (Subject::Storefront, NODES), (Subject::AxumRedis, BASELINE)]
    {
        contenders.extend(bench.start(subject, variant, Fleet::default()).await?);
    }
    store_answers(bench, &contenders[0]).await?;
    for pass in 1..=bench.passes {
        for (keys, hot_share) in KEYS {
            // Without a tier in the process all keys are the same to a server.
            for contender in contenders.iter().filter(|contender| keys == HOT || contender.variant != NODES) {
                let load = Load { seed: pass, hot_share, ..Load::closed(Workload::W2, bench.long) };
                bench.measure(contender, load, About::new("floors", pass).with("keys", keys)).await?;
            }
        }
    }
    contenders.into_iter().try_for_each(Contender::stop)
}

/// Puts Storefront's own answers where the handler finds them.
pub async fn store_answers(bench: &Bench, storefront: &Contender) -> anyhow::Result<()> {
    let client = redis::Client::open(redis_url(&bench.shop, Subject::AxumRedis)?)?;
    let redis = client.get_connection_manager().await?;
    let url: Arc<str> = storefront.servers[0].url("").into();
    let answers = stream::iter(&bench.shop.products).map(anyhow::Ok).try_for_each_concurrent(AT_ONCE, |product| {
        let (mut redis, url) = (redis.clone(), url.clone());
        async move {
            let answer = ask::card(&storefront.client, Subject::Storefront, &url, product).await?;
            let _: () = redis.set(format!("{PREFIX}{}", product.uuid), answer.text.as_ref()).await?;
            Ok(())
        }
    });
    answers.await
}
