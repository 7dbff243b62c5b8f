//! A mail server: it takes what it is sent, or refuses it, by SMTP.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

use super::until::until;

/// A message that has arrived.
#[derive(Clone, Debug)]
pub struct Mail {
    pub to: String,
    pub subject: String,
    pub text: String,
}

impl Mail {
    /// The token that it brings.
    #[track_caller]
    pub fn token(&self) -> String {
        let from = self.text.find("sfu_").unwrap_or_else(|| panic!("no token in {}", self.text));
        self.text[from..from + 47].to_owned()
    }
}

/// A server for everyone's mail. Dropped, it is not reached any more.
pub struct SmtpServer {
    pub address: SocketAddr,
    arrived: Arc<Mutex<Vec<Mail>>>,
    to_refuse: Arc<AtomicUsize>,
    serving: JoinHandle<()>,
}

impl SmtpServer {
    pub async fn start() -> Self {
        Self::start_at("127.0.0.1:0".parse().unwrap()).await
    }

    pub async fn start_at(address: SocketAddr) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let (arrived, to_refuse) = (Arc::<Mutex<Vec<Mail>>>::default(), Arc::<AtomicUsize>::default());
        let address = listener.local_addr().unwrap();
        let serving = tokio::spawn(serve(listener, arrived.clone(), to_refuse.clone()));
        Self { address, arrived, to_refuse, serving }
    }

    pub fn url(&self) -> String {
        format!("smtp://{}", self.address)
    }

    /// Refuses so many messages, for now.
    pub fn refuse(&self, count: usize) {
        self.to_refuse.store(count, Ordering::SeqCst);
    }

    /// How many messages are still to be refused.
    pub fn left_to_refuse(&self) -> usize {
        self.to_refuse.load(Ordering::SeqCst)
    }

    pub fn arrived(&self) -> Vec<Mail> {
        self.arrived.lock().unwrap().clone()
    }

    /// What has arrived for an address, oldest first.
    pub fn arrived_for(&self, to: &str) -> Vec<Mail> {
        self.arrived().into_iter().filter(|mail| mail.to == to).collect()
    }

    /// Waits for the message of this number for an address, counted from 1.
    pub async fn mail(&self, to: &str, number: usize) -> Mail {
        let what = format!("message {number} for {to} arrives");
        until(&what, async || self.arrived_for(to).len() >= number).await;
        self.arrived_for(to)[number - 1].clone()
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn serve(listener: TcpListener, arrived: Arc<Mutex<Vec<Mail>>>, to_refuse: Arc<AtomicUsize>) {
    // Ended with the server.
    let mut sessions = JoinSet::new();
    loop {
        let (client, _) = listener.accept().await.unwrap();
        sessions.spawn(session(client, arrived.clone(), to_refuse.clone()));
    }
}

/// One client's session; it ends when the client goes away or says something odd.
async fn session(client: TcpStream, arrived: Arc<Mutex<Vec<Mail>>>, to_refuse: Arc<AtomicUsize>) -> Option<()> {
    let (reading, mut writing) = client.into_split();
    let mut lines = BufReader::new(reading).lines();
    writing.write_all(b"220 mail.test\r\n").await.ok()?;
    let mut to = String::new();
    while let Some(line) = lines.next_line().await.ok()? {
        let answer = match line.split([' ', ':']).next()? {
            "EHLO" => "250 mail.test",
            "MAIL" | "RSET" | "NOOP" => "250 done",
            "RCPT"
                if to_refuse.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok() =>
            {
                "451 not now"
            }
            "RCPT" => {
                to = line.split(['<', '>']).nth(1)?.to_owned();
                "250 done"
            }
            "DATA" => {
                writing.write_all(b"354 go on\r\n").await.ok()?;
                let mut message = Vec::new();
                while let Some(line) = lines.next_line().await.ok()?.filter(|line| line != ".") {
                    message.push(line);
                }
                arrived.lock().unwrap().push(mail(to.clone(), &message));
                "250 done"
            }
            "QUIT" => "221 done",
            _ => "500 what?",
        };
        writing.write_all(format!("{answer}\r\n").as_bytes()).await.ok()?;
    }
    None
}

fn mail(to: String, lines: &[String]) -> Mail {
    let (head, text) = lines.split_at(lines.iter().position(String::is_empty).unwrap_or(lines.len()));
    let subject = head.iter().find_map(|line| line.strip_prefix("Subject: ")).unwrap_or_default();
    let mut text = text.join("\n");
    // Quoted-printable: lines that are too long go on, and what that needs is escaped.
    if head.iter().any(|line| line == "Content-Transfer-Encoding: quoted-printable") {
        text = text.replace("=\n", "").replace("=3D", "=");
    }
    Mail { to, subject: subject.to_owned(), text }
}
