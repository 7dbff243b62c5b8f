// Relay with what its compiler made of relay/: lists go on where a page ended, nodes are found by their id, and a write changes the
// record that everything else shows.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import type { FetchFunction, IEnvironment, RecordProxy } from 'relay-runtime';
import list, { type shopListQuery } from '../generated/relay/shopListQuery.graphql.js';
import nextPage, { type shopListPageQuery } from '../generated/relay/shopListPageQuery.graphql.js';
import node, { type shopNodeQuery } from '../generated/relay/shopNodeQuery.graphql.js';
import rename, { type shopRenameMutation } from '../generated/relay/shopRenameMutation.graphql.js';
import { consistentFetch } from '../src/consistency.js';
import { open, type Shop } from './shop.js';

// A CommonJS module, of whose names Node finds none.
const relay: typeof import('relay-runtime') = createRequire(import.meta.url)('relay-runtime');

const IN_STOCK = { inStock: { eq: true } };

let shop: Shop;
let environment: IEnvironment;

before(async () => {
  shop = await open();
  const send = consistentFetch();
  const ask: FetchFunction = async ({ text: query }, variables) => {
    const headers = { 'content-type': 'application/json', ...shop.staff };
    const answer = await send(shop.endpoint, { method: 'POST', headers, body: JSON.stringify({ query, variables }) });
    return answer.json();
  };
  const { Environment, Network, RecordSource, Store } = relay;
  environment = new Environment({ network: Network.create(ask), store: new Store(new RecordSource()) });
});

after(() => shop.stop());

/** What components that show it would read in the store. */
function stored<Value>(read: (root: RecordProxy, find: (id: string) => RecordProxy) => Value): Value {
  let value: Value | undefined;
  relay.commitLocalUpdate(environment, (store) => {
    value = read(store.getRoot(), (id) => {
      const record = store.get(id);
      assert.ok(record, `nothing with the id ${id} is stored`);
      return record;
    });
  });
  return value as Value;
}

/** The list as far as it was loaded: the ids of its products, and where it goes on. */
const loaded = () =>
  stored((root) => {
    const connection = relay.ConnectionHandler.getConnection(root, 'shop_products', { where: IN_STOCK });
    const edges = connection?.getLinkedRecords('edges') ?? [];
    const ids = edges.map((edge) => `${edge?.getLinkedRecord('node')?.getDataID()}`);
    return { ids, cursor: connection?.getLinkedRecord('pageInfo')?.getValue('endCursor') as string };
  });

test('a list goes on where its page ended', async () => {
  await relay.fetchQuery<shopListQuery>(environment, list, { where: IN_STOCK }).toPromise();
  const { ids, cursor } = loaded();
  await relay.fetchQuery<shopListPageQuery>(environment, nextPage, { count: 2, cursor, where: IN_STOCK }).toPromise();

  assert.equal(ids.length, 3);
  assert.deepEqual(loaded().ids.slice(0, 3), ids);
  assert.equal(new Set(loaded().ids).size, 5);
});

test('a product and a store are found by their ids alone', async () => {
  const [product] = loaded().ids;
  assert.ok(product);
  const store = stored((_, find) => `${find(product).getLinkedRecord('store')?.getDataID()}`);

  for (const id of [product, store]) {
    const answer = await relay.fetchQuery<shopNodeQuery>(environment, node, { id }).toPromise();
    assert.ok(answer?.node);
  }

  assert.match(stored((_, find) => `${find(product).getValue('version')}`), /^\d+$/);
  const products = stored((_, find) => relay.ConnectionHandler.getConnection(find(store), 'shop_storePage_products'));
  assert.ok(products);
});

test('what a mutation answers is what the list shows', async () => {
  const [id] = loaded().ids;
  assert.ok(id);

  const answer = await new Promise<shopRenameMutation['response']>((resolve, reject) => {
    const variables = { input: { id, name: 'Relay was here' } };
    relay.commitMutation<shopRenameMutation>(environment, { mutation: rename, variables, onCompleted: resolve, onError: reject });
  });

  assert.deepEqual(answer.productUpdate?.userErrors, []);
  assert.equal(stored((_, find) => find(id).getValue('name')), 'Relay was here');
});
