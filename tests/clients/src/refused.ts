// Mistakes that the compiler must refuse: `tsc` fails where one of them is accepted.
import { ProductListDocument, ProductRenameDocument, type ProductPageQuery } from '../generated/graphql';
import { request } from './request';

export async function mistakes(endpoint: string, { product }: ProductPageQuery): Promise<void> {
  // @ts-expect-error a missing variable
  await request(endpoint, ProductRenameDocument, { id: 'x' });
  // @ts-expect-error a variable of another type
  await request(endpoint, ProductListDocument, { first: '5' });
  // @ts-expect-error an unknown variable
  await request(endpoint, ProductListDocument, { limit: 5 });
  // @ts-expect-error an order that there is not
  await request(endpoint, ProductListDocument, { orderBy: { field: 'STOCK' } });
  // @ts-expect-error a price as a float
  await request(endpoint, ProductListDocument, { where: { price: { currencyCode: 'EUR', lte: 19.99 } } });
  // @ts-expect-error a version as a number
  await request(endpoint, ProductRenameDocument, { id: 'x', name: 'y', version: 1 });
  // @ts-expect-error a product that may be null
  product.name;
  // @ts-expect-error a field that the operation did not ask for
  product?.createdAt;
  // @ts-expect-error an amount taken for a number
  product?.skus[0]?.price.amount.toFixed(2);
}
