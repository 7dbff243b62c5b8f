//! Clients that are slow, silent or too many, and the end of a connection.

use std::io::ErrorKind;
use std::process::Stdio;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use super::wire::{HEALTHZ, LAST_HEALTHZ, Wire};
use crate::support::{Answer, Kind, Shop, on_sqlite, run, until};

on_sqlite!(
    requests_that_are_sent_at_once_are_answered_in_turn,
    an_answer_before_the_end_of_a_body_arrives_and_ends_the_connection,
    a_body_that_stays_away_after_its_answer_is_not_waited_for,
    a_refused_request_whose_body_was_read_leaves_its_connection_open,
    an_address_has_room_for_a_query_and_no_more,
    a_head_that_is_too_large_is_refused,
    what_is_no_http_is_refused,
);

/// Limits that no test waits for.
const PATIENT: [&str; 4] = ["--header-timeout-ms", "30000", "--idle-timeout-ms", "3600000"];
const HALF_A_HEAD: &[u8] = b"GET /healthz HTTP/1.1\r\nhost: local";

#[tokio::test]
async fn a_head_that_does_not_end_is_cut_off() {
    let shop = Shop::start_with(Kind::Sqlite, &[&PATIENT[..], &["--header-timeout-ms", "1000"]].concat()).await;

    let silent = Wire::connect(&shop).await;
    let half = Wire::with(&shop, HALF_A_HEAD).await;
    let mut second = Wire::connect(&shop).await;
    assert!(second.is_served().await);
    second.send(HALF_A_HEAD).await;

    for wire in [silent, half, second] {
        assert_eq!(wire.rest().await, "");
    }
    shop.stop().await;
}

#[tokio::test]
async fn a_head_that_trickles_is_cut_off() {
    let shop = Shop::start_with(Kind::Sqlite, &[&PATIENT[..], &["--header-timeout-ms", "1000"]].concat()).await;
    let mut fresh = Wire::with(&shop, b"GET /healthz HTTP/1.1\r\nx: ").await;
    let mut used = Wire::connect(&shop).await;
    assert!(used.is_served().await);
    used.send(b"GET /healthz HTTP/1.1\r\nx: ").await;

    for wire in [&mut fresh, &mut used] {
        until("the server has enough of it", async || {
            wire.0.write_all(b"a").await.is_err() || matches!(wire.0.try_read(&mut [0; 8]), Ok(0))
        })
        .await;
    }
    shop.stop().await;
}

#[tokio::test]
async fn a_pause_between_requests_may_be_longer_than_a_head() {
    let shop = Shop::start_with(Kind::Sqlite, &[&PATIENT[..], &["--header-timeout-ms", "1000"]].concat()).await;
    let mut used = Wire::connect(&shop).await;
    assert!(used.is_served().await);

    // It begins later and is cut off after a head's time.
    let silent = Wire::connect(&shop).await;
    assert_eq!(silent.rest().await, "");

    assert!(used.is_served().await);
    shop.stop().await;
}

#[tokio::test]
async fn a_pause_between_requests_ends_as_well() {
    let shop = Shop::start_with(Kind::Sqlite, &[&PATIENT[..], &["--idle-timeout-ms", "100"]].concat()).await;
    let mut used = Wire::connect(&shop).await;
    used.send(HEALTHZ).await;
    used.answer().await;

    assert_eq!(used.rest().await, "");
    shop.stop().await;
}

#[tokio::test]
async fn a_request_that_takes_long_is_no_pause() {
    let flags = [&PATIENT[..], &["--idle-timeout-ms", "50", "--header-timeout-ms", "1000"]].concat();
    let shop = Shop::start_with(Kind::Postgres, &flags).await;
    let blockade = shop.block("stores").await;
    let body = "{\"query\": \"{ stores { nodes { id } } }\"}";
    let head = "POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\nconnection: close\r\n";
    let asked = Wire::with(&shop, format!("{head}content-length: {}\r\n\r\n{body}", body.len()).as_bytes()).await;

    // Both limits pass meanwhile.
    let silent = Wire::connect(&shop).await;
    assert_eq!(silent.rest().await, "");
    blockade.lift().await;

    let answer = asked.rest().await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("{\"nodes\":[]}}"), "{answer}");
    shop.stop().await;
}

#[tokio::test]
async fn a_client_that_does_not_read_its_answers_is_cut_off() {
    let shop = Shop::start_with(Kind::Sqlite, &[&PATIENT[..], &["--write-timeout-ms", "200"]].concat()).await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let stream = socket.connect(shop.address).await.unwrap();
    let requests = b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n".repeat(100);

    until(
        "the server has enough of it",
        async || matches!(stream.try_write(&requests), Err(error) if error.kind() != ErrorKind::WouldBlock),
    )
    .await;

    let others = Answer::read(shop.http().get(shop.url("/metrics")).send().await.unwrap()).await;
    assert!(others.text.contains("storefront_http_timeouts_total{reason=\"write\"}"), "{}", others.text);
    shop.stop().await;
}

#[tokio::test]
async fn connections_over_the_limit_wait_for_a_place() {
    let shop = Shop::start_with(Kind::Sqlite, &[&PATIENT[..], &["--max-connections", "1"]].concat()).await;
    let mut first = Wire::connect(&shop).await;
    assert!(first.is_served().await);

    let mut second = Wire::with(&shop, HEALTHZ).await;
    for _ in 0..20 {
        assert!(first.is_served().await);
    }
    assert_eq!(second.0.try_read(&mut [0; 8]).unwrap_err().kind(), ErrorKind::WouldBlock);
    drop(first);

    assert!(second.answer().await.starts_with("HTTP/1.1 200"));
    shop.stop().await;
}

#[tokio::test]
async fn a_stop_closes_connections_without_a_request_at_once() {
    let shop = Shop::start_with(Kind::Sqlite, &[&PATIENT[..], &["--drain-ms", "3600000"]].concat()).await;
    let fresh = Wire::connect(&shop).await;
    let mut used = Wire::connect(&shop).await;
    assert!(used.is_served().await);

    shop.stop().await;

    assert_eq!([fresh.rest().await, used.rest().await], ["", ""]);
}

#[tokio::test]
async fn a_stop_finishes_what_is_in_flight_and_takes_no_more_on_its_connection() {
    let shop = Shop::start_with(Kind::Postgres, &[&PATIENT[..], &["--drain-ms", "3600000"]].concat()).await;
    let pool = shop.database_pool().await;
    let blockade = shop.block("stores").await;
    let body = "{\"query\": \"{ stores { nodes { id } } }\"}";
    let head = "POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n";
    let asked = Wire::with(&shop, format!("{head}content-length: {}\r\n\r\n{body}", body.len()).as_bytes()).await;
    until("the request waits for the lock", async || {
        use sea_orm::{ConnectionTrait, DatabaseBackend, Statement};
        let waiting = "SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')";
        let row = pool.query_one_raw(Statement::from_string(DatabaseBackend::Postgres, waiting)).await.unwrap();
        row.unwrap().try_get_by_index::<bool>(0).unwrap()
    })
    .await;
    pool.close().await.unwrap();
    let address = shop.address;

    let stopping = tokio::spawn(shop.stop());
    until("no further connection is taken", async || TcpStream::connect(address).await.is_err()).await;
    blockade.lift().await;

    let answer = asked.rest().await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("{\"nodes\":[]}}"), "{answer}");
    assert!(answer.contains("connection: close"), "{answer}");
    stopping.await.unwrap();
}

#[tokio::test]
async fn a_server_that_ran_out_of_file_handles_serves_on_when_it_has_some() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), &["migrate", "up"], &[]).await.succeeded();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut command = tokio::process::Command::new("/bin/sh");
    command.args(["-c", "ulimit -n 64 && exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_storefront")]);
    command
        .args(["--port", &port.to_string(), "--environment", "production"])
        .args(["--secret-key", "a secret of the tests"]);
    command.env_clear().current_dir(folder.path()).kill_on_drop(true).stdin(Stdio::null()).stderr(Stdio::null());
    let _server = command.stdout(Stdio::null()).spawn().unwrap();
    // Its connection is kept from here on.
    let client = reqwest::Client::new();
    let get = async |path: &str| client.get(format!("http://127.0.0.1:{port}{path}")).send().await?.text().await;
    until("it serves", async || get("/readyz").await.is_ok_and(|answer| answer.contains("\"database\":\"ok\""))).await;

    let connects = (0..100).map(|_| TcpStream::connect(("127.0.0.1", port)));
    let connections = futures_util::future::try_join_all(connects).await.unwrap();
    until("it runs out of file handles", async || {
        get("/metrics").await.unwrap().contains("\nstorefront_http_accept_failures_total ")
    })
    .await;
    drop(connections);

    let fresh = reqwest::get(format!("http://127.0.0.1:{port}/readyz")).await.unwrap();
    assert_eq!(fresh.status(), 200);
}

async fn requests_that_are_sent_at_once_are_answered_in_turn(shop: &Shop) {
    let nowhere = b"GET /nowhere HTTP/1.1\r\nhost: localhost\r\n\r\n";
    let wire = Wire::with(shop, &[HEALTHZ, nowhere, LAST_HEALTHZ].concat()).await;

    let answers = wire.rest().await;

    let statuses: Vec<&str> = answers.split("HTTP/1.1 ").skip(1).map(|answer| &answer[..3]).collect();
    assert_eq!(statuses, ["200", "404", "200"], "{answers}");
}

async fn an_answer_before_the_end_of_a_body_arrives_and_ends_the_connection(shop: &Shop) {
    for (content_type, status) in [("text/plain", "415"), ("application/json", "413")] {
        let body = vec![b' '; 16 * 1024 * 1024];
        let head = format!(
            "POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: {content_type}\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        let wire = Wire::with(shop, head.as_bytes()).await;
        let (mut from, mut to) = wire.0.into_split();
        // A client that sends all before it reads, as many do.
        let sent = to.write_all(&body).await;
        drop(to);
        let mut answer = String::new();
        from.read_to_string(&mut answer).await.unwrap();

        assert!(sent.is_ok(), "{sent:?}");
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{answer}");
        assert!(answer.contains("connection: close"), "{answer}");
        assert!(answer.contains("BAD_USER_INPUT"), "{answer}");
    }
}

async fn a_body_that_stays_away_after_its_answer_is_not_waited_for(shop: &Shop) {
    let head = "POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: text/plain\r\ncontent-length: 1000\r\n\r\n";

    let answer = Wire::with(shop, format!("{head}begun").as_bytes()).await.rest().await;

    assert!(answer.starts_with("HTTP/1.1 415"), "{answer}");
}

async fn a_refused_request_whose_body_was_read_leaves_its_connection_open(shop: &Shop) {
    let body = "not json";
    let head = "POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n";
    let refused = format!("{head}content-length: {}\r\n\r\n{body}", body.len());

    let answers = Wire::with(shop, &[refused.as_bytes(), LAST_HEALTHZ].concat()).await.rest().await;

    assert!(answers.starts_with("HTTP/1.1 400") && answers.contains("HTTP/1.1 200"), "{answers}");
}

async fn an_address_has_room_for_a_query_and_no_more(shop: &Shop) {
    let sized = |bytes: usize| {
        let begin = "/graphql?query={__typename}";
        format!("{begin}{}", "%20".repeat(bytes / 3)).chars().take(bytes).collect::<String>()
    };
    let fits = shop.wire_get(&sized(16 * 1024 - 1), &["host: localhost"]).await;
    let too_long = shop.wire_get(&sized(16 * 1024 + 1), &["host: localhost", "x-request-id: the-one"]).await;

    assert!(fits.starts_with("HTTP/1.1 200"), "{fits}");
    assert!(too_long.starts_with("HTTP/1.1 414"), "{too_long}");
    assert!(too_long.contains("BAD_USER_INPUT") && too_long.contains("\"requestId\":\"the-one\""), "{too_long}");
}

async fn a_head_that_is_too_large_is_refused(shop: &Shop) {
    let line = |bytes: usize| format!("x: {}", "a".repeat(bytes));
    let many: Vec<String> = (0..200).map(|index| format!("x-{index}: a")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();

    let fits = shop.wire_get("/healthz", &["host: localhost", &line(60_000)]).await;
    let too_large = shop.wire_get("/healthz", &["host: localhost", &line(1_000_000)]).await;
    let too_many = shop.wire_get("/healthz", &many).await;

    assert!(fits.starts_with("HTTP/1.1 200"), "{fits}");
    for refused in [too_large, too_many] {
        assert!(refused.starts_with("HTTP/1.1 431"), "{refused}");
    }
}

async fn what_is_no_http_is_refused(shop: &Shop) {
    for nonsense in
        [&b"nonsense\r\n\r\n"[..], b"GET /healthz\r\n\r\n", b"GET / HTTP/1.1\r\nno colon\r\n\r\n", b"\0\0\0\0\r\n\r\n"]
    {
        let answer = Wire::with(shop, nonsense).await.rest().await;

        assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    }
    let http2 = Wire::with(shop, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await.rest().await;
    assert!(!http2.contains("200"), "{http2}");
}
