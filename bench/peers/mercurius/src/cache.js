// Cache-aside of whole products: a key per product that holds it as the API shows it, with store, category and skus. A read that
// misses fills it; a write deletes it after its commit. What is not on sale is kept as `null`.

import { Redis } from 'ioredis';

import * as statements from '../../shop/statements.js';
import { Category, Product, Sku, Store } from '../../shop/types.js';

const TTL_SECS = 300;

/** A product with all that belongs to it: its loaders have nothing to read. */
export class WholeProduct {
  constructor(node) {
    Object.assign(this, node);
  }

  /** What tells it from other products: loaders make their keys of this. */
  toJSON() {
    return this.id;
  }
}

export function productCache(url, database) {
  const redis = new Redis(url, { enableAutoPipelining: true, keyPrefix: 'mercurius:product:' });

  return {
    async read(key) {
      const cached = await redis.get(key);
      if (cached !== null) return wholeProduct(JSON.parse(cached));

      const [row] = await statements.wholeProduct(database.reader(), key);
      if (!row) return null;
      const node = nodeOf(row);
      await redis.set(key, JSON.stringify(node), 'EX', TTL_SECS);
      return wholeProduct(node);
    },

    forget: (key) => redis.del(key),
  };
}

const wholeProduct = (node) => (node === null ? null : new WholeProduct(node));

function nodeOf(row) {
  if (row.status !== 'ACTIVE') return null;
  const product = new Product(row);
  return {
    ...fieldsOf(product, ['id', 'slug', 'name', 'inStock', 'version', 'updatedAt']),
    store: fieldsOf(new Store(row.store), ['id', 'name']),
    category: row.category && fieldsOf(new Category(row.category), ['id', 'name']),
    skus: row.skus.map((sku) => fieldsOf(new Sku(sku, product), ['id', 'title', 'price', 'stock'])),
  };
}

const fieldsOf = (object, names) => Object.fromEntries(names.map((name) => [name, object[name]]));
