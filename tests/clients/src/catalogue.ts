// The pages of a shop: one product, an endless list, the categories and the stores.
import {
  CategoryTreeDocument,
  ProductListDocument,
  ProductPageDocument,
  StoreProductsDocument,
  WelcomeDocument,
  type CountPrecision,
  type ProductListQuery,
  type ProductPageQuery,
  type ProductWhere,
} from '../generated/graphql';
import { request } from './request';

type Product = NonNullable<ProductPageQuery['product']>;
type Listed = ProductListQuery['products']['edges'][number]['node'];

/** Null when there is no such product. */
export async function productPage(endpoint: string, slug: string): Promise<string | null> {
  const { product } = await request(endpoint, ProductPageDocument, { slug });
  return product ? [headline(product), ...product.skus.map(priceLine)].join('\n') : null;
}

function headline({ name, store, category }: Product): string {
  return category ? `${name} (${category.name}) by ${store.name}` : `${name} by ${store.name}`;
}

function priceLine({ title, price, compareAtPrice, stock }: Product['skus'][number]): string {
  const was = compareAtPrice ? ` instead of ${compareAtPrice.amount}` : '';
  const left: number = stock.quantity;
  return `${title}: ${price.amount} ${price.currencyCode}${was}, ${left} left`;
}

/** Every product in stock up to a price, the cheapest first, page after page. */
export async function* affordable(endpoint: string, currencyCode: string, lte: string): AsyncGenerator<Listed> {
  const where: ProductWhere = { inStock: { eq: true }, price: { currencyCode, lte } };
  let after: string | null = null;
  do {
    const page: ProductListQuery = await request(endpoint, ProductListDocument, {
      first: 100,
      after,
      where,
      orderBy: { field: 'PRICE', direction: 'ASC' },
    });
    yield* page.products.edges.map(({ node }) => node);
    const { hasNextPage, endCursor } = page.products.pageInfo;
    after = hasNextPage ? (endCursor ?? null) : null;
  } while (after !== null);
}

/** `1 – 3 EUR`, one price when both ends are the same, nothing for a product without skus. */
export function priceRange({ priceRange }: Listed): string {
  if (!priceRange) return '';
  const { min, max } = priceRange;
  return min.amount === max.amount
    ? `${min.amount} ${min.currencyCode}`
    : `${min.amount} – ${max.amount} ${max.currencyCode}`;
}

export async function breadcrumbs(endpoint: string): Promise<string[]> {
  const { categories } = await request(endpoint, CategoryTreeDocument, { products: 1 });
  return categories.nodes.flatMap((root) =>
    root.children.flatMap((child) => child.children.map((leaf) => `${root.name} / ${child.name} / ${leaf.name}`)),
  );
}

export async function sizes(endpoint: string): Promise<Map<string, string>> {
  const { stores } = await request(endpoint, StoreProductsDocument, {});
  return new Map(
    stores.nodes.map(({ name, products }) => [name, counted(products.totalCount.count, products.totalCount.precision)]),
  );
}

function counted(count: number, precision: CountPrecision): string {
  switch (precision) {
    case 'EXACT':
      return `${count}`;
    case 'AT_LEAST':
      return `more than ${count}`;
  }
}

export async function firstNames(endpoint: string): Promise<string[]> {
  const { products } = await request(endpoint, WelcomeDocument, {});
  return products.nodes.map(({ name }) => name);
}
