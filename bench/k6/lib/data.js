// The products, cursors and words of a run, held once for all connections, and the ways to draw one of them.
import { SharedArray } from 'k6/data';
import { between } from './draw.js';
import { DATA, HOT, HOT_SHARE } from './settings.js';

const products = new SharedArray('products', () => JSON.parse(open(`${DATA}/products.json`)));
const firstCursors = new SharedArray('first', () => JSON.parse(open(`${DATA}/cursors.json`)).first);
const deepCursors = new SharedArray('deep', () => JSON.parse(open(`${DATA}/cursors.json`)).deep);
const words = new SharedArray('words', () => JSON.parse(open(`${DATA}/words.json`)));

/** Any product, each as likely as the others. */
export function anyProduct(draw) {
  return products[between(draw, 0, products.length)];
}

/** One of the `HOT` first products for `HOT_SHARE` of all draws, and any of the rest for the others. */
export function hotOrOther(draw) {
  return draw() < HOT_SHARE ? oneOf(draw, 0, HOT) : oneOf(draw, HOT, products.length);
}

/** The same, but only of the products that belong to this writer: no two writers have a product in common. */
export function ownHotOrOther(draw, writer, writers) {
  return draw() < HOT_SHARE
    ? oneOfOwn(draw, 0, HOT, writer, writers)
    : oneOfOwn(draw, HOT_SHARE > 0 ? HOT : 0, products.length, writer, writers);
}

/** One of the `count` first products. */
export function oneOfFew(draw, count) {
  return oneOf(draw, 0, count);
}

/** The product at a place, counted round and round through the `count` first ones. */
export function inTurn(place, count) {
  return products[place % Math.min(count, products.length)];
}

/** Where one of the first 100 pages begins: null is the first one. */
export function earlyCursor(draw) {
  return firstCursors[between(draw, 0, firstCursors.length)];
}

/** Where a page in the depth begins. */
export function deepCursor(draw) {
  return deepCursors[between(draw, 0, deepCursors.length)];
}

/** A word of the shop, the same with a typing error, and a category where it is found. */
export function anyWord(draw) {
  return words[between(draw, 0, words.length)];
}

function oneOf(draw, from, end) {
  return products[between(draw, from, Math.min(end, products.length))];
}

/** Every `writers`-th product from `from` on is the writer's. */
function oneOfOwn(draw, from, end, writer, writers) {
  const own = Math.floor((Math.min(end, products.length) - from - writer + writers - 1) / writers);
  return products[from + writer + writers * between(draw, 0, own)];
}
