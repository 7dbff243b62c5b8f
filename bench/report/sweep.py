"""The pool sweep as lines: what more connections to each database server bring, and the point from which on they bring nothing."""

from figures import label, number
from results import Missing, middle
from saturation import pool_saturation, pool_series
from theme import WIDTH, head

SUBJECTS = {"storefront": "own", "hono": "other"}


def pool_chart(results, theme):
    points = [point for who, what in results.series("subject", "variant", set="pool", loop="closed") for point in sweep(results, who, what)]
    if not points:
        raise Missing("pool")
    sizes = sorted({point["pool"] for point in points})
    x = {"field": "pool", "type": "ordinal", "sort": sizes, "title": "connections per server and instance", "axis": {"labelAngle": 0}, "scale": {"padding": 0.3}}
    y = {"field": "rate", "type": "quantitative", "title": "requests per second", "scale": {"zero": True}, "axis": {"grid": True, "tickCount": 5, "format": ",.0f"}}
    colour = {"field": "key", "type": "nominal", "scale": {"domain": list(SUBJECTS.values()), "range": [theme[key] for key in SUBJECTS.values()]}, "legend": None}
    base = {"x": x, "y": y, "color": colour, "detail": {"field": "series"}}

    def some(flag, mark, **encoding):
        return {"transform": [{"filter": f"datum.{flag}"}], "mark": mark, "encoding": {**base, **encoding}}

    return {
        "title": head("Requests per second by connections to each database server", "the ring is the saturation point: the smallest pool within 5 % of the best"),
        "data": {"values": points}, "width": WIDTH, "height": 260,
        "layer": [
            {"mark": {"type": "line", "strokeWidth": 2.5}, "encoding": base},
            {"mark": {"type": "point", "filled": True, "size": 45, "opacity": 1}, "encoding": base},
            some("saturated", {"type": "point", "filled": False, "size": 260, "strokeWidth": 2.5, "opacity": 1}),
            some("saturated", {"type": "text", "dy": 24, "fontWeight": "bold"}, text={"field": "figure"}),
            some("last", {"type": "text", "align": "left", "dx": 12, "fontSize": 13, "fontWeight": "bold"}, text={"field": "series"}),
        ],
    }


def sweep(results, who, what):
    saturation = pool_saturation(results, who, what)
    series = sorted(pool_series(results, who, what).items())
    return [
        {
            "pool": pool, "rate": middle(runs, "per_second"), "key": SUBJECTS.get(who, "other"), "series": label(who, what),
            "saturated": pool == saturation, "last": pool == series[-1][0], "figure": f"{pool}: {number(middle(runs, 'per_second'))}/s",
        }
        for pool, runs in series
    ]
