// W3: a page of 50 cards, one of the first 100 pages.
// Told by what W1 is told by.
import { ask } from './lib/ask.js';
import { earlyCursor } from './lib/data.js';
import { draws } from './lib/draw.js';
import { oneScenario } from './lib/load.js';
import { asking } from './lib/subject.js';

export { handleSummary } from './lib/summary.js';

const page = asking('page');

export const options = oneScenario({
  errors: ['count==0'],
  http_req_duration: ['p(99)<50'],
});

export default function () {
  const draw = draws();
  ask(page(earlyCursor(draw)), 'read', draw);
}
