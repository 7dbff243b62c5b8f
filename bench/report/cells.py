"""The cells that many tables have: medians of a series, its latencies, its CPU times, its errors."""

from figures import number
from results import Missing, middle

CPU_HEAD = ["server µs", "Postgres µs", "Redis µs", "sum µs"]
LATENCY_HEAD = ["p50 ms", "p95 ms", "p99 ms"]


def figure(runs, name, write=number):
    try:
        return write(middle(runs, name))
    except Missing:
        return "–"


def latencies(runs):
    return [figure(runs, name) for name in ("p50_ms", "p95_ms", "p99_ms")]


def cpu(runs):
    return [figure(runs, part) for part in ("server", "postgres", "redis", "sum")]


def errors(runs):
    return number(sum(run.get("errors") or 0 for run in runs))


def asked(results, *by, **where):
    """The series, or a clear word that the set was not run."""
    found = results.series(*by, **where)
    if not found:
        raise Missing(" ".join(str(value) for value in where.values()))
    return found
