"""The tables of the document, by name. Each is made of the medians over passes of its set's series."""

from figures import NODE_GRAPHQL, label, number, percent, subject, table, variant
from connections import Pools, connections_table, pools_table
from results import Missing, middle
from saturation import pool_saturation, pool_series
from targets import TARGETS, outcome

NOTE_P95_MS, OUR_P99_MS = 2000, 50  # thresholds of the traffic model


def figure(runs, name, write=number):
    try:
        return write(middle(runs, name))
    except Missing:
        return "–"


def latencies(runs):
    return [figure(runs, name) for name in ("p50_ms", "p95_ms", "p99_ms")]


def cpu(runs):
    return [figure(runs, part) for part in ("server", "postgres", "redis", "sum")]


CPU_HEAD = ["server µs", "Postgres µs", "Redis µs", "sum µs"]
LATENCY_HEAD = ["p50 ms", "p95 ms", "p99 ms"]


def errors(runs):
    return number(sum(run.get("errors") or 0 for run in runs))


def asked(results, *by, **where):
    """The series, or a clear word that the set was not run."""
    found = results.series(*by, **where)
    if not found:
        raise Missing(" ".join(str(value) for value in where.values()))
    return found


def targets_table(results):
    rows = []
    for key, target in TARGETS.items():
        found = outcome(results, key)
        rows.append([found.work, found.own, found.against, found.measured, found.target, found.verdict] if found else [target.work] + ["not run"] * 5)
    return table(["work", "Storefront", "against", "ratio or count", "target", ""], rows)


def peers_table(workload):
    def made(results):
        found = asked(results, "subject", "variant", set=("peers", "floors"), workload=workload, loop="closed")
        rows = []
        for (who, what), runs in sorted(found.items(), key=lambda item: middle(item[1], "sum")):
            rows.append(
                [label(who, what), *cpu(runs), figure(runs, "per_second"), figure(runs, "statements_per_request"), figure(runs, "hit_share", percent)]
                + [figure(runs, "resident_mb"), figure(runs, "answer_bytes"), errors(runs)]
            )
        return table(["subject", *CPU_HEAD, "requests/s", "SQL per request", "cache hits", "memory MB", "bytes", "errors"], rows)

    return made


def matrix_table(workload):
    def made(results):
        found = asked(results, "subject", "variant", set="matrix", workload=workload, loop="rate")
        rows = [
            [subject(who), variant(what), *latencies(runs), *cpu(runs), figure(runs, "statements_per_request")]
            + [figure(runs, "replica_share", percent), figure(runs, "hit_share", percent), errors(runs)]
            for (who, what), runs in found.items()
        ]
        return table(["subject", "switches", *LATENCY_HEAD, *CPU_HEAD, "SQL per request", "on replicas", "cache hits", "errors"], rows)

    return made


def pool_table(results):
    rows = []
    for who, what in asked(results, "subject", "variant", set="pool"):
        closed, rate = pool_series(results, who, what, "closed"), pool_series(results, who, what, "rate")
        saturation = pool_saturation(results, who, what)
        for pool in sorted(closed or rate):
            full, paced = closed.get(pool, []), rate.get(pool, [])
            mark = " ← saturated" if pool == saturation else ""
            rows.append([label(who, what), f"{pool}{mark}", figure(full, "per_second"), figure(full, "p95_ms"), figure(full, "sum"), *latencies(paced)])
    head = ["subject", "connections per server", "requests/s at full speed", "p95 ms there", "CPU in all µs", "p50 ms at 900/s", "p95 ms", "p99 ms"]
    return table(head, rows)


def instances_table(results):
    found = asked(results, "subject", "variant", "workload", "loop", "instances", set="instances")
    rows = [
        [label(who, what), workload, loop, count, figure(runs, "per_second"), *latencies(runs), *cpu(runs), figure(runs, "resident_mb"), errors(runs)]
        for (who, what, workload, loop, count), runs in sorted(found.items(), key=lambda item: str(item[0][:4]) + f"{item[0][4]:04}")
    ]
    return table(["subject", "work", "loop", "instances", "requests/s", *LATENCY_HEAD, *CPU_HEAD, "memory MB", "errors"], rows)


def mixed_table(results):
    found = asked(results, "keys", "subject", "variant", set="mixed", workload="W5")
    rows = [
        [keys or "–", subject(who), variant(what), *latencies(runs), *cpu(runs), total(runs, "stale", "own_reads"), total(runs, "wrong", "checked"), errors(runs)]
        for (keys, who, what), runs in found.items()
    ]
    return table(["products", "subject", "switches", *LATENCY_HEAD, *CPU_HEAD, "stale own reads", "wrong 1 s after", "errors"], rows)


def total(runs, name, of):
    """A count over all passes, with what it is out of where that was counted."""
    counted = [run[name] for run in runs if run.get(name) is not None]
    everything = sum((run.get("extra") or {}).get(of) or 0 for run in runs)
    return "–" if not counted else number(sum(counted)) + (f" of {number(everything)}" if everything else "")


def traffic_table(results):
    rows = []
    for (scenario, who, what), runs in asked(results, "scenario", "subject", "variant", set="traffic").items():
        kept = [middle(runs, "p95_ms") < NOTE_P95_MS, middle(runs, "p99_ms") < OUR_P99_MS]
        words = ["kept" if one else "**missed**" for one in kept]
        rows.append([scenario, label(who, what), figure(runs, "asked_per_second"), figure(runs, "per_second"), *latencies(runs), *words, errors(runs)])
    return table(["scenario", "subject", "asked/s", "answered/s", *LATENCY_HEAD, "p95 < 2 s", "p99 < 50 ms", "errors"], rows)


def memory_table(results):
    found = asked(results, "subject", "variant", set="memory")
    rows = [[label(who, what), figure(runs, "resident_mb"), figure(runs, "per_second"), figure(runs, "hit_share", percent)] for (who, what), runs in found.items()]
    return table(["subject", "memory MB", "requests/s", "cache hits"], rows)


def flights_table(results):
    found = asked(results, "subject", "variant", "instances", set="flights")
    rows = [[label(who, what), count or 1, worst(runs, min), worst(runs, max)] for (who, what, count), runs in found.items()]
    return table(["subject", "instances", "statements per instance, fewest", "most"], rows)


def worst(runs, of):
    return number(of(middle([run], "statements_per_instance") for run in runs))


def depth_table(results):
    found = asked(results, "subject", "variant", "workload", set=("peers", "depth"), workload=("W3", "W4"), loop="closed")
    rows = [[label(who, what), {"W3": "first 100 pages", "W4": "depth 50,000"}[work], *cpu(runs), *latencies(runs)] for (who, what, work), runs in sorted(found.items())]
    return table(["subject", "pages", *CPU_HEAD, *LATENCY_HEAD], rows)


def pgbouncer_table(results):
    found = asked(results, "subject", "variant", "workload", "through", set="pgbouncer")
    rows = [[label(who, what), work, through, figure(runs, "per_second"), *latencies(runs), *cpu(runs), figure(runs, "extra.pgbouncer_us"), errors(runs)]
            for (who, what, work, through), runs in found.items()]
    return table(["subject", "work", "through", "requests/s", *LATENCY_HEAD, *CPU_HEAD, "PgBouncer µs", "errors"], rows)


def summary_table(results):
    """What the README shows: the best of each subject's variants, in one row."""
    found = asked(results, "subject", set=("peers", "floors"), loop="closed")
    rows = []
    for (who,) in found:
        cells = [best_cpu(results, who, workload) for workload in ("W1", "W2", "W3")]
        rows.append([f"**{subject(who)}**" if who == "storefront" else subject(who), *cells, memory(results, who)])
    return table(["CPU per request, µs: server + Postgres + Redis", "W1: any product", "W2: hot products", "W3: page of 50", "memory MB"], rows)


def best_cpu(results, who, workload):
    variants = results.series("variant", set=("peers", "floors"), subject=who, workload=workload, loop="closed").values()
    if not variants:
        return "–"
    runs = min(variants, key=lambda runs: middle(runs, "sum"))
    return " + ".join(part for part in (figure(runs, name) for name in ("server", "postgres", "redis")) if part not in ("–", "0"))


def memory(results, who):
    found = results.find(set=("memory", "peers"), subject=who, workload="W2", loop="closed")
    return figure(found, "resident_mb")


def versions_table(results):
    """Everything that machine.json says, one line each."""
    if not results.machine:
        raise Missing("machine.json")
    rows = []
    for key, value in results.machine.items():
        if isinstance(value, dict):
            rows += [[name, f"`{version}`"] for name, version in value.items()]
        else:
            rows.append([key.replace("_", " "), value if key != "command" else f"`{value}`"])
    return table(["", ""], rows)


TABLES = {
    "targets": targets_table,
    "machine": versions_table,
    "summary": summary_table,
    "peers-w1": peers_table("W1"),
    "peers-w2": peers_table("W2"),
    "peers-w3": peers_table("W3"),
    "matrix-w1": matrix_table("W1"),
    "matrix-w2": matrix_table("W2"),
    "pool": pool_table,
    "instances": instances_table,
    "mixed": mixed_table,
    "traffic": traffic_table,
    "memory": memory_table,
    "flights": flights_table,
    "depth": depth_table,
    "pgbouncer": pgbouncer_table,
    "connections": lambda results: connections_table(Pools.defaults()),
    "read-pools": lambda results: pools_table(Pools.defaults()),
}
