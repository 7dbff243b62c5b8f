//! The metrics of reads and fills, registered once: looking a counter up by its labels costs more than the read.

use metrics::Counter;

use crate::db::NodeKind;

/// What a read found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum Found {
    /// In the in-process tier.
    Local,
    /// In Redis, or in the cache of the embedded database.
    Stored,
    /// Nowhere, or nothing that this request may take: it was read from the database.
    Missing,
}

impl Found {
    const ALL: [Self; 3] = [Self::Local, Self::Stored, Self::Missing];

    fn word(self) -> &'static str {
        match self {
            Self::Local => "local_hit",
            Self::Stored => "hit",
            Self::Missing => "miss",
        }
    }
}

/// Why a value that was found is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passed {
    /// The request's token names a newer version.
    BehindToken,
    /// Another version of the program wrote it.
    OtherSchema,
    /// Its bytes make no sense.
    Corrupt,
    /// A list that a write has ended since.
    Ended,
}

impl Passed {
    fn word(self) -> &'static str {
        match self {
            Self::BehindToken => "behind_token",
            Self::OtherSchema => "other_schema",
            Self::Corrupt => "corrupt",
            Self::Ended => "ended",
        }
    }
}

const KINDS: usize = NodeKind::ALL.len();

/// Counters of each kind of node, and of lists.
pub struct Counts {
    reads: [[Counter; Found::ALL.len()]; KINDS + 1],
    answers: [Counter; Found::ALL.len()],
    fills: [Counter; KINDS + 1],
    fences: Counter,
    fences_unheard: Counter,
}

/// A kind of node; `None` is a list.
pub type Kind = Option<NodeKind>;

fn word(kind: Kind) -> &'static str {
    kind.map_or("list", NodeKind::word)
}

fn place(kind: Kind) -> usize {
    kind.and_then(|kind| NodeKind::ALL.iter().position(|other| *other == kind)).unwrap_or(KINDS)
}

impl Default for Counts {
    fn default() -> Self {
        let kinds: [Kind; KINDS + 1] = std::array::from_fn(|place| NodeKind::ALL.get(place).copied());
        let reads = kinds.map(|kind| {
            Found::ALL.map(|found| {
                metrics::counter!("storefront_cache_reads_total", "kind" => word(kind), "outcome" => found.word())
            })
        });
        Self {
            reads,
            answers: Found::ALL.map(|found| {
                metrics::counter!("storefront_cache_reads_total", "kind" => "answer", "outcome" => found.word())
            }),
            fills: kinds.map(|kind| metrics::counter!("storefront_cache_fills_total", "kind" => word(kind))),
            fences: metrics::counter!("storefront_cache_fences_total", "outcome" => "heard"),
            fences_unheard: metrics::counter!("storefront_cache_fences_total", "outcome" => "unheard"),
        }
    }
}

impl Counts {
    pub fn read(&self, kind: Kind, found: Found, number: usize) {
        if number > 0 {
            self.reads[place(kind)][found as usize].increment(number as u64);
        }
    }

    /// A whole answer that was looked for.
    pub fn answer(&self, found: Found) {
        self.answers[found as usize].increment(1);
    }

    /// Values that were found and not taken.
    pub fn passed(&self, kind: Kind, why: Passed) {
        metrics::counter!("storefront_cache_passed_total", "kind" => word(kind), "reason" => why.word()).increment(1);
    }

    pub fn filled(&self, kind: Kind, number: usize) {
        self.fills[place(kind)].increment(number as u64);
    }

    /// Values that were read and not stored.
    pub fn refused(&self, kind: Kind, reason: &'static str, number: usize) {
        if number > 0 {
            metrics::counter!("storefront_cache_refused_fills_total", "kind" => word(kind), "reason" => reason)
                .increment(number as u64);
        }
    }

    pub fn fenced(&self, number: usize, has_heard: bool) {
        if has_heard { &self.fences } else { &self.fences_unheard }.increment(number as u64);
    }
}
