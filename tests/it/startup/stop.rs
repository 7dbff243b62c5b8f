//! The end: what is in flight is answered, then the program exits with 0.

use std::path::Path;
use std::process::Stdio;

use sea_orm::{ConnectionTrait, Database, DatabaseBackend, Statement, TransactionTrait};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{Kind, Program, TestDatabase, run, until};

const EMPTY: [(&str, &str); 2] =
    [("STOREFRONT_ENV", "production"), ("STOREFRONT_SECRET_KEY", "a secret key of a test, long enough")];

/// A server over an empty shop: quick to start.
async fn server(folder: &Path, further: &[(&str, &str)]) -> Program {
    run(folder, &["migrate", "up"], &[]).await.succeeded();
    let environment: Vec<_> = EMPTY.iter().chain(further).copied().collect();
    Program::serve(folder, &environment).await
}

/// A request of which the server has read the head and waits for the body.
async fn half_sent(program: &Program, body: &str) -> TcpStream {
    let mut stream = TcpStream::connect(program.address).await.unwrap();
    let head = format!(
        "POST /graphql HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nexpect: 100-continue\r\n\r\n",
        program.address,
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut continues = [0; 25];
    stream.read_exact(&mut continues).await.unwrap();
    assert_eq!(&continues, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(&body.as_bytes()[..body.len() / 2]).await.unwrap();
    stream
}

async fn takes_no_connection(program: &Program) {
    until("no further connection is taken", async || TcpStream::connect(program.address).await.is_err()).await;
}

#[tokio::test]
async fn both_signals_end_it_with_success() {
    for signal in ["TERM", "INT"] {
        let folder = tempfile::tempdir().unwrap();
        let mut program = server(folder.path(), &[]).await;
        // A connection that is kept alive and idle holds nothing up.
        assert_eq!(program.get("/healthz").await.status(), 200);

        program.signal(signal);

        assert_eq!(program.ended().await.code(), Some(0), "{signal}: {:?}", program.stderr());
        assert!(program.stderr().iter().any(|line| line.contains("stopped")), "{:?}", program.stderr());
    }
}

#[tokio::test]
async fn a_request_in_flight_is_answered_before_the_end() {
    for signal in ["TERM", "INT"] {
        let folder = tempfile::tempdir().unwrap();
        let mut program = server(folder.path(), &[]).await;
        let body = json!({ "query": "{ stores { nodes { id } } }" }).to_string();
        let mut request = half_sent(&program, &body).await;

        program.signal(signal);
        takes_no_connection(&program).await;
        request.write_all(&body.as_bytes()[body.len() / 2..]).await.unwrap();

        let mut answer = String::new();
        request.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert!(answer.contains("{\"data\":{\"stores\":{\"nodes\":[]}},"), "{answer}");
        assert_eq!(program.ended().await.code(), Some(0));
    }
}

#[tokio::test]
async fn a_request_that_never_arrives_does_not_hold_the_end_up_for_ever() {
    let folder = tempfile::tempdir().unwrap();
    let patient = [("STOREFRONT_DRAIN_MS", "100"), ("STOREFRONT_REQUEST_TIMEOUT_MS", "600000")];
    let mut program = server(folder.path(), &patient).await;
    let _request = half_sent(&program, "{\"query\": \"{ stores { nodes { id } } }\"}").await;

    program.signal("TERM");

    assert_eq!(program.ended().await.code(), Some(0));
    assert!(program.stderr().iter().any(|line| line.contains("not finished within 100 ms")), "{:?}", program.stderr());
}

#[tokio::test]
async fn a_signal_during_the_start_ends_it() {
    let database = TestDatabase::migrated(Kind::Postgres).await;
    let url = database.url().await;
    let other = Database::connect(&url).await.unwrap();
    let transaction = other.begin().await.unwrap();
    transaction.execute_unprepared("LOCK TABLE seaql_migrations IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_storefront"));
    command.env_clear().env("DATABASE_URL", &url).current_dir(folder.path()).kill_on_drop(true);
    command.args(["--port", "0", "--statement-timeout-ms", "600000"]).stdin(Stdio::null());
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    until("the start waits for the lock", async || {
        let waiting = "SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = current_database() \
                       AND wait_event_type = 'Lock') AS waits";
        let row = other.query_one_raw(Statement::from_string(DatabaseBackend::Postgres, waiting)).await.unwrap();
        row.unwrap().try_get::<bool>("", "waits").unwrap()
    })
    .await;

    let sent = std::process::Command::new("kill").arg("-TERM").arg(child.id().unwrap().to_string()).status();

    assert!(sent.unwrap().success());
    assert_eq!(child.wait().await.unwrap().code(), Some(0));
    transaction.rollback().await.unwrap();
    other.close().await.unwrap();
    database.remove().await;
}
