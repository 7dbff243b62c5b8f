// What a run comes to: one JSON object, written to the file SUMMARY.
import { SUMMARY } from './settings.js';

export function handleSummary({ metrics, state }) {
  const count = (name) => (metrics[name] ? metrics[name].values.count : 0);
  const requests = count('http_reqs');
  const summary = {
    requests,
    errors: count('errors'),
    dropped: count('dropped_iterations'),
    per_second: requests / (state.testRunDurationMs / 1000),
    ...latency(metrics.http_req_duration),
    stale: count('stale'),
    writes: count('writes'),
    read_backs: count('read_backs'),
    by_scenario: Object.fromEntries(
      groups(metrics).map(([group, tag]) => [
        group,
        {
          requests: count(`http_req_duration{${tag}}`),
          errors: count(`errors{${tag}}`),
          ...latency(metrics[`http_req_duration{${tag}}`]),
        },
      ]),
    ),
    thresholds: thresholds(metrics),
  };
  return { [SUMMARY]: `${JSON.stringify(summary)}\n` };
}

function latency({ values }) {
  return { p50_ms: values.med, p95_ms: values['p(95)'], p99_ms: values['p(99)'] };
}

/** The scenarios, or the kinds of requests, that thresholds tell apart: `[name, tag]`. */
function groups(metrics) {
  return Object.keys(metrics)
    .map((name) => name.match(/^http_req_duration\{((?:scenario|kind):(\w+))\}$/))
    .filter((found) => found)
    .map(([, tag, group]) => [group, tag]);
}

function thresholds(metrics) {
  const named = Object.entries(metrics).flatMap(([metric, { thresholds = {} }]) =>
    Object.entries(thresholds).map(([rule, { ok }]) => [`${metric} ${rule}`, ok]),
  );
  return Object.fromEntries(named);
}
