//! Makes the data folders: the primary's with `initdb`, a standby's with `pg_basebackup`.
//!
//! `docker/primary-init.sh` and `docker/replica.sh` do the same with the same options for `docker compose`.

use std::fs::File;
use std::io::Write;

use sea_orm::sqlx::{self, AssertSqlSafe};

use crate::Result;
use crate::node::Node;
use crate::process::Process;
use crate::stack::StackOptions;

/// The stack's own role.
pub(crate) const SUPERUSER: &str = "postgres";
/// The role of the addresses that a server is given: it owns its databases and sees statistics, no more.
pub(crate) const ORDINARY_ROLE: &str = "storefront";
/// The role that standbys connect as.
pub(crate) const REPLICATION_ROLE: &str = "replicator";

/// glibc has C.UTF-8 built in; macOS knows the same characters by this name.
const CHARACTER_TYPE: &str = if cfg!(target_os = "macos") { "en_US.UTF-8" } else { "C.UTF-8" };

/// No passwords: the socket is in a folder closed to others, and through TCP nobody is superuser.
const HOST_ACCESS: &str = "\
local all         all                      trust
host  all         storefront 127.0.0.1/32  trust
host  replication replicator 127.0.0.1/32  trust
";

/// `wal_retrieve_retry_interval`: a replica finds its restarted primary at once (Postgres's own default is 5 s).
/// `dynamic_shared_memory_type`: kept in the data folder, so that a killed server leaves nothing in /dev/shm.
const SETTINGS: &str = "
listen_addresses = '127.0.0.1'
max_connections = 200
wal_level = replica
max_wal_senders = 20
max_replication_slots = 20
wal_keep_size = 256MB
hot_standby = on
wal_retrieve_retry_interval = 100ms
dynamic_shared_memory_type = mmap
log_line_prefix = '%m [%p] %q%u@%d '
";

/// Makes the primary's data folder.
pub(crate) async fn initialise(primary: &Node, options: &StackOptions) -> Result<()> {
    let data = primary.data_folder();
    let args = [
        "--pgdata",
        &data.display().to_string(),
        "--username",
        SUPERUSER,
        "--auth=trust",
        "--encoding=UTF8",
        "--lc-collate=C",
        &format!("--lc-ctype={CHARACTER_TYPE}"),
        "--no-sync",
        "--no-instructions",
    ];
    run(primary, "initdb", &args).await?;

    std::fs::write(data.join("pg_hba.conf"), HOST_ACCESS)?;
    let mut settings = File::options().append(true).open(data.join("postgresql.conf"))?;
    settings.write_all(SETTINGS.as_bytes())?;
    writeln!(settings, "fsync = {}", if options.fsync { "on" } else { "off" })?;
    if primary.programs().has_stat_statements {
        writeln!(settings, "shared_preload_libraries = 'pg_stat_statements'")?;
    }
    for (name, value) in &options.postgres_settings {
        writeln!(settings, "{name} = '{}'", value.replace('\'', "''"))?;
    }
    Ok(())
}

/// Makes the roles on the running primary.
pub(crate) async fn create_roles(primary: &Node) -> Result<()> {
    let mut connection = primary.connect("postgres").await?;
    let roles = format!(
        "CREATE ROLE {REPLICATION_ROLE} LOGIN REPLICATION;
         CREATE ROLE {ORDINARY_ROLE} LOGIN;
         GRANT pg_read_all_stats TO {ORDINARY_ROLE};"
    );
    sqlx::raw_sql(AssertSqlSafe(roles)).execute(&mut connection).await?;
    if primary.programs().has_stat_statements {
        sqlx::raw_sql("CREATE EXTENSION pg_stat_statements").execute(&mut connection).await?;
    }
    Ok(())
}

/// Makes a standby's data folder from a running upstream, with a replication slot there named after the standby.
pub(crate) async fn copy(upstream: &Node, standby: &Node) -> Result<()> {
    let args = [
        "--pgdata",
        &standby.data_folder().display().to_string(),
        "--host=127.0.0.1",
        &format!("--port={}", upstream.port()),
        &format!("--username={REPLICATION_ROLE}"),
        "--no-password",
        "--wal-method=stream",
        "--checkpoint=fast",
        "--create-slot",
        &format!("--slot={}", standby.name()),
        "--write-recovery-conf",
        "--no-sync",
    ];
    run(standby, "pg_basebackup", &args).await
}

async fn run(node: &Node, program: &'static str, args: &[&str]) -> Result<()> {
    let args: Vec<String> = args.iter().map(|arg| (*arg).to_owned()).collect();
    let log = format!("{program}_{}", node.name());
    Process::run(node.supervisor(), program, &log, &node.programs().postgres(program), &args).await
}
