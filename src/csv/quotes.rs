//! The quotes of a file, byte by byte. The reader takes one that is never closed, and text behind one that is: here is noticed where.

use std::collections::VecDeque;

/// The mark that a file may begin with.
const MARK: [u8; 3] = [0xEF, 0xBB, 0xBF];

/// Where in its cell the last byte stands.
#[derive(Clone, Copy, Debug, Default)]
enum Place {
    #[default]
    Before,
    Bare,
    Quoted,
    /// Behind a quote within quotes: the last one, or the first of two that mean one.
    Closed,
}

/// A cell in quotes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Quoted {
    /// Where it begins.
    pub line: u64,
    pub cell: usize,
    /// The line of what was noticed.
    pub until: u64,
}

/// What was noticed of a row, each for the first cell that has it.
#[derive(Clone, Copy, Debug, Default)]
pub struct RowQuotes {
    /// The file ends within the quotes.
    pub open: Option<Quoted>,
    /// The cell goes on behind them.
    pub followed: Option<Quoted>,
    /// A line ends within them.
    pub broken: Option<Quoted>,
}

impl RowQuotes {
    /// Whether anything was noticed in this cell.
    pub fn are_in(&self, cell: Option<usize>) -> bool {
        [self.open, self.followed, self.broken].into_iter().flatten().any(|quoted| Some(quoted.cell) == cell)
    }
}

/// Follows the bytes of a file, of which the reader may be some rows behind.
#[derive(Default)]
pub struct Quotes {
    place: Place,
    /// How many bytes were read, and how many of them end a line.
    bytes: u64,
    ends: u64,
    cell: usize,
    /// The last quotes that were opened.
    last: Quoted,
    row: RowQuotes,
    /// Rows of which something was noticed, by a byte in them.
    rows: VecDeque<(u64, RowQuotes)>,
}

impl Quotes {
    pub fn read(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.step(*byte);
            self.bytes += 1;
            self.ends += u64::from(*byte == b'\n');
        }
    }

    /// There are no more bytes.
    pub fn end(&mut self) {
        if matches!(self.place, Place::Quoted) {
            self.row.open = Some(self.noticed());
        }
        self.end_row(self.bytes.saturating_sub(1));
    }

    /// What was noticed of the row that ends before this byte.
    pub fn of_row(&mut self, end: u64) -> RowQuotes {
        let mut row = RowQuotes::default();
        while let Some((_, noticed)) = self.rows.front().filter(|(at, _)| *at < end) {
            row = *noticed;
            self.rows.pop_front();
        }
        row
    }

    fn step(&mut self, byte: u8) {
        self.place = match (self.place, byte) {
            (Place::Quoted, b'"') => Place::Closed,
            (Place::Quoted, b'\r' | b'\n') => {
                let noticed = self.noticed();
                self.row.broken.get_or_insert(noticed);
                Place::Quoted
            }
            (Place::Quoted, _) | (Place::Closed, b'"') => Place::Quoted,
            (_, b',') => {
                self.cell += 1;
                Place::Before
            }
            (_, b'\r' | b'\n') => {
                self.end_row(self.bytes);
                Place::Before
            }
            (Place::Before, b'"') => {
                self.last = Quoted { line: self.ends + 1, cell: self.cell, until: self.ends + 1 };
                Place::Quoted
            }
            (Place::Before, byte) if MARK.get(self.bytes as usize) == Some(&byte) => Place::Before,
            (Place::Closed, _) => {
                let noticed = self.noticed();
                self.row.followed.get_or_insert(noticed);
                Place::Bare
            }
            _ => Place::Bare,
        };
    }

    fn noticed(&self) -> Quoted {
        Quoted { until: self.ends + 1, ..self.last }
    }

    fn end_row(&mut self, at: u64) {
        let row = std::mem::take(&mut self.row);
        self.cell = 0;
        self.place = Place::Before;
        if row.open.or(row.followed).or(row.broken).is_some() {
            self.rows.push_back((at, row));
        }
    }
}
