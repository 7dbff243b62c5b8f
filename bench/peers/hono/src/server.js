// The REST stack: Hono on Node, one SQL statement per request, and by environment Redis and replicas.

import '../../shop/production.js';

import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import postgres from 'postgres';

import { positionOf } from '../../shop/cursor.js';
import { connect } from '../../shop/database.js';
import { isUuid } from '../../shop/id.js';
import { announce, settings } from '../../shop/settings.js';
import { productCache, withoutCache } from './cache.js';
import { readPage, readProduct, renameProduct } from './products.js';

const LARGEST_PAGE = 100;
const LONGEST_NAME = 255;
const JSON_TYPE = { 'content-type': 'application/json' };

const database = connect(postgres);
const cache = settings.redisUrl ? productCache(settings.redisUrl) : withoutCache;
const app = new Hono();

app.get('/products/:id', async (c) => {
  const id = c.req.param('id');
  if (!isUuid(id)) return c.json({ error: 'id is not a uuid' }, 400);
  const product = await cache.get(id, async () => JSON.stringify(await readProduct(database.reader(), id)));
  return product === 'null' ? c.json({ error: 'there is no such product' }, 404) : c.body(product, 200, JSON_TYPE);
});

app.get('/products', async (c) => {
  const first = Number(c.req.query('first') ?? 20);
  if (!Number.isInteger(first) || first < 1 || first > LARGEST_PAGE) {
    return c.json({ error: `first is not from 1 to ${LARGEST_PAGE}` }, 400);
  }
  const cursor = c.req.query('after');
  const after = cursor === undefined ? null : positionOf(cursor);
  if (cursor !== undefined && after === null) return c.json({ error: 'after is not a cursor' }, 400);
  return c.json(await readPage(database.reader(), first, after));
});

app.patch('/products/:id', async (c) => {
  const id = c.req.param('id');
  if (!isUuid(id)) return c.json({ error: 'id is not a uuid' }, 400);
  const body = await c.req.json().catch(() => null);
  const name = body?.name;
  if (typeof name !== 'string' || name.trim() === '' || [...name].length > LONGEST_NAME) {
    return c.json({ error: `name is not a text of 1 to ${LONGEST_NAME} characters` }, 400);
  }
  const product = await renameProduct(database.primary, id, name);
  if (product === null) return c.json({ error: 'there is no such product' }, 404);
  await cache.forget(id);
  return c.json(product);
});

app.onError((error, c) => {
  console.error(error);
  return c.json({ error: 'internal error' }, 500);
});

serve({ fetch: app.fetch, hostname: settings.host, port: settings.port }, ({ port }) => announce('hono', port));
