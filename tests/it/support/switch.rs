//! An address behind which another server may come to stand, as behind a name or a service of a cluster.

use std::net::SocketAddr;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Leads every new connection to the server of the moment. Those that are open stay where they are.
pub struct Switch {
    port: u16,
    to: watch::Sender<SocketAddr>,
    accepting: JoinHandle<()>,
}

impl Switch {
    pub async fn start(to: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (to, target) = watch::channel(to);
        let accepting = tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                let target = *target.borrow();
                tokio::spawn(async move {
                    if let Ok(mut server) = TcpStream::connect(target).await {
                        // A connection ends as its ends have it.
                        let _ = copy_bidirectional(&mut client, &mut server).await;
                    }
                });
            }
        });
        Self { port, to, accepting }
    }

    pub fn turn(&self, to: SocketAddr) {
        self.to.send_replace(to);
    }

    /// The address of a database behind it, for the role that servers use.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://storefront@127.0.0.1:{}/{database}", self.port)
    }
}

impl Drop for Switch {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}
