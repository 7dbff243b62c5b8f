"""The targets of the benchmark: what is compared with what, the bound, and the verdict.

A ratio compares two series of one set, pass with pass (they ran one after the other, so what slows the machine slows both), and is the
median of those. Where several peers may be the opponent, it is the one with the least median.
"""

from dataclasses import dataclass
from statistics import median

from figures import NODE_GRAPHQL, label, number, share
from results import Missing, field, measure, middle

# Where a target looks for its two series: in the first of these sets that has both.
RATIO_SETS = ("targets", "peers", "floors", "matrix", "depth", "mixed", "memory")


@dataclass(frozen=True)
class Series:
    """Whose runs of what: any of the subjects, any of the variants; None allows all."""

    subjects: tuple
    variants: tuple | None
    workload: str
    loop: str = "closed"
    keys: str | None = None

    def best(self, results, name, sets):
        """The runs of the subject and variant whose median is least, or none."""
        where = dict(set=sets, subject=self.subjects, variant=self.variants, workload=self.workload, loop=self.loop, keys=self.keys)
        groups = results.series("subject", "variant", **where).values()
        measured = [runs for runs in groups if any(measure(run, name) is not None for run in runs)]
        return min(measured, key=lambda runs: middle(runs, name), default=None)


@dataclass(frozen=True)
class Outcome:
    work: str
    own: str
    against: str
    measured: str
    target: str
    verdict: str
    value: float


@dataclass(frozen=True)
class Ratio:
    work: str
    measure: str
    own: Series
    peer: Series
    target: float
    reach: float | None = None
    unit: str = "µs"
    sets: tuple = RATIO_SETS

    def judge(self, results):
        mine, other = self.sides(results)
        value = paired(mine, other, self.measure)
        opponent = label(other[0]["subject"], other[0]["variant"])
        if other[0]["subject"] == "storefront":
            opponent = "its own first pages" if self.own.workload == "W4" else "its own baseline"
        return Outcome(
            self.work,
            f"{number(middle(mine, self.measure))} {self.unit}",
            f"{opponent}: {number(middle(other, self.measure))} {self.unit}",
            f"{value:.2f}",
            f"≤ {share(self.target)}" + (f", reach {share(self.reach)}" if self.reach else ""),
            verdict(value, self.target, self.reach),
            value,
        )

    def sides(self, results):
        for name in self.sets:
            mine, other = (series.best(results, self.measure, name) for series in (self.own, self.peer))
            if mine and other:
                return mine, other
        raise Missing(f"{self.work}: no set has both sides")


@dataclass(frozen=True)
class Count:
    """What must not happen at all, or not more than once: `over` says how runs add up, `each` what a count is shared among."""

    work: str
    measure: str
    set: str
    variant: str | None
    keys: str | None
    target: int
    over: object
    each: str | None = None

    def judge(self, results):
        runs = results.find(set=self.set, subject="storefront", variant=self.variant, keys=self.keys)
        values = [measure(run, self.measure) / (field(run, self.each) or 1) for run in runs if measure(run, self.measure) is not None]
        if not values:
            raise Missing(f"{self.work}: not run")
        value = self.over(values)
        return Outcome(self.work, number(value), "anyone", number(value), str(self.target), verdict(value, self.target, None), value)


def own(variant, workload, loop="closed", keys=None):
    return Series(("storefront",), (variant,), workload, loop, keys)


NO_CACHE, CACHE, EITHER = ("baseline",), ("cache",), ("baseline", "cache")
MERCURIUS, HONO, FLOOR = ("mercurius",), ("hono",), ("axum-redis",)
TARGETS = {
    "w1_server": Ratio("W1, no cache, server CPU", "server", own("baseline", "W1"), Series(MERCURIUS, NO_CACHE, "W1"), 1 / 3, 1 / 4),
    "w1_hono": Ratio("W1, no cache, server + Postgres", "server+postgres", own("baseline", "W1"), Series(HONO, NO_CACHE, "W1"), 1.0),
    "w2_server": Ratio("W2, cache on, server CPU", "server", own("cache", "W2"), Series(MERCURIUS, CACHE, "W2"), 1 / 5, 1 / 8),
    "w2_node": Ratio("W2, cached nodes, server CPU", "server", own("cache-node", "W2", keys="hot"), Series(FLOOR, None, "W2", keys="hot"), 2.0),
    "w2_whole": Ratio(
        "W2, hot products alone: whole answers from the process, server CPU", "server",
        own("cache-whole", "W2", keys="hot alone"), Series(FLOOR, None, "W2", keys="hot alone"), 1.2,
    ),
    "w3_server": Ratio("W3, caches off, server CPU", "server", own("baseline", "W3"), Series(NODE_GRAPHQL, NO_CACHE, "W3"), 1 / 2, 1 / 3),
    "w3_hono": Ratio("W3, caches off, server + Postgres", "server+postgres", own("baseline", "W3"), Series(HONO, NO_CACHE, "W3"), 1.0),
    "w3_cached": Ratio("W3, caches on, server CPU", "server", own("cache", "W3"), Series(NODE_GRAPHQL, EITHER, "W3"), 1 / 4),
    "w3_cached_sum": Ratio("W3, caches on, server + Postgres + Redis", "sum", own("cache", "W3"), Series(HONO, EITHER, "W3"), 1 / 2),
    "w4_depth": Ratio("W4, depth 50,000, server + Postgres", "server+postgres", own("baseline", "W4"), own("baseline", "W3"), 1.2),
    "w1_p99": Ratio("W1 at 900/s, no cache, p99", "p99_ms", own("baseline", "W1", "rate"), Series(HONO, NO_CACHE, "W1", "rate"), 1 / 2, unit="ms"),
    "w2_p99": Ratio("W2 at 900/s, cache on, p99", "p99_ms", own("cache", "W2", "rate"), Series(HONO, CACHE, "W2", "rate"), 1 / 2, unit="ms"),
    "replicas_p95": Ratio(
        "replicas on, W5 at 900/s, 10 % writes, p95", "p95_ms",
        own("replicas", "W5", "rate", "uniform"), own("baseline", "W5", "rate", "uniform"), 1.3, unit="ms",
    ),
    "stale": Count("W5 hot, replicas + cache: stale reads of an own write", "stale", "mixed", "both", "hot", 0, sum),
    "wrong": Count("W5 hot, replicas + cache: products wrong 1 s after", "wrong", "mixed", "both", "hot", 0, sum),
    "flights": Count("64 simultaneous reads of a cold product: most statements of one", "most_of_a_product", "flights", "cache", None, 1, max, each="instances"),
    "memory": Ratio(
        "memory under W2 at full speed, in-process tier 16 MB", "resident_mb",
        own("cache", "W2"), Series(MERCURIUS, EITHER, "W2"), 1 / 2, 1 / 3, unit="MB", sets=("memory", "targets", "peers"),
    ),
}


def paired(mine, other, name):
    """The median of the ratios pass by pass; where no pass has both, the ratio of the medians."""
    others = {run["pass"]: measure(run, name) for run in other}
    pairs = [(measure(run, name), others.get(run["pass"])) for run in mine]
    ratios = [left / right for left, right in pairs if left is not None and right]
    return median(ratios) if ratios else middle(mine, name) / middle(other, name)


def verdict(value, target, reach):
    if value > target:
        return "**missed**"
    return "reached" if reach is not None and value <= reach else "met"


def outcome(results, key):
    """The outcome of a target, or None where it was not run."""
    try:
        return TARGETS[key].judge(results)
    except Missing:
        return None
