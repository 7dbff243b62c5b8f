// Resolvers: the root fields, and the fields of a product that other tables hold. All others are properties of the types.

import { productKey, readPage, readProduct, renameProduct } from '../../shop/products.js';
import { Sku } from '../../shop/types.js';

export const createResolvers = (database) => ({
  Query: {
    product: (_, { id }) => readProduct(database.reader(), productKey(id)),
    products: (_, { first, after }) => readPage(database.reader(), first, after),
  },

  Mutation: {
    productUpdate: (_, { input }) => renameProduct(database.primary, input),
  },

  Product: {
    store: ({ row }, _, { loaders }) => loaders.store.load(row.store_id),
    category: ({ row }, _, { loaders }) => row.category_id && loaders.category.load(row.category_id),
    async skus(product, _, { loaders }) {
      const rows = await loaders.skuRows.load(product.row.id);
      return rows.map((row) => new Sku(row, product));
    },
  },
});
