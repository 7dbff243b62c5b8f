//! The other commands: migrate, schema, and the help of all.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::json;

use crate::support::{Program, TestDatabase, run};

const SECRET: (&str, &str) = ("STOREFRONT_SECRET_KEY", "a secret key of a test, long enough");
const STAFF: (&str, &str) = ("STOREFRONT_STAFF_KEY", "a staff key of a test, long enough");

#[tokio::test]
async fn schema_prints_what_is_checked_in() {
    let folder = tempfile::tempdir().unwrap();

    let printed = run(folder.path(), &["schema"], &[]).await.succeeded();

    let checked_in = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("schema.graphql")).unwrap();
    assert!(printed == checked_in);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn every_flag_is_described_and_has_a_setting() {
    let folder = tempfile::tempdir().unwrap();
    let commands: [&[&str]; 17] = [
        &[],
        &["serve"],
        &["migrate"],
        &["migrate", "up"],
        &["migrate", "down"],
        &["migrate", "status"],
        &["migrate", "fresh"],
        &["seed"],
        &["import"],
        &["export"],
        &["client"],
        &["client", "create"],
        &["client", "list"],
        &["client", "revoke"],
        &["user"],
        &["user", "create"],
        &["schema"],
    ];

    for command in commands {
        let arguments: Vec<&str> = command.iter().chain(&["--help"]).copied().collect();
        let help =
            run(folder.path(), &arguments, &[("STOREFRONT_SECRET_KEY", "hunter2 hunter2 hunter2")]).await.succeeded();

        assert!(!help.contains("hunter2"), "{help}");
        let options = help.split_once("Options:").unwrap().1;
        // Each option begins on a line of its own, after at most `-x, `.
        let mut flags: Vec<String> = Vec::new();
        for line in options.lines() {
            let begins = line.trim_start().starts_with('-') && line.len() - line.trim_start().len() <= 6;
            match flags.last_mut() {
                Some(flag) if !begins => flag.push_str(line),
                _ if begins => flags.push(line.to_owned()),
                _ => {}
            }
        }
        assert!(!flags.is_empty(), "{help}");
        for flag in flags.iter().filter(|flag| !flag.contains("--help") && !flag.contains("--version")) {
            assert!(flag.contains("[env: "), "{command:?}: {flag}");
        }
        assert!(flags.iter().any(|flag| flag.contains("--help")), "{help}");
    }
}

#[tokio::test]
async fn the_readme_tells_of_every_setting_and_of_none_that_is_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let quoted = readme.lines().filter(|line| line.starts_with('|')).flat_map(|row| row.split('`').skip(1).step_by(2));
    let is_setting =
        |name: &&str| name.contains('_') && name.chars().all(|letter| letter.is_ascii_uppercase() || letter == '_');
    let names = ["STOREFRONT_", "FEATURE_", "REDIS_", "REPLICA_", "DATABASE_"];
    let told: BTreeSet<&str> =
        quoted.filter(is_setting).filter(|name| names.iter().any(|prefix| name.starts_with(prefix))).collect();

    let help = run(folder.path(), &["serve", "--help"], &[]).await.succeeded();

    let settings: BTreeSet<&str> =
        help.split("[env: ").skip(1).filter_map(|rest| rest.split(['=', ']']).next()).collect();
    assert!(settings.len() > 40, "{settings:?}");
    assert_eq!(told, settings);
}

async fn applied(folder: &Path, environment: &[(&str, &str)]) -> (usize, usize) {
    let printed = run(folder, &["migrate", "status"], environment).await.succeeded();
    let count = |state: &str| printed.lines().filter(|line| line.starts_with(state)).count();
    let (applied, pending) = (count("Applied"), count("Pending"));
    assert_eq!(applied + pending, printed.lines().count(), "{printed}");
    (applied, pending)
}

async fn migrate(folder: &Path, environment: &[(&str, &str)]) {
    let step = async |arguments: &[&str]| drop(run(folder, arguments, environment).await.succeeded());

    let (applied_before, all) = applied(folder, environment).await;
    assert_eq!(applied_before, 0);
    step(&["migrate", "up"]).await;
    assert_eq!(applied(folder, environment).await, (all, 0));
    step(&["migrate", "up"]).await;
    step(&["migrate", "down"]).await;
    assert_eq!(applied(folder, environment).await, (all - 1, 1));
    step(&["migrate", "down", "--steps", "2"]).await;
    assert_eq!(applied(folder, environment).await, (all - 3, 3));
    step(&["migrate", "down", "--steps", &(all - 3).to_string()]).await;
    assert_eq!(applied(folder, environment).await, (0, all));
    step(&["migrate", "fresh"]).await;
    assert_eq!(applied(folder, environment).await, (all, 0));
    step(&["seed", "--stores", "1", "--products", "5", "--skus", "5", "--users", "1", "--orders", "1"]).await;
    step(&["migrate", "fresh"]).await;
    assert_eq!(applied(folder, environment).await, (all, 0));

    let environment: Vec<_> =
        environment.iter().copied().chain([("STOREFRONT_ENV", "production"), SECRET, STAFF]).collect();
    let program = Program::serve(folder, &environment).await;
    let left = program.ask(STAFF.1, "{ products { nodes { id } } users { nodes { id } } }", json!({})).await;
    assert_eq!(left.data(""), &json!({ "products": { "nodes": [] }, "users": { "nodes": [] } }));
    program.stop().await;
}

#[tokio::test]
async fn migrate_goes_up_and_down_on_sqlite() {
    migrate(tempfile::tempdir().unwrap().path(), &[]).await;
}

#[tokio::test]
async fn migrate_goes_up_and_down_on_postgres() {
    let database = TestDatabase::empty_postgres().await;
    let url = database.url().await;

    migrate(tempfile::tempdir().unwrap().path(), &[("DATABASE_URL", &url)]).await;

    database.remove().await;
}

async fn migrate_at_once(folder: &Path, environment: &[(&str, &str)]) {
    let up = || run(folder, &["migrate", "up"], environment);

    let (one, two, three) = tokio::join!(up(), up(), up());

    for ended in [one, two, three] {
        ended.succeeded();
    }
    assert_eq!(applied(folder, environment).await.1, 0);
}

#[tokio::test]
async fn migrations_at_the_same_moment_take_turns_on_sqlite() {
    migrate_at_once(tempfile::tempdir().unwrap().path(), &[]).await;
}

#[tokio::test]
async fn migrations_at_the_same_moment_take_turns_on_postgres() {
    let database = TestDatabase::empty_postgres().await;
    let url = database.url().await;

    migrate_at_once(tempfile::tempdir().unwrap().path(), &[("DATABASE_URL", &url)]).await;

    database.remove().await;
}
