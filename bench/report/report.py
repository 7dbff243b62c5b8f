#!/usr/bin/env python3
"""Writes bench/RESULTS.md, its charts, and the part of README.md between its markers, from the JSON lines of bench/results.

    bench/report/report.py bench/results             everything must be there
    bench/report/report.py bench/results --partial   what is not says "not run"
"""

import argparse
import sys
from pathlib import Path

from questions import kinds
from results import Invalid, Missing, Results
from template import between, fill

HERE = Path(__file__).resolve().parent
BEGIN, END = "<!-- bench:begin -->", "<!-- bench:end -->"
README_PART = """
{{chart:cpu}}

{{table:summary}}

Each subject with its cache or without, whichever costs less; the caches of the peers hold single products, not pages. {{figure:targets.met}} of {{figure:targets.all}} targets are met; the tables, the machine and how to repeat it are in [`bench/RESULTS.md`](bench/RESULTS.md).
"""


def main():
    arguments = argparse.ArgumentParser(description="Writes RESULTS.md and its charts from the JSON lines of a run.")
    arguments.add_argument("results", type=Path, help="the folder of the JSON lines; RESULTS.md goes beside it")
    arguments.add_argument("--partial", action="store_true", help='write "not run" where figures are missing, instead of failing')
    arguments.add_argument("--readme", type=Path, help="the README whose part between the markers is written (default: the one of the folder above bench)")
    given = arguments.parse_args()
    try:
        write(given.results.resolve(), given.partial, given.readme)
    except Invalid as invalid:
        sys.exit(f"report: {invalid}")


def write(folder, partial, readme=None):
    results = Results.read(folder)
    document = folder.parent / "RESULTS.md"
    readme = readme or folder.parent.parent / "README.md"
    missing = draw(results, folder / "charts")
    if missing and not partial:
        raise Invalid("charts that have no runs: " + ", ".join(missing))
    template = (HERE / "RESULTS.template.md").read_text()
    document.write_text(fill(template, kinds(results, charts="results/charts", missing=missing), partial))
    if readme.exists():
        part = fill(README_PART, kinds(results, charts=f"{folder.parent.name}/{folder.name}/charts", missing=missing), partial)
        readme.write_text(between(readme.read_text(), BEGIN, END, part))
    print(f"{document}: written" + (f"; not run: {', '.join(missing)}" if missing else ""))


def draw(results, folder):
    """Draws every chart in its light and its dark form, and answers the names of those that have no runs."""
    try:
        from charts import CHARTS
        from theme import THEMES, svg
    except ImportError as error:
        raise Invalid(f"{error}: pip install -r bench/report/requirements.txt") from error
    folder.mkdir(parents=True, exist_ok=True)
    missing = []
    for name, chart in CHARTS.items():
        for form, theme in THEMES.items():
            file = folder / f"{name}-{form}.svg"
            try:
                file.write_text(svg(chart(results, theme), theme))
            except Missing:
                file.unlink(missing_ok=True)
                missing.append(name)
    return list(dict.fromkeys(missing))


if __name__ == "__main__":
    main()
