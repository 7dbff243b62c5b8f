// What the staff's tools do: writes that report their refusals, and the orders.
import {
  ProductRenameDocument,
  StockSetDocument,
  UserOrdersDocument,
  type OrderStatus,
  type ProductUserErrorCode,
} from '../generated/graphql';
import { request } from './request';

const ADVICE: Partial<Record<ProductUserErrorCode, string>> = {
  CONFLICT: 'someone else was faster: load it again',
  TOO_LONG: 'choose a shorter name',
};

/** The new version, which is a string because it has up to 64 bits. */
export async function rename(endpoint: string, id: string, name: string, version: string): Promise<string> {
  const { productUpdate } = await request(endpoint, ProductRenameDocument, { id, name, version });
  const [refusal] = productUpdate?.userErrors ?? [];
  if (refusal) {
    throw new Error(`${refusal.field?.join('.') ?? 'input'}: ${ADVICE[refusal.code] ?? refusal.message}`);
  }
  if (!productUpdate?.product) throw new Error('nothing was answered');
  return productUpdate.product.version;
}

export async function count(endpoint: string, skuId: string, quantity: number): Promise<boolean | undefined> {
  const { stockSet } = await request(endpoint, StockSetDocument, { skuId, quantity });
  return stockSet?.stock?.sku.product?.inStock;
}

export async function orderLines(endpoint: string, wanted: OrderStatus): Promise<string[]> {
  const { users } = await request(endpoint, UserOrdersDocument, { users: 20, orders: 5 });
  return (users?.nodes ?? []).flatMap(({ email, orders }) =>
    orders.nodes
      .filter(({ status }) => status === wanted)
      .map(({ placedAt, total }) => `${email} ${new Date(placedAt).toDateString()} ${total.amount} ${total.currencyCode}`),
  );
}
