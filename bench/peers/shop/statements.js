// The SQL of the GraphQL peers: one statement per kind of thing, each for as many parents as a loader has gathered.

const columns = (sql) =>
  sql`id, slug, name, in_stock, store_id, category_id, currency_code, version, updated_at,
    created_at::text AS sort_key`;

export const product = (sql, id) =>
  sql`SELECT id, slug, name, in_stock, store_id, category_id, currency_code, version, updated_at
      FROM products WHERE id = ${id} AND status = 'ACTIVE'`;

/** Newest first, after a position when there is one. */
export const page = (sql, count, after) =>
  after
    ? sql`SELECT ${columns(sql)} FROM products
          WHERE status = 'ACTIVE' AND (created_at, id) < (${after.createdAt}::text::timestamptz, ${after.id})
          ORDER BY created_at DESC, id DESC LIMIT ${count}`
    : sql`SELECT ${columns(sql)} FROM products WHERE status = 'ACTIVE'
          ORDER BY created_at DESC, id DESC LIMIT ${count}`;

export const stores = (sql, ids) => sql`SELECT id, name FROM stores WHERE id = ANY(${ids})`;

export const categories = (sql, ids) => sql`SELECT id, name FROM categories WHERE id = ANY(${ids})`;

/** Skus in the order in which they are shown, each with its stock. */
export const skus = (sql, products) =>
  sql`SELECT s.id, s.product_id, s.option_values, s.price, k.quantity
      FROM skus s LEFT JOIN stock k ON k.sku_id = s.id
      WHERE s.product_id = ANY(${products}) ORDER BY s.product_id, s.position, s.id`;

/** A product with its store, its category and its skus in one statement, whatever its status. */
export const wholeProduct = (sql, id) =>
  sql`SELECT p.id, p.slug, p.name, p.in_stock, p.currency_code, p.version, p.updated_at, p.status,
        (SELECT json_build_object('id', t.id, 'name', t.name) FROM stores t WHERE t.id = p.store_id) AS store,
        (SELECT json_build_object('id', c.id, 'name', c.name) FROM categories c WHERE c.id = p.category_id) AS category,
        (SELECT coalesce(json_agg(json_build_object('id', s.id, 'option_values', s.option_values,
                  'price', s.price::text, 'quantity', k.quantity) ORDER BY s.position, s.id), '[]')
           FROM skus s LEFT JOIN stock k ON k.sku_id = s.id WHERE s.product_id = p.id) AS skus
      FROM products p WHERE p.id = ${id}`;

export const version = (sql, id) => sql`SELECT version FROM products WHERE id = ${id}`;

/** Renames a product that is at this version, or at any when it is null. */
export const rename = (sql, id, name, expected) =>
  sql`UPDATE products SET name = ${name}, updated_at = now()
      WHERE id = ${id} AND version = coalesce(${expected}::bigint, version)
      RETURNING ${columns(sql)}`;
