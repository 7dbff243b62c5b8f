// What a front end is told of prices and windows, through Apollo Client and urql.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { CombinedGraphQLErrors } from '@apollo/client';
import { WelcomeDocument } from '../generated/graphql.js';
import { apollo, urql, watchLink, type Cost } from '../src/links.js';
import { open } from './shop.js';

const POINTS = 30;

interface Told {
  code: unknown;
  cost: Cost | undefined;
  status: number | undefined;
  retryAfter: string | null | undefined;
}

function throughApollo(endpoint: string): () => Promise<Told> {
  let told: Pick<Told, 'cost'> & { answer?: Response } = { cost: undefined };
  const client = apollo(endpoint, watchLink((cost, answer) => (told = { cost, answer })));
  return async () => {
    const code = await client.query({ query: WelcomeDocument, fetchPolicy: 'network-only' }).then(
      () => undefined,
      (error: unknown) => CombinedGraphQLErrors.is(error) && error.errors[0]?.extensions?.['code'],
    );
    return { code, cost: told.cost, status: told.answer?.status, retryAfter: told.answer?.headers.get('retry-after') };
  };
}

function throughUrql(endpoint: string): () => Promise<Told> {
  const client = urql(endpoint);
  return async () => {
    const context = { requestPolicy: 'network-only', preferGetMethod: false } as const;
    const { error, extensions } = await client.query(WelcomeDocument, {}, context).toPromise();
    const answer: Response | undefined = error?.response;
    return {
      code: error?.graphQLErrors[0]?.extensions['code'],
      cost: extensions?.['cost'],
      status: answer?.status,
      retryAfter: answer?.headers.get('retry-after'),
    };
  };
}

for (const [tool, through] of Object.entries({ 'Apollo Client': throughApollo, urql: throughUrql })) {
  suite(tool, () => {
    test('is told what an operation cost until it is throttled, and then when to try again', async (context) => {
      const shop = await open({
        STOREFRONT_ADDRESS_POINTS: `${POINTS}`,
        STOREFRONT_CLIENT_POINTS: `${POINTS}`,
        STOREFRONT_MAX_COST: `${POINTS}`,
      });
      context.after(() => shop.stop());
      const ask = through(shop.endpoint);

      const answers = [await ask()];
      while (!answers.at(-1)?.code && answers.length <= POINTS) answers.push(await ask());

      const refused = answers.pop();
      assert.deepEqual([refused?.code, refused?.status, refused?.cost], ['THROTTLED', 429, undefined]);
      assert.match(refused?.retryAfter ?? '', /^([1-9]|[1-5]\d|6[0-2])$/);
      assert.ok(answers.length > 0);
      let left = POINTS;
      for (const { cost } of answers) {
        assert.ok(cost?.window);
        assert.ok(cost.actual >= 1 && cost.actual <= cost.requested);
        assert.deepEqual([cost.window.limit, cost.window.remaining], [POINTS, left - cost.requested]);
        left -= cost.actual;
      }
    });
  });
}
