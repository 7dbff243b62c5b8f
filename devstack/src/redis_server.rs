//! The stack's Redis: in memory only, on 127.0.0.1.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::Result;
use crate::deadline::Deadline;
use crate::port;
use crate::process::Process;
use crate::supervisor::Supervisor;

const READY_WITHIN: Duration = Duration::from_secs(20);

pub(crate) struct RedisServer {
    port: u16,
}

impl RedisServer {
    pub(crate) async fn start(supervisor: &Arc<Supervisor>, program: &Path) -> Result<Self> {
        let port = port::free()?;
        let args = ["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
        let process = Process::spawn(supervisor, "redis", "redis", program, &args.map(String::from))?;
        let server = Self { port };
        let deadline = Deadline::within(READY_WITHIN);
        while server.ping().await.is_err() {
            process.expect_running("redis")?;
            deadline.look_again(|| "redis to answer".to_owned()).await?;
        }
        process.expect_running("redis")?;
        Ok(server)
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/", self.port)
    }

    async fn ping(&self) -> Result<()> {
        let client = redis::Client::open(self.url())?;
        let mut connection = client.get_multiplexed_async_connection().await?;
        Ok(redis::cmd("PING").exec_async(&mut connection).await?)
    }
}
