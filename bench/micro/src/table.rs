//! The table of counts: as it is kept in `counts.md`, and against it.

use std::fmt::Write;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::case::{self, Case};

/// Instructions per call, by the name of the case.
#[derive(Default)]
pub struct Table(Vec<(String, u64)>);

impl Table {
    /// What is kept; nothing before anything was.
    pub fn read() -> anyhow::Result<Self> {
        let file = file();
        if !file.exists() {
            return Ok(Self::default());
        }
        Ok(Self::parse(&fs::read_to_string(file)?))
    }

    fn parse(text: &str) -> Self {
        let row = |line: &str| {
            let mut cells = line.strip_prefix('|')?.split('|').map(str::trim);
            let (case, count) = (cells.next()?, cells.next()?);
            Some((case.trim_matches('`').to_owned(), count.replace(',', "").parse().ok()?))
        };
        Self(text.lines().filter_map(row).collect())
    }

    pub fn put(&mut self, case: &Case, count: u64) {
        self.0.push((case.name.to_owned(), count));
    }

    fn get(&self, name: &str) -> Option<u64> {
        self.0.iter().find(|(case, _)| case == name).map(|(_, count)| *count)
    }

    /// The same with these counts in place of those of the same cases.
    pub fn with(mut self, newer: Self) -> Self {
        self.0.retain(|(name, _)| newer.get(name).is_none());
        self.0.extend(newer.0);
        self
    }

    /// Prints the count of a case, what is kept of it and the ratio.
    pub fn print_beside(&self, case: &Case, count: u64) {
        let kept = self.get(case.name);
        let ratio = kept.map(|kept| format!("{:.3}", count as f64 / kept as f64)).unwrap_or_default();
        let kept = kept.map(grouped).unwrap_or_default();
        println!("| {:<16} | {:>12} | {kept:>12} | {ratio:>6} |", case.name, grouped(count));
    }

    /// The cases that are over what is kept by more than so many per cent.
    pub fn over(&self, kept: &Self, within: f64) -> Vec<&str> {
        let most = |kept: u64| kept as f64 * (1.0 + within / 100.0);
        let is_over = |(name, count): &&(String, u64)| kept.get(name).is_some_and(|kept| *count as f64 > most(kept));
        self.0.iter().filter(is_over).map(|(name, _)| name.as_str()).collect()
    }

    /// Keeps the cases that there are, in their order.
    pub fn write(&self) -> anyhow::Result<()> {
        Ok(fs::write(file(), self.render(&version_of("rustc")?, &version_of("valgrind")?)?)?)
    }

    fn render(&self, rustc: &str, valgrind: &str) -> anyhow::Result<String> {
        let mut text = String::from("# Instructions per call\n\n");
        writeln!(text, "Kept by `cargo run --release -p micro -- count --keep`; {rustc}, {valgrind}.\n")?;
        writeln!(text, "| case | instructions | what it does |\n| --- | ---: | --- |")?;
        for case in case::all() {
            if let Some(count) = self.get(case.name) {
                writeln!(text, "| `{}` | {} | {} |", case.name, grouped(count), case.what)?;
            }
        }
        Ok(text)
    }
}

pub fn print_heads() {
    println!("| {:<16} | {:>12} | {:>12} | {:>6} |", "case", "instructions", "kept", "ratio");
    println!("| {:-<16} | {:->11}: | {:->11}: | {:->5}: |", "", "", "", "");
}

fn file() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("counts.md")
}

fn version_of(program: &str) -> anyhow::Result<String> {
    let output = Command::new(program).arg("--version").output()?;
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

/// A number with a comma after each three digits.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().map(|group| str::from_utf8(group).unwrap_or_default()).collect();
    groups.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_that_was_kept_is_read_back() {
        let (first, last) = (case::all().next().unwrap(), case::all().last().unwrap());
        let mut table = Table::default();
        table.put(first, 999);
        table.put(last, 1_234_567);

        let text = table.render("rustc", "valgrind").unwrap();

        assert!(text.contains("| 1,234,567 |"), "{text}");
        assert_eq!(Table::parse(&text).0, table.0);
    }

    #[test]
    fn only_what_is_over_the_bound_is_told() {
        let table = |count| Table(vec![("case".to_owned(), count)]);

        assert!(table(1_050).over(&table(1_000), 5.0).is_empty());
        assert_eq!(table(1_051).over(&table(1_000), 5.0), ["case"]);
        assert!(table(1_051).over(&Table::default(), 5.0).is_empty());
    }
}
