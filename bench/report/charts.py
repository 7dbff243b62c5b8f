"""The charts of the document, by the name of their file."""

from bars import cpu_chart, instances_chart
from ranges import latency_chart
from staleness import staleness_chart
from sweep import pool_chart

CHARTS = {"cpu": cpu_chart, "latency": latency_chart, "pool": pool_chart, "instances": instances_chart, "staleness": staleness_chart}
