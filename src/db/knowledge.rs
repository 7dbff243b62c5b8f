//! What the checks have found out: the reports of all servers, put together.
//!
//! A replica's *staleness* is measured with samples of the primary's position: it is the age of the newest sample that the replica has
//! replayed. Postgres's own functions of time lag are not asked; an idle primary makes them lie, and so does a paused replica.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::election::{NoPrimary, Writable, elect};
use super::position::{Epoch, Incarnation, Lsn, Report};
use super::view::{Place, Replica, View};

pub struct Knowledge {
    /// The system identifier of the database that this server began with.
    ours: u64,
    /// The highest timeline that any server has told of.
    highest: u32,
    /// A higher one that a token has told of, and until when that is believed without a server's word.
    rumour: Option<(u32, Instant)>,
    samples: VecDeque<Sample>,
    servers: Vec<Server>,
    clock: Option<(i64, Instant)>,
    database: u32,
    max_staleness: Duration,
}

/// The primary's position at a moment or later.
struct Sample {
    at: Instant,
    position: Lsn,
}

#[derive(Default)]
struct Server {
    /// The last report and the generation that it counts for; `None` while the server is not reached.
    report: Option<(u64, Report)>,
    incarnation: Option<Incarnation>,
    /// The last timeline that it told of in this incarnation: while the primary is away a standby tells none.
    timeline: Option<u32>,
    fresh_at: Option<Instant>,
    /// The highest timeline when it was met; 0 as long as none is known.
    met_on: u32,
    status: Option<Status>,
}

/// What a server is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Primary,
    Replica,
    /// It may lack more than the bound allows.
    Stale,
    Unreachable,
    /// It holds another database.
    Foreign,
    /// It replays another timeline than the primary's, or does not tell which.
    OtherTimeline,
    /// It can be written to, and another was promoted past it.
    Outdated,
    /// It can be written to, and so can another on its timeline.
    SplitBrain,
    /// It is the primary under another address.
    SameServer,
}

impl Status {
    /// Whether reads may go there.
    pub fn is_read(self) -> bool {
        matches!(self, Self::Primary | Self::Replica)
    }

    /// Whether someone must act: two servers could be written to, or a setting is wrong.
    pub fn is_wrong(self) -> bool {
        matches!(self, Self::Foreign | Self::Outdated | Self::SplitBrain)
    }

    /// The word in metrics and probes.
    pub fn word(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Replica => "replica",
            Self::Stale => "stale",
            Self::Unreachable => "unreachable",
            Self::Foreign => "foreign",
            Self::OtherTimeline => "other_timeline",
            Self::Outdated => "outdated",
            Self::SplitBrain => "split_brain",
            Self::SameServer => "same_server",
        }
    }
}

/// A server that is good for something else than before.
pub struct Change {
    pub host: usize,
    pub from: Option<Status>,
    pub to: Status,
}

impl Knowledge {
    /// Nothing is known yet of any server.
    pub fn new(ours: u64, servers: usize, max_staleness: Duration) -> Self {
        let servers = std::iter::repeat_with(Server::default).take(servers).collect();
        Self {
            ours,
            highest: 0,
            rumour: None,
            samples: VecDeque::new(),
            servers,
            clock: None,
            database: 0,
            max_staleness,
        }
    }

    /// Takes a server's report. It counts for the generation in which it was asked for.
    pub fn reported(&mut self, host: usize, generation: u64, report: Report) {
        let server = &mut self.servers[host];
        if server.incarnation != Some(report.incarnation) {
            *server = Server { incarnation: Some(report.incarnation), status: server.status, ..Server::default() };
        }
        if report.timeline.is_some() {
            if server.timeline != report.timeline {
                server.fresh_at = None;
            }
            server.timeline = report.timeline;
        }
        server.report = Some((generation, report));
        if report.system() == self.ours
            && let Some(timeline) = report.timeline
        {
            self.rise_to(timeline);
        }
        if self.primary() == Ok(host) {
            self.samples.push_back(Sample { at: report.asked, position: report.position });
            // Twice the bound tells how late a replica is that is not used.
            while self.samples.front().is_some_and(|sample| sample.at.elapsed() > self.max_staleness * 2) {
                self.samples.pop_front();
            }
            self.clock = Some((report.clock_us, report.asked));
            self.database = report.database;
        }
    }

    /// A server cannot be reached.
    pub fn lost(&mut self, host: usize) {
        self.servers[host].report = None;
    }

    /// Takes note of a timeline that a token tells of, for as long as a token counts: another instance may have seen a promotion first, or
    /// the token comes from a copy of the database.
    pub fn heard_of(&mut self, epoch: Epoch, token_life: Duration) {
        if epoch.system == self.ours && epoch.timeline > self.highest {
            self.rumour = Some((epoch.timeline, Instant::now() + token_life));
        }
    }

    /// With a higher timeline than before the positions of the old one mean nothing any more.
    fn rise_to(&mut self, timeline: u32) {
        if timeline > self.highest {
            self.highest = timeline;
            self.samples.clear();
        }
    }

    /// The timeline that a primary must be on.
    fn highest(&self) -> u32 {
        let believed = self.rumour.filter(|(_, until)| *until > Instant::now());
        believed.map_or(self.highest, |(timeline, _)| timeline.max(self.highest))
    }

    /// Puts everything together, and tells what has changed since the last time.
    pub fn view(&mut self) -> (View, Vec<Change>) {
        let primary = self.primary();
        let mut changes = Vec::new();
        let mut replicas = Vec::new();
        for host in 0..self.servers.len() {
            self.freshen(host);
            let to = self.status(host, primary);
            let server = &mut self.servers[host];
            let from = server.status.replace(to);
            if from != Some(to) {
                changes.push(Change { host, from, to });
            }
            if let (Status::Replica | Status::Stale, Some((generation, report))) = (to, server.report) {
                replicas.push(Replica {
                    place: Place { host, generation },
                    replayed: report.position,
                    timeline: server.timeline,
                    fresh_at: server.fresh_at,
                    has_all_known: self.samples.back().is_some_and(|last| report.position >= last.position),
                    asked: report.asked,
                });
            }
        }
        let place = |host: usize| match self.servers[host].report {
            Some((generation, _)) => Ok(Place { host, generation }),
            None => Err(NoPrimary::Unreachable),
        };
        let view = View {
            epoch: (self.highest() > 0).then(|| Epoch { system: self.ours, timeline: self.highest() }),
            primary: primary.and_then(place),
            database: self.database,
            replicas,
            clock: self.clock,
        };
        (view, changes)
    }

    /// Each server's status and, of a standby, how old what it lacks may be.
    pub fn servers(&self) -> Vec<(Status, Option<Duration>)> {
        let staleness = |server: &Server| match server.status {
            Some(Status::Replica | Status::Stale) => server.fresh_at.map(|fresh_at| fresh_at.elapsed()),
            _ => None,
        };
        let servers = self.servers.iter();
        servers.map(|server| (server.status.unwrap_or(Status::Unreachable), staleness(server))).collect()
    }

    fn primary(&self) -> Result<usize, NoPrimary> {
        let writable = |(host, server): (usize, &Server)| {
            let (_, report) = server.report.filter(|(_, report)| !report.is_standby)?;
            let incarnation = report.incarnation;
            Some(Writable { host, incarnation, system: report.system(), timeline: report.timeline? })
        };
        let writables: Vec<_> = self.servers.iter().enumerate().filter_map(writable).collect();
        elect(self.ours, self.highest(), &writables)
    }

    /// Finds the newest sample that a standby has replayed.
    fn freshen(&mut self, host: usize) {
        let server = &mut self.servers[host];
        if server.met_on == 0 {
            server.met_on = self.highest;
        }
        let Some((_, report)) = server.report.filter(|(_, report)| report.is_standby) else { return };
        let replayed = self.samples.iter().rev().find(|sample| sample.position <= report.position);
        let fresh_at = replayed.map(|sample| sample.at);
        // A standby that may not say which incarnation it is could have come back behind what it had.
        server.fresh_at = if report.sees_statistics { server.fresh_at.max(fresh_at) } else { fresh_at };
    }

    fn status(&self, host: usize, primary: Result<usize, NoPrimary>) -> Status {
        let server = &self.servers[host];
        let Some((_, report)) = server.report else { return Status::Unreachable };
        if report.system() != self.ours {
            return Status::Foreign;
        }
        if !report.is_standby {
            return match primary {
                Ok(elected) if elected == host => Status::Primary,
                Ok(elected) if self.servers[elected].incarnation == server.incarnation => Status::SameServer,
                _ if server.timeline < Some(self.highest()) => Status::Outdated,
                _ => Status::SplitBrain,
            };
        }
        match server.timeline {
            Some(timeline) if timeline == self.highest() => {}
            // Whom it follows is not known: who was promoted since may not be the one.
            None if !report.sees_statistics && server.met_on == self.highest() => {}
            _ => return Status::OtherTimeline,
        }
        match server.fresh_at {
            Some(fresh_at) if fresh_at.elapsed() <= self.max_staleness => Status::Replica,
            _ => Status::Stale,
        }
    }
}

#[cfg(test)]
mod tests;
