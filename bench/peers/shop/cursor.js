// Cursors of a list of products: the sort key of the last one. The time stays text: a JavaScript date has no microseconds.

import { isUuid } from './id.js';

export const cursorOf = (row) => Buffer.from(JSON.stringify([row.sort_key, row.id])).toString('base64url');

/** The position that a cursor names, or null when it is none. */
export function positionOf(cursor) {
  try {
    const [createdAt, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return isUuid(id) && !Number.isNaN(Date.parse(createdAt)) ? { createdAt, id } : null;
  } catch {
    return null;
  }
}
