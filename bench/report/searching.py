"""What shoppers who search cost (W6): by switches and loop, and how long each kind of question takes."""

from statistics import median

from cells import CPU_HEAD, LATENCY_HEAD, asked, cpu, errors, figure, latencies
from figures import number, percent, table, variant
from results import Missing, field

QUESTIONS = {"search": "a word", "mistyped": "a word with a typing error", "facets": "a word in a category, with facets"}


def search_table(results):
    found = asked(results, "loop", "asked_per_second", "variant", set="search", workload="W6")
    rows = [
        ["full speed" if loop == "closed" else f"{number(rate)}/s", variant(what), figure(runs, "per_second"), *latencies(runs), *cpu(runs)]
        + [figure(runs, "statements_per_request"), figure(runs, "replica_share", percent), figure(runs, "answer_bytes"), errors(runs)]
        for (loop, rate, what), runs in sorted(found.items(), key=lambda item: item[0][0])
    ]
    return table(["load", "switches", "requests/s", *LATENCY_HEAD, *CPU_HEAD, "SQL per request", "on replicas", "bytes", "errors"], rows)


def question_table(results):
    """The latencies of each kind, at the constant rate: k6 alone tells kinds apart."""
    found = asked(results, "variant", set="search", workload="W6", loop="rate")
    rows = [[words, variant(what), *of_kind(runs, kind)] for kind, words in QUESTIONS.items() for (what,), runs in found.items()]
    return table(["question", "switches", *LATENCY_HEAD], rows)


def of_kind(runs, kind):
    """p50, p95 and p99 of one kind of question, the medians over passes."""
    told = [(field(run, "kinds") or {}).get(kind) for run in runs]
    if None in told:
        raise Missing(f"search {kind}")
    return [number(median(one[name] for one in told)) for name in ("p50_ms", "p95_ms", "p99_ms")]
