//! A Redis Cluster: servers that share the slots of the keys among them, without replicas.

use std::time::Duration;

use anyhow::Context;
use redis::cmd;

use crate::deadline::Deadline;
use crate::redis_server::RedisServer;
use crate::{Result, port};

const SLOTS: usize = 16_384;
const FORMED_WITHIN: Duration = Duration::from_secs(30);

/// It is gone when the stack is that it was started beside, or after [`RedisCluster::stop`].
pub struct RedisCluster {
    nodes: Vec<RedisServer>,
}

impl RedisCluster {
    /// Starts servers beside another one, lets them meet, and waits until each knows where every slot is.
    pub(crate) async fn start(beside: &RedisServer, nodes: usize) -> Result<Self> {
        let mut members = Vec::with_capacity(nodes);
        for _ in 0..nodes {
            let bus = port::free()?;
            let file = format!("cluster_{bus}.conf");
            let options =
                ["--cluster-enabled", "yes", "--cluster-port", &bus.to_string(), "--cluster-config-file", &file];
            let node = beside.beside(&options)?;
            node.start().await?;
            members.push((node, bus));
        }
        let (first, first_bus) = members.first().context("a cluster has nodes")?;
        for (index, (node, _)) in members.iter().enumerate() {
            let (begin, end) = (SLOTS * index / nodes, SLOTS * (index + 1) / nodes - 1);
            // Without an epoch of its own each would have to win an election against the others first.
            node.ask::<()>(cmd("CLUSTER").arg("SET-CONFIG-EPOCH").arg(index + 1)).await?;
            node.ask::<()>(cmd("CLUSTER").arg("ADDSLOTSRANGE").arg(begin).arg(end)).await?;
            if index > 0 {
                let meet = cmd("CLUSTER").arg("MEET").arg("127.0.0.1").arg(first.port()).arg(*first_bus).to_owned();
                node.ask::<()>(&meet).await?;
            }
        }
        let cluster = Self { nodes: members.into_iter().map(|(node, _)| node).collect() };
        let deadline = Deadline::within(FORMED_WITHIN);
        while !cluster.is_formed().await? {
            deadline.look_again(|| "the cluster to form".to_owned()).await?;
        }
        Ok(cluster)
    }

    pub fn nodes(&self) -> &[RedisServer] {
        &self.nodes
    }

    /// Ends all of its servers.
    pub async fn stop(self) -> Result<()> {
        for node in &self.nodes {
            node.kill().await?;
        }
        Ok(())
    }

    async fn is_formed(&self) -> Result<bool> {
        for node in &self.nodes {
            let info: String = node.ask(cmd("CLUSTER").arg("INFO")).await?;
            let nodes = format!("cluster_known_nodes:{}\r", self.nodes.len());
            let slots = format!("cluster_slots_assigned:{SLOTS}\r");
            if !["cluster_state:ok\r", &nodes, &slots].iter().all(|line| info.contains(line)) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
