// W2: the card of one product, 80 % of them (HOT_SHARE) of the 200 (HOT) that everyone wants.
// Told by what W1 is told by, and HOT and HOT_SHARE.
import { ask } from './lib/ask.js';
import { hotOrOther } from './lib/data.js';
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
  ask(card(hotOrOther(draw)), 'read', draw);
}
