-- Lock order: skus, stock, product_stock by product, products by id. Every function locks first and computes in a
-- later statement, which under READ COMMITTED sees what the previous holder of the lock has committed.

-- A sku that is moved holds a lock that conflicts with KEY SHARE until it commits, so the product read here stays true.
CREATE FUNCTION stock_follows_sku() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    owner uuid;
BEGIN
    SELECT product_id INTO owner FROM skus WHERE id = NEW.sku_id FOR KEY SHARE;
    NEW.product_id := coalesce(owner, NEW.product_id);
    RETURN NEW;
END $$;

CREATE TRIGGER stock_follows_sku BEFORE INSERT OR UPDATE OF sku_id, product_id ON stock
    FOR EACH ROW EXECUTE FUNCTION stock_follows_sku();


-- Every product has its row from the start, so that stock writers always have something to lock.
CREATE FUNCTION open_product_stock() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO product_stock (product_id) SELECT id FROM new_rows;
    RETURN NULL;
END $$;

CREATE TRIGGER products_open_stock AFTER INSERT ON products
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION open_product_stock();


CREATE FUNCTION refresh_product_prices(touched uuid[]) RETURNS void LANGUAGE plpgsql AS $$
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

CREATE FUNCTION skus_inserted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM refresh_product_prices(ARRAY(SELECT DISTINCT product_id FROM new_rows));
    RETURN NULL;
END $$;

CREATE FUNCTION skus_updated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM old_rows JOIN new_rows USING (id) WHERE old_rows.product_id <> new_rows.product_id) THEN
        UPDATE stock SET product_id = new_rows.product_id FROM new_rows
        WHERE stock.sku_id = new_rows.id AND stock.product_id <> new_rows.product_id;
    END IF;
    PERFORM refresh_product_prices(ARRAY(SELECT product_id FROM old_rows UNION SELECT product_id FROM new_rows));
    RETURN NULL;
END $$;

CREATE FUNCTION skus_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM refresh_product_prices(ARRAY(SELECT DISTINCT product_id FROM old_rows));
    RETURN NULL;
END $$;

CREATE TRIGGER skus_inserted AFTER INSERT ON skus
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION skus_inserted();
CREATE TRIGGER skus_updated AFTER UPDATE ON skus
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION skus_updated();
CREATE TRIGGER skus_deleted AFTER DELETE ON skus
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION skus_deleted();


-- `in_stock` is written under the lock of product_stock alone, so it can be compared before the product is locked:
-- a change of stock that doesn't flip it never waits for a writer of the product.
CREATE FUNCTION refresh_product_stock(touched uuid[]) RETURNS void LANGUAGE plpgsql AS $$
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

CREATE FUNCTION stock_inserted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM refresh_product_stock(ARRAY(SELECT DISTINCT product_id FROM new_rows));
    RETURN NULL;
END $$;

CREATE FUNCTION stock_updated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM refresh_product_stock(ARRAY(SELECT product_id FROM old_rows UNION SELECT product_id FROM new_rows));
    RETURN NULL;
END $$;

CREATE FUNCTION stock_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM refresh_product_stock(ARRAY(SELECT DISTINCT product_id FROM old_rows));
    RETURN NULL;
END $$;

CREATE TRIGGER stock_inserted AFTER INSERT ON stock
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION stock_inserted();
CREATE TRIGGER stock_updated AFTER UPDATE ON stock
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION stock_updated();
CREATE TRIGGER stock_deleted AFTER DELETE ON stock
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION stock_deleted();
