"""Broken promises as bars: stale reads of an own write, and products still wrong one second after the load has ended."""

from figures import VARIANTS, label, number
from results import Missing
from theme import LABELS, head, panel_title

ROW = 20
KINDS = {"stale": ("own_reads", "stale reads of an own write"), "wrong": ("checked", "products wrong one second after the end")}


def staleness_chart(results, theme):
    series = results.series("subject", "variant", set="mixed", workload="W5", keys="hot") or results.series("subject", "variant", set="mixed", workload="W5")
    order = sorted(series, key=lambda pair: (pair[0] != "storefront", pair[0], list(VARIANTS).index(pair[1]) if pair[1] in VARIANTS else 99))
    plots = []
    for kind, (of, title) in KINDS.items():
        rows = [row for row in (counted(series[pair], *pair, kind, of) for pair in order) if row]
        if rows:
            plots.append(bars(rows, theme, title, labelled=not plots))
    if not plots:
        raise Missing("mixed W5")
    return {
        "title": head("Stale and wrong answers with 10 % writes on 200 products", "900 requests per second, all passes together; what should be nothing"),
        "hconcat": plots, "spacing": 20,
    }


def counted(runs, who, what, kind, of):
    """A row with the count over all passes, or none where it was not counted."""
    counts = [run[kind] for run in runs if run.get(kind) is not None]
    if not counts:
        return None
    everything = sum((run.get("extra") or {}).get(of) or 0 for run in runs)
    figure = number(sum(counts)) + (f" of {number(everything)}" if everything else "")
    return {"name": label(who, what), "own": who == "storefront", "count": sum(counts), "figure": figure, "key": "own" if who == "storefront" else "other"}


def bars(rows, theme, title, labelled):
    names = [row["name"] for row in rows]
    own = [row["name"] for row in rows if row["own"]]
    axis = {"minExtent": LABELS - 20, "maxExtent": LABELS - 20, "labelFontWeight": {"condition": {"test": f"indexof({own}, datum.value) >= 0", "value": "bold"}, "value": "normal"}}
    y = {"field": "name", "type": "nominal", "sort": names, "title": None, "axis": axis if labelled else None, "scale": {"paddingInner": 0.3}}
    x = {"field": "count", "type": "quantitative", "axis": None, "scale": {"domain": [0, max(1, *(row["count"] for row in rows)) * 1.5], "nice": False}}
    colour = {"field": "key", "type": "nominal", "scale": {"domain": ["own", "other"], "range": [theme["own"], theme["other"]]}, "legend": None}
    return {
        "title": panel_title(title), "width": 290, "height": ROW * len(rows), "data": {"values": rows},
        "layer": [
            {"mark": {"type": "bar"}, "encoding": {"y": y, "x": x, "color": colour}},
            {"mark": {"type": "text", "align": "left", "dx": 6, "fontWeight": "bold"}, "encoding": {"y": y, "x": x, "text": {"field": "figure"}}},
        ],
    }
