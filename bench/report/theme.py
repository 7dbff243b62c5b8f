"""How charts look: one palette and one set of sizes, in a light and a dark form. Drawn by Vega-Lite without a browser.

The colours are told apart by people who see few (Okabe and Ito's blue, orange and green, darker or lighter by background), and by order and
labels as well. The background is left to the page: GitHub shows the form that fits it.
"""

import vl_convert

FONT = "Helvetica Neue, Helvetica, Arial, sans-serif"
WIDTH = 560  # of the plot; labels to its left and right make 850, which is what a README is wide
LABELS = 200

LIGHT = {
    "text": "#1f2328", "muted": "#59636e", "grid": "#d1d9e0", "page": "#ffffff",
    "server": "#0072b2", "postgres": "#e69f00", "redis": "#009e73", "inside": {"server": "#ffffff", "postgres": "#1f2328", "redis": "#ffffff"},
    "own": "#0072b2", "other": "#d55e00",
}
DARK = {
    "text": "#f0f6fc", "muted": "#9198a1", "grid": "#3d444d", "page": "#0d1117",
    "server": "#4aa8e0", "postgres": "#f0b429", "redis": "#2fbf94", "inside": {"server": "#0d1117", "postgres": "#0d1117", "redis": "#0d1117"},
    "own": "#4aa8e0", "other": "#f08a4b",
}

THEMES = {"light": LIGHT, "dark": DARK}


def config(theme):
    return {
        "background": None,
        "font": FONT,
        "aria": False,
        "view": {"stroke": None},
        "padding": 8,
        "axis": {
            "labelColor": theme["text"], "titleColor": theme["muted"], "gridColor": theme["grid"], "gridOpacity": 0.7, "domain": False, "ticks": False,
            "labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal", "labelLimit": LABELS, "labelPadding": 6,
        },
        "axisX": {"labelColor": theme["muted"]},
        "title": {
            "color": theme["text"], "subtitleColor": theme["muted"], "anchor": "start", "frame": "bounds", "fontSize": 17, "subtitleFontSize": 13,
            "subtitlePadding": 6, "offset": 14,
        },
        "text": {"color": theme["text"], "fontSize": 12},
        "concat": {"spacing": 26},
    }


def head(title, *lines):
    return {"text": title, "subtitle": list(lines)}


def panel_title(text):
    """The name of one plot of several, smaller than the chart's."""
    return {"text": text, "fontSize": 13, "anchor": "start", "frame": "bounds", "offset": 6}


def legend(theme, names):
    """The colours, named once above the plots: what each stands for, by its key in the theme."""
    values = [{"name": name, "key": key, "at": at * 130} for at, (key, name) in enumerate(names.items())]
    x = {"field": "at", "type": "quantitative", "scale": {"domain": [0, WIDTH]}, "axis": None}
    colour = {"field": "key", "type": "nominal", "scale": {"domain": list(names), "range": [theme[key] for key in names]}, "legend": None}
    return {
        "data": {"values": values}, "width": WIDTH, "height": 12,
        "layer": [
            {"mark": {"type": "square", "size": 130, "opacity": 1}, "encoding": {"x": x, "color": colour}},
            {"mark": {"type": "text", "align": "left", "dx": 11, "fontSize": 13}, "encoding": {"x": x, "text": {"field": "name"}}},
        ],
    }


def svg(chart, theme):
    return vl_convert.vegalite_to_svg({**chart, "config": config(theme)}, vl_version="5.21", show_warnings=False) + "\n"
