// What visitors of a shop ask of Storefront beside cards: product pages, the category tree, the stores, the stock of a sku.
import { operation, post } from './graphql.js';
import { OPERATIONS, STAFF_KEY } from './settings.js';

const texts = {};
for (const name of ['product', 'category-tree', 'store-products', 'stock-set']) {
  texts[name] = operation(`${OPERATIONS}/${name}.graphql`);
}

/** The page of one product. */
export function productPage(product) {
  return post(texts.product, { slug: product.slug }, (answer) => answer.json('data.product.id') === product.id);
}

export function categoryTree() {
  return post(texts['category-tree'], {}, (answer) => answer.json('data.categories.nodes.#') > 0);
}

export function storeProducts() {
  return post(texts['store-products'], {}, (answer) => answer.json('data.stores.nodes.#') > 0);
}

export function stockSet(skuId, quantity) {
  return post(
    texts['stock-set'],
    { skuId, quantity },
    (answer) => answer.json('data.stockSet.stock.sku.id') === skuId && answer.json('data.stockSet.userErrors.#') === 0,
    { 'x-storefront-staff-key': STAFF_KEY },
  );
}
