"""The rules of the report: ratios and verdicts, medians, saturation, connections, placeholders."""

import tempfile
import unittest
from pathlib import Path

from connections import Pools, fitting_instances, fitting_read_pool
from figures import number, share
from questions import kinds
from results import Invalid, Missing, Results, measure, parsed
from saturation import pool_saturation
from tables import TABLES
from targets import TARGETS, outcome
from template import between, fill


def run(subject="storefront", variant="baseline", workload="W1", loop="closed", number=1, set_name="peers", **fields):
    line = {"set": set_name, "subject": subject, "variant": variant, "workload": workload, "loop": loop, "pass": number, "requests": 100}
    return line | fields


def cpu(server, postgres=0, redis=0):
    return {"server": server, "postgres": postgres, "redis": redis}


def judged(key, *runs):
    return outcome(Results(list(runs)), key)


class Ratios(unittest.TestCase):
    def test_a_ratio_is_the_median_of_the_ratios_of_passes(self):
        own = [run(number=n, cpu_us=cpu(value)) for n, value in ((1, 10), (2, 40), (3, 30))]
        peer = [run("mercurius", number=n, cpu_us=cpu(value)) for n, value in ((1, 40), (2, 200), (3, 100))]

        found = judged("w1_server", *own, *peer)

        self.assertEqual(found.measured, "0.25")
        self.assertEqual(found.verdict, "reached")

    def test_a_target_is_met_at_the_bound_and_missed_above(self):
        peer = run("mercurius", cpu_us=cpu(300))

        self.assertEqual(judged("w1_server", run(cpu_us=cpu(100)), peer).verdict, "met")
        self.assertEqual(judged("w1_server", run(cpu_us=cpu(101)), peer).verdict, "**missed**")

    def test_the_best_peer_is_the_opponent(self):
        peers = [run("yoga", workload="W3", cpu_us=cpu(4000)), run("yoga-jit", workload="W3", cpu_us=cpu(2000))]

        found = judged("w3_server", run(workload="W3", cpu_us=cpu(1000)), *peers)

        self.assertEqual((found.measured, found.verdict), ("0.50", "met"))

    def test_sides_of_different_sets_or_variants_are_not_compared(self):
        self.assertIsNone(judged("w1_server", run(cpu_us=cpu(1)), run("mercurius", set_name="matrix", cpu_us=cpu(1))))
        self.assertIsNone(judged("w1_server", run(cpu_us=cpu(1)), run("mercurius", "cache", cpu_us=cpu(1))))

    def test_stale_reads_add_up_over_passes_and_statements_count_at_their_worst(self):
        mixed = [run(variant="both", workload="W5", loop="rate", number=n, set_name="mixed", stale=n - 1, extra={"keys": "hot"}) for n in (1, 2)]
        flights = [run(variant="cache", set_name="flights", extra={"most_of_a_product": most, "instances": count}) for count, most in ((1, 1), (2, 4))]

        self.assertEqual(judged("stale", *mixed).verdict, "**missed**")
        self.assertEqual(judged("flights", *flights).measured, "2")

    def test_every_target_knows_that_it_was_not_run(self):
        self.assertEqual([judged(key) for key in TARGETS], [None] * len(TARGETS))


class Figures(unittest.TestCase):
    def test_what_was_not_measured_is_not_zero(self):
        self.assertIsNone(measure(run(), "server"))
        self.assertIsNone(measure(run(cpu_us={"server": 1}), "server+postgres"))
        self.assertEqual(measure(run(cpu_us={"server": 1, "postgres": 2}), "sum"), 3)

    def test_a_figure_that_fits_two_series_is_refused(self):
        results = Results([run(p95_ms=1), run(loop="rate", p95_ms=2)])

        with self.assertRaises(Invalid):
            results.value("p95_ms", subject="storefront")
        self.assertEqual(results.value("p95_ms", subject="storefront", loop="rate"), 2)

    def test_a_line_that_is_no_result_is_named(self):
        for line in ("{", "{}", '{"set":"others","subject":"","variant":"","workload":"","loop":"","pass":1}'):
            with self.assertRaisesRegex(Invalid, "peers.jsonl:3"):
                parsed(line, "peers.jsonl:3")

    def test_the_saturation_point_is_the_smallest_pool_within_5_per_cent_of_the_best(self):
        rates = {2: 500, 4: 960, 8: 1000, 16: 990}
        results = Results([run(variant="replicas", set_name="pool", per_second=rate, extra={"pool": pool}) for pool, rate in rates.items()])

        self.assertEqual(pool_saturation(results, "storefront", "replicas"), 4)

    def test_a_search_is_told_by_its_load_and_by_what_is_asked(self):
        kinds = {kind: {"p50_ms": at, "p95_ms": 2 * at, "p99_ms": 3 * at} for at, kind in enumerate(("search", "mistyped", "facets"), 1)}
        search = dict(workload="W6", set_name="search", per_second=1, cpu_us=cpu(1), errors=0)
        results = Results([run(**search), run(**search, loop="rate", asked_per_second=50, extra={"kinds": kinds})])

        self.assertEqual([row.split(" | ")[0] for row in TABLES["search"](results).splitlines()[2:]], ["| full speed", "| 50/s"])
        self.assertIn("| a word with a typing error | baseline | 2 | 4 | 6 |", TABLES["search-questions"](results))

    def test_numbers_keep_three_digits(self):
        self.assertEqual([number(value) for value in (0, 0.594, 5.94, 59.44, 594.4, 5944.0, None)], ["0", "0.59", "5.94", "59.4", "594", "5,944", "–"])
        self.assertEqual([share(value) for value in (1 / 3, 1 / 8, 1.0, 1.2)], ["1/3", "1/8", "1.0", "1.2"])


class Connections(unittest.TestCase):
    def test_the_defaults_are_read_from_the_sources(self):
        self.assertGreater(min(vars(Pools.defaults()).values()), 0)

    def test_a_replica_has_no_pool_for_writes_until_it_is_promoted(self):
        pools = Pools(read=16, write=8, replica=16)

        self.assertEqual((pools.on_primary(20), pools.on_replica(20), pools.on_promoted(20)), (500, 340, 500))
        self.assertEqual(pools.in_all(20, 3), 1520)

    def test_what_fits_does_fit_and_one_more_does_not(self):
        pools = Pools(read=fitting_read_pool(20, 8, spare=1), write=8, replica=16)

        self.assertLessEqual(pools.on_primary(21), 497)
        self.assertGreater(Pools(pools.read + 1, 8, 16).on_primary(21), 497)
        self.assertEqual(fitting_instances(Pools(16, 8, 16)), 19)


class Template(unittest.TestCase):
    kinds = {"figure": lambda name: {"known": "7"}.get(name) or refuse(name)}

    def test_known_placeholders_are_filled(self):
        self.assertEqual(fill("a {{figure:known}} b {{ figure: known }}", self.kinds), "a 7 b 7")

    def test_an_unknown_placeholder_is_an_error_even_when_partial(self):
        for text in ("{{shape:known}}", "{{figure known}}", "{{figure:known"):
            with self.assertRaises(Invalid):
                fill(text, self.kinds, partial=True)

    def test_what_was_not_run_is_an_error_unless_partial(self):
        with self.assertRaisesRegex(Invalid, "not run"):
            fill("{{figure:other}}", self.kinds)
        self.assertEqual(fill("{{figure:other}}", self.kinds, partial=True), "not run")

    def test_the_template_asks_only_what_there_is(self):
        template = Path(__file__).with_name("RESULTS.template.md").read_text()

        fill(template, kinds(Results([]), "charts"), partial=True)

        for name in TABLES:
            self.assertTrue(name == "summary" or f"{{{{table:{name}}}}}" in template, name)

    def test_only_what_is_between_the_markers_is_replaced(self):
        self.assertEqual(between("a<b>old<e>z", "<b>", "<e>", "new"), "a<b>\nnew\n<e>z")
        self.assertEqual(between("no markers", "<b>", "<e>", "new"), "no markers")
        with self.assertRaises(Invalid):
            between("<e><b>", "<b>", "<e>", "new")


class Reading(unittest.TestCase):
    def test_lines_of_all_files_are_read(self):
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "peers.jsonl").write_text('{"set":"peers","subject":"hono","variant":"baseline","workload":"W1","loop":"closed","pass":1}\n\n')

            self.assertEqual(len(Results.read(folder).runs), 1)


def refuse(name):
    raise Missing(name)


if __name__ == "__main__":
    unittest.main()
