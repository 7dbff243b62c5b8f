// How load is put on a subject: the loop, its length and its connections.
import { CONNECTIONS, LOOP, RATE, SECONDS } from './settings.js';

/**
 * How many iterations may be under way at once. At a constant rate twice the connections are there from the start, so that a pause of
 * the subject does not hold the next requests back; what still finds none free is counted as dropped.
 */
export const USERS = LOOP === 'closed' ? CONNECTIONS : 2 * CONNECTIONS;

/** The options of a workload with one scenario. */
export function oneScenario(thresholds) {
  const scenario =
    LOOP === 'closed'
      ? { executor: 'constant-vus', vus: USERS }
      : { executor: 'constant-arrival-rate', rate: RATE, timeUnit: '1s', preAllocatedVUs: USERS, maxVUs: USERS };
  return scenarios({ load: { ...scenario, duration: seconds(SECONDS), gracefulStop: '5s' } }, thresholds);
}

export function scenarios(scenarios, thresholds) {
  return {
    scenarios,
    thresholds,
    summaryTrendStats: ['med', 'p(95)', 'p(99)', 'count'],
    // Addresses hold ids: as tags they would be a series of measurements each.
    systemTags: ['scenario'],
  };
}

export function seconds(number) {
  return `${Math.round(number * 1000)}ms`;
}
