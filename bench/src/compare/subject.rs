//! The programs that are compared, and how each is started.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;

use super::shop::{DATABASE, Shop};
use super::variant::Variant;
use crate::by_hand::Kind;
use crate::server::Server;

pub const STAFF_KEY: &str = "the staff key of the figures";
const SECRET_KEY: &str = "the secret key of the figures";
const PEERS: &str = "bench/peers";
const MANY: &str = "1000000000000";

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    Storefront,
    Mercurius,
    Yoga,
    YogaJit,
    Postgraphile,
    Hono,
    AxumRedis,
    AxumSql,
}

/// How a subject asks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Storefront's own schema.
    GraphQl,
    /// The schema that PostGraphile makes of the tables.
    Postgraphile,
    Rest,
}

impl Subject {
    pub const PEERS: [Self; 5] = [Self::Mercurius, Self::Yoga, Self::YogaJit, Self::Postgraphile, Self::Hono];

    pub fn name(self) -> &'static str {
        match self {
            Self::Storefront => "storefront",
            Self::Mercurius => "mercurius",
            Self::Yoga => "yoga",
            Self::YogaJit => "yoga-jit",
            Self::Postgraphile => "postgraphile",
            Self::Hono => "hono",
            Self::AxumRedis => "axum-redis",
            Self::AxumSql => "axum-sql",
        }
    }

    pub fn form(self) -> Form {
        match self {
            Self::Storefront | Self::Mercurius | Self::Yoga | Self::YogaJit => Form::GraphQl,
            Self::Postgraphile => Form::Postgraphile,
            Self::Hono | Self::AxumRedis | Self::AxumSql => Form::Rest,
        }
    }

    /// The floors answer single products alone.
    pub fn has_pages(self) -> bool {
        !matches!(self, Self::AxumRedis | Self::AxumSql)
    }

    /// Where it keeps what it caches, so that nobody clears another's.
    pub fn redis_database(self) -> u8 {
        match self {
            Self::Storefront => 0,
            Self::Mercurius => 5,
            Self::Hono => 7,
            _ => 8,
        }
    }

    /// What is missing for it, and what brings that; a subject of this workspace is always there.
    pub fn missing(self) -> Option<String> {
        let folder = self.folder()?;
        let lacks = |part: &str| !folder.join(part).exists();
        (lacks("src/server.js") || lacks("node_modules"))
            .then(|| format!("{}: {} has no program or no packages (npm ci)", self.name(), folder.display()))
    }

    /// The folder of a peer on Node.
    fn folder(self) -> Option<PathBuf> {
        let name = match self {
            Self::Mercurius | Self::Postgraphile | Self::Hono => self.name(),
            Self::Yoga | Self::YogaJit => "yoga",
            Self::Storefront | Self::AxumRedis | Self::AxumSql => return None,
        };
        Some(Path::new(PEERS).join(name))
    }

    /// Starts one instance, which has this many connections to each database server.
    pub fn start(self, shop: &Shop, variant: Variant, pool: u32) -> anyhow::Result<Server> {
        let settings = match self {
            Self::Storefront => storefront_settings(shop, variant, pool)?,
            _ => self.peer_settings(shop, variant, pool)?,
        };
        let settings: Vec<_> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
        match self {
            Self::Storefront => Server::start(&shop.program, shop.folder(), &settings),
            Self::AxumRedis => Server::start_by_hand(Kind::Redis, &settings),
            Self::AxumSql => Server::start_by_hand(Kind::Sql, &settings),
            _ => self.start_on_node(shop, &settings),
        }
        .with_context(|| format!("{} does not start", self.name()))
    }

    fn start_on_node(self, shop: &Shop, settings: &[(&str, &str)]) -> anyhow::Result<Server> {
        let log = shop.folder().join(format!("{}.log", self.name()));
        let mut command = Command::new("node");
        command.arg("src/server.js").current_dir(self.folder().context("it is a peer")?);
        command.env_remove("REPLICA_URLS").env_remove("REDIS_URL");
        command.envs(settings.iter().copied()).stderr(File::create(&log)?);
        Server::spawn(command).with_context(|| {
            let said = std::fs::read_to_string(&log).unwrap_or_default();
            said.lines().take(20).collect::<Vec<_>>().join("\n")
        })
    }

    /// What all subjects are told but Storefront.
    fn peer_settings(self, shop: &Shop, variant: Variant, pool: u32) -> anyhow::Result<Vec<(&'static str, String)>> {
        let mut settings = vec![
            ("HOST", "127.0.0.1".to_owned()),
            ("PORT", "0".to_owned()),
            ("DATABASE_URL", shop.stack.primary_url(DATABASE)),
            ("POOL", pool.to_string()),
            ("NODE_ENV", "production".to_owned()),
        ];
        if variant.replicas {
            settings.push(("REPLICA_URLS", shop.stack.replica_urls(DATABASE).join(",")));
        }
        if variant.cache || self == Self::AxumRedis {
            settings.push(("REDIS_URL", redis_url(shop, self)?));
        }
        if self == Self::YogaJit {
            settings.push(("JIT", "1".to_owned()));
        }
        Ok(settings)
    }
}

/// The address of what a subject keeps in Redis.
pub fn redis_url(shop: &Shop, subject: Subject) -> anyhow::Result<String> {
    Ok(format!("{}{}", shop.redis()?.url(), subject.redis_database()))
}

fn storefront_settings(shop: &Shop, variant: Variant, pool: u32) -> anyhow::Result<Vec<(&'static str, String)>> {
    let switch = |is_on: bool| is_on.to_string();
    let mut settings = vec![
        ("STOREFRONT_ENV", "production".to_owned()),
        ("STOREFRONT_SECRET_KEY", SECRET_KEY.to_owned()),
        ("STOREFRONT_STAFF_KEY", STAFF_KEY.to_owned()),
        ("DATABASE_URL", shop.stack.primary_url(DATABASE)),
        ("STOREFRONT_READ_CONNECTIONS", pool.to_string()),
        ("STOREFRONT_REPLICA_CONNECTIONS", pool.to_string()),
        ("FEATURE_READ_REPLICAS", switch(variant.replicas)),
        ("FEATURE_REDIS_CACHE", switch(variant.cache)),
        ("FEATURE_RATE_LIMIT", switch(variant.limit)),
        ("STOREFRONT_ADDRESS_POINTS", MANY.to_owned()),
        ("STOREFRONT_CLIENT_POINTS", MANY.to_owned()),
        ("STOREFRONT_WINDOW_MUTATIONS", MANY.to_owned()),
    ];
    if variant.replicas {
        settings.push(("REPLICA_URLS", shop.stack.replica_urls(DATABASE).join(",")));
    }
    if variant.cache || variant.limit {
        settings.push(("REDIS_URL", redis_url(shop, Subject::Storefront)?));
    }
    settings.extend(variant.further.iter().map(|(name, value)| (*name, (*value).to_owned())));
    Ok(settings)
}
