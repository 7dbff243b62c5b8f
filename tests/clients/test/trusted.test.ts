// Trusted documents, on a server that executes nothing else: operations/ and the manifest that GraphQL Code Generator makes of it. The
// manifest sorts what is selected, so that only the files know the texts as clients print them.
import assert from 'node:assert/strict';
import { copyFile, cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { gql } from '@urql/core';
import { apollo, trustedApollo, trustedUrql, urql } from '../src/links.js';
import { throughApollo, throughUrql, type FrontEnd } from './front-end.js';
import { open, type Shop } from './shop.js';
import { watch } from './wire.js';

const MANIFEST = 'generated/persisted-documents.json';

suite('a server that enforces trusted documents', () => {
  let shop: Shop;
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'storefront-trusted-'));
    await cp('../../operations', folder, { recursive: true });
    await copyFile(MANIFEST, join(folder, 'manifest.json'));
    shop = await open({ STOREFRONT_TRUSTED_DOCUMENTS: 'enforce', STOREFRONT_TRUSTED_DOCUMENTS_PATH: folder });
  });
  after(() => Promise.all([shop.stop(), rm(folder, { recursive: true })]));

  const byHash: Record<string, () => FrontEnd> = {
    'Apollo Client': () => throughApollo(trustedApollo(shop.endpoint), shop),
    urql: () => throughUrql(trustedUrql(shop.endpoint), shop),
  };
  for (const [tool, frontEnd] of Object.entries(byHash)) {
    test(`${tool} sends the hashes of the manifest and no text`, async (context) => {
      const wire = watch(context);
      const client = frontEnd();

      const { id } = await client.product();
      await client.rename(id, `${tool} was here`);
      const { name } = await client.product();

      assert.equal(name, `${tool} was here`);
      const sent = wire.map(({ method, text, hash, status }) => ({ method, text, hash, status }));
      const [query, mutation] = ['GET', 'POST'].map((method) => ({ method, text: false, hash: true, status: 200 }));
      assert.deepEqual(sent, [query, mutation, query]);
    });
  }

  const byText: Record<string, () => FrontEnd> = {
    'Apollo Client': () => throughApollo(apollo(shop.endpoint), shop),
    urql: () => throughUrql(urql(shop.endpoint), shop),
  };
  for (const [tool, frontEnd] of Object.entries(byText)) {
    test(`${tool} may send the text as it prints it`, async (context) => {
      const wire = watch(context);

      await frontEnd().product();

      assert.deepEqual(wire.map(({ text, hash, status }) => ({ text, hash, status })), [{ text: true, hash: false, status: 200 }]);
    });
  }

  test('a document is named by documentId', async () => {
    const manifest = Object.entries<string>(JSON.parse(await readFile(MANIFEST, 'utf8')));
    const documentId = manifest.find(([, text]) => text.startsWith('query Welcome'))?.[0];
    assert.ok(documentId);

    const answer = await fetch(shop.endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ documentId }),
    });
    const { data, errors } = await answer.json();

    assert.equal(errors, undefined);
    assert.ok(data.products);
  });

  test('what is not in the manifest is refused', async () => {
    const { error } = await urql(shop.endpoint).query(gql('{ products(first: 1) { nodes { id slug } } }'), {}).toPromise();

    assert.equal(error?.graphQLErrors[0]?.extensions['code'], 'FORBIDDEN');
    assert.equal(error?.response?.status, 403);
  });
});
