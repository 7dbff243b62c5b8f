//! Names the files that the program holds: the example operations, and the playground where `npm run build` has made one in
//! `playground/dist`. That folder is checked in empty, so that cargo notices what comes into it; without a playground nothing is needed
//! but Rust.

use std::fs::{self, DirEntry};
use std::path::{Path, PathBuf};
use std::{env, io};

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    for input in ["build.rs", "operations", "playground/dist"] {
        println!("cargo::rerun-if-changed={input}");
    }
    fs::write(out.join("examples.rs"), examples(&root.join("operations"))?)?;
    fs::write(out.join("bundle.rs"), bundle(&root.join("playground/dist"))?)
}

/// The operations with their file names, `welcome.graphql` before all others.
fn examples(folder: &Path) -> io::Result<String> {
    let mut files = files(folder)?;
    files.sort_by_key(|(name, _)| (name != "welcome.graphql", name.clone()));
    let files = files.iter().map(|(name, path)| format!("({name:?}, include_str!({path:?})),\n"));
    Ok(format!("&[\n{}]", files.collect::<String>()))
}

/// The page and its assets, which lie there compressed.
fn bundle(folder: &Path) -> io::Result<String> {
    let page = folder.join("index.html");
    if !page.exists() {
        return Ok("None".to_owned());
    }
    let mut assets = files(&folder.join("assets"))?;
    assets.sort();
    let assets = assets.iter().filter_map(|(name, path)| {
        let name = name.strip_suffix(".gz")?;
        Some(format!("Asset {{ name: {name:?}, gzip: include_bytes!({path:?}) }},\n"))
    });
    let assets: String = assets.collect();
    Ok(format!("Some(Bundle {{ page: include_str!({page:?}), assets: &[\n{assets}] }})"))
}

fn files(folder: &Path) -> io::Result<Vec<(String, PathBuf)>> {
    let named = |entry: DirEntry| Some((entry.file_name().into_string().ok()?, entry.path()));
    let entries: Vec<DirEntry> = fs::read_dir(folder)?.collect::<io::Result<_>>()?;
    Ok(entries.into_iter().filter_map(named).collect())
}
