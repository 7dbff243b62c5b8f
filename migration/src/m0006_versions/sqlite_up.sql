-- Each list of columns leaves out `version`, so that the update inside a trigger doesn't fire it again.

CREATE TRIGGER stores_draw_version AFTER INSERT ON stores FOR EACH ROW BEGIN
    UPDATE node_version SET value = value + 1;
    UPDATE stores SET version = (SELECT value FROM node_version) WHERE id = NEW.id;
END;

CREATE TRIGGER stores_raise_version AFTER UPDATE OF
    id, slug, name, description, currency_code, created_at, updated_at
ON stores FOR EACH ROW BEGIN
    UPDATE stores SET version = OLD.version + 1 WHERE id = NEW.id;
END;

CREATE TRIGGER categories_draw_version AFTER INSERT ON categories FOR EACH ROW BEGIN
    UPDATE node_version SET value = value + 1;
    UPDATE categories SET version = (SELECT value FROM node_version) WHERE id = NEW.id;
END;

CREATE TRIGGER categories_raise_version AFTER UPDATE OF
    id, parent_id, slug, name, description, position, created_at, updated_at
ON categories FOR EACH ROW BEGIN
    UPDATE categories SET version = OLD.version + 1 WHERE id = NEW.id;
END;

CREATE TRIGGER products_draw_version AFTER INSERT ON products FOR EACH ROW BEGIN
    UPDATE node_version SET value = value + 1;
    UPDATE products SET version = (SELECT value FROM node_version) WHERE id = NEW.id;
END;

CREATE TRIGGER products_raise_version AFTER UPDATE OF
    id, store_id, category_id, slug, name, description, status, currency_code, options, tags, images,
    min_price, max_price, in_stock, created_at, updated_at
ON products FOR EACH ROW BEGIN
    UPDATE products SET version = OLD.version + 1 WHERE id = NEW.id;
END;

CREATE TRIGGER skus_draw_version AFTER INSERT ON skus FOR EACH ROW BEGIN
    UPDATE node_version SET value = value + 1;
    UPDATE skus SET version = (SELECT value FROM node_version) WHERE id = NEW.id;
END;

CREATE TRIGGER skus_raise_version AFTER UPDATE OF
    id, product_id, code, option_values, attributes, price, compare_at_price, position, created_at, updated_at
ON skus FOR EACH ROW BEGIN
    UPDATE skus SET version = OLD.version + 1 WHERE id = NEW.id;
END;

CREATE TRIGGER stock_draw_version AFTER INSERT ON stock FOR EACH ROW BEGIN
    UPDATE node_version SET value = value + 1;
    UPDATE stock SET version = (SELECT value FROM node_version) WHERE sku_id = NEW.sku_id;
END;

CREATE TRIGGER stock_raise_version AFTER UPDATE OF
    sku_id, product_id, quantity, updated_at
ON stock FOR EACH ROW BEGIN
    UPDATE stock SET version = OLD.version + 1 WHERE sku_id = NEW.sku_id;
END;

CREATE TRIGGER users_draw_version AFTER INSERT ON users FOR EACH ROW BEGIN
    UPDATE node_version SET value = value + 1;
    UPDATE users SET version = (SELECT value FROM node_version) WHERE id = NEW.id;
END;

CREATE TRIGGER users_raise_version AFTER UPDATE OF
    id, email, name, created_at, updated_at
ON users FOR EACH ROW BEGIN
    UPDATE users SET version = OLD.version + 1 WHERE id = NEW.id;
END;

CREATE TRIGGER orders_draw_version AFTER INSERT ON orders FOR EACH ROW BEGIN
    UPDATE node_version SET value = value + 1;
    UPDATE orders SET version = (SELECT value FROM node_version) WHERE user_id = NEW.user_id AND id = NEW.id;
END;

CREATE TRIGGER orders_raise_version AFTER UPDATE OF
    user_id, id, status, currency_code, total, placed_at, created_at, updated_at
ON orders FOR EACH ROW BEGIN
    UPDATE orders SET version = OLD.version + 1 WHERE user_id = NEW.user_id AND id = NEW.id;
END;
