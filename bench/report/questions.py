"""What a placeholder of the template may ask.

    {{table:peers-w1}}      a table of tables.py
    {{chart:cpu}}           a chart, as a picture for light and dark pages
    {{target:w1_server}}    one target in words: the ratio, its bound and the verdict
    {{figure:w1_server}}    the ratio or count of a target alone
    {{figure:matrix/hono/replicas/W1/p95_ms}}                  the median of one series: set/subject/variant/workload/measure
    {{figure:pool/storefront/replicas/W1/p95_ms loop=rate pool=8}}   where several fit, what sets it apart
    {{ratio:matrix/hono/replicas/W1/p95_ms : matrix/hono/baseline/W1/p95_ms}}   the first divided by the second
    {{count:mixed/hono/both/W5/stale keys=hot}}                a count over all passes
    {{saturation:storefront/replicas}}                         the pool size from which more connections do not help
"""

from statistics import median

from connections import MAX_CONNECTIONS, RESERVED, Pools, fitting_instances, fitting_read_pool
from figures import number, percent
from results import Invalid, Missing, measure
from saturation import pool_saturation
from tables import TABLES
from targets import TARGETS, Count, outcome

PARTS = "set subject variant workload".split()
ALTERNATIVES = {
    "cpu": "CPU time of server, Postgres and Redis per request, for every subject and W1, W2, W3",
    "latency": "p50, p95 and p99 at 900 requests/s by switches, Storefront beside Hono",
    "pool": "Requests per second by connections to each database server, with the saturation points",
    "instances": "CPU time per request with 1, 2 and 4 instances",
    "staleness": "Stale reads of an own write, and products wrong one second after the load",
}


def kinds(results, charts, missing=()):
    def chart(name):
        if name not in ALTERNATIVES:
            raise Invalid(f"no chart {name!r}; there are {', '.join(ALTERNATIVES)}")
        if name in missing:
            raise Missing(name)
        return (
            f'<picture>\n<source media="(prefers-color-scheme: dark)" srcset="{charts}/{name}-dark.svg">\n'
            f'<img alt="{ALTERNATIVES[name]}" src="{charts}/{name}-light.svg">\n</picture>'
        )

    def table(name):
        if name not in TABLES:
            raise Invalid(f"no table {name!r}; there are {', '.join(TABLES)}")
        return TABLES[name](results)

    return {
        "chart": chart,
        "table": table,
        "target": lambda name: target(results, name),
        "figure": lambda text: written(*figure(results, text)),
        "ratio": lambda text: ratio(results, text),
        "count": lambda text: number(sum(values(results, text))),
        "saturation": lambda text: saturation(results, text),
    }


def target(results, name):
    if name not in TARGETS:
        raise Invalid(f"no target {name!r}; there are {', '.join(TARGETS)}")
    found = outcome(results, name)
    if not found:
        raise Missing(name)
    return f"{found.measured} ({found.target}: {found.verdict.strip('*')})"


def figure(results, text):
    """A figure and the name of its measure."""
    if text in TARGETS:
        found = outcome(results, text)
        if not found:
            raise Missing(text)
        return found.value, "count" if isinstance(TARGETS[text], Count) else "ratio"
    if text.startswith(("targets.", "connections.", "passes.")):
        return counted(results, text), "count"
    where, name = asked(text)
    return results.value(name, **where), name


def counted(results, text):
    pools = Pools.defaults()
    outcomes = [found for found in (outcome(results, key) for key in TARGETS) if found]
    figures = {
        "targets.all": len(TARGETS),
        "passes.spread": spread(results),
        "targets.met": sum(found.verdict != "**missed**" for found in outcomes),
        "connections.limit": MAX_CONNECTIONS,
        "connections.usable": MAX_CONNECTIONS - RESERVED,
        "connections.read": pools.read,
        "connections.write": pools.write,
        "connections.replica": pools.replica,
        "connections.instance": pools.on_primary(1),
        "connections.primary20": pools.on_primary(20),
        "connections.replica20": pools.on_replica(20),
        "connections.all20x3": pools.in_all(20, 3),
        "connections.instances": fitting_instances(pools),
        "connections.read20": fitting_read_pool(20, pools.write),
    }
    if text not in figures:
        raise Invalid(f"no figure {text!r}; there are {', '.join(figures)}")
    return figures[text]


def spread(results):
    """How far the passes of one series lie apart, in per cent of their median; the median of that over all subjects and works."""
    series = results.series(*PARTS, set="peers", loop="closed").values()
    sums = [[measure(run, "sum") for run in runs] for runs in series if len(runs) > 1]
    return round(100 * median((max(each) - min(each)) / median(each) for each in sums)) if sums else 0


def asked(text):
    """The series and the measure that a path such as `pool/storefront/replicas/W1/p95_ms loop=rate pool=8` names."""
    path, *rest = text.split()
    parts = path.split("/")
    if len(parts) != len(PARTS) + 1 or not all("=" in word for word in rest):
        raise Invalid("a figure is set/subject/variant/workload/measure, then name=value of what sets it apart")
    return dict(zip(PARTS, parts)) | dict(word.split("=", 1) for word in rest), parts[-1]


def values(results, text):
    where, name = asked(text)
    found = [value for value in (measure(run, name) for run in results.find(**where)) if value is not None]
    if not found:
        raise Missing(text)
    return found


def ratio(results, text):
    sides = text.split(" : ")
    if len(sides) != 2:
        raise Invalid("a ratio is two figures with ' : ' between them")
    (first, _), (second, _) = (figure(results, side.strip()) for side in sides)
    if not second:
        raise Invalid("the second figure is 0")
    return number(first / second)


def saturation(results, text):
    who, _, what = text.partition("/")
    found = pool_saturation(results, who, what)
    if found is None:
        raise Missing(f"pool {text}")
    return str(found)


def written(value, name):
    if name.endswith("_share"):
        return percent(value)
    return f"{value:.2f}" if name == "ratio" else number(value)
