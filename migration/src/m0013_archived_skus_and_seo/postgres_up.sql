ALTER TABLE products ADD COLUMN seo_title text, ADD COLUMN seo_description text;
ALTER TABLE skus ADD COLUMN archived boolean NOT NULL DEFAULT false;

CREATE OR REPLACE FUNCTION refresh_product_prices(touched uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM products WHERE id = ANY (touched) ORDER BY id FOR NO KEY UPDATE;

    UPDATE products SET min_price = bounds.lowest, max_price = bounds.highest
    FROM (
        SELECT t.id, min(skus.price) AS lowest, max(skus.price) AS highest
        FROM unnest(touched) AS t (id) LEFT JOIN skus ON skus.product_id = t.id AND NOT skus.archived
        GROUP BY t.id
    ) AS bounds
    WHERE products.id = bounds.id;
END $$;


-- Under the lock of product_stock: `in_stock` is written under that alone. The sub-selects are of a form that is only ever run for one row:
-- a join would be planned while the tables are small, as a hash of all stock, and kept by a session that fills them.
CREATE FUNCTION flip_in_stock(touched uuid[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    flipped uuid[];
BEGIN
    flipped := ARRAY(
        SELECT products.id FROM products
        WHERE products.id = ANY (touched)
          AND products.in_stock <> coalesce((
              SELECT true FROM stock
              WHERE stock.product_id = products.id AND stock.quantity > 0
                AND (SELECT NOT skus.archived FROM skus WHERE skus.id = stock.sku_id)
              LIMIT 1
          ), false)
    );
    IF cardinality(flipped) > 0 THEN
        -- All of them: whoever caused this may be about to lock the others too, and must not do so out of order.
        PERFORM FROM products WHERE id = ANY (touched) ORDER BY id FOR NO KEY UPDATE;
        UPDATE products SET in_stock = NOT in_stock WHERE id = ANY (flipped);
    END IF;
END $$;

CREATE OR REPLACE FUNCTION refresh_product_stock(touched uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM product_stock WHERE product_id = ANY (touched) ORDER BY product_id FOR NO KEY UPDATE;
    UPDATE product_stock SET version = version + 1 WHERE product_id = ANY (touched);
    PERFORM flip_in_stock(touched);
END $$;

CREATE OR REPLACE FUNCTION skus_updated() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    archived uuid[];
BEGIN
    IF EXISTS (SELECT FROM old_rows JOIN new_rows USING (id) WHERE old_rows.product_id <> new_rows.product_id) THEN
        UPDATE stock SET product_id = new_rows.product_id FROM new_rows
        WHERE stock.sku_id = new_rows.id AND stock.product_id <> new_rows.product_id;
    END IF;
    archived := ARRAY(
        SELECT DISTINCT new_rows.product_id FROM old_rows JOIN new_rows USING (id)
        WHERE old_rows.archived <> new_rows.archived
    );
    IF cardinality(archived) > 0 THEN
        PERFORM FROM product_stock WHERE product_id = ANY (archived) ORDER BY product_id FOR NO KEY UPDATE;
        PERFORM flip_in_stock(archived);
    END IF;
    PERFORM refresh_product_prices(ARRAY(SELECT product_id FROM old_rows UNION SELECT product_id FROM new_rows));
    RETURN NULL;
END $$;
