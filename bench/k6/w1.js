// W1: the card of one product, each of all products as likely as the others.
// Told by SUBJECT, BASE_URLS, DATA, OPERATIONS, LOOP, RATE, CONNECTIONS, SECONDS, SEED and SUMMARY.
import { ask } from './lib/ask.js';
import { anyProduct } from './lib/data.js';
import { draws } from './lib/draw.js';
import { oneScenario } from './lib/load.js';
import { asking } from './lib/subject.js';

export { handleSummary } from './lib/summary.js';

const card = asking('card');

export const options = oneScenario({
  errors: ['count==0'],
  http_req_duration: ['p(99)<50'],
});

export default function () {
  const draw = draws();
  ask(card(anyProduct(draw)), 'read', draw);
}
