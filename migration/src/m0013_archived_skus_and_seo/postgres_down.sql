CREATE OR REPLACE FUNCTION skus_updated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM old_rows JOIN new_rows USING (id) WHERE old_rows.product_id <> new_rows.product_id) THEN
        UPDATE stock SET product_id = new_rows.product_id FROM new_rows
        WHERE stock.sku_id = new_rows.id AND stock.product_id <> new_rows.product_id;
    END IF;
    PERFORM refresh_product_prices(ARRAY(SELECT product_id FROM old_rows UNION SELECT product_id FROM new_rows));
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION refresh_product_stock(touched uuid[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    flipped uuid[];
BEGIN
    PERFORM FROM product_stock WHERE product_id = ANY (touched) ORDER BY product_id FOR NO KEY UPDATE;
    UPDATE product_stock SET version = version + 1 WHERE product_id = ANY (touched);

    flipped := ARRAY(
        SELECT products.id FROM products
        WHERE products.id = ANY (touched)
          AND products.in_stock <> EXISTS (
              SELECT FROM stock WHERE stock.product_id = products.id AND stock.quantity > 0
          )
    );
    IF cardinality(flipped) > 0 THEN
        -- All of them: whoever caused this may be about to lock the others too, and must not do so out of order.
        PERFORM FROM products WHERE id = ANY (touched) ORDER BY id FOR NO KEY UPDATE;
        UPDATE products SET in_stock = NOT in_stock WHERE id = ANY (flipped);
    END IF;
END $$;

DROP FUNCTION flip_in_stock(uuid[]);

CREATE OR REPLACE FUNCTION refresh_product_prices(touched uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM products WHERE id = ANY (touched) ORDER BY id FOR NO KEY UPDATE;

    UPDATE products SET min_price = bounds.lowest, max_price = bounds.highest
    FROM (
        SELECT t.id, min(skus.price) AS lowest, max(skus.price) AS highest
        FROM unnest(touched) AS t (id) LEFT JOIN skus ON skus.product_id = t.id
        GROUP BY t.id
    ) AS bounds
    WHERE products.id = bounds.id;
END $$;

-- What was archived is on sale again: its product counts it, by the functions that are back.
UPDATE stock SET quantity = quantity WHERE sku_id IN (SELECT id FROM skus WHERE archived);
UPDATE skus SET archived = false WHERE archived;

ALTER TABLE skus DROP COLUMN archived;
ALTER TABLE products DROP COLUMN seo_title, DROP COLUMN seo_description;
