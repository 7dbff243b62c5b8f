//! One address in front of several instances: nginx, which keeps its connections to them and gives each request to the next.

use std::fmt::Write;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, ensure};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep};

/// Debian keeps it off the path of those who are not root.
const FOLDERS: [&str; 3] = ["/usr/sbin", "/opt/homebrew/bin", "/usr/local/bin"];
const SERVES_WITHIN: Duration = Duration::from_secs(10);

pub struct Balancer {
    process: Child,
    address: String,
}

impl Balancer {
    pub async fn start(instances: &[&str], folder: &Path) -> anyhow::Result<Self> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
        let folder = folder.join(format!("nginx_{}", instances.len()));
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join("nginx.conf"), settings(&address, instances)?)?;
        let mut command = Command::new(program().context("nginx is not installed")?);
        command.arg("-p").arg(&folder).args(["-c", "nginx.conf", "-e", "error.log"]).stderr(Stdio::null());
        let balancer = Self { process: command.spawn()?, address };
        let deadline = Instant::now() + SERVES_WITHIN;
        while TcpStream::connect(&balancer.address).await.is_err() {
            ensure!(Instant::now() < deadline, "nginx does not serve");
            sleep(Duration::from_millis(20)).await;
        }
        Ok(balancer)
    }

    pub fn address(&self) -> &str {
        &self.address
    }

    pub fn pid(&self) -> u32 {
        self.process.id()
    }
}

impl Drop for Balancer {
    fn drop(&mut self) {
        if let Ok(pid) = self.process.id().try_into() {
            // Killed, it would leave its worker behind.
            let _ = kill(Pid::from_raw(pid), Signal::SIGTERM);
        }
        let _ = self.process.wait();
    }
}

fn program() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(FOLDERS.map(PathBuf::from));
    folders.map(|folder| folder.join("nginx")).find(|program| program.is_file())
}

fn settings(address: &str, instances: &[&str]) -> anyhow::Result<String> {
    let mut servers = String::new();
    for instance in instances {
        write!(servers, "server {instance}; ")?;
    }
    Ok(format!(
        "daemon off; worker_processes 1; pid nginx.pid; events {{ worker_connections 4096; }}\n\
         http {{\n\
           access_log off; keepalive_requests 1000000;\n\
           client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;\n\
           upstream shop {{ {servers}keepalive 64; keepalive_requests 1000000; }}\n\
           server {{\n\
             listen {address};\n\
             location / {{ proxy_pass http://shop; proxy_http_version 1.1; proxy_set_header Connection \"\"; }}\n\
           }}\n\
         }}\n"
    ))
}
