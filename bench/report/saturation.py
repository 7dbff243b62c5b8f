"""The pool sweep: how much a subject answers with how many connections to each database server, and from where on more do not help."""

from results import middle

NEARLY = 0.95  # of the best: passes differ by a few per cent


def pool_series(results, who, what):
    """The runs at full speed of each pool size."""
    return {pool: runs for (pool,), runs in results.series("pool", set="pool", subject=who, variant=what, loop="closed").items()}


def pool_saturation(results, who, what):
    """The smallest pool that answers at least 95 % of what the best one does at full speed; None without such runs."""
    rates = {pool: middle(runs, "per_second") for pool, runs in pool_series(results, who, what).items()}
    return min((pool for pool, rate in rates.items() if rate >= NEARLY * max(rates.values())), default=None)
