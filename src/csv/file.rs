//! A file as products, one by one. Of the file no more is in memory than the rows of one product, and the line of each product that was read.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, Read};

use anyhow::{anyhow, bail, ensure};
use csv::{ByteRecord, Reader, ReaderBuilder};

use super::cell::Cells;
use super::draft::Draft;
use super::heading::{Column, Heading};
use super::problem::{Problem, Problems};
use super::product::FileProduct;
use super::quotes::{Quotes, RowQuotes};

/// The longest row, in bytes. Where a quote is never closed, the rest of a file is one row.
const LONGEST_ROW: usize = 16 * 1024 * 1024;

/// The products of a file.
pub struct File<R> {
    reader: Reader<Watched<R>>,
    heading: Heading,
    record: ByteRecord,
    quotes: RowQuotes,
    /// The product whose rows are being read.
    current: Option<Draft>,
    /// What was found and not taken yet.
    found: VecDeque<Found>,
    /// The line at which each product begins, by the hash of its handle.
    seen: HashMap<u64, u64>,
    hasher: RandomState,
    rows: u64,
}

/// What a file has.
pub enum Found {
    Product(Box<FileProduct>),
    /// A product with rows at fault.
    Refused(Problems),
    /// A row that belongs to no product, or to one whose rows came before.
    Stray(Problem),
}

impl<R: Read> File<R> {
    /// Reads the heading.
    pub fn open(file: R) -> anyhow::Result<Self> {
        let mut builder = ReaderBuilder::new();
        builder.has_headers(false).flexible(true);
        let mut reader = builder.from_reader(Watched::new(file));
        let mut record = ByteRecord::new();
        let has_heading = reader.read_byte_record(&mut record)?;
        ensure!(has_heading, "the file is empty: its first row must have the names of the columns");
        let end = reader.position().byte();
        let quotes = reader.get_mut().quotes.of_row(end);
        if let Some(quoted) = quotes.open {
            bail!("line {}: the quotes that begin here are never closed", quoted.line);
        }
        if let Some(quoted) = quotes.followed {
            bail!("line {}: a cell goes on behind its quotes, which begin here", quoted.line);
        }
        let heading = Heading::read(&record)?;
        let (seen, hasher) = (HashMap::new(), RandomState::new());
        Ok(Self { reader, heading, record, quotes, current: None, found: VecDeque::new(), seen, hasher, rows: 0 })
    }

    pub fn heading(&self) -> &Heading {
        &self.heading
    }

    /// How many bytes were read.
    pub fn bytes(&self) -> u64 {
        self.reader.position().byte()
    }

    /// How many rows were read, without the heading and those that are blank.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// The next of what there is; `None` at the end of the file.
    pub fn next(&mut self) -> anyhow::Result<Option<Found>> {
        while self.found.is_empty() {
            self.reader.get_mut().left = LONGEST_ROW;
            let begins = self.reader.position().line() + u64::from(self.stands_behind(b'\r'));
            let is_row = self.reader.read_byte_record(&mut self.record);
            let is_row = is_row.map_err(|error| anyhow!("line {begins}: {error}"))?;
            let end = self.reader.position().byte();
            self.quotes = self.reader.get_mut().quotes.of_row(end);
            if !is_row {
                let Some(last) = self.current.take() else { break };
                self.found.push_back(last.end());
            } else if self.quotes.open.is_some() || self.record.iter().any(|cell| !cell.is_empty()) {
                self.rows += 1;
                self.take_row();
            }
        }
        Ok(self.found.pop_front())
    }

    /// The line at which the row begins. The reader's own count is that of where it stands, and a row may have lines in its cells.
    fn line(&self) -> u64 {
        let within = self.record.as_slice().iter().filter(|byte| **byte == b'\n').count() as u64;
        let has_end = self.quotes.open.is_none() && self.stands_behind(b'\n');
        self.reader.position().line().saturating_sub(within + u64::from(has_end))
    }

    /// Whether this is the last byte that was read of the row: of the two that end a line on Windows the second is read with the next row.
    fn stands_behind(&self, byte: u8) -> bool {
        let watched = self.reader.get_ref();
        let last = self.reader.position().byte().checked_sub(watched.begin + 1);
        last.and_then(|at| watched.chunk.get(at as usize)) == Some(&byte)
    }

    fn take_row(&mut self) {
        let line = self.line();
        let Self { heading, record, quotes, current, found, seen, hasher, .. } = self;
        let cells = Cells { line, heading, record, quotes };
        // Nobody knows whose row it is; it may be one of the last product's.
        let mut of_nobody = |problem, current: &mut Option<Draft>| match current {
            Some(draft) => draft.refuse(problem),
            None => found.push_back(Found::Stray(problem)),
        };
        if quotes.are_in(heading.place(Column::Handle))
            && let Err(problem) = cells.check_form()
        {
            return of_nobody(problem, current);
        }
        let handle = match cells.word(Column::Handle) {
            Ok(Some(handle)) => handle,
            Ok(None) => return of_nobody(Problem::blank(line, Column::Handle), current),
            Err(problem) => {
                found.extend(current.take().map(Draft::end));
                found.push_back(Found::Refused(problem.into()));
                return;
            }
        };
        if let Some(draft) = current.as_mut().filter(|draft| draft.is_of(handle)) {
            return draft.add(&cells);
        }
        found.extend(current.take().map(Draft::end));
        match seen.entry(hasher.hash_one(handle)) {
            Entry::Occupied(first) => {
                let what =
                    format!("came before, at line {}: the rows of a product must follow each other", first.get());
                found.push_back(Found::Stray(Problem::of_cell(line, Column::Handle, handle, what)));
            }
            Entry::Vacant(first) => {
                first.insert(line);
                *current = Some(Draft::begin(&cells, handle));
            }
        }
    }
}

/// A file that is watched while it is read: how long a row gets, and what stood where the reader stands.
struct Watched<R> {
    file: R,
    /// Bytes that the present row may still have.
    left: usize,
    /// What was read last, and where in the file it begins.
    chunk: Vec<u8>,
    begin: u64,
    quotes: Quotes,
}

impl<R> Watched<R> {
    fn new(file: R) -> Self {
        Self { file, left: LONGEST_ROW, chunk: Vec::new(), begin: 0, quotes: Quotes::default() }
    }
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            let limit = LONGEST_ROW / (1024 * 1024);
            return Err(io::Error::other(format!("a row of over {limit} MiB begins here: is a quote never closed?")));
        }
        let read = self.file.read(buffer)?;
        if read == 0 {
            self.quotes.end();
        } else {
            self.quotes.read(&buffer[..read]);
            self.left = self.left.saturating_sub(read);
            self.begin += self.chunk.len() as u64;
            self.chunk.clear();
            self.chunk.extend_from_slice(&buffer[..read]);
        }
        Ok(read)
    }
}
