"""The tables of the document, by name. Each is made of the medians over passes of its set's series."""

from cells import CPU_HEAD, LATENCY_HEAD, asked, cpu, errors, figure, latencies
from connections import Pools, connections_table, pools_table
from figures import SUBJECTS, label, number, percent, subject, table, variant
from results import Missing, measure, middle
from saturation import pool_saturation, pool_series
from searching import question_table, search_table
from targets import TARGETS, outcome

NOTE_P95_MS, OUR_P99_MS = 2000, 50  # thresholds of the traffic model
NOTES_P95_MS = {"baseline": 9.45, "cache": 9.26, "replicas": 97.5, "both": 24.6}  # what the notes say of their stack, on other machines
PACES = {"closed": "full speed", "rate": "900/s"}


def targets_table(results):
    rows = []
    for key, target in TARGETS.items():
        found = outcome(results, key)
        rows.append([found.work, found.own, found.against, found.measured, found.target, found.verdict] if found else [target.work] + ["not run"] * 5)
    return table(["work", "Storefront", "against", "ratio or count", "target", ""], rows)


def peers_table(workload, set_name="peers"):
    def made(results):
        found = asked(results, "subject", "variant", set=set_name, workload=workload, loop="closed")
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


def notes_table(results):
    """The p95 of the notes, of their stack here and of Storefront, each also over its own baseline."""
    rows = []
    for what, noted in NOTES_P95_MS.items():
        cells = [noted, noted / NOTES_P95_MS["baseline"]]
        for who in ("hono", "storefront"):
            here, base = (results.value("p95_ms", set="matrix", subject=who, variant=of, workload="W1", loop="rate") for of in (what, "baseline"))
            cells += [here, here / base]
        rows.append([variant(what), *(number(cell) if at % 2 == 0 else f"{cell:.2f}×" for at, cell in enumerate(cells))])
    heads = [f"{who}, {cell}" for who in ("the notes", "Hono here", "Storefront") for cell in ("p95 ms", "over its baseline")]
    return table(["switches", *heads], rows)


def pool_table(results):
    rows = []
    for who, what in asked(results, "subject", "variant", set="pool"):
        saturation = pool_saturation(results, who, what)
        for pool, runs in sorted(pool_series(results, who, what).items()):
            size = f"**{pool}**" if pool == saturation else pool
            rows.append([label(who, what), size, figure(runs, "per_second"), *latencies(runs), *cpu(runs), errors(runs)])
    return table(["subject", "connections", "requests/s", *LATENCY_HEAD, *CPU_HEAD, "errors"], rows)


def rising_table(results):
    """The p95 at each rate, with replicas and without, and the requests that were not begun in time in all passes."""
    found = asked(results, "asked_per_second", "subject", "variant", set="rising", workload="W1")
    rows = []
    for rate in dict.fromkeys(rate for rate, _, _ in found):
        cells = []
        for who in ("hono", "storefront"):
            alone, replicas = (found.get((rate, who, what), []) for what in ("baseline", "replicas"))
            cells += [figure(alone, "p95_ms"), figure(replicas, "p95_ms"), dropped(alone), dropped(replicas)]
        rows.append([number(rate), *cells])
    heads = [f"{who}, {cell}" for who in ("Hono", "Storefront") for cell in ("p95 ms", "+ replicas, p95 ms", "dropped", "+ replicas, dropped")]
    return table(["requests/s", *heads], rows)


def dropped(runs):
    return number(sum(measure(run, "dropped") or 0 for run in runs)) if runs else "–"


def instances_table(results):
    found = asked(results, "workload", "loop", "variant", "instances", set="instances", subject="storefront")
    rows = [
        [f"{workload}, {variant(what).removeprefix('+ ')}", PACES[loop], count, figure(runs, "per_second"), *latencies(runs), *cpu(runs)]
        + [figure(runs, "balancer_us"), figure(runs, "hit_share", percent), figure(runs, "resident_mb"), errors(runs)]
        for (workload, loop, what, count), runs in sorted(found.items())
    ]
    return table(["work", "load", "instances", "requests/s", *LATENCY_HEAD, *CPU_HEAD, "balancer µs", "cache hits", "memory MB", "errors"], rows)


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
    for (scenario, what), runs in asked(results, "scenario", "variant", set="traffic", subject="storefront").items():
        kept = [middle(runs, "p95_ms") < NOTE_P95_MS, middle(runs, "p99_ms") < OUR_P99_MS]
        words = ["kept" if one else "**missed**" for one in kept]
        rows.append([f"`{scenario}`", variant(what).removeprefix("+ "), number(sum(run["requests"] for run in runs)), *latencies(runs), *words, errors(runs)])
    return table(["scenario", "switches", "requests", *LATENCY_HEAD, "p95 < 2 s", "p99 < 50 ms", "errors"], rows)


def memory_table(results):
    found = asked(results, "subject", "variant", set="memory")
    rows = [[label(who, what), figure(runs, "resident_mb"), figure(runs, "per_second"), figure(runs, "hit_share", percent)] for (who, what), runs in found.items()]
    return table(["subject", "memory MB", "requests/s", "cache hits"], rows)


def flights_table(results):
    found = asked(results, "subject", "variant", "instances", set="flights")
    rows = [
        [label(who, what), count or 1, figure(runs, "statements_per_instance"), figure(runs, "most_of_a_product")]
        for (who, what, count), runs in found.items()
    ]
    return table(["subject", "instances", "statements per product and instance", "most of one product, all instances"], rows)


def depth_table(results):
    found = asked(results, "subject", "variant", "workload", set="depth")
    rows = [[label(who, what), {"W3": "first 100 pages", "W4": "depth 50,000"}[work], *cpu(runs), *latencies(runs)] for (who, what, work), runs in sorted(found.items())]
    return table(["subject", "pages", *CPU_HEAD, *LATENCY_HEAD], rows)


def pgbouncer_table(results):
    found = asked(results, "subject", "variant", "workload", "through", set="pgbouncer")
    rows = [
        [label(who, what), work, through, figure(runs, "per_second"), *latencies(runs), figure(runs, "server"), figure(runs, "pgbouncer_us"), errors(runs)]
        for (who, what, work, through), runs in found.items()
    ]
    return table(["subject", "work", "connected", "requests/s", *LATENCY_HEAD, "server µs", "PgBouncer µs", "errors"], rows)


def summary_table(results):
    """What the README shows: the best of each subject's variants, in one row; Storefront first, the floors last."""
    found = sorted(asked(results, "subject", set="peers", loop="closed"), key=lambda who: list(SUBJECTS).index(who[0]))
    rows = []
    for (who,) in found:
        cells = [best_cpu(results, who, workload) for workload in ("W1", "W2", "W3")]
        rows.append([f"**{subject(who)}**" if who == "storefront" else subject(who), *cells, memory(results, who)])
    return table(["CPU per request, µs: server + Postgres + Redis", "W1: any product", "W2: hot products", "W3: page of 50", "memory MB"], rows)


def best_cpu(results, who, workload):
    variants = results.series("variant", set="peers", subject=who, workload=workload, loop="closed").values()
    if not variants:
        return "–"
    runs = min(variants, key=lambda runs: middle(runs, "sum"))
    return " + ".join(part for part in (figure(runs, name) for name in ("server", "postgres", "redis")) if part not in ("–", "0"))


def memory(results, who):
    return figure(results.find(set="peers", subject=who, workload="W2", loop="closed"), "resident_mb")


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
    "floors": peers_table("W2", "floors"),
    "notes": notes_table,
    "matrix-w1": matrix_table("W1"),
    "matrix-w2": matrix_table("W2"),
    "pool": pool_table,
    "rising": rising_table,
    "instances": instances_table,
    "search": search_table,
    "search-questions": question_table,
    "mixed": mixed_table,
    "traffic": traffic_table,
    "memory": memory_table,
    "flights": flights_table,
    "depth": depth_table,
    "pgbouncer": pgbouncer_table,
    "connections": lambda results: connections_table(Pools.defaults()),
    "read-pools": lambda results: pools_table(Pools.defaults()),
}
