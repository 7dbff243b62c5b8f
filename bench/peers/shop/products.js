// What the root fields of the GraphQL peers do. A null product or connection means that the id or the cursor is none.

import { cursorOf, positionOf } from './cursor.js';
import { Kind, uuidOf } from './id.js';
import * as statements from './statements.js';
import { Product } from './types.js';

const LONGEST_NAME = 255;
const LARGEST_PAGE = 100;

/** A mistake of the client; the text is for them. */
export class BadInput extends Error {}

export function productKey(id) {
  const key = uuidOf(Kind.product, id);
  if (key === null) throw new BadInput(`${JSON.stringify(id)} is not the id of a product`);
  return key;
}

export async function readProduct(sql, key) {
  const [row] = await statements.product(sql, key);
  return row ? new Product(row) : null;
}

export async function readPage(sql, first, after) {
  if (first < 1 || first > LARGEST_PAGE) throw new BadInput(`page size ${first} is not from 1 to ${LARGEST_PAGE}`);
  const position = after == null ? null : positionOf(after);
  if (after != null && position === null) throw new BadInput(`${JSON.stringify(after)} is not a cursor`);

  const rows = await statements.page(sql, first + 1, position);
  const hasNextPage = rows.length > first;
  if (hasNextPage) rows.pop();
  return {
    nodes: rows.map((row) => new Product(row)),
    pageInfo: { hasNextPage, endCursor: rows.length > 0 ? cursorOf(rows.at(-1)) : null },
  };
}

/** The payload of `productUpdate`. */
export async function renameProduct(sql, { id, name, version = null }) {
  const key = productKey(id);
  if (name == null || name.trim() === '') return refused('name', 'BLANK', 'name is blank');
  if ([...name].length > LONGEST_NAME) return refused('name', 'TOO_LONG', `name is over ${LONGEST_NAME} characters`);

  const [row] = await statements.rename(sql, key, name, version);
  if (row) return { product: new Product(row), userErrors: [] };
  const [current] = await statements.version(sql, key);
  return current
    ? refused('version', 'CONFLICT', `the current version is ${current.version}`)
    : refused('id', 'NOT_FOUND', 'there is no such product');
}

const refused = (field, code, message) => ({ product: null, userErrors: [{ field: ['input', field], code, message }] });
