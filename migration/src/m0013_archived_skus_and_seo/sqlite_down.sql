DROP TRIGGER stock_deleted;
DROP TRIGGER stock_updated;
DROP TRIGGER stock_inserted;
DROP TRIGGER skus_deleted;
DROP TRIGGER skus_updated;
DROP TRIGGER skus_inserted;
DROP TRIGGER skus_raise_version;
DROP TRIGGER products_raise_version;

CREATE TRIGGER products_raise_version AFTER UPDATE OF
    id, store_id, category_id, slug, name, description, status, currency_code, options, tags, images,
    min_price, max_price, in_stock, created_at, updated_at
ON products FOR EACH ROW BEGIN
    UPDATE products SET version = OLD.version + 1 WHERE id = NEW.id;
END;

CREATE TRIGGER skus_raise_version AFTER UPDATE OF
    id, product_id, code, option_values, attributes, price, compare_at_price, position, created_at, updated_at
ON skus FOR EACH ROW BEGIN
    UPDATE skus SET version = OLD.version + 1 WHERE id = NEW.id;
END;

CREATE TRIGGER skus_inserted AFTER INSERT ON skus FOR EACH ROW BEGIN
    UPDATE products SET
        min_price = (SELECT min(price) FROM skus WHERE product_id = NEW.product_id),
        max_price = (SELECT max(price) FROM skus WHERE product_id = NEW.product_id)
    WHERE id = NEW.product_id;
END;

CREATE TRIGGER skus_updated AFTER UPDATE OF
    id, product_id, code, option_values, attributes, price, compare_at_price, position, created_at, updated_at
ON skus FOR EACH ROW BEGIN
    UPDATE stock SET product_id = NEW.product_id WHERE sku_id = NEW.id AND product_id <> NEW.product_id;
    UPDATE products SET
        min_price = (SELECT min(price) FROM skus WHERE product_id = products.id),
        max_price = (SELECT max(price) FROM skus WHERE product_id = products.id)
    WHERE id IN (OLD.product_id, NEW.product_id);
END;

CREATE TRIGGER skus_deleted AFTER DELETE ON skus FOR EACH ROW BEGIN
    UPDATE products SET
        min_price = (SELECT min(price) FROM skus WHERE product_id = OLD.product_id),
        max_price = (SELECT max(price) FROM skus WHERE product_id = OLD.product_id)
    WHERE id = OLD.product_id;
END;

CREATE TRIGGER stock_inserted AFTER INSERT ON stock FOR EACH ROW BEGIN
    UPDATE product_stock SET version = version + 1 WHERE product_id = NEW.product_id;
    UPDATE stock SET product_id = (SELECT product_id FROM skus WHERE id = NEW.sku_id)
    WHERE sku_id = NEW.sku_id AND product_id <> (SELECT product_id FROM skus WHERE id = NEW.sku_id);
    UPDATE products SET in_stock = NOT in_stock
    WHERE id = NEW.product_id
      AND in_stock <> EXISTS (SELECT 1 FROM stock WHERE product_id = products.id AND quantity > 0);
END;

CREATE TRIGGER stock_updated AFTER UPDATE OF sku_id, product_id, quantity, updated_at ON stock FOR EACH ROW BEGIN
    UPDATE stock SET product_id = (SELECT product_id FROM skus WHERE id = NEW.sku_id)
    WHERE sku_id = NEW.sku_id AND product_id <> (SELECT product_id FROM skus WHERE id = NEW.sku_id);
    UPDATE product_stock SET version = version + 1 WHERE product_id IN (OLD.product_id, NEW.product_id);
    UPDATE products SET in_stock = NOT in_stock
    WHERE id IN (OLD.product_id, NEW.product_id)
      AND in_stock <> EXISTS (SELECT 1 FROM stock WHERE product_id = products.id AND quantity > 0);
END;

CREATE TRIGGER stock_deleted AFTER DELETE ON stock FOR EACH ROW BEGIN
    UPDATE product_stock SET version = version + 1 WHERE product_id = OLD.product_id;
    UPDATE products SET in_stock = NOT in_stock
    WHERE id = OLD.product_id
      AND in_stock <> EXISTS (SELECT 1 FROM stock WHERE product_id = products.id AND quantity > 0);
END;

-- What was archived is on sale again: its product counts it, by the triggers that are back.
UPDATE skus SET price = price WHERE archived;
UPDATE stock SET quantity = quantity WHERE sku_id IN (SELECT id FROM skus WHERE archived);

ALTER TABLE skus DROP COLUMN archived;
ALTER TABLE products DROP COLUMN seo_title;
ALTER TABLE products DROP COLUMN seo_description;
