"""How figures are written: units, digits, names of subjects and variants."""

SUBJECTS = {
    "storefront": "Storefront",
    "mercurius": "Mercurius + JIT",
    "yoga": "Yoga + DataLoader",
    "yoga-jit": "Yoga + DataLoader + JIT",
    "postgraphile": "PostGraphile",
    "hono": "Hono, REST",
    "axum-redis": "axum + one Redis GET",
    "axum-sql": "axum + one SQL query",
}
NODE_GRAPHQL = ("mercurius", "yoga", "yoga-jit", "postgraphile")
FLOORS = ("axum-redis", "axum-sql")
VARIANTS = {
    "baseline": "baseline",
    "replicas": "+ replicas",
    "cache": "+ cache",
    "both": "+ both",
    "both+limit": "+ both + limit",
    "cache-node": "cached nodes",
    "cache-whole": "whole answer kept",
}


def subject(name):
    return SUBJECTS.get(name, name)


def variant(name):
    return VARIANTS.get(name, name)


def label(name, of):
    """A subject with its variant, as a row of a chart or a table."""
    if name in FLOORS or of == "baseline":
        return subject(name)
    return f"{subject(name)}, {variant(of).removeprefix('+ ')}"


def number(value):
    """Three digits, fewer below 1, all of them above 1,000: 0.59, 5.94, 59.4, 594, 5,940. Whole numbers have no point."""
    if value is None:
        return "–"
    if value == int(value) or abs(value) >= 100:
        return f"{value:,.0f}"
    digits = 1 if abs(value) >= 10 else 2
    return f"{value:.{digits}f}"


def percent(value):
    return "–" if value is None else f"{100 * value:.1f} %"


def share(bound):
    """A bound as the targets write it: 1/3, 1/8, 1.0, 1.2."""
    inverse = 1 / bound if bound else 0
    return f"1/{inverse:.0f}" if bound < 1 and abs(inverse - round(inverse)) < 1e-9 else f"{bound:.1f}"


def table(head, rows):
    """A table of Markdown: the first column to the left, the others to the right where they hold figures."""
    marks = ["---"] + ["---:" if all(is_figure(row[at]) for row in rows) else "---" for at in range(1, len(head))]
    lines = [head, marks, *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def is_figure(cell):
    text = str(cell).replace("*", "")
    return text in ("–", "not run", "") or text[0].isdigit()
