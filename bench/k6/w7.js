// W7: the traffic of a shop with events in it, for Storefront. `browse` goes on all the time, the others come one after another:
//
// | scenario | requests/s | of what |
// | --- | --- | --- |
// | browse | 50 | cards, pages of cards, the category tree, products of stores |
// | sale_launch | 50 -> 500 within seconds | product pages and cards of 20 products |
// | showroom_day | 10 -> 100, steadily | pages of cards and the category tree |
// | viral_page_standin | 50 -> 1,000 at once | one product page; stands in for a page of content |
// | slot_rush_standin | 15 -> 120 | looks at one of 10 skus, sets its stock, looks again; stands in for a booking slot |
//
// The shop has no pages of content and no booking slots yet.
//
// Told by BASE_URLS, DATA, OPERATIONS, CONNECTIONS, SECONDS (60: the events shrink and stretch with it), STAFF_KEY, SEED and SUMMARY.
import exec from 'k6/execution';
import { ask } from './lib/ask.js';
import { anyProduct, earlyCursor, inTurn, oneOfFew } from './lib/data.js';
import { draws } from './lib/draw.js';
import { storefrontSchema } from './lib/graphql.js';
import { USERS, scenarios, seconds } from './lib/load.js';
import { SECONDS } from './lib/settings.js';
import { categoryTree, productPage, stockSet, storeProducts } from './lib/shop.js';
import { writeAndReadBack } from './lib/write.js';

export { handleSummary } from './lib/summary.js';

/** The whole model takes a minute unless SECONDS is set. */
const LENGTH = __ENV.SECONDS ? SECONDS : 60;
const ON_SALE = 20;
const SLOTS = 10;

/** An event from one share of the length to another; each stage is `[share of the event, requests/s at its end]`. */
function event(name, from, end, startRate, stages) {
  return {
    executor: 'ramping-arrival-rate',
    exec: name,
    startTime: seconds(from * LENGTH),
    startRate,
    timeUnit: '1s',
    stages: stages.map(([share, target]) => ({ duration: seconds(share * (end - from) * LENGTH), target })),
    preAllocatedVUs: USERS,
    maxVUs: USERS,
    gracefulStop: '1s',
  };
}

const events = {
  browse: event('browse', 0, 1, 50, [[1, 50]]),
  sale_launch: event('saleLaunch', 0.1, 0.3, 50, [[0.2, 500], [0.6, 500], [0.2, 50]]),
  showroom_day: event('showroomDay', 0.35, 0.55, 10, [[1, 100]]),
  viral_page_standin: event('viralPage', 0.6, 0.75, 50, [[0.1, 1000], [0.7, 1000], [0.2, 50]]),
  slot_rush_standin: event('slotRush', 0.8, 1, 5, [[0.3, 40], [0.7, 40]]),
};

const thresholds = { stale: ['count==0'] };
for (const name of Object.keys(events)) {
  thresholds[`errors{scenario:${name}}`] = ['count==0'];
  // The owner's bound, and the one that Storefront sets itself.
  thresholds[`http_req_duration{scenario:${name}}`] = ['p(95)<2000', 'p(99)<50'];
}

export const options = scenarios(events, thresholds);

/** Asks one of several questions; each entry is `[share, question]`, and the shares come to 1. */
function askOneOf(draw, mix) {
  let place = draw();
  const [, question] = mix.find(([share]) => (place -= share) < 0) || mix[mix.length - 1];
  ask(question(), 'read', draw);
}

export function browse() {
  const draw = draws();
  askOneOf(draw, [
    [0.5, () => storefrontSchema.card(anyProduct(draw))],
    [0.3, () => storefrontSchema.page(earlyCursor(draw))],
    [0.1, categoryTree],
    [0.1, storeProducts],
  ]);
}

export function saleLaunch() {
  const draw = draws();
  const product = oneOfFew(draw, ON_SALE);
  askOneOf(draw, [
    [0.7, () => productPage(product)],
    [0.3, () => storefrontSchema.card(product)],
  ]);
}

export function showroomDay() {
  const draw = draws();
  askOneOf(draw, [
    [0.7, () => storefrontSchema.page(earlyCursor(draw))],
    [0.3, categoryTree],
  ]);
}

export function viralPage() {
  ask(productPage(inTurn(0, 1)), 'read', draws());
}

/** Many book the same few slots, so another's booking may be seen instead of one's own, but never what was there before both. */
export function slotRush() {
  const draw = draws();
  const turn = exec.scenario.iterationInTest;
  const product = inTurn(turn, SLOTS);
  const card = storefrontSchema.card(product);
  const found = ask(card, 'read', draw);
  if (!found) return;
  const before = quantityOf(found);
  // Quantities only rise, each by another number, so that none comes back.
  const booking = stockSet(found.json('data.product.skus.0.id'), before + 1 + turn);
  writeAndReadBack(booking, card, (seen) => quantityOf(seen) !== before, draw);
}

function quantityOf(card) {
  return card.json('data.product.skus.0.stock.quantity');
}
