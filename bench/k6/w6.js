// W6: a shopper who searches. 60 % of the operations search for a word of the shop, 20 % for one with a typing error, and 20 % ask what a word
// finds in one category, with all that it can be narrowed down by. Each word is as likely as the others.
// Told by what W1 is told by. Latencies are told apart by kind: search, mistyped, facets.
import { ask } from './lib/ask.js';
import { anyWord } from './lib/data.js';
import { draws } from './lib/draw.js';
import { oneScenario } from './lib/load.js';
import { facets, search } from './lib/search.js';

export { handleSummary } from './lib/summary.js';

export const options = oneScenario({
  errors: ['count==0'],
  'http_req_duration{kind:search}': ['p(99)<50'],
  'http_req_duration{kind:mistyped}': ['p(99)<50'],
  'http_req_duration{kind:facets}': ['p(99)<50'],
  'errors{kind:search}': ['count==0'],
  'errors{kind:mistyped}': ['count==0'],
  'errors{kind:facets}': ['count==0'],
});

export default function () {
  const draw = draws();
  const place = draw();
  const { word, mistyped, category } = anyWord(draw);
  if (place < 0.6) ask(search(word), 'search', draw);
  else if (place < 0.8) ask(search(mistyped), 'mistyped', draw);
  else ask(facets(word, category), 'facets', draw);
}
