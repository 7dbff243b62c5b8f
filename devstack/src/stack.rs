//! The stack as a whole: starting it, its addresses, and the two kinds that tests use.

use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OnceCell, OwnedSemaphorePermit, Semaphore};

use crate::database::Templates;
use crate::programs::Programs;
use crate::redis_cluster::RedisCluster;
use crate::redis_server::RedisServer;
use crate::supervisor::Supervisor;
use crate::{Node, Result, cluster};

/// What to start. The default is what tests want: a primary, two replicas and Redis, nothing forced to the disk.
#[derive(Clone, Debug)]
pub struct StackOptions {
    pub replicas: usize,
    pub redis: bool,
    /// Whether Postgres forces its writes to the disk; only measurements of writes need it.
    pub fsync: bool,
    /// Further lines of postgresql.conf, on all nodes; they win over the stack's own.
    pub postgres_settings: Vec<(String, String)>,
}

impl Default for StackOptions {
    fn default() -> Self {
        Self { replicas: 2, redis: true, fsync: false, postgres_settings: Vec::new() }
    }
}

/// A running stack; it is gone when this is dropped, or when the process ends in whatever way.
///
/// It belongs to no runtime: every method opens what it needs on the runtime of its caller.
pub struct Stack {
    primary: Node,
    replicas: Vec<Node>,
    redis: Option<RedisServer>,
    templates: Mutex<Templates>,
    cloning: tokio::sync::Mutex<()>,
    supervisor: Arc<Supervisor>,
}

impl Stack {
    pub async fn start(options: StackOptions) -> Result<Self> {
        Self::start_with_permit(options, None).await
    }

    /// The one stack of this process, with the default options, started by the first caller. It ends with the process.
    pub async fn shared() -> Result<&'static Self> {
        static SHARED: OnceCell<Stack> = OnceCell::const_new();
        SHARED.get_or_try_init(|| Self::start(StackOptions::default())).await
    }

    /// A stack of one's own to break. At most one per core exists at a time in this process; further callers wait until
    /// one before them is gone.
    pub async fn faulty() -> Result<Self> {
        Self::faulty_with(StackOptions::default()).await
    }

    /// As [`Stack::faulty`], with options.
    pub async fn faulty_with(options: StackOptions) -> Result<Self> {
        static PERMITS: LazyLock<Arc<Semaphore>> = LazyLock::new(|| {
            let cores = std::thread::available_parallelism().map_or(1, usize::from);
            Arc::new(Semaphore::new(cores))
        });
        let permit = Arc::clone(&PERMITS).acquire_owned().await?;
        Self::start_with_permit(options, Some(permit)).await
    }

    async fn start_with_permit(options: StackOptions, permit: Option<OwnedSemaphorePermit>) -> Result<Self> {
        let programs = Arc::new(Programs::find(options.redis)?);
        let supervisor = Arc::new(Supervisor::start(permit)?);
        let node = |name| Node::new(name, &supervisor, &programs);
        let primary = node("primary".to_owned())?;
        let replicas = (1..=options.replicas).map(|n| node(format!("replica_{n}"))).collect::<Result<Vec<_>>>()?;

        let postgres = async {
            cluster::initialise(&primary, &options).await?;
            primary.start().await?;
            cluster::create_roles(&primary).await?;
            let join = replicas.iter().map(|replica| join(&primary, replica));
            futures_util::future::try_join_all(join).await
        };
        let redis = programs.redis.as_ref().map(|program| RedisServer::new(&supervisor, program)).transpose()?;
        let start_redis = async {
            match &redis {
                Some(redis) => redis.start().await,
                None => Ok(()),
            }
        };
        tokio::try_join!(postgres, start_redis)?;

        let (templates, cloning) = Default::default();
        let stack = Self { primary, replicas, redis, templates, cloning, supervisor };
        stack.await_replay().await?;
        Ok(stack)
    }

    /// Ends the stack and waits until its processes and its folder are gone. A drop does the same without waiting.
    pub async fn stop(self) -> Result<()> {
        let supervisor = Arc::clone(&self.supervisor);
        tokio::task::spawn_blocking(move || supervisor.end()).await?;
        Ok(())
    }

    /// The node that was started as the primary, whatever role it has by now.
    pub fn primary(&self) -> &Node {
        &self.primary
    }

    /// The nodes that were started as replicas, in the order of their names.
    pub fn replicas(&self) -> &[Node] {
        &self.replicas
    }

    /// The node called `primary`, or `replica_1` and on; names stay when roles change.
    pub fn node(&self, name: &str) -> Option<&Node> {
        std::iter::once(&self.primary).chain(&self.replicas).find(|node| node.name() == name)
    }

    /// `None` when the stack was started without Redis.
    pub fn redis(&self) -> Option<&RedisServer> {
        self.redis.as_ref()
    }

    /// The primary's address, for the ordinary role.
    pub fn primary_url(&self, database: &str) -> String {
        self.primary.url(database)
    }

    /// The replicas' addresses, for the ordinary role.
    pub fn replica_urls(&self, database: &str) -> Vec<String> {
        self.replicas.iter().map(|replica| replica.url(database)).collect()
    }

    /// The primary's address for the superuser, over a unix socket.
    pub fn superuser_url(&self, database: &str) -> String {
        self.primary.superuser_url(database)
    }

    /// Redis's address; `None` when the stack was started without.
    pub fn redis_url(&self) -> Option<String> {
        self.redis.as_ref().map(RedisServer::url)
    }

    /// Starts a further Redis on a port of its own, with these options of `redis-server` as well. It ends with the stack, if not before. An
    /// error when the stack was started without.
    pub async fn further_redis(&self, options: &[&str]) -> Result<RedisServer> {
        let redis = self.redis_of_its_own()?.beside(options)?;
        redis.start().await?;
        Ok(redis)
    }

    /// Starts a Redis Cluster of so many nodes. It ends with the stack, if not before. An error when the stack was started without Redis.
    pub async fn redis_cluster(&self, nodes: usize) -> Result<RedisCluster> {
        RedisCluster::start(self.redis_of_its_own()?, nodes).await
    }

    fn redis_of_its_own(&self) -> Result<&RedisServer> {
        self.redis.as_ref().ok_or_else(|| anyhow::anyhow!("the stack has no Redis"))
    }

    /// The temporary folder: data folders and the programs' logs.
    pub fn folder(&self) -> &std::path::Path {
        self.supervisor.folder()
    }

    pub(crate) fn templates(&self) -> MutexGuard<'_, Templates> {
        self.templates.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) async fn one_clone_at_a_time(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.cloning.lock().await
    }
}

async fn join(primary: &Node, replica: &Node) -> Result<()> {
    cluster::copy(primary, replica).await?;
    replica.start().await
}
