// schema.graphql as graphql-js, and thus every tool of a front-end developer, understands it.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import {
  buildClientSchema,
  buildSchema,
  getIntrospectionQuery,
  lexicographicSortSchema,
  printSchema,
  validateSchema,
  type GraphQLSchema,
} from 'graphql';
import { open } from './shop.js';

const EVERYTHING = { specifiedByUrl: true, directiveIsRepeatable: true, inputValueDeprecation: true };

const printed = (schema: GraphQLSchema) => printSchema(lexicographicSortSchema(schema));

test('schema.graphql is valid, its directives too', async () => {
  const schema = buildSchema(await readFile('../../schema.graphql', 'utf8'));

  assert.deepEqual(validateSchema(schema), []);
  const names = schema.getDirectives().map(({ name }) => name);
  assert.deepEqual(['cacheControl', 'cost', 'listSize'].filter((name) => !names.includes(name)), []);
});

test('introspection tells what schema.graphql says', async (context) => {
  const shop = await open();
  context.after(() => shop.stop());

  const answer = await fetch(shop.endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: getIntrospectionQuery(EVERYTHING) }),
  });
  const { data, errors } = await answer.json();

  assert.equal(errors, undefined);
  const told = buildClientSchema(data);
  assert.deepEqual(validateSchema(told), []);
  assert.equal(printed(told), printed(buildSchema(await readFile('../../schema.graphql', 'utf8'))));
});
