// Random numbers that follow from the seed and the number of the iteration alone, so a run can be repeated.
import exec from 'k6/execution';
import { SEED } from './settings.js';

/** A function that gives the numbers in [0, 1) of this iteration, one after another (mulberry32). */
export function draws() {
  let state = Math.imul(SEED, 0x85ebca6b) ^ Math.imul(exec.scenario.iterationInTest + 1, 0x9e3779b1);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** A whole number from `from` up to and without `end`. */
export function between(draw, from, end) {
  return from + Math.floor(draw() * (end - from));
}
