// Automatic persisted queries over GET with Apollo Client and urql: what is on the wire when a hash is missed, registered and found.
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { ProductPageDocument, ProductRenameDocument } from '../generated/graphql.js';
import { persistedApollo, persistedUrql } from '../src/links.js';
import { open, type Shop } from './shop.js';
import { watch } from './wire.js';

interface Product {
  id: string;
  name: string;
}

/** What the tests do with a client. */
interface FrontEnd {
  product(): Promise<Product>;
  rename(id: string, name: string): Promise<unknown>;
}

function throughApollo(endpoint: string, headers: Record<string, string>): FrontEnd {
  const client = persistedApollo(endpoint, headers);
  return {
    async product() {
      const { data } = await client.query({ query: ProductPageDocument, variables: {}, fetchPolicy: 'network-only' });
      return found(data?.product);
    },
    rename: (id, name) => client.mutate({ mutation: ProductRenameDocument, variables: { id, name } }),
  };
}

function throughUrql(endpoint: string, headers: Record<string, string>): FrontEnd {
  const client = persistedUrql(endpoint, headers);
  return {
    async product() {
      const { data } = await client.query(ProductPageDocument, {}, { requestPolicy: 'network-only' }).toPromise();
      return found(data?.product);
    },
    rename: (id, name) => client.mutation(ProductRenameDocument, { id, name }).toPromise(),
  };
}

function found(product: Product | null | undefined): Product {
  assert.ok(product);
  return product;
}

for (const [tool, frontEnd] of Object.entries({ 'Apollo Client': throughApollo, urql: throughUrql })) {
  suite(`${tool} with persisted queries`, () => {
    let shop: Shop;
    before(async () => {
      shop = await open();
    });
    after(() => shop.stop());

    test('a hash is missed once, registered, and found by everyone from then on', async (context) => {
      const wire = watch(context);

      const first = await frontEnd(shop.endpoint, {}).product();
      const second = await frontEnd(shop.endpoint, {}).product();

      assert.deepEqual(second, first);
      const [missed, registered, ...rest] = wire;
      assert.deepEqual(missed, { method: 'GET', text: false, hash: true, status: 404, keeping: 'private, no-store' });
      assert.deepEqual([registered?.text, registered?.hash, registered?.status], [true, true, 200]);
      assert.equal(rest.length, 1);
      const [hit] = rest;
      assert.deepEqual([hit?.method, hit?.text, hit?.hash, hit?.status], ['GET', false, true, 200]);
      assert.match(hit?.keeping ?? '', /^public, max-age=[1-9]\d*/);
    });

    test('a mutation goes by POST, and what it wrote is read back by GET', async (context) => {
      const wire = watch(context);
      const client = frontEnd(shop.endpoint, shop.staff);

      const { id } = await client.product();
      const before = wire.length;
      await client.rename(id, `${tool} was here`);
      const after = wire.length;
      const { name } = await client.product();

      assert.equal(name, `${tool} was here`);
      const writes = wire.slice(before, after);
      assert.ok(writes.length >= 1);
      assert.deepEqual(writes.map(({ method }) => method), Array(writes.length).fill('POST'));
      assert.deepEqual(wire.slice(after), [
        { method: 'GET', text: false, hash: true, status: 200, keeping: 'private, no-store' },
      ]);
    });
  });
}
