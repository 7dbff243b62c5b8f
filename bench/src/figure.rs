//! A figure as a line: what was measured, the measure, and its bound.

use std::time::Duration;

pub fn heading() {
    line("figure", "measured", "bound");
}

pub fn line(figure: &str, measured: impl AsRef<str>, bound: impl AsRef<str>) {
    println!("{figure:<72} {:>12} {:>12}", measured.as_ref(), bound.as_ref());
}

pub fn micros(duration: Duration) -> String {
    format!("{:.2} µs", duration.as_nanos() as f64 / 1e3)
}

pub fn millis(duration: Duration) -> String {
    format!("{:.2} ms", duration.as_secs_f64() * 1e3)
}

pub fn seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}

pub fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

/// A part of a whole in per cent, never rounded up to all of it.
pub fn share(part: u64, whole: u64) -> String {
    let tenths = (part * 1000).checked_div(whole).unwrap_or_default();
    format!("{}.{} %", tenths / 10, tenths % 10)
}
