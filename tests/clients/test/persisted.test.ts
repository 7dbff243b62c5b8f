// Automatic persisted queries over GET with Apollo Client and urql: what is on the wire when a hash is missed, registered and found.
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { persistedApollo, persistedUrql } from '../src/links.js';
import { throughApollo, throughUrql } from './front-end.js';
import { open, type Shop } from './shop.js';
import { browserCache, watch } from './wire.js';

const TOOLS = {
  'Apollo Client': (shop: Shop) => throughApollo(persistedApollo(shop.endpoint), shop),
  urql: (shop: Shop) => throughUrql(persistedUrql(shop.endpoint), shop),
};

for (const [tool, frontEnd] of Object.entries(TOOLS)) {
  suite(`${tool} with persisted queries`, () => {
    let shop: Shop;
    before(async () => {
      shop = await open();
    });
    after(() => shop.stop());

    test('a hash is missed once, registered, and found by everyone from then on', async (context) => {
      const wire = watch(context);

      const first = await frontEnd(shop).product();
      const second = await frontEnd(shop).product();

      assert.deepEqual(second, first);
      const [missed, registered, ...rest] = wire;
      assert.deepEqual(missed, {
        method: 'GET',
        text: false,
        hash: true,
        token: false,
        status: 404,
        keeping: 'private, no-store',
      });
      assert.deepEqual([registered?.text, registered?.hash, registered?.status], [true, true, 200]);
      assert.equal(rest.length, 1);
      const [hit] = rest;
      assert.deepEqual([hit?.method, hit?.text, hit?.hash, hit?.status], ['GET', false, true, 200]);
      assert.match(hit?.keeping ?? '', /^public, max-age=[1-9]\d*/);
    });

    test('a mutation goes by POST, and what it wrote is read back by GET past what a browser keeps', async (context) => {
      const wire = watch(context, browserCache);
      const client = frontEnd(shop);
      const { id, name: old } = await client.product();
      await client.product();
      const kept = wire.length;
      await client.product();
      assert.equal(wire.length, kept);

      await client.rename(id, `${tool} was here`);
      const written = wire.length;
      const { name } = await client.product();

      assert.equal(name, `${tool} was here`);
      const methods = wire.slice(kept, written).map(({ method }) => method);
      assert.deepEqual(methods, Array(written - kept).fill('POST'));
      assert.deepEqual(wire.slice(written), [
        { method: 'GET', text: false, hash: true, token: true, status: 200, keeping: 'private, no-store' },
      ]);
      const stranger = await frontEnd(shop).product();
      assert.equal(stranger.name, old);
    });
  });
}

test('a hash that is missed has the status that goes with the media type', async (context) => {
  const shop = await open();
  context.after(() => shop.stop());
  const extensions = JSON.stringify({ persistedQuery: { version: 1, sha256Hash: '0'.repeat(64) } });
  const address = `${shop.endpoint}?${new URLSearchParams({ extensions })}`;

  for (const [accept, status] of [['application/graphql-response+json', 404], ['application/json', 200]] as const) {
    const answer = await fetch(address, { headers: { accept, 'apollo-require-preflight': 'true' } });
    const { errors } = await answer.json();

    assert.deepEqual([errors[0].message, errors[0].extensions.code], ['PersistedQueryNotFound', 'PERSISTED_QUERY_NOT_FOUND']);
    assert.deepEqual([answer.status, answer.headers.get('cache-control')], [status, 'private, no-store']);
  }
});
