//! `storefront client`: what it prints, what it keeps, and what it refuses.

use std::process::Stdio;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sea_orm::{ConnectionTrait, Database, DbBackend, Statement};
use storefront::auth::KeyHash;

use super::{client, create, revoke};
use crate::support::{Kind, Shop, TestDatabase, on_both, run};

on_both!(
    create_prints_the_key_alone_and_list_never,
    the_key_is_nowhere_in_the_database,
    a_name_is_taken_until_its_client_is_revoked,
    revoke_takes_an_id_or_a_name_and_says_what_it_did,
    what_cannot_be_is_refused_and_nothing_is_made,
);

/// The lines of the list, in words.
async fn list(url: &str) -> Vec<Vec<String>> {
    let printed = client(url, &["list"]).await.succeeded();
    printed.lines().map(|line| line.split_whitespace().map(str::to_owned).collect()).collect()
}

async fn create_prints_the_key_alone_and_list_never(shop: &Shop) {
    let url = shop.database_url().await;
    let nothing = client(&url, &["list"]).await;
    assert!(nothing.stderr.contains("no clients yet"), "{nothing:?}");
    assert_eq!(nothing.succeeded(), "");

    let made = client(&url, &["create", "  the web shop ", "--points", "90000"]).await;
    let other = create(&url, &["till"]).await;
    revoke(&url, "till").await;

    assert!(made.stderr.contains("\"the web shop\"") && made.stderr.contains("x-storefront-client-key"), "{made:?}");
    let stderr = made.stderr.clone();
    let key = made.succeeded();
    let key = key.strip_suffix('\n').unwrap();
    assert!(KeyHash::of(key).is_some(), "{key:?}");
    assert!(!stderr.contains(key), "{stderr}");
    let printed = client(&url, &["list"]).await.succeeded();
    assert!(!printed.contains(key) && !printed.contains(&other) && !printed.contains("sf_"), "{printed}");
    let listed = list(&url).await;
    assert_eq!(listed[0], ["id", "points", "created", "revoked", "name"]);
    assert_eq!(listed[1][1], "90000");
    assert_eq!(listed[1][3..], ["-", "the", "web", "shop"]);
    assert_eq!(listed[2][1], "default");
    assert!(listed[2][3].ends_with('Z') && listed[2][3] >= listed[2][2], "{listed:?}");
    assert_eq!(listed[2][4], "till");
    assert!(stderr.contains(&listed[1][0]), "{stderr} {listed:?}");
    assert_eq!(listed.len(), 3);
}

/// Everything that the database keeps: the files of the embedded one, all rows of the other.
async fn everything(url: &str) -> Vec<u8> {
    if let Some(file) = url.strip_prefix("sqlite://") {
        let folder = std::path::Path::new(file).parent().unwrap();
        let files = std::fs::read_dir(folder).unwrap().map(|entry| std::fs::read(entry.unwrap().path()).unwrap());
        return files.flatten().collect();
    }
    let db = Database::connect(url).await.unwrap();
    let text = async |sql: &str| {
        let rows = db.query_all_raw(Statement::from_string(DbBackend::Postgres, sql)).await.unwrap();
        rows.iter().map(|row| row.try_get_by_index::<String>(0).unwrap()).collect::<Vec<_>>()
    };
    let mut kept = Vec::new();
    for table in text("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'").await {
        kept.extend(text(&format!("SELECT t::text FROM \"{table}\" t")).await.concat().into_bytes());
    }
    db.close().await.unwrap();
    kept
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn the_key_is_nowhere_in_the_database(shop: &Shop) {
    let url = shop.database_url().await;

    let key = create(&url, &["web"]).await;

    let kept = everything(&url).await;
    let has = |part: &[u8]| kept.windows(part.len()).any(|window| window == part);
    let is_kept = |bytes: &[u8]| has(bytes) || has(hex(bytes).as_bytes());
    let random = URL_SAFE_NO_PAD.decode(&key[3..]).unwrap();
    assert!(is_kept(KeyHash::of(&key).unwrap().bytes()));
    assert!(!is_kept(&key.as_bytes()[3..]));
    assert!(!is_kept(&random));
}

async fn a_name_is_taken_until_its_client_is_revoked(shop: &Shop) {
    let url = shop.database_url().await;
    let first = create(&url, &["web"]).await;

    let again = client(&url, &["create", " web"]).await;
    assert!(again.complaint().contains("a client \"web\" already"), "{again:?}");
    let (one, two) = tokio::join!(client(&url, &["create", "till"]), client(&url, &["create", "till"]));
    assert!(one.status.success() != two.status.success(), "{one:?} {two:?}");
    revoke(&url, "web").await;
    let second = create(&url, &["web"]).await;

    assert_ne!(first, second);
    let names: Vec<_> = list(&url).await.into_iter().skip(1).map(|line| line[4].clone()).collect();
    assert_eq!(names, ["web", "till", "web"]);
}

async fn revoke_takes_an_id_or_a_name_and_says_what_it_did(shop: &Shop) {
    let url = shop.database_url().await;
    for name in ["web", "till"] {
        create(&url, &[name]).await;
    }
    let listed = list(&url).await;
    let (web, till) = (&listed[1][0], &listed[2][0]);

    let by_name = client(&url, &["revoke", "web"]).await;
    let by_id = revoke(&url, till).await;
    let by_name_again = client(&url, &["revoke", "web"]).await;
    let by_id_again = revoke(&url, web).await;
    let unknown = client(&url, &["revoke", "01900000-0000-7000-8000-000000000000"]).await;

    assert!(by_name.stderr.contains("within 10 minutes"), "{by_name:?}");
    let by_name = by_name.succeeded();
    assert!(by_name.contains("revoked the client \"web\"") && by_name.contains(web), "{by_name}");
    assert!(by_name.contains("within 60 s"), "{by_name}");
    assert!(by_id.contains("revoked the client \"till\"") && by_id.contains(till), "{by_id}");
    assert!(by_name_again.complaint().contains("no client \"web\" in use"), "{by_name_again:?}");
    assert!(by_id_again.contains("was revoked before, at 2"), "{by_id_again}");
    assert!(unknown.complaint().contains("no client \"01900000-"), "{unknown:?}");
    let listed = list(&url).await;
    assert!(listed[1..].iter().all(|line| line[3].ends_with('Z')), "{listed:?}");
}

async fn what_cannot_be_is_refused_and_nothing_is_made(shop: &Shop) {
    let url = shop.database_url().await;
    let long = "n".repeat(256);

    for (arguments, complaint) in [
        (vec!["create", ""], "the name is blank"),
        (vec!["create", " \t "], "the name is blank"),
        (vec!["create", &long], "256 characters, over the maximum of 255"),
        (vec!["create", "web\u{7}shop"], "control character"),
        (vec!["create", "01900000-0000-7000-8000-000000000000"], "like an id"),
        (vec!["create", "web", "--points", "0"], "STOREFRONT_KEY_POINTS"),
        (vec!["create", "web", "--points", "1000000001"], "1000000001"),
        (vec!["create", "web", "--points", "many"], "many"),
        (vec!["create"], "NAME"),
        (vec!["revoke", "web"], "no client \"web\""),
        (vec!["revoke", ""], "no client \"\""),
    ] {
        let refused = client(&url, &arguments).await;

        assert!(refused.complaint().contains(complaint), "{arguments:?}: {refused:?}");
    }
    assert_eq!(list(&url).await, Vec::<Vec<String>>::new());
    create(&url, &[&long[1..], "--points", "1000000000"]).await;
}

async fn complains_of_tables_that_are_not_there(url: &str) {
    for arguments in [&["create", "web"][..], &["list"], &["revoke", "web"]] {
        let refused = client(url, arguments).await;

        assert!(refused.complaint().contains("run storefront migrate up"), "{refused:?}");
    }
}

#[tokio::test]
async fn without_tables_nothing_is_made_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();

    complains_of_tables_that_are_not_there(&format!("sqlite://{}", folder.path().join("new.db").display())).await;
}

#[tokio::test]
async fn without_tables_nothing_is_made_on_postgres() {
    let database = TestDatabase::empty_postgres().await;

    complains_of_tables_that_are_not_there(&database.url().await).await;

    database.remove().await;
}

#[tokio::test]
async fn a_key_that_cannot_be_printed_is_told_to_be_lost() {
    let database = TestDatabase::migrated(Kind::Sqlite).await;
    let url = database.url().await;
    let mut create = tokio::process::Command::new(env!("CARGO_BIN_EXE_storefront"));
    create.args(["client", "create", "web"]).env_clear().env("DATABASE_URL", &url);

    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let ended = create.stdout(full).stderr(Stdio::piped()).spawn().unwrap().wait_with_output().await.unwrap();

    let stderr = String::from_utf8(ended.stderr).unwrap();
    assert!(!ended.status.success());
    assert!(stderr.starts_with("storefront: the key is lost, revoke the client \"web\""), "{stderr}");
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    revoke(&url, "web").await;
    database.remove().await;
}

#[tokio::test]
async fn a_network_that_is_none_stops_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let proxies = ("STOREFRONT_TRUSTED_PROXIES", "10.0.0.0/8,10.0.0.0/64");

    let ended = run(folder.path(), &[], &[proxies]).await;

    let complaint = ended.complaint();
    assert!(complaint.contains("STOREFRONT_TRUSTED_PROXIES") && complaint.contains("\"10.0.0.0/64\""), "{complaint}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}
