// What a loader does for the keys that it has gathered: one statement, and the rows in the order of the keys.

import * as statements from './statements.js';
import { Category, Store } from './types.js';

/** Each store once, however many products of it there are. */
export const storesOf = (sql, ids) => one(ids, statements.stores(sql, unique(ids)), Store);

/** Null for a product in no category. */
export const categoriesOf = (sql, ids) => one(ids, statements.categories(sql, unique(ids)), Category);

/** For each product the list of its rows. */
export async function skuRowsOf(sql, products) {
  const lists = new Map();
  for (const row of await statements.skus(sql, products)) {
    const list = lists.get(row.product_id);
    if (list) list.push(row);
    else lists.set(row.product_id, [row]);
  }
  return products.map((id) => lists.get(id) ?? []);
}

const unique = (ids) => [...new Set(ids)].filter((id) => id !== null);

async function one(ids, rows, Type) {
  const found = new Map();
  for (const row of await rows) found.set(row.id, new Type(row));
  return ids.map((id) => found.get(id) ?? null);
}
