// W4: a page of 50 cards that begins about 50,000 products into the list.
// Told by what W1 is told by.
import { ask } from './lib/ask.js';
import { deepCursor } from './lib/data.js';
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
  ask(page(deepCursor(draw)), 'read', draw);
}
