-- One writer at a time, so nothing is locked here. A cascade runs after the parent row is gone: updates of it find
-- nothing, and end quietly.

-- Every product has its row from the start, with a version of its own.
CREATE TRIGGER products_open_stock AFTER INSERT ON products FOR EACH ROW BEGIN
    UPDATE node_version SET value = value + 1;
    INSERT INTO product_stock (product_id, version) SELECT NEW.id, value FROM node_version;
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

-- The update of `stock` is for a row written with another product than its sku's; it fires `stock_updated`.
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
