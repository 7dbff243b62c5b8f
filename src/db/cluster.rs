//! All servers of one database, and the choice among them.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use arc_swap::{ArcSwap, Guard};
use tokio::sync::watch;
use tokio::time::timeout_at;

use super::election::NoPrimary;
use super::host::Host;
use super::knowledge::{Change, Knowledge, Status};
use super::position::{Epoch, Incarnation, Lsn, Report};
use super::view::{Place, Replica, View};

/// Within this staleness a replica may catch up while a read waits for it: it lacks no more than what a check or two may not have seen.
const NEARLY_THERE: Duration = Duration::from_secs(1);
/// How long a read that waits for a replica waits before it asks again.
const ASK_AGAIN: Duration = Duration::from_millis(2);

/// The times that bound a choice.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Whether replicas are read. They are watched in any case: one of them may be promoted.
    pub reads_replicas: bool,
    pub max_staleness: Duration,
    pub token_life: Duration,
    /// How long a read with a token waits for a replica.
    pub token_wait: Duration,
    /// How long anything waits for a primary that is away.
    pub primary_wait: Duration,
}

pub struct Cluster {
    pub hosts: Vec<Host>,
    pub bounds: Bounds,
    is_embedded: bool,
    view: ArcSwap<View>,
    knowledge: Mutex<Knowledge>,
    /// Told of every new view.
    renewed: watch::Sender<()>,
    /// Whose turn it is among the replicas: each kind of read goes around by itself.
    turn: AtomicUsize,
    turn_with_token: AtomicUsize,
}

/// A server that a request reads from or writes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    pub place: Place,
    pub role: Role,
    /// The age of the oldest write that it may lack; zero on the primary.
    pub staleness: Duration,
    /// All that was written before this moment is there; `None` on the primary, which lacks nothing.
    pub fresh_at: Option<Instant>,
    /// How far it had come in the log at its last check.
    pub replayed: Lsn,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Primary,
    Replica,
}

impl Role {
    pub fn word(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Replica => "replica",
        }
    }
}

impl Cluster {
    pub fn new(hosts: Vec<Host>, bounds: Bounds, ours: u64) -> Self {
        let knowledge = Knowledge::new(ours, hosts.len(), bounds.max_staleness);
        let view = View::unknown(Err(NoPrimary::Unreachable));
        Self {
            hosts,
            bounds,
            is_embedded: false,
            view: ArcSwap::from_pointee(view),
            knowledge: Mutex::new(knowledge),
            renewed: watch::Sender::default(),
            turn: AtomicUsize::default(),
            turn_with_token: AtomicUsize::default(),
        }
    }

    /// The one server of an embedded database, which is never away.
    pub fn embedded(host: Host, bounds: Bounds) -> Self {
        let cluster = Self { is_embedded: true, ..Self::new(vec![host], bounds, 0) };
        let primary = Ok(Place { host: 0, generation: cluster.hosts[0].life.generation() });
        cluster.view.store(Arc::new(View::unknown(primary)));
        cluster
    }

    pub fn view(&self) -> Guard<Arc<View>> {
        self.view.load()
    }

    pub fn host(&self, place: Place) -> &Host {
        &self.hosts[place.host]
    }

    /// Whether what was known of a server when it was chosen still holds.
    pub fn holds(&self, place: Place) -> bool {
        self.host(place).life.generation() == place.generation
    }

    /// The primary now.
    pub fn primary(&self) -> Result<Choice, NoPrimary> {
        let place = self.view.load().primary?;
        if !self.holds(place) {
            return Err(NoPrimary::Unreachable);
        }
        Ok(Choice { place, role: Role::Primary, staleness: Duration::ZERO, fresh_at: None, replayed: Lsn(u64::MAX) })
    }

    /// Whether a transaction may still commit that began on a server while that was of an incarnation: not once another one was promoted.
    pub fn may_commit(&self, host: usize, incarnation: Option<Incarnation>) -> bool {
        match self.view.load().primary {
            Ok(primary) => primary.host == host && self.hosts[host].life.incarnation() == incarnation,
            // It may just not have answered a check; if it is gone, so is the connection.
            Err(why) => why == NoPrimary::Unreachable,
        }
    }

    /// The primary, waited for while it is away; no longer than the bound.
    pub async fn await_primary(&self) -> Result<Choice, NoPrimary> {
        let mut renewed = self.renewed.subscribe();
        let deadline = tokio::time::Instant::now() + self.bounds.primary_wait;
        loop {
            renewed.mark_unchanged();
            let found = self.primary();
            if found.is_ok() || timeout_at(deadline, renewed.changed()).await.is_err() {
                return found;
            }
        }
    }

    /// The replica whose turn it is among those in use, without `avoided`.
    pub fn replica(&self, avoided: Option<usize>) -> Option<Choice> {
        self.pick(&self.turn, |replica| Some(replica.place.host) != avoided && self.is_fresh(replica))
    }

    /// A replica that has replayed a position, by what the last check saw.
    pub fn replica_with(&self, epoch: Epoch, position: Lsn, avoided: Option<usize>) -> Option<Choice> {
        self.pick(&self.turn_with_token, |replica| {
            Some(replica.place.host) != avoided && self.is_fresh(replica) && replica.has(epoch, position)
        })
    }

    /// The same among all that are reached, however much else they lack: for when there is no primary.
    pub fn any_replica_with(&self, epoch: Epoch, position: Lsn) -> Option<Choice> {
        self.pick(&self.turn_with_token, |replica| replica.has(epoch, position))
    }

    /// A replica that has all that is known to have been written, for when there is no primary to write more.
    pub fn replica_with_all_known(&self) -> Option<Choice> {
        self.pick(&self.turn, |replica| replica.has_all_known)
    }

    /// Asks the replicas whether one has replayed a position by now, and waits for those that are nearly there.
    /// No connection is held, and requests that ask at one time share the question.
    pub async fn catch_up(&self, epoch: Epoch, position: Lsn, avoided: Option<usize>) -> Option<Choice> {
        if !self.bounds.reads_replicas {
            return None;
        }
        let asked_at = Instant::now();
        let deadline = tokio::time::Instant::now() + self.bounds.token_wait;
        let mut renewed = self.renewed.subscribe();
        loop {
            let view = self.view.load_full();
            let usable = view.replicas.iter().filter(|replica| {
                Some(replica.place.host) != avoided
                    && replica.timeline == Some(epoch.timeline)
                    && self.holds(replica.place)
                    && self.is_fresh(replica)
            });
            // All of them: at the last check one that is late may have stood where the others stood.
            let (answered, silent): (Vec<&Replica>, Vec<_>) = usable.partition(|replica| replica.asked >= asked_at);
            if answered.iter().chain(&silent).any(|replica| replica.replayed >= position) {
                return self.replica_with(epoch, position, avoided);
            }
            let is_first = answered.is_empty();
            let near: Vec<_> = answered.into_iter().filter(|replica| replica.staleness() <= NEARLY_THERE).collect();
            if near.is_empty() && silent.is_empty() {
                return None;
            }
            let asked = if is_first { &silent } else { &near };
            asked.iter().for_each(|replica| self.host(replica.place).life.ask());
            // After its first answer a replica needs a moment; it is not asked without a pause.
            if !near.is_empty() && timeout_at(deadline, tokio::time::sleep(ASK_AGAIN)).await.is_err() {
                return None;
            }
            if timeout_at(deadline, renewed.changed()).await.is_err() {
                return None;
            }
        }
    }

    fn is_fresh(&self, replica: &Replica) -> bool {
        replica.staleness() <= self.bounds.max_staleness
    }

    fn pick(&self, turn: &AtomicUsize, is_right: impl Fn(&Replica) -> bool) -> Option<Choice> {
        if !self.bounds.reads_replicas {
            return None;
        }
        let view = self.view.load();
        // Among those that are right: one that is not would leave its turns to its neighbour.
        let right = || view.replicas.iter().filter(|replica| self.holds(replica.place) && is_right(replica));
        let turn = turn.fetch_add(1, Ordering::Relaxed);
        let chosen = right().nth(turn.checked_rem(right().count())?)?;
        Some(Choice {
            place: chosen.place,
            role: Role::Replica,
            staleness: chosen.staleness(),
            fresh_at: chosen.fresh_at,
            replayed: chosen.replayed,
        })
    }

    /// Ends what is known of a server whose connection was lost, and has it checked.
    pub fn lost(&self, place: Place, why: &dyn std::fmt::Display) {
        // The embedded database is this process: whatever became of a connection, the next one leads to it.
        if self.is_embedded {
            return;
        }
        let host = self.host(place);
        if host.life.end(place.generation) {
            host.life.ask();
            metrics::counter!("storefront_set_asides_total", "host" => host.name.clone(), "reason" => "lost_connection")
                .increment(1);
            tracing::warn!(host = host.name, cause = %why, "a connection was lost, checking its server");
        }
    }

    /// Takes note of an epoch that a token tells of: another instance may have seen a promotion first.
    pub fn heard_of(&self, epoch: Epoch) {
        let known = self.view.load().epoch;
        if known.is_some_and(|known| known.system == epoch.system && known.timeline < epoch.timeline) {
            self.renew(|knowledge| knowledge.heard_of(epoch, self.bounds.token_life));
        }
    }

    /// Takes what all servers said at the start; `None` of those that were not reached.
    pub fn started(&self, reports: &[Option<Report>]) {
        self.renew(|knowledge| {
            for (host, report) in reports.iter().enumerate() {
                if let Some(report) = report {
                    self.hosts[host].life.meet(report.incarnation);
                    knowledge.reported(host, self.hosts[host].life.generation(), *report);
                }
            }
        });
    }

    /// Takes the outcome of a check that began in `generation`; `None` when the server could not be reached.
    pub fn checked(&self, host: usize, generation: u64, report: Option<Report>) {
        let life = &self.hosts[host].life;
        if let Some(report) = &report {
            life.meet(report.incarnation);
        }
        self.renew(|knowledge| match report {
            // The generation may have ended while the server was asked: the next check counts.
            Some(report) if life.generation() == generation => knowledge.reported(host, generation, report),
            Some(_) => life.ask(),
            None => {
                life.end(generation);
                life.is_gone();
                knowledge.lost(host);
            }
        });
    }

    /// Each server's status and, of a standby, how old what it lacks may be.
    pub fn statuses(&self) -> impl Iterator<Item = (&str, Status, Option<Duration>)> {
        let servers = self.knowledge().servers();
        self.hosts.iter().zip(servers).map(|(host, (status, age))| (host.name.as_str(), status, age))
    }

    fn renew(&self, learn: impl FnOnce(&mut Knowledge)) {
        let mut knowledge = self.knowledge();
        learn(&mut knowledge);
        let (view, changes) = knowledge.view();
        self.view.store(Arc::new(view));
        drop(knowledge);
        for change in changes {
            self.tell(&change);
        }
        self.renewed.send_replace(());
    }

    /// Logs a change once, and counts servers that are set aside.
    fn tell(&self, change: &Change) {
        let (host, status) = (self.hosts[change.host].name.as_str(), change.to.word());
        match change.from {
            None if change.to.is_read() => tracing::debug!(host, status, "a database server was reached"),
            _ if change.to.is_wrong() => {
                tracing::error!(host, status, "a database server gets neither reads nor writes");
            }
            _ if change.to.is_read() => tracing::info!(host, status, "a database server is in use"),
            _ => tracing::warn!(host, status, "a database server is set aside"),
        }
        if !change.to.is_read() {
            metrics::counter!("storefront_set_asides_total", "host" => host.to_owned(), "reason" => status)
                .increment(1);
        }
    }

    fn knowledge(&self) -> MutexGuard<'_, Knowledge> {
        self.knowledge.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
