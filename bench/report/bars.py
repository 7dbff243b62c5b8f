"""Stacked bars of CPU time: who uses how much of a request's cost. One chart of all subjects, one of instances."""

from figures import FLOORS, label, number, variant
from results import CPU, Missing, field, measure, middle
from theme import LABELS, WIDTH, head, legend, panel_title

ROW = 24
FLOOR = {"W1": "axum-sql", "W2": "axum-redis"}  # written by hand: the least that the same work can cost
PARTS = {"server": "server", "postgres": "Postgres", "redis": "Redis"}
WORKLOADS = {
    "W1": "W1: one product of 100,000, by id, with store, skus and stock; no cache",
    "W2": "W2: the same with 80 % of requests on 200 products; cache on where there is one",
    "W3": "W3: a page of 50 products with store, category, skus and stock",
}


def cpu_chart(results, theme):
    panels = [stacked(cpu_rows(results, workload), theme, title) for workload, title in WORKLOADS.items()]
    return {
        "title": head("CPU time of one request, in microseconds", "64 connections as fast as they go; medians of the passes; shorter is better"),
        "vconcat": [legend(theme, PARTS), *panels],
        "resolve": {"scale": {"x": "independent", "y": "independent"}},
    }


def cpu_rows(results, workload):
    """One row for each subject: without cache for W1, its cached variant where it has one for W2, both for W3; and the floor beside them."""
    series = results.series("subject", "variant", set="peers", workload=workload, loop="closed")
    rows = []
    for (who, what), runs in series.items():
        wanted = {"W1": ("baseline",), "W2": ("cache",) if (who, "cache") in series else ("baseline",), "W3": ("baseline", "cache")}
        if who == FLOOR.get(workload) or (who not in FLOORS and what in wanted[workload]):
            rows.append(row_of(label(who, what), runs, own=who == "storefront"))
    if not rows:
        raise Missing(f"peers {workload}")
    return rows


def instances_chart(results, theme):
    panels = []
    for (workload, what), found in results.series("workload", "variant", set="instances", subject="storefront", loop="closed").items():
        counts = sorted({field(run, "instances") for run in found})
        runs_of = {count: [run for run in found if field(run, "instances") == count] for count in counts}
        rows = [row_of(f"{count} instance{'s' * (count != 1)}", runs, more=f" µs, {number(middle(runs, 'per_second'))}/s") for count, runs in runs_of.items()]
        panels.append(stacked(rows, theme, f"{workload}, {variant(what)}", ordered=False))
    if not panels:
        raise Missing("instances")
    return {
        "title": head("CPU time of one request with 1, 2 and 4 instances behind one address", "in microseconds, and requests per second, all on this one machine"),
        "vconcat": [legend(theme, PARTS), *panels],
        "resolve": {"scale": {"x": "independent", "y": "independent"}},
    }


def row_of(name, runs, own=False, more=""):
    parts = {part: middle(runs, part) if any(measure(run, part) is not None for run in runs) else 0.0 for part in CPU}
    return {"name": name, "own": own, "more": more, "sum": middle(runs, "sum"), **parts}


def stacked(rows, theme, title, ordered=True):
    """Bars of CPU time, stacked by who used it, least first if ordered; each part has its figure where there is room, the sum stands at the end."""
    rows = sorted(rows, key=lambda row: row["sum"]) if ordered else rows
    widest = max(row["sum"] for row in rows)
    parts, ends = [], []
    for row in rows:
        start = 0.0
        for part in CPU:
            if row[part] > 0:
                room = row[part] / widest * WIDTH * 0.86 > 9 * len(number(row[part]))
                parts.append({"name": row["name"], "part": part, "from": start, "to": start + row[part], "figure": number(row[part]) if room else ""})
            start += row[part]
        ends.append({"name": row["name"], "own": row["own"], "to": start, "figure": number(row["sum"]) + row.get("more", "")})
    own = [row["name"] for row in rows if row["own"]]
    y = {
        "field": "name", "type": "nominal", "sort": [row["name"] for row in rows], "title": None,
        "axis": {"minExtent": LABELS, "maxExtent": LABELS, "labelFontWeight": {"condition": {"test": f"indexof({own}, datum.value) >= 0", "value": "bold"}, "value": "normal"}},
        "scale": {"paddingInner": 0.24, "paddingOuter": 0.1},
    }
    x = {"type": "quantitative", "scale": {"domain": [0, widest * (1.16 if ordered else 1.35)], "nice": False}, "axis": None}
    colour = {"field": "part", "type": "nominal", "scale": {"domain": list(CPU), "range": [theme[part] for part in CPU]}, "legend": None}
    inside = {"field": "part", "type": "nominal", "scale": {"domain": list(CPU), "range": [theme["inside"][part] for part in CPU]}, "legend": None}
    bars = {"data": {"values": parts}, "mark": {"type": "bar"}, "encoding": {"y": y, "x": {**x, "field": "from"}, "x2": {"field": "to"}, "color": colour}}
    figures = {
        "data": {"values": [part for part in parts if part["figure"]]},
        "transform": [{"calculate": "(datum.from + datum.to) / 2", "as": "middle"}],
        "mark": {"type": "text", "fontSize": 11},
        "encoding": {"y": y, "x": {**x, "field": "middle"}, "text": {"field": "figure"}, "color": inside},
    }
    sums = {
        "data": {"values": ends},
        "mark": {"type": "text", "align": "left", "dx": 6, "fontWeight": "bold"},
        "encoding": {"y": y, "x": {**x, "field": "to"}, "text": {"field": "figure"}},
    }
    return {
        **({"title": panel_title(title)} if title else {}), "width": WIDTH, "height": ROW * len(rows),
        "layer": [bars, figures, sums], "resolve": {"scale": {"color": "independent"}},
    }
