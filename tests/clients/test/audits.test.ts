// The audits of the package `graphql-http`: GraphQL over HTTP as its specification has it, by POST and by GET.
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { serverAudits } from 'graphql-http';
import { open, type Shop } from './shop.js';

/**
 * What the newest edition of the specification has otherwise: JSON that is no GraphQL request is answered with 422 ("Status Codes"), where
 * these expect the 400 of an older one. Every other audit passes, whatever it requires.
 */
const OLDER_EDITION = [
  'MAY use 400 status code on missing {query} parameter',
  ...['object', 'number', 'boolean', 'array'].map((type) => `MAY use 400 status code on ${type} {query} parameter`),
  ...['object', 'number', 'boolean', 'array'].map((type) => `MAY use 400 status code on ${type} {operationName} parameter`),
  ...['string', 'number', 'boolean', 'array'].map((type) => `MAY use 400 status code on ${type} {variables} parameter`),
  ...['string', 'number', 'boolean', 'array'].map((type) => `MAY use 400 status code on ${type} {extensions} parameter`),
  'MAY use 400 status code if parameters are invalid',
];

suite('the audits of graphql-http', () => {
  let shop: Shop;
  before(async () => {
    shop = await open();
  });
  after(() => shop.stop());

  // The address is not known yet, the names are.
  for (const { id, name, fn } of serverAudits({ url: () => shop.endpoint })) {
    test(`${id} ${name}`, async () => {
      const result = await fn();

      const reason = result.status === 'ok' ? undefined : result.reason;
      if (OLDER_EDITION.includes(name)) {
        assert.equal(reason, 'Response status code is not 400');
        assert.equal(result.status === 'ok' || result.response.status, 422);
      } else {
        assert.equal(reason, undefined);
      }
    });
  }

  test('every audit that expects an older edition is one of the package, and none that it requires or recommends', () => {
    const names = serverAudits({ url: shop.endpoint }).map(({ name }) => name as string);

    assert.deepEqual(OLDER_EDITION.filter((name) => !names.includes(name) || !name.startsWith('MAY ')), []);
  });
});
