//! The server as a program: built as users get it, and run to its end.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};

/// Builds the server beside this program, in the same profile.
pub fn build() -> anyhow::Result<PathBuf> {
    // Together with this program: alone, the server would be built anew with the features that it alone asks for.
    let mut arguments = vec!["build", "--package", "storefront", "--package", "bench"];
    if !cfg!(debug_assertions) {
        arguments.push("--release");
    }
    let built = Command::new("cargo").args(arguments).status()?;
    ensure!(built.success(), "the server does not build");
    let target = std::env::current_exe()?;
    let program = target.parent().context("this program lies in a folder")?.join("storefront");
    ensure!(program.exists(), "{} is not there", program.display());
    Ok(program)
}

/// Runs one of the program's commands on a database. What it says is shown only when it fails.
pub fn run(program: &Path, arguments: &[&str], database_url: &str) -> anyhow::Result<()> {
    let ended = Command::new(program).args(arguments).env("DATABASE_URL", database_url).output()?;
    let said = String::from_utf8_lossy(&ended.stderr);
    ensure!(ended.status.success(), "storefront {} failed: {said}", arguments.join(" "));
    Ok(())
}
