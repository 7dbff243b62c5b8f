//! What is wrong is said in one line, which names what and the value, and tells no secret.

use std::path::Path;

use devstack::Stack;

use crate::support::{Program, run};

/// The one line of a start with this environment.
async fn complaint(folder: &Path, environment: &[(&str, &str)]) -> String {
    let environment: Vec<_> = [("STOREFRONT_PORT", "0")].into_iter().chain(environment.iter().copied()).collect();
    run(folder, &[], &environment).await.complaint().to_owned()
}

#[tokio::test]
async fn a_taken_port_is_named_and_nothing_is_touched() {
    let folder = tempfile::tempdir().unwrap();
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = taken.local_addr().unwrap().port().to_string();

    let line = complaint(folder.path(), &[("STOREFRONT_PORT", &port)]).await;

    assert!(line.contains(&format!("127.0.0.1:{port}")), "{line}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn a_file_that_is_no_database_is_named_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let text = "this is a letter to a friend, and no database at all\n".repeat(100);
    std::fs::write(folder.path().join("letter.txt"), &text).unwrap();
    std::fs::create_dir(folder.path().join("folder")).unwrap();

    for file in ["letter.txt", "folder", "missing/shop.db", "letter.txt/shop.db"] {
        let line = complaint(folder.path(), &[("DATABASE_URL", &format!("sqlite://{file}"))]).await;

        assert!(line.contains(file), "{line}");
    }
    assert_eq!(std::fs::read_to_string(folder.path().join("letter.txt")).unwrap(), text);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
}

#[tokio::test]
async fn a_database_in_memory_is_refused() {
    let folder = tempfile::tempdir().unwrap();

    for url in ["sqlite::memory:", "sqlite://:memory:", "sqlite:", "sqlite://"] {
        let line = complaint(folder.path(), &[("DATABASE_URL", url)]).await;

        assert!(line.contains("needs a file"), "{line}");
    }
}

#[tokio::test]
async fn a_bad_setting_is_named_with_its_value() {
    let folder = tempfile::tempdir().unwrap();

    for (name, value) in [
        ("STOREFRONT_PORT", "70000"),
        ("STOREFRONT_PORT", "-1"),
        ("STOREFRONT_PORT", "eight"),
        ("STOREFRONT_HOST", "nowhere"),
        ("STOREFRONT_ENV", "staging"),
        ("STOREFRONT_MAX_PAGE_SIZE", "0"),
        ("STOREFRONT_MAX_PAGE_SIZE", "1001"),
        ("STOREFRONT_DEFAULT_PAGE_SIZE", "101"),
        ("STOREFRONT_MAX_BODY_BYTES", "10"),
        ("STOREFRONT_REQUEST_TIMEOUT_MS", "0"),
        ("STOREFRONT_READ_CONNECTIONS", "0"),
        ("STOREFRONT_LOG", "storefront=loud"),
        ("STOREFRONT_LOG_FORMAT", "xml"),
        ("STOREFRONT_DRAIN_MS", "soon"),
        ("FEATURE_RATE_LIMIT", "perhaps"),
        ("STOREFRONT_WINDOW_SECS", "0"),
        ("STOREFRONT_WINDOW_SECS", "3601"),
        ("STOREFRONT_ADDRESS_POINTS", "0"),
        ("STOREFRONT_CLIENT_POINTS", "5999"),
        ("STOREFRONT_WINDOW_MUTATIONS", "4"),
        ("DATABASE_URL", "oracle"),
    ] {
        let line = complaint(folder.path(), &[(name, value)]).await;

        assert!(line.contains(name), "{name}={value}: {line}");
        assert!(line.contains(value), "{name}={value}: {line}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn a_bad_flag_is_named_with_its_value() {
    let folder = tempfile::tempdir().unwrap();

    for (arguments, names) in [
        (vec!["--port", "70000"], ["STOREFRONT_PORT", "70000"]),
        (vec!["serve", "--port=x"], ["STOREFRONT_PORT", "x"]),
        (vec!["--prot", "1"], ["--prot", "--prot"]),
        (vec!["sevre"], ["sevre", "sevre"]),
        (vec!["migrate", "sideways"], ["sideways", "sideways"]),
        (vec!["migrate", "down", "--steps", "0"], ["STOREFRONT_MIGRATE_STEPS", "0"]),
    ] {
        let ended = run(folder.path(), &arguments, &[]).await;

        for name in names {
            assert!(ended.complaint().contains(name), "{arguments:?}: {}", ended.complaint());
        }
    }
}

#[tokio::test]
async fn a_feature_that_is_not_there_yet_is_refused_and_off_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let names = ["FEATURE_DISTRIBUTED_LOCKS", "FEATURE_SHARDING"];

    for name in names {
        let line = complaint(folder.path(), &[(name, "true")]).await;

        assert!(line.contains(name), "{line}");
    }
    let taken = [&names.map(|name| (name, "false"))[..], &[("FEATURE_RATE_LIMIT", "true")]].concat();
    Program::serve(folder.path(), &taken).await.stop().await;
}

#[tokio::test]
async fn a_misspelt_setting_is_warned_about() {
    let folder = tempfile::tempdir().unwrap();

    let program = Program::serve(folder.path(), &[("STOREFRONT_PROT", "8000"), ("STOREFRONT_LOG", "info")]).await;

    assert_eq!(program.get("/readyz").await.status(), 200);
    let (_, log) = program.stop().await;
    let warnings: Vec<&String> = log.iter().filter(|line| line.contains("WARN")).collect();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].contains("STOREFRONT_PROT"), "{warnings:?}");
}

#[tokio::test]
async fn a_key_that_is_too_short_is_refused_without_being_shown() {
    let folder = tempfile::tempdir().unwrap();

    for name in ["STOREFRONT_SECRET_KEY", "STOREFRONT_STAFF_KEY"] {
        let line = complaint(folder.path(), &[(name, "hunter2")]).await;

        assert!(line.contains(name) && line.contains("7 bytes"), "{line}");
        assert!(!line.contains("hunter2"), "{line}");
    }
}

#[tokio::test]
async fn the_password_of_an_address_is_never_shown() {
    let folder = tempfile::tempdir().unwrap();
    // Nobody else takes the port, and nothing listens there.
    let held = tokio::net::TcpSocket::new_v4().unwrap();
    held.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let free = held.local_addr().unwrap().port();
    let unreachable = format!("postgres://shop:hunter2@127.0.0.1:{free}/shop");
    let in_parameters = format!("postgres://127.0.0.1:{free}/shop?user=shop&password=hunter2");
    let odd_characters = format!("postgres://shop:hun?ter#hunter2@127.0.0.1:{free}/shop");
    let with_at = format!("postgres://shop:hunter2@hunter2@127.0.0.1:{free}/shop");

    for (url, names) in [
        ("mysql://shop:hunter2@127.0.0.1/shop", "mysql"),
        ("hunter2", "DATABASE_URL"),
        ("shop:hunter2@127.0.0.1/shop", "DATABASE_URL"),
        (&unreachable, &*format!("127.0.0.1:{free}")),
        (&in_parameters, &*format!("127.0.0.1:{free}")),
        (&odd_characters, "postgres://"),
        (&with_at, &*format!("127.0.0.1:{free}/shop: error communicating with database: Connection refused")),
        ("postgres://shop:hunter2@127.0.0.1:port/shop", "postgres://"),
        ("postgres://shop:hunter2@/shop", "postgres://"),
        ("postgres:hunter2", "must begin with"),
    ] {
        for arguments in [&[][..], &["migrate", "up"], &["seed"]] {
            let ended = run(folder.path(), arguments, &[("DATABASE_URL", url), ("STOREFRONT_PORT", "0")]).await;

            let line = ended.complaint();
            assert!(line.contains(names), "{url}: {line}");
            assert!(url == "hunter2" || !line.contains("hunter2"), "{url}: {line}");
            assert!(!line.contains("hun?"), "{url}: {line}");
        }
    }
}

#[tokio::test]
async fn a_database_that_postgres_does_not_have_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let url = Stack::shared().await.unwrap().primary_url("no_such_shop");

    let line = complaint(folder.path(), &[("DATABASE_URL", &url)]).await;

    assert!(line.contains("no_such_shop"), "{line}");
}
