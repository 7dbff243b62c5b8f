// A front end narrows a list down by what its facets hand out, with nothing but generated types.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FacetsDocument, type FacetsQueryVariables } from '../generated/graphql.js';
import { urql } from '../src/links.js';
import { open } from './shop.js';

test('what a value hands out goes back into where, and takes itself away again', async (context) => {
  const shop = await open();
  context.after(() => shop.stop());
  const client = urql(shop.endpoint);
  const products = async (where: FacetsQueryVariables['where']) => {
    const { data, error } = await client.query(FacetsDocument, { where }).toPromise();
    assert.equal(error, undefined);
    assert.ok(data);
    return data.products;
  };

  const whole = await products(undefined);
  const tag = whole.facets.find(({ kind }) => kind === 'TAG')?.values[0];
  assert.ok(tag);
  assert.equal(tag.selected, false);
  const narrowed = await products(tag.toggled);
  assert.equal(narrowed.totalCount.count, tag.count);
  assert.ok(tag.count < whole.totalCount.count);

  const chosen = narrowed.facets.find(({ kind }) => kind === 'TAG')?.values.find(({ selected }) => selected);
  assert.equal(chosen?.label, tag.label);
  assert.equal((await products(chosen?.toggled)).totalCount.count, whole.totalCount.count);
});
