// Mercurius loaders: the fields that other tables hold, read once for all objects of a request. A product that came whole from
// the cache brings them along.

import { categoriesOf, skuRowsOf, storesOf } from '../../shop/batch.js';
import { Sku } from '../../shop/types.js';
import { WholeProduct } from './cache.js';

export const loaders = (database) => ({
  Product: {
    store: (queries) =>
      fill(queries, 'store', (products) => storesOf(database.reader(), products.map(({ row }) => row.store_id))),

    category: (queries) =>
      fill(queries, 'category', (products) =>
        categoriesOf(database.reader(), products.map(({ row }) => row.category_id)),
      ),

    skus: (queries) =>
      fill(queries, 'skus', async (products) => {
        const lists = await skuRowsOf(database.reader(), products.map(({ row }) => row.id));
        return products.map((product, at) => lists[at].map((row) => new Sku(row, product)));
      }),
  },
});

async function fill(queries, field, load) {
  const products = queries.map(({ obj }) => obj);
  const bare = products.filter((product) => !(product instanceof WholeProduct));
  if (bare.length === 0) return products.map((product) => product[field]);

  const loaded = await load(bare);
  if (bare.length === products.length) return loaded;
  const values = new Map(bare.map((product, at) => [product, loaded[at]]));
  return products.map((product) => (values.has(product) ? values.get(product) : product[field]));
}
