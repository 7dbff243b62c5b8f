-- A version is given to a row by an update of `version` alone, on insert too: that is what is logged.

CREATE TRIGGER stores_log_version AFTER UPDATE OF version ON stores FOR EACH ROW BEGIN
    INSERT INTO change_log (kind, node_id, version) VALUES ('STORE', NEW.id, NEW.version);
END;

CREATE TRIGGER stores_log_delete AFTER DELETE ON stores FOR EACH ROW BEGIN
    INSERT INTO change_log (kind, node_id, version) VALUES ('STORE', OLD.id, OLD.version + 1);
END;

CREATE TRIGGER categories_log_version AFTER UPDATE OF version ON categories FOR EACH ROW BEGIN
    INSERT INTO change_log (kind, node_id, version) VALUES ('CATEGORY', NEW.id, NEW.version);
END;

CREATE TRIGGER categories_log_delete AFTER DELETE ON categories FOR EACH ROW BEGIN
    INSERT INTO change_log (kind, node_id, version) VALUES ('CATEGORY', OLD.id, OLD.version + 1);
END;

CREATE TRIGGER products_log_version AFTER UPDATE OF version ON products FOR EACH ROW BEGIN
    INSERT INTO change_log (kind, node_id, version) VALUES ('PRODUCT', NEW.id, NEW.version);
END;

CREATE TRIGGER products_log_delete AFTER DELETE ON products FOR EACH ROW BEGIN
    INSERT INTO change_log (kind, node_id, version) VALUES ('PRODUCT', OLD.id, OLD.version + 1);
END;

CREATE TRIGGER product_stock_log_version AFTER UPDATE OF version ON product_stock FOR EACH ROW BEGIN
    INSERT INTO change_log (kind, node_id, version) VALUES ('STOCK', NEW.product_id, NEW.version);
END;

CREATE TRIGGER product_stock_log_delete AFTER DELETE ON product_stock FOR EACH ROW BEGIN
    INSERT INTO change_log (kind, node_id, version) VALUES ('STOCK', OLD.product_id, OLD.version + 1);
END;
