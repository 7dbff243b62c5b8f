// W5: of 10 operations 9 read a card and 1 renames a product and reads it back at once, from any of the addresses. Uniform with
// HOT_SHARE=0, otherwise that share of reads and of renames is of the HOT first products.
// Told by what W2 is told by, and STAFF_KEY. Latencies are told apart by kind: read, write, read_back.
import exec from 'k6/execution';
import { ask } from './lib/ask.js';
import { anyProduct, hotOrOther, ownHotOrOther } from './lib/data.js';
import { draws } from './lib/draw.js';
import { USERS, oneScenario } from './lib/load.js';
import { HOT, HOT_SHARE } from './lib/settings.js';
import { asking } from './lib/subject.js';
import { writeAndReadBack } from './lib/write.js';

export { handleSummary } from './lib/summary.js';

const card = asking('card');
const rename = asking('rename');
const nameOf = asking('nameOf');

if (HOT_SHARE > 0 && USERS > HOT) throw new Error(`${USERS} writers cannot each have one of ${HOT} hot products`);

export const options = oneScenario({
  errors: ['count==0'],
  stale: ['count==0'],
  'http_req_duration{kind:read}': ['p(99)<50'],
  'http_req_duration{kind:write}': ['p(99)<50'],
  'http_req_duration{kind:read_back}': ['p(99)<50'],
  'errors{kind:read}': ['count==0'],
  'errors{kind:write}': ['count==0'],
  'errors{kind:read_back}': ['count==0'],
});

export default function () {
  const draw = draws();
  if (draw() < 0.9) ask(card(HOT_SHARE > 0 ? hotOrOther(draw) : anyProduct(draw)), 'read', draw);
  else renameAndReadBack(draw);
}

/** Nobody else renames the products of this writer meanwhile, so there is one right answer, and any other is an older one. */
function renameAndReadBack(draw) {
  const product = ownHotOrOther(draw, exec.vu.idInTest - 1, USERS);
  const name = `Renamed ${exec.scenario.iterationInTest} at ${Date.now()}`;
  writeAndReadBack(rename(product, name), card(product), (card) => nameOf(card) === name, draw);
}
