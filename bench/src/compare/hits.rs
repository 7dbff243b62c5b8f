//! How much of what was looked for caches had: of Storefront by its own metrics, of its peers by Redis's.

use anyhow::Context;

use super::contender::Contender;
use super::shop::Shop;
use super::subject::Subject;

#[derive(Clone, Copy, Default)]
pub struct Hits {
    /// In the process.
    local: u64,
    /// In Redis.
    stored: u64,
    missed: u64,
}

impl Hits {
    /// Since the start.
    pub async fn read(contender: &Contender, shop: &Shop) -> anyhow::Result<Self> {
        if !contender.variant.cache {
            return Ok(Self::default());
        }
        if contender.subject != Subject::Storefront {
            return of_redis(&shop.redis()?.url()).await;
        }
        let mut hits = Self::default();
        for server in &contender.servers {
            for (labels, value) in server.metrics("storefront_cache_reads_total").await? {
                let is_answer = labels.contains("\"answer\"");
                if labels.contains("\"local_hit\"") {
                    hits.local += value;
                } else if labels.contains("\"hit\"") {
                    hits.stored += value;
                } else if labels.contains("\"miss\"") && !is_answer {
                    // Where no whole answer is kept, its nodes are looked for: that is counted for each of them.
                    hits.missed += value;
                }
            }
        }
        Ok(hits)
    }

    pub fn since(self, before: Self) -> Self {
        Self {
            local: self.local.saturating_sub(before.local),
            stored: self.stored.saturating_sub(before.stored),
            missed: self.missed.saturating_sub(before.missed),
        }
    }

    /// The part that any cache had, and the part that the process had.
    pub fn shares(self) -> (Option<f64>, Option<f64>) {
        let all = self.local + self.stored + self.missed;
        let share = |part: u64| (all > 0).then(|| part as f64 / all as f64);
        (share(self.local + self.stored), share(self.local))
    }
}

async fn of_redis(url: &str) -> anyhow::Result<Hits> {
    let mut redis = redis::Client::open(url)?.get_multiplexed_async_connection().await?;
    let told: String = redis::cmd("INFO").arg("stats").query_async(&mut redis).await?;
    let field = |name: &str| {
        let value = told.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        anyhow::Ok(value.with_context(|| format!("Redis tells {name}"))?.trim().parse::<u64>()?)
    };
    Ok(Hits { local: 0, stored: field("keyspace_hits")?, missed: field("keyspace_misses")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_process_had_is_part_of_what_caches_had() {
        let hits = Hits { local: 2, stored: 1, missed: 1 };

        assert_eq!(hits.shares(), (Some(0.75), Some(0.5)));
        assert_eq!(Hits::default().shares(), (None, None));
    }
}
