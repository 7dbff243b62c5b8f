ALTER TABLE products ADD COLUMN seo_title text;
ALTER TABLE products ADD COLUMN seo_description text;
ALTER TABLE skus ADD COLUMN archived boolean NOT NULL DEFAULT false;

-- The triggers that name all columns of these tables, or count skus.
DROP TRIGGER stock_deleted;
DROP TRIGGER stock_updated;
DROP TRIGGER stock_inserted;
DROP TRIGGER skus_deleted;
DROP TRIGGER skus_updated;
DROP TRIGGER skus_inserted;
DROP TRIGGER skus_raise_version;
DROP TRIGGER products_raise_version;

CREATE TRIGGER products_raise_version AFTER UPDATE OF
    id, store_id, category_id, slug, name, description, status, currency_code, options, tags, images, seo_title, seo_description,
    min_price, max_price, in_stock, created_at, updated_at
ON products FOR EACH ROW BEGIN
    UPDATE products SET version = OLD.version + 1 WHERE id = NEW.id;
END;

CREATE TRIGGER skus_raise_version AFTER UPDATE OF
    id, product_id, code, option_values, attributes, price, compare_at_price, position, archived, created_at, updated_at
ON skus FOR EACH ROW BEGIN
    UPDATE skus SET version = OLD.version + 1 WHERE id = NEW.id;
END;

-- A row that is added is compared with what is known of the others: thousands of variants of one product come one after another.
CREATE TRIGGER skus_inserted AFTER INSERT ON skus FOR EACH ROW BEGIN
    UPDATE products SET
        min_price = CASE WHEN NEW.archived THEN min_price ELSE min(ifnull(min_price, NEW.price), NEW.price) END,
        max_price = CASE WHEN NEW.archived THEN max_price ELSE max(ifnull(max_price, NEW.price), NEW.price) END
    WHERE id = NEW.product_id;
END;

CREATE TRIGGER skus_updated AFTER UPDATE OF
    id, product_id, code, option_values, attributes, price, compare_at_price, position, archived, created_at, updated_at
ON skus FOR EACH ROW BEGIN
    UPDATE stock SET product_id = NEW.product_id WHERE sku_id = NEW.id AND product_id <> NEW.product_id;
    UPDATE products SET
        min_price = (SELECT min(price) FROM skus WHERE product_id = products.id AND NOT archived),
        max_price = (SELECT max(price) FROM skus WHERE product_id = products.id AND NOT archived)
    WHERE id IN (OLD.product_id, NEW.product_id);
    UPDATE products SET in_stock = NOT in_stock
    WHERE id = NEW.product_id
      AND OLD.archived <> NEW.archived
      AND in_stock <> EXISTS (
          SELECT 1 FROM stock JOIN skus ON skus.id = stock.sku_id
          WHERE stock.product_id = products.id AND stock.quantity > 0 AND NOT skus.archived
      );
END;

CREATE TRIGGER skus_deleted AFTER DELETE ON skus FOR EACH ROW BEGIN
    UPDATE products SET
        min_price = (SELECT min(price) FROM skus WHERE product_id = OLD.product_id AND NOT archived),
        max_price = (SELECT max(price) FROM skus WHERE product_id = OLD.product_id AND NOT archived)
    WHERE id = OLD.product_id;
END;

CREATE TRIGGER stock_inserted AFTER INSERT ON stock FOR EACH ROW BEGIN
    UPDATE product_stock SET version = version + 1 WHERE product_id = NEW.product_id;
    UPDATE stock SET product_id = (SELECT product_id FROM skus WHERE id = NEW.sku_id)
    WHERE sku_id = NEW.sku_id AND product_id <> (SELECT product_id FROM skus WHERE id = NEW.sku_id);
    UPDATE products SET in_stock = true
    WHERE id = NEW.product_id AND NOT in_stock AND NEW.quantity > 0
      AND EXISTS (SELECT 1 FROM skus WHERE id = NEW.sku_id AND product_id = products.id AND NOT archived);
END;

CREATE TRIGGER stock_updated AFTER UPDATE OF sku_id, product_id, quantity, updated_at ON stock FOR EACH ROW BEGIN
    UPDATE stock SET product_id = (SELECT product_id FROM skus WHERE id = NEW.sku_id)
    WHERE sku_id = NEW.sku_id AND product_id <> (SELECT product_id FROM skus WHERE id = NEW.sku_id);
    UPDATE product_stock SET version = version + 1 WHERE product_id IN (OLD.product_id, NEW.product_id);
    UPDATE products SET in_stock = NOT in_stock
    WHERE id IN (OLD.product_id, NEW.product_id)
      AND ((OLD.quantity > 0) <> (NEW.quantity > 0) OR OLD.product_id <> NEW.product_id)
      AND in_stock <> EXISTS (
          SELECT 1 FROM stock JOIN skus ON skus.id = stock.sku_id
          WHERE stock.product_id = products.id AND stock.quantity > 0 AND NOT skus.archived
      );
END;

CREATE TRIGGER stock_deleted AFTER DELETE ON stock FOR EACH ROW BEGIN
    UPDATE product_stock SET version = version + 1 WHERE product_id = OLD.product_id;
    UPDATE products SET in_stock = NOT in_stock
    WHERE id = OLD.product_id
      AND in_stock <> EXISTS (
          SELECT 1 FROM stock JOIN skus ON skus.id = stock.sku_id
          WHERE stock.product_id = products.id AND stock.quantity > 0 AND NOT skus.archived
      );
END;
