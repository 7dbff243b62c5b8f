//! Where a database server stands: which server it is, on which timeline, and how far it has come in the log.
//!
//! Positions are byte offsets in Postgres's write-ahead log; those of two servers compare when
//! their epochs are equal.

use std::fmt;
use std::time::{Duration, Instant};

use sea_orm::sqlx::postgres::PgRow;
use sea_orm::sqlx::{self, Executor, PgConnection, Row};

/// One unbroken history: the cluster that `initdb` made, and the timeline that its latest promotion began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Epoch {
    pub system: u64,
    pub timeline: u32,
}

/// One history of one database: what is cached under it is of no use under another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Scope {
    pub system: u64,
    pub timeline: u32,
    pub database: u32,
}

impl Scope {
    /// The same database in an epoch.
    pub fn in_epoch(self, epoch: Epoch) -> Self {
        Self { system: epoch.system, timeline: epoch.timeline, ..self }
    }
}

/// A position in the write-ahead log, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lsn(pub u64);

impl fmt::Display for Lsn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:X}/{:X}", self.0 >> 32, self.0 & 0xFFFF_FFFF)
    }
}

/// One life of a server between a start or a crash and the next. A standby that crashed may come back behind what it had replayed.
///
/// After the crash of one back-end all others are ended and recovery begins anew, while the first process lives on with
/// its start time. The checkpointer is started anew, so its start tells; only roles that see statistics see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Incarnation {
    system: u64,
    started_us: i64,
    checkpointer_us: Option<i64>,
}

#[cfg(test)]
impl Incarnation {
    pub fn of(system: u64, started: usize) -> Self {
        Self { system, started_us: started as i64, checkpointer_us: None }
    }
}

/// What a server said about itself.
#[derive(Clone, Copy, Debug)]
pub struct Report {
    pub incarnation: Incarnation,
    /// Whether it replays another server's log. One that does not can be written to.
    pub is_standby: bool,
    /// Replayed, on a standby; else the end of what is written.
    pub position: Lsn,
    /// On a standby the one that it receives; `None` while it receives nothing.
    pub timeline: Option<u32>,
    /// Whether the role may see on which timeline a standby is.
    pub sees_statistics: bool,
    /// The database's object id, the same on every standby.
    pub database: u32,
    /// Its clock, in microseconds since 1970.
    pub clock_us: i64,
    /// When it was asked. The position was true at this moment or later.
    pub asked: Instant,
}

impl Report {
    pub fn system(&self) -> u64 {
        self.incarnation.system
    }
}

/// Where the log ends after a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Commit {
    pub epoch: Epoch,
    pub position: Lsn,
    /// The server's clock, in microseconds since 1970.
    pub clock_us: i64,
}

/// The end of the log on a server that can be written to, as a standby will reach it.
///
/// The next record never begins at the start of a page, there its header lies. With the last record ending exactly there the position
/// is told behind the header (24 bytes, 40 in the first page of a segment), where no standby arrives before something
/// else is written; what was committed ends before it.
pub const END_OF_LOG: &str = "(SELECT end_of_log - CASE \
     WHEN end_of_log % pg_size_bytes(current_setting('wal_segment_size')) = 40 THEN 40 \
     WHEN end_of_log % current_setting('wal_block_size')::bigint = 24 THEN 24 ELSE 0 END \
     FROM (SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint AS end_of_log) AS log)";

const TIMELINE_OF_LOG: &str = "('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))::bit(32)::int";
const CLOCK: &str = "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint";
const SYSTEM: &str = "(SELECT system_identifier FROM pg_control_system())";
const STARTED: &str = "(extract(epoch FROM pg_postmaster_start_time()) * 1000000)::bigint";
const CHECKPOINTER: &str = "(SELECT (extract(epoch FROM backend_start) * 1000000)::bigint \
     FROM pg_stat_activity WHERE backend_type = 'checkpointer')";

/// Asks a server where it stands.
pub async fn report(connection: &mut PgConnection) -> Result<Report, sqlx::Error> {
    // The timeline of a standby's control file is the one of its last restart point, so the receiver's is asked for.
    let sql = format!(
        "SELECT {SYSTEM} AS system, {STARTED} AS started, {CHECKPOINTER} AS checkpointer, {CLOCK} AS clock, \
         pg_has_role('pg_read_all_stats', 'USAGE') AS sees_statistics, standby, \
         (SELECT oid::bigint FROM pg_database WHERE datname = current_database()) AS database, \
         CASE WHEN standby THEN (pg_last_wal_replay_lsn() - '0/0')::bigint ELSE {END_OF_LOG} END AS position, \
         CASE WHEN standby THEN (SELECT received_tli FROM pg_stat_wal_receiver) ELSE {TIMELINE_OF_LOG} END AS timeline \
         FROM (SELECT pg_is_in_recovery() AS standby) AS role"
    );
    let asked = Instant::now();
    let row = connection.fetch_one(sqlx::query(sqlx::AssertSqlSafe(sql))).await?;
    Ok(Report {
        incarnation: read_incarnation(&row)?,
        is_standby: row.try_get("standby")?,
        position: Lsn(row.try_get::<Option<i64>, _>("position")?.unwrap_or_default().cast_unsigned()),
        timeline: row.try_get::<Option<i32>, _>("timeline")?.map(i32::cast_unsigned),
        sees_statistics: row.try_get("sees_statistics")?,
        database: u32::try_from(row.try_get::<i64, _>("database")?).unwrap_or_default(),
        clock_us: row.try_get("clock")?,
        asked,
    })
}

/// Which life of a server a connection belongs to.
pub async fn incarnation(connection: &mut PgConnection) -> Result<Incarnation, sqlx::Error> {
    let sql = format!("SELECT {SYSTEM} AS system, {STARTED} AS started, {CHECKPOINTER} AS checkpointer");
    read_incarnation(&connection.fetch_one(sqlx::query(sqlx::AssertSqlSafe(sql))).await?)
}

/// Asks where the log ends. After a COMMIT has returned, on the connection that committed: in the transaction, or on another
/// connection, others' commits would come between.
pub async fn after_commit(connection: &mut PgConnection) -> Result<Commit, sqlx::Error> {
    let sql =
        format!("SELECT {SYSTEM} AS system, {TIMELINE_OF_LOG} AS timeline, {END_OF_LOG} AS position, {CLOCK} AS clock");
    let row = connection.fetch_one(sqlx::query(sqlx::AssertSqlSafe(sql))).await?;
    Ok(Commit {
        epoch: Epoch {
            system: row.try_get::<i64, _>("system")?.cast_unsigned(),
            timeline: row.try_get::<i32, _>("timeline")?.cast_unsigned(),
        },
        position: Lsn(row.try_get::<i64, _>("position")?.cast_unsigned()),
        clock_us: row.try_get("clock")?,
    })
}

fn read_incarnation(row: &PgRow) -> Result<Incarnation, sqlx::Error> {
    Ok(Incarnation {
        system: row.try_get::<i64, _>("system")?.cast_unsigned(),
        started_us: row.try_get("started")?,
        checkpointer_us: row.try_get("checkpointer")?,
    })
}

/// A server's clock now, when it stood at `clock_us` some time ago. It was read at `asked` or later, so this is never behind it.
pub fn clock_now(clock_us: i64, asked: Instant) -> i64 {
    clock_us.saturating_add(micros(asked.elapsed()))
}

pub fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}
