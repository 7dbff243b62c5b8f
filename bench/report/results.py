"""The runs of bench/results: reads the JSON lines, finds the runs that are asked for, and takes medians over passes.

A run is one JSON line as bench/run writes it. A measure is a field of a run (`p95_ms`, `extra.pool`), or a sum of CPU times:
`server`, `postgres`, `redis`, `server+postgres`, `sum` (of those that took part). What a run lacks was not measured, and never counts as 0.
"""

import json
from pathlib import Path
from statistics import median

SETS = "peers floors targets matrix pool rising instances search mixed traffic memory flights depth pgbouncer".split()
REQUIRED = "set subject variant workload loop pass".split()
SETTINGS = "loop asked_per_second connections pool instances keys scenario through".split()
CPU = ("server", "postgres", "redis")


class Missing(Exception):
    """A figure that no run has: the set was not run, or not for this subject."""


class Invalid(Exception):
    """A line that is no result, or a question that fits several series."""


class Results:
    def __init__(self, runs, machine=None):
        self.runs = runs
        self.machine = machine

    @classmethod
    def read(cls, folder):
        folder = Path(folder)
        runs = []
        for file in sorted(folder.glob("*.jsonl")):
            for number, line in enumerate(file.read_text().splitlines(), 1):
                if line.strip():
                    runs.append(parsed(line, f"{file.name}:{number}"))
        machine = folder / "machine.json"
        return cls(runs, json.loads(machine.read_text()) if machine.exists() else None)

    def find(self, **where):
        """The runs with these values. A key may name a field or an extra, a value may be a tuple of allowed ones; None asks nothing."""
        asked = {key: value for key, value in where.items() if value is not None}
        return [run for run in self.runs if all(fits(field(run, key), value) for key, value in asked.items())]

    def series(self, *by, **where):
        """The same, grouped by these fields in the order in which they were first run."""
        groups = {}
        for run in self.find(**where):
            groups.setdefault(tuple(field(run, key) for key in by), []).append(run)
        return groups

    def value(self, name, **where):
        """The median over passes of one series; a question that fits runs with different settings is refused."""
        runs = self.find(**where)
        if len({settings(run) for run in runs}) > 1:
            raise Invalid(f"{described(where)} fits several series: name the loop, or what of {', '.join(SETTINGS)} sets them apart")
        return middle(runs, name, where)


def parsed(line, place):
    try:
        run = json.loads(line)
    except ValueError as error:
        raise Invalid(f"{place}: {error}") from error
    lacking = [key for key in REQUIRED if key not in run]
    if lacking:
        raise Invalid(f"{place}: lacks {', '.join(lacking)}")
    if run["set"] not in SETS:
        raise Invalid(f"{place}: set {run['set']!r} is none of {', '.join(SETS)}")
    return run


def field(run, key):
    """A field of a run, or else of its extras."""
    return run[key] if key in run else (run.get("extra") or {}).get(key)


def settings(run):
    """What sets a run apart from others of its subject, variant and workload, beside its pass."""
    return tuple(field(run, key) for key in SETTINGS)


def fits(value, wanted):
    return value in wanted if isinstance(wanted, tuple) else str(value) == str(wanted)


def measure(run, name):
    """One figure of a run, or None where it was not measured."""
    cpu = run.get("cpu_us") or {}
    if name == "sum":
        return None if cpu.get("server") is None else sum(cpu.get(part) or 0 for part in CPU)
    if all(part in CPU for part in name.split("+")):
        parts = [cpu.get(part) for part in name.split("+")]
        return None if None in parts else sum(parts)
    return field(run, name.removeprefix("extra."))


def middle(runs, name, where="the series"):
    """The median over passes."""
    values = [value for value in (measure(run, name) for run in runs) if value is not None]
    if not values:
        raise Missing(f"no run has {name} of {described(where)}")
    return median(values)


def described(where):
    if isinstance(where, str):
        return where
    return " ".join(str(value) for value in where.values() if value is not None)
