//! The counting: callgrind runs this program again, once for each case, and counts what happens inside [`measured`].

use std::env;
use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, ensure};

use crate::case::{Case, Meter};

/// So many calls are counted; their mean is the figure. Caches do their housekeeping now and then.
pub const CALLS: u32 = 64;
/// Before these the code and the caches are warm.
const WARM_UPS: u32 = 8;
/// The name of [`measured`], however the compiler writes it.
const MEASURED: &str = "*micro*count*measured*";
/// Long copies with vector instructions, as short ones are made: `rep movsb` would count as an instruction for each byte.
const COPIES: &str = "glibc.cpu.x86_rep_movsb_threshold=1000000000:glibc.cpu.x86_rep_stosb_threshold=1000000000";

/// Calls a case: a few times to warm it up, then so many times inside [`measured`].
pub fn run(case: &Case, shop: &Path, calls: u32) -> anyhow::Result<()> {
    let mut call = (case.make)(shop)?;
    (0..WARM_UPS).for_each(|_| call(Meter(|work| work())));
    (0..calls).for_each(|_| call(Meter(measured)));
    Ok(())
}

/// How many instructions a call takes on the thread that makes it.
pub fn instructions(case: &Case, shop: &Path, profiles: &Path) -> anyhow::Result<u64> {
    let profile = profiles.join(format!("{}.callgrind", case.name.replace('/', "-")));
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--quiet", "--tool=callgrind"]).arg(format!("--toggle-collect={MEASURED}"));
    valgrind.arg(format!("--callgrind-out-file={}", profile.display()));
    valgrind.arg(env::current_exe()?).args(["run", case.name, "--shop"]).arg(shop);
    // The settings of a server would be taken from the environment.
    valgrind.env_clear().env("PATH", env::var_os("PATH").unwrap_or_default()).env("GLIBC_TUNABLES", COPIES);
    let output = valgrind.stdin(Stdio::null()).output().context("cannot run valgrind")?;
    ensure!(output.status.success(), "{}: {}", case.name, String::from_utf8_lossy(&output.stderr));

    let text = fs::read_to_string(&profile)?;
    let total = text.lines().find_map(|line| line.strip_prefix("totals: ")).context("callgrind wrote no total")?;
    let total: u64 = total.trim().parse()?;
    ensure!(total > 0, "{}: nothing was counted; has this program lost its symbols?", case.name);
    Ok(total / u64::from(CALLS))
}

/// The work after which its own frame goes on, so that it is no tail call and its end is seen.
#[inline(never)]
fn measured(work: &mut dyn FnMut()) {
    black_box(work)();
    black_box(());
}
