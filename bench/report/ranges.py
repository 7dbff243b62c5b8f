"""Latency as ranges: from p50 over p95 to p99 on a logarithmic scale, one line for each row of the switch matrix."""

from figures import VARIANTS, number, subject, variant
from results import Missing, middle
from theme import WIDTH, head, legend, panel_title

ROW = 17
SUBJECTS = {"storefront": "own", "hono": "other"}
WORKLOADS = {"W1": "W1: any of 100,000 products", "W2": "W2: 80 % of requests on 200 products"}


def latency_chart(results, theme):
    rows = {workload: matrix_rows(results, workload) for workload in WORKLOADS}
    every = [row for found in rows.values() for row in found]
    if not every:
        raise Missing("matrix")
    scale = {"type": "log", "domain": [min(row["p50"] for row in every) * 0.8, max(row["p99"] for row in every) * 1.1], "nice": False}
    names = {key: subject(who) for who, key in SUBJECTS.items()}
    return {
        "title": head("Latency at 900 requests per second, in milliseconds", "p50 (ring) · p95 (stroke) · p99 (dot), by what is switched on; logarithmic scale; further left is better"),
        "vconcat": [legend(theme, names), *(ranges(found, scale, theme, WORKLOADS[workload]) for workload, found in rows.items() if found)],
        "resolve": {"scale": {"x": "independent", "y": "independent"}},
    }


def matrix_rows(results, workload):
    rows = []
    for what in VARIANTS:
        for who, key in SUBJECTS.items():
            runs = results.find(set="matrix", subject=who, variant=what, workload=workload, loop="rate")
            if runs:
                p50, p95, p99 = (middle(runs, name) for name in ("p50_ms", "p95_ms", "p99_ms"))
                figures = " · ".join(number(value) for value in (p50, p95, p99))
                rows.append({"what": variant(what), "key": key, "p50": p50, "p95": p95, "p99": p99, "figures": figures})
    return rows


def ranges(rows, scale, theme, title):
    kinds = list(dict.fromkeys(row["what"] for row in rows))
    shown = [key for key in SUBJECTS.values() if any(row["key"] == key for row in rows)]
    y = {
        "field": "what", "type": "nominal", "sort": kinds, "title": None, "scale": {"paddingInner": 0.25, "paddingOuter": 0.1},
        "axis": {"minExtent": 110, "maxExtent": 110},
    }
    offset = {"field": "key", "type": "nominal", "sort": shown}
    axis = {"grid": True, "title": None, "values": [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000], "format": "~g"}
    colour = {"field": "key", "type": "nominal", "scale": {"domain": list(SUBJECTS.values()), "range": [theme[key] for key in SUBJECTS.values()]}, "legend": None}

    def at(field, mark):
        x = {"field": field, "type": "quantitative", "scale": scale, "axis": axis, "title": None}
        return {"mark": mark, "encoding": {"y": y, "yOffset": offset, "x": x, "color": colour}}

    line = at("p50", {"type": "rule", "strokeWidth": 2.5})
    line["encoding"]["x2"] = {"field": "p99"}
    figures = {
        "mark": {"type": "text", "align": "left", "fontSize": 11},
        "encoding": {"y": y, "yOffset": offset, "x": {"value": WIDTH - 16}, "text": {"field": "figures"}, "color": colour},
    }
    width = WIDTH - 24
    return {
        "title": panel_title(title), "width": width, "height": ROW * len(kinds) * max(len(shown), 1.3), "data": {"values": rows},
        "layer": [
            line,
            at("p50", {"type": "point", "filled": False, "fill": theme["page"], "strokeWidth": 2, "size": 55, "opacity": 1}),
            at("p95", {"type": "tick", "thickness": 3, "size": 13, "orient": "vertical", "opacity": 1}),
            at("p99", {"type": "point", "filled": True, "size": 70, "opacity": 1}),
            figures,
        ],
    }
