// Products in one statement each way: what belongs to a product comes with it as JSON that Postgres has aggregated.

import { cursorOf } from '../../shop/cursor.js';
import { money } from '../../shop/money.js';

const columns = (sql) => sql`
  p.id, p.slug, p.name, p.in_stock, p.currency_code,
  json_build_object('id', t.id, 'name', t.name) AS store,
  (SELECT json_agg(json_build_object('id', s.id, 'options', s.option_values, 'price', s.price::text,
            'quantity', k.quantity) ORDER BY s.position, s.id)
     FROM skus s LEFT JOIN stock k ON k.sku_id = s.id WHERE s.product_id = p.id) AS skus`;

const listColumns = (sql) => sql`
  ${columns(sql)}, p.created_at::text AS sort_key,
  CASE WHEN c.id IS NOT NULL THEN json_build_object('id', c.id, 'name', c.name) END AS category`;

/** Null when there is no such product or it is not on sale. */
export async function readProduct(sql, id) {
  const [row] = await sql`
    SELECT ${columns(sql)} FROM products p JOIN stores t ON t.id = p.store_id
    WHERE p.id = ${id} AND p.status = 'ACTIVE'`;
  return row ? product(row) : null;
}

/** Newest first, after a position when there is one. */
export async function readPage(sql, first, after) {
  const rows = await sql`
    SELECT ${listColumns(sql)}
    FROM products p JOIN stores t ON t.id = p.store_id LEFT JOIN categories c ON c.id = p.category_id
    WHERE p.status = 'ACTIVE'
      ${after ? sql`AND (p.created_at, p.id) < (${after.createdAt}::text::timestamptz, ${after.id})` : sql``}
    ORDER BY p.created_at DESC, p.id DESC LIMIT ${first + 1}`;
  const hasNextPage = rows.length > first;
  if (hasNextPage) rows.pop();
  return {
    products: rows.map((row) => ({ ...product(row), category: row.category })),
    hasNextPage,
    endCursor: rows.length > 0 ? cursorOf(rows.at(-1)) : null,
  };
}

/** Null when there is no such product. */
export async function renameProduct(sql, id, name) {
  const [row] = await sql`
    UPDATE products SET name = ${name}, updated_at = now() WHERE id = ${id}
    RETURNING id, name, version, updated_at AS "updatedAt"`;
  return row ?? null;
}

const product = (row) => ({
  id: row.id,
  slug: row.slug,
  name: row.name,
  inStock: row.in_stock,
  store: row.store,
  skus: (row.skus ?? []).map((sku) => ({
    id: sku.id,
    title: sku.options.join(' / '),
    price: money(sku.price, row.currency_code),
    stock: { quantity: sku.quantity ?? 0 },
  })),
});
