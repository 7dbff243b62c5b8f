//! A broken wire, between plain sockets first, then between a client and Postgres.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use devstack::{Fate, Proxy, Result, Stack};
use sea_orm::sqlx::{self, Connection};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use crate::support::{WITHIN, connect, count, eventually};

/// A server that sends back what it receives.
struct Echo {
    address: SocketAddr,
    received: Arc<Mutex<Vec<u8>>>,
}

impl Echo {
    async fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let received = Arc::new(Mutex::default());
        let record: Arc<Mutex<Vec<u8>>> = Arc::clone(&received);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let record = Arc::clone(&record);
                tokio::spawn(async move {
                    let mut chunk = [0; 4096];
                    while let Ok(read @ 1..) = stream.read(&mut chunk).await {
                        record.lock().expect("the record").extend_from_slice(&chunk[..read]);
                        if stream.write_all(&chunk[..read]).await.is_err() {
                            break;
                        }
                    }
                });
            }
        });
        Ok(Self { address, received })
    }

    fn received(&self) -> String {
        String::from_utf8_lossy(&self.received.lock().expect("the record")).into_owned()
    }
}

async fn client(proxy: &Proxy) -> TcpStream {
    TcpStream::connect(proxy.address()).await.expect("the proxy takes connections")
}

/// Sends a text and waits until it comes back.
async fn exchange(client: &mut TcpStream, text: &str) {
    client.write_all(text.as_bytes()).await.expect("sent");
    assert_eq!(receive(client, text.len()).await, text);
}

async fn receive(client: &mut TcpStream, length: usize) -> String {
    let mut bytes = vec![0; length];
    timeout(WITHIN, client.read_exact(&mut bytes)).await.expect("in time").expect("an answer");
    String::from_utf8(bytes).expect("text")
}

async fn await_reset(client: &mut TcpStream) {
    let ended = timeout(WITHIN, client.read_to_end(&mut Vec::new())).await.expect("in time");
    assert_eq!(ended.expect_err("a reset").kind(), ErrorKind::ConnectionReset);
}

#[tokio::test]
async fn bytes_pass_and_connections_are_counted() -> Result<()> {
    let echo = Echo::start().await?;
    let proxy = Proxy::start(echo.address)?;
    let (mut first, mut second) = (client(&proxy).await, client(&proxy).await);

    exchange(&mut first, "hello").await;
    exchange(&mut second, "world").await;

    assert_eq!(proxy.connections(), 2);
    drop(first);
    eventually("a closed connection isn't counted", async || proxy.connections() == 1).await;
    second.shutdown().await?;
    assert_eq!(second.read(&mut [0; 8]).await?, 0, "the end of one direction is passed on, and so is its answer");
    Ok(())
}

#[tokio::test]
async fn a_cut_wire_resets_and_refuses_until_it_is_healed() -> Result<()> {
    let echo = Echo::start().await?;
    let proxy = Proxy::start(echo.address)?;
    let mut open = client(&proxy).await;
    exchange(&mut open, "hello").await;

    proxy.cut();

    let refused = TcpStream::connect(proxy.address()).await.expect_err("nothing listens");
    assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
    await_reset(&mut open).await;
    assert_eq!(proxy.connections(), 0);
    proxy.heal()?;
    exchange(&mut client(&proxy).await, "again").await;
    Ok(())
}

#[tokio::test]
async fn broken_connections_are_reset_and_new_ones_work() -> Result<()> {
    let echo = Echo::start().await?;
    let proxy = Proxy::start(echo.address)?;
    let mut open = client(&proxy).await;
    exchange(&mut open, "hello").await;

    proxy.break_connections();

    exchange(&mut client(&proxy).await, "again").await;
    await_reset(&mut open).await;
    Ok(())
}

#[tokio::test]
async fn swallowed_bytes_are_gone_and_their_connections_stay_broken() -> Result<()> {
    let echo = Echo::start().await?;
    let proxy = Proxy::start(echo.address)?;
    let (mut idle, mut old) = (client(&proxy).await, client(&proxy).await);
    exchange(&mut idle, "one").await;
    exchange(&mut old, "two").await;

    proxy.swallow();
    let mut new = client(&proxy).await;
    // More than the system keeps for a reader, so that the proxy has taken some when all is written.
    let much = vec![b'x'; 32 << 20];
    old.write_all(&much).await?;
    new.write_all(&much).await?;

    assert_eq!(proxy.connections(), 3);
    proxy.heal()?;
    await_reset(&mut old).await;
    await_reset(&mut new).await;
    exchange(&mut idle, "three").await;
    assert_eq!(echo.received(), "onetwothree");
    Ok(())
}

#[tokio::test]
async fn delayed_chunks_wait_each_way_side_by_side_and_in_order() -> Result<()> {
    const DELAY: Duration = Duration::from_millis(100);
    const CHUNKS: u32 = 40;
    let echo = Echo::start().await?;
    let proxy = Proxy::start(echo.address)?;
    let mut client = client(&proxy).await;
    exchange(&mut client, "hello").await;

    proxy.delay(DELAY);
    let begin = Instant::now();
    exchange(&mut client, "there and back").await;
    assert!(begin.elapsed() >= 2 * DELAY, "{:?}", begin.elapsed());

    let begin = Instant::now();
    let texts: Vec<String> = (0..CHUNKS).map(|n| format!("{n};")).collect();
    client.set_nodelay(true)?;
    for text in &texts {
        client.write_all(text.as_bytes()).await?;
        tokio::task::yield_now().await;
    }
    assert_eq!(receive(&mut client, texts.concat().len()).await, texts.concat());
    assert!(begin.elapsed() < CHUNKS * DELAY, "{:?}", begin.elapsed());

    proxy.delay(Duration::from_secs(3600));
    client.write_all(b"late").await?;
    proxy.delay(Duration::ZERO);
    assert_eq!(receive(&mut client, 4).await, "late");
    Ok(())
}

#[tokio::test]
async fn a_failpoint_finds_its_pattern_across_chunks() -> Result<()> {
    let echo = Echo::start().await?;
    let proxy = Proxy::start(echo.address)?;

    for (fate, received) in [(Fate::Cut, "a COMMIT b"), (Fate::CutBefore, "a COM"), (Fate::Swallow, "a COMMIT b")] {
        echo.received.lock().expect("the record").clear();
        proxy.fail_after_sent(b"COMMIT", fate);
        let mut client = client(&proxy).await;
        exchange(&mut client, "a COM").await;

        client.write_all(b"MIT b").await?;
        timeout(WITHIN, proxy.fired()).await?;

        if fate == Fate::Swallow {
            client.write_all(b" c").await?;
            eventually("what follows arrives", async || echo.received() == "a COMMIT b c").await;
            assert_eq!(proxy.connections(), 1);
            proxy.heal()?;
        }
        assert!(echo.received().starts_with(received), "{fate:?}: {}", echo.received());
        await_reset(&mut client).await;
    }
    exchange(&mut client(&proxy).await, "COMMIT").await;
    Ok(())
}

#[tokio::test]
async fn a_commit_cut_from_its_answer_is_kept_and_one_cut_before_is_not() -> Result<()> {
    let stack = Stack::shared().await?;
    stack.create_database("commits").await?;
    let proxy = stack.primary().proxy()?;
    let url = stack.primary_url("commits");
    sqlx::raw_sql("CREATE TABLE commits (id int)").execute(&mut connect(&url).await).await?;

    for (fate, id) in [(Fate::Cut, 1), (Fate::CutBefore, 2)] {
        let mut session = connect(&proxy.url(&url)).await;
        let mut transaction = session.begin().await?;
        sqlx::query("INSERT INTO commits VALUES ($1)").bind(id).execute(&mut *transaction).await?;
        proxy.fail_after_sent(b"COMMIT", fate);

        let committed = transaction.commit().await;

        timeout(WITHIN, proxy.fired()).await?;
        assert!(matches!(committed, Err(sqlx::Error::Io(_))), "{fate:?}: {committed:?}");
    }
    assert_eq!(count(&url, "SELECT count(*) FILTER (WHERE id = 1) FROM commits").await?, 1);
    assert_eq!(count(&url, "SELECT count(*) FROM commits").await?, 1);
    Ok(())
}

#[tokio::test]
async fn a_dropped_proxy_leaves_neither_listener_nor_connections() -> Result<()> {
    let echo = Echo::start().await?;
    let proxy = Proxy::start(echo.address)?;
    let address = proxy.address();
    let mut open = client(&proxy).await;
    exchange(&mut open, "hello").await;

    drop(proxy);

    assert_eq!(TcpStream::connect(address).await.expect_err("nothing listens").kind(), ErrorKind::ConnectionRefused);
    await_reset(&mut open).await;
    Ok(())
}
