//! The rules of the house that can be read off its lines.

use std::fs;
use std::path::{Path, PathBuf};

const NOUNS: [&str; 8] = ["account", "category", "order", "product", "sku", "stock", "store", "user"];
const GROUND_FLOOR: [&str; 10] =
    ["auth", "cache", "config", "db", "documents", "execution", "graphql", "limit", "mail", "redis"];

/// What the rows, the SQL and the writes of a noun take from `graphql`: nothing that GraphQL shows.
const NOT_GRAPHQL: [&str; 3] = ["Owned", "Page", "shorten"];

fn files(folder: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push((path.clone(), fs::read_to_string(path).unwrap()));
            }
        }
    }
    found
}

fn name(path: &Path) -> &str {
    path.file_name().unwrap().to_str().unwrap()
}

/// Whether SQL lives here: `repo.rs`, or a file of the folder beside it.
fn is_repo(path: &Path) -> bool {
    name(path) == "repo.rs" || path.parent().unwrap().ends_with("repo")
}

/// The lines of code that name something.
fn uses<'a>(text: &'a str, what: &str) -> Vec<&'a str> {
    text.lines().filter(|line| line.contains(what) && !line.trim_start().starts_with("//")).collect()
}

fn first_word(text: &str) -> String {
    text.trim().chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect()
}

/// The names that code takes from a module, by `use` or on the spot.
fn taken_from(module: &str, text: &str) -> Vec<String> {
    let code: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let mut taken = Vec::new();
    for part in code.join(" ").split(&format!("crate::{module}::")).skip(1) {
        let group = part.strip_prefix('{').and_then(|rest| rest.split('}').next());
        let names = group.map_or(vec![part], |group| group.split(',').collect());
        taken.extend(names.into_iter().map(first_word).filter(|name| !name.is_empty()));
    }
    taken
}

/// Nouns reach Redis through the cache alone.
#[test]
fn no_noun_speaks_to_redis() {
    for folder in NOUNS {
        for (path, text) in files(folder) {
            for module in ["redis", "limit", "documents"] {
                assert_eq!(taken_from(module, &text), [""; 0], "{} takes from {module}", path.display());
            }
            assert!(uses(&text, "redis::").is_empty(), "{}", path.display());
        }
    }
}

#[test]
fn the_ground_floor_uses_no_noun() {
    for folder in GROUND_FLOOR {
        for (path, text) in files(folder) {
            // The schema and `node` put the nouns together.
            if ["schema.rs", "node.rs"].contains(&name(&path)) {
                continue;
            }
            for noun in NOUNS {
                let used = uses(&text, &format!("crate::{noun}::"));
                assert_eq!(used, Vec::<&str>::new(), "{}", path.display());
            }
        }
    }
}

#[test]
fn a_noun_reaches_another_only_by_what_it_hands_out() {
    for noun in NOUNS {
        for (path, text) in files(noun) {
            for other in NOUNS.into_iter().filter(|other| *other != noun) {
                for part in ["loader", "repo", "object", "query", "mutation", "write", "listing"] {
                    let used = uses(&text, &format!("crate::{other}::{part}::"));
                    assert_eq!(used, Vec::<&str>::new(), "{}", path.display());
                }
            }
        }
    }
}

#[test]
fn sql_and_graphql_stay_where_they_belong() {
    for noun in NOUNS {
        for (path, text) in files(noun) {
            let is_sql = |line: &&str| {
                ["\"SELECT ", "\"INSERT ", "\"UPDATE ", "\"DELETE "].iter().any(|verb| line.contains(verb))
            };
            if !is_repo(&path) {
                assert_eq!(text.lines().find(is_sql), None, "{}", path.display());
            }
            if is_repo(&path) || ["entity.rs", "write.rs"].contains(&name(&path)) {
                assert_eq!(uses(&text, "async_graphql"), Vec::<&str>::new(), "{}", path.display());
            }
            if !is_repo(&path) {
                assert_eq!(uses(&text, "DatabaseConnection"), Vec::<&str>::new(), "{}", path.display());
            }
        }
    }
}

#[test]
fn statements_are_built_in_repos_alone() {
    for (path, text) in files("") {
        if !is_repo(&path) && !path.parent().unwrap().ends_with("src/db") {
            assert!(!taken_from("db", &text).contains(&"Sql".to_owned()), "{}", path.display());
        }
    }
}

#[test]
fn rows_and_their_sql_and_writes_know_no_type_of_graphql() {
    for noun in NOUNS {
        for (path, text) in files(noun) {
            if is_repo(&path) || ["entity.rs", "write.rs"].contains(&name(&path)) {
                let mut taken = taken_from("graphql", &text);
                taken.retain(|name| !NOT_GRAPHQL.contains(&name.as_str()));
                assert_eq!(taken, Vec::<String>::new(), "{}", path.display());
            }
        }
    }
}

#[test]
fn every_file_opens_with_what_lives_in_it() {
    for (path, text) in files("") {
        let opening = if path.extension().is_some_and(|extension| extension == "lua") { "#!lua" } else { "//! " };
        assert!(text.starts_with(opening), "{}", path.display());
    }
}

#[test]
fn the_container_file_copies_and_runs_what_there_is() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let file = fs::read_to_string(root.join("Dockerfile")).unwrap();
    let from_here = |line: &&str| line.starts_with("COPY ") && !line.contains("--from=");

    for line in file.lines().filter(from_here) {
        let words: Vec<&str> = line.split_whitespace().filter(|word| !word.starts_with("--")).collect();
        for source in &words[1..words.len() - 1] {
            assert!(root.join(source).exists(), "{line}");
        }
    }
    let program = format!("--package {0} --bin {0}", env!("CARGO_PKG_NAME"));
    assert!(file.contains(&program), "{program} is not built");
    let builder: u32 = file.split_once("FROM rust:1.").unwrap().1.split_once('-').unwrap().0.parse().unwrap();
    let needed: u32 = env!("CARGO_PKG_RUST_VERSION").split_once('.').unwrap().1.parse().unwrap();
    assert!(builder >= needed, "rust 1.{builder} builds what needs 1.{needed}");
}
