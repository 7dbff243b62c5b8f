//! Settings of the largest request that is served.

use clap::Args;

use crate::execution::PageRules;
use crate::graphql::ConditionLimits;

/// Bounds on what one operation may ask for. A value over a bound is refused before anything runs.
#[derive(Args, Clone, Debug)]
pub struct LimitConfig {
    /// The largest `first` or `last` of a page.
    #[arg(long, env = "STOREFRONT_MAX_PAGE_SIZE", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub max_page_size: u32,

    /// The page size of a list that is asked for without `first` and `last`.
    #[arg(long, env = "STOREFRONT_DEFAULT_PAGE_SIZE", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub default_page_size: u32,

    /// The most ids that one `nodes(ids:)` takes.
    #[arg(long, env = "STOREFRONT_MAX_NODES", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub max_nodes: u32,

    /// The deepest an operation may nest.
    #[arg(long, env = "STOREFRONT_MAX_DEPTH", default_value_t = 15, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub max_depth: u32,

    /// The most fields of an operation, fragments written out.
    #[arg(long, env = "STOREFRONT_MAX_FIELDS", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..))]
    pub max_fields: u32,

    /// The most aliases of an operation, fragments written out.
    #[arg(long, env = "STOREFRONT_MAX_ALIASES", default_value_t = 30)]
    pub max_aliases: u32,

    /// The most root fields of an operation.
    #[arg(long, env = "STOREFRONT_MAX_ROOT_FIELDS", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    pub max_root_fields: u32,

    /// The most root fields of a mutation.
    #[arg(long, env = "STOREFRONT_MAX_MUTATIONS", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    pub max_mutations: u32,

    /// The most directives of an operation, fragments written out.
    #[arg(long, env = "STOREFRONT_MAX_DIRECTIVES", default_value_t = 50)]
    pub max_directives: u32,

    /// The most lexical tokens of a document.
    #[arg(long, env = "STOREFRONT_MAX_TOKENS", default_value_t = 2000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub max_tokens: u32,

    /// The most fields below `__schema` and `__type`, fragments written out. In production there are none.
    #[arg(long, env = "STOREFRONT_MAX_INTROSPECTION_FIELDS", default_value_t = 500)]
    pub max_introspection_fields: u32,

    /// The deepest that fields below `__schema` and `__type` may nest.
    #[arg(long, env = "STOREFRONT_MAX_INTROSPECTION_DEPTH", default_value_t = 25, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub max_introspection_depth: u32,

    /// The most points that one operation may cost.
    #[arg(long, env = "STOREFRONT_MAX_COST", default_value_t = 5000, value_parser = clap::value_parser!(u64).range(1..))]
    pub max_cost: u64,

    /// The most conditions in one `where`, every element of `AND` and `OR` counted.
    #[arg(long, env = "STOREFRONT_MAX_FILTER_TERMS", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub max_filter_terms: u32,

    /// The most values in one `in`.
    #[arg(long, env = "STOREFRONT_MAX_LIST_INPUT", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub max_list_input: u32,

    /// The longest `data` of one answer, in bytes.
    #[arg(long, env = "STOREFRONT_MAX_ANSWER_BYTES", default_value_t = 16 * 1024 * 1024, value_parser = clap::value_parser!(u32).range(1024..))]
    pub max_answer_bytes: u32,

    /// The most errors of one answer.
    #[arg(long, env = "STOREFRONT_MAX_ERRORS", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub max_errors: u32,

    /// The longest text of one error, in bytes.
    #[arg(long, env = "STOREFRONT_MAX_ERROR_BYTES", default_value_t = 300, value_parser = clap::value_parser!(u32).range(50..=10_000))]
    pub max_error_bytes: u32,

    /// The most requests of one batch, a JSON array of them; 0 takes no batches.
    #[arg(long, env = "STOREFRONT_MAX_BATCH", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=100))]
    pub max_batch: u32,

    /// The largest request body, in bytes.
    #[arg(long, env = "STOREFRONT_MAX_BODY_BYTES", default_value_t = 262_144, value_parser = clap::value_parser!(u32).range(1024..))]
    pub max_body_bytes: u32,

    /// The memory that parsed and validated documents may take, in bytes.
    #[arg(long, env = "STOREFRONT_PLAN_CACHE_BYTES", default_value_t = 16 * 1024 * 1024)]
    pub plan_cache_bytes: u64,

    /// How long one request may take before it is answered TIMEOUT, in milliseconds.
    #[arg(long, env = "STOREFRONT_REQUEST_TIMEOUT_MS", default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(1..=600_000))]
    pub request_timeout_ms: u64,
}

impl LimitConfig {
    /// How large pages are.
    pub fn pages(&self) -> PageRules {
        PageRules { default_size: self.default_page_size, max_size: self.max_page_size }
    }

    /// How much one `where` may say.
    pub fn conditions(&self) -> ConditionLimits {
        ConditionLimits { conditions: self.max_filter_terms, values: self.max_list_input }
    }
}
