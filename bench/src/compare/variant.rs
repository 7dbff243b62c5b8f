//! The switches of a subject: what it may use beside the primary.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Variant {
    pub name: &'static str,
    pub replicas: bool,
    pub cache: bool,
    /// Windows per client, wide enough that nobody uses them up.
    pub limit: bool,
    /// Settings of Storefront that only this variant has.
    pub further: &'static [(&'static str, &'static str)],
}

const NOTHING: Variant = Variant { name: "baseline", replicas: false, cache: false, limit: false, further: &[] };

pub const BASELINE: Variant = NOTHING;
pub const REPLICAS: Variant = Variant { name: "replicas", replicas: true, ..NOTHING };
pub const CACHE: Variant = Variant { name: "cache", cache: true, ..NOTHING };
pub const BOTH: Variant = Variant { name: "both", replicas: true, cache: true, ..NOTHING };
pub const BOTH_AND_LIMIT: Variant = Variant { name: "both+limit", limit: true, ..BOTH };
/// Whole answers kept in the process, which is what `cache` does for shoppers.
pub const WHOLE_ANSWERS: Variant = Variant { name: "cache-whole", ..CACHE };
/// No in-process tier and no whole answers: each request asks Redis for its nodes, and is executed.
pub const NODES: Variant = Variant {
    name: "cache-node",
    further: &[("STOREFRONT_LOCAL_CACHE_TTL_MS", "0"), ("STOREFRONT_ANSWER_CACHE", "off")],
    ..CACHE
};
/// The in-process tier as small as the bound on memory has it.
pub const SMALL_TIER: Variant = Variant { name: "cache", further: &[("STOREFRONT_LOCAL_CACHE_MB", "16")], ..CACHE };
