//! One run: what a load was answered, and what servers, Postgres and Redis have used for it.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use anyhow::anyhow;
use serde_json::{Map, Value};

use super::ask::{card, page};
use super::contender::{Contender, Fleet};
use super::line::{Reading, line, line_of_scenario};
use super::load::{Load, Told, Workload};
use super::results::Results;
use super::shop::Shop;
use super::statements::Statements;
use super::subject::Subject;
use super::variant::Variant;
use super::{warm, wrong};

const WARM_UP: Duration = Duration::from_secs(2);

/// What all sets need: the shop, how much is measured, and where it goes.
pub struct Bench {
    pub shop: Shop,
    pub results: Results,
    pub passes: u32,
    pub long: Duration,
    pub warm_up: Duration,
    pub allow_missing: bool,
    /// Subjects that were left out.
    missing: BTreeSet<Subject>,
    broken: Vec<String>,
}

/// What sets a line apart beside its load.
pub struct About {
    pub set: &'static str,
    pub pass: u32,
    pub extra: Map<String, Value>,
}

impl About {
    pub fn new(set: &'static str, pass: u32) -> Self {
        Self { set, pass, extra: Map::new() }
    }

    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.extra.insert(name.to_owned(), value.into());
        self
    }
}

impl Bench {
    pub fn new(shop: Shop, out: &Path, passes: u32, long: Duration) -> anyhow::Result<Self> {
        let (missing, broken) = Default::default();
        let results = Results::new(out)?;
        Ok(Self { shop, results, passes, long, warm_up: WARM_UP, allow_missing: false, missing, broken })
    }

    /// Starts a subject; `None` when it is not installed or does not start, and may be missing.
    pub async fn start(
        &mut self,
        subject: Subject,
        variant: Variant,
        fleet: Fleet,
    ) -> anyhow::Result<Option<Contender>> {
        let started = match subject.missing() {
            Some(missing) => Err(anyhow!(missing)),
            None => Contender::start(&self.shop, subject, variant, fleet).await,
        };
        match started {
            Err(error) if self.allow_missing && subject != Subject::Storefront => {
                if self.missing.insert(subject) {
                    println!("left out: {error:#}");
                }
                Ok(None)
            }
            started => started.map(Some),
        }
    }

    /// Measures a load on a contender that begins anew, and adds the line.
    pub async fn measure(&mut self, contender: &Contender, load: Load, about: About) -> anyhow::Result<()> {
        contender.refresh(&self.shop).await?;
        if !self.warm_up.is_zero() {
            warm::ask_for_all(contender, load.workload, &self.shop).await?;
        }
        load.warm(contender, self.warm_up).await?;
        let begun = wrong::now(&self.shop).await?;
        let before = Reading::take(contender, &self.shop).await?;
        Statements::reset(&self.shop.stack).await?;
        let told = load.put(contender).await?;
        let statements = Statements::read(&self.shop.stack).await?;
        let used = Reading::take(contender, &self.shop).await?;
        let mut line = line(contender, load, &about, &told, &before, &used, statements)?;
        line["answer_bytes"] = match told.get("answer_bytes") {
            // The closed loop tells it, for answers of several kinds.
            Value::Null if load.workload == Workload::W6 => Value::Null,
            Value::Null => self.answer_bytes(contender, load.workload).await?.into(),
            told => told.clone(),
        };
        if matches!(load.workload, Workload::W5 | Workload::W7) {
            let (wrong, checked) = wrong::count(&self.shop, contender, begun).await?;
            line["wrong"] = wrong.into();
            if wrong > 0 && contender.subject == Subject::Storefront {
                let name = contender.variant.name;
                self.broken.push(format!("{}: {name}: {wrong} products were wrong a second after", about.set));
            }
            line["stale"] = told.count("stale").into();
            line["extra"]["checked"] = checked.into();
            line["extra"]["own_reads"] = told.count("read_backs").into();
        }
        self.expect_answers(contender, load, &about, &told);
        for (name, part) in told.parts().filter(|_| load.workload == Workload::W7) {
            self.results.add(&line_of_scenario(&line, name, part))?;
        }
        self.results.add(&line)
    }

    /// Everything was answered, except where a set asks for what nobody can answer.
    fn expect_answers(&mut self, contender: &Contender, load: Load, about: &About, told: &Told) {
        let (errors, stale) = (told.count("errors"), told.count("stale"));
        let (who, what) = (contender.subject.name(), contender.variant.name);
        // Failures of others make a comparison void; under writes and with too few connections they are findings.
        let is_void = match contender.subject {
            Subject::Storefront => !["pool", "rising"].contains(&about.set),
            _ => about.set == "peers" || about.set == "floors",
        };
        let place = format!("{}: {who} {what} {}", about.set, load.workload.name());
        if errors > 0 {
            println!("{place}: {errors} of {} requests failed; {}", told.count("requests"), told.complaint);
        }
        if errors > 0 && is_void {
            self.broken.push(format!("{place}: {errors} requests failed"));
        }
        if stale > 0 && contender.subject == Subject::Storefront {
            self.broken.push(format!("{place}: {stale} own writes were not read back"));
        }
    }

    /// The length of an answer, in the mean over a few products, or of the first page.
    async fn answer_bytes(&self, contender: &Contender, workload: Workload) -> anyhow::Result<usize> {
        const PRODUCTS: usize = 20;
        let (client, subject, url) = (&contender.client, contender.subject, contender.servers[0].url(""));
        if workload.is_of_pages() {
            return Ok(page(client, subject, &url, super::ask::PAGE, &Value::Null).await?.text.len());
        }
        let mut bytes = 0;
        for product in &self.shop.hot()[..PRODUCTS] {
            bytes += card(client, subject, &url, product).await?.text.len();
        }
        Ok(bytes / PRODUCTS)
    }

    /// Ends everything; the promises that were broken.
    pub async fn stop(self) -> anyhow::Result<Vec<String>> {
        self.shop.stack.stop().await?;
        Ok(self.broken)
    }
}
