// What a run is told through the environment. Each script says which of these it uses.

function number(name, otherwise) {
  const value = Number(__ENV[name] || otherwise);
  if (!(value >= 0)) throw new Error(`${name} is ${__ENV[name]}, not a number`);
  return value;
}

function text(name, otherwise) {
  const value = __ENV[name] || otherwise;
  if (value === undefined) throw new Error(`${name} is not set`);
  return value;
}

/** Who is asked: it decides the form of requests and answers. */
export const SUBJECT = text('SUBJECT', 'storefront');
/** Where it serves; each request goes to one of them, drawn at random. */
export const BASE_URLS = text('BASE_URLS').split(',');
/** The folder with `products.json`, `cursors.json` and `words.json`. */
export const DATA = text('DATA');
/** The folder with the texts of the operations. */
export const OPERATIONS = text('OPERATIONS');
/** `rate`: operations begin at a constant rate, however long answers take. `closed`: each connection waits for its answer. */
export const LOOP = text('LOOP', 'rate');
/** Operations that begin in a second, when the loop is `rate`. */
export const RATE = number('RATE', 900);
export const CONNECTIONS = number('CONNECTIONS', 64);
export const SECONDS = number('SECONDS', 10);
/** How many of the products, from the first on, are hot. */
export const HOT = number('HOT', 200);
/** The share of operations on hot products, where a workload has these. */
export const HOT_SHARE = number('HOT_SHARE', 0.8);
/** Opens the mutations of Storefront. */
export const STAFF_KEY = __ENV.STAFF_KEY || '';
/** Two runs with one seed draw the same products in the same order. */
export const SEED = number('SEED', 1);
/** The file that the summary is written to; without it the summary is printed. */
export const SUMMARY = text('SUMMARY', 'stdout');
