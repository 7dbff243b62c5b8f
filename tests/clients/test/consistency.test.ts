// What a front end that writes and reads back puts on the wire with `consistentFetch`, through Apollo Client, urql and by itself.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, suite, test } from 'node:test';
import { consistentFetch } from '../src/consistency.js';
import { apollo, urql } from '../src/links.js';
import { throughApollo, throughUrql } from './front-end.js';
import { blocks } from './readme.js';
import { open, type Shop } from './shop.js';
import { record } from './wire.js';

const TOOLS = {
  'Apollo Client': (shop: Shop) => throughApollo(apollo(shop.endpoint), shop),
  urql: (shop: Shop) => throughUrql(urql(shop.endpoint), shop),
};

for (const [tool, frontEnd] of Object.entries(TOOLS)) {
  suite(tool, () => {
    let shop: Shop;
    before(async () => {
      shop = await open();
    });
    after(() => shop.stop());

    test('a query after a mutation brings its token', async (context) => {
      const wire = record(context);
      const client = frontEnd(shop);

      const { id } = await client.product();
      await client.rename(id, `${tool} was here`);
      const { name } = await client.product();

      assert.equal(name, `${tool} was here`);
      const token = wire[1]?.given;
      assert.ok(token);
      assert.deepEqual(wire, [
        { brought: [], given: null },
        { brought: [], given: token },
        { brought: [token], given: null },
      ]);
    });

    test('both tokens of two mutations whose answers swap are brought, until one stands for them', async (context) => {
      let arrived = () => {};
      const second = new Promise<void>((resolve) => {
        arrived = resolve;
      });
      const wire = record(context, (index) => (index === 1 ? second : undefined));
      const client = frontEnd(shop);
      const { id } = await client.product();

      const first = client.rename(id, 'first');
      await client.rename(id, 'second');
      arrived();
      await first;
      await client.product();
      await client.rename(id, 'third');
      await client.product();

      const [one, two, third] = [wire[1]?.given, wire[2]?.given, wire[4]?.given];
      assert.ok(one && two && third && one !== two);
      assert.deepEqual(wire.slice(1), [
        { brought: [], given: one },
        { brought: [], given: two },
        { brought: [two, one], given: null },
        { brought: [two, one], given: third },
        { brought: [third], given: null },
      ]);
    });
  });
}

suite('consistentFetch', () => {
  /** Answers with the token `1`, then `2`, and so on. */
  function numbered(status = 200): typeof fetch {
    let count = 0;
    return async () => new Response('{}', { status, headers: { 'x-consistency-token': `${++count}` } });
  }

  const shop = 'https://shop.example/graphql';

  test('an answer that is an error gives its token as well', async (context) => {
    const wire = record(context, undefined, numbered(503));
    const ask = consistentFetch();

    await ask(shop);
    await ask(shop);

    assert.deepEqual(wire[1]?.brought, ['1']);
  });

  test('a request whose answer is lost forgets nothing', async (context) => {
    const lose = (index: number) => {
      if (index === 1) throw new TypeError('fetch failed');
    };
    const wire = record(context, lose, numbered());
    const ask = consistentFetch();

    await ask(shop);
    await assert.rejects(ask(shop), TypeError);
    await ask(shop);

    assert.deepEqual(wire[2]?.brought, ['1']);
  });

  test('a token is forgotten after 90 s, when no cache on the way holds anything from before', async (context) => {
    let now = 0;
    context.mock.method(performance, 'now', () => now);
    const wire = record(context, undefined, numbered());
    const ask = consistentFetch();

    await ask(shop);
    now = 90_000;
    await ask(shop);
    now = 180_001;
    await ask(shop);

    assert.deepEqual(
      wire.map(({ brought }) => brought),
      [[], ['1'], []],
    );
  });

  test('two users do not share tokens', async (context) => {
    const wire = record(context, undefined, numbered());

    await consistentFetch()(shop);
    await consistentFetch()(shop);

    assert.deepEqual(wire[1]?.brought, []);
  });

  test('the headers of the caller stay, in whatever form', async (context) => {
    const seen: (string | null)[] = [];
    record(context, undefined, async (_, init) => {
      seen.push(new Headers(init?.headers).get('authorization'));
      return new Response('{}', { headers: { 'x-consistency-token': 'token' } });
    });
    const ask = consistentFetch();
    const headers = { authorization: 'Bearer it' };

    await ask(shop, { headers });
    await ask(shop, { headers: new Headers(headers) });
    await ask(shop, { headers: Object.entries(headers) as [string, string][] });
    await ask(new Request(shop, { headers }));

    assert.deepEqual(seen, Array(4).fill(headers.authorization));
  });
});

test('the README quotes consistentFetch as it is tested', async () => {
  const source = await readFile('src/consistency.ts', 'utf8');

  assert.deepEqual(await blocks('Reading your own writes', 'ts'), [source]);
});
