CREATE FUNCTION log_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO change_log (kind, node_id, version) SELECT TG_ARGV[0], id, version FROM changed;
    RETURN NULL;
END $$;

CREATE FUNCTION log_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO change_log (kind, node_id, version) SELECT TG_ARGV[0], id, version + 1 FROM ended;
    RETURN NULL;
END $$;

CREATE FUNCTION log_stock_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO change_log (kind, node_id, version) SELECT 'STOCK', product_id, version FROM changed;
    RETURN NULL;
END $$;

CREATE FUNCTION log_stock_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO change_log (kind, node_id, version) SELECT 'STOCK', product_id, version + 1 FROM ended;
    RETURN NULL;
END $$;

CREATE TRIGGER stores_log_insert AFTER INSERT ON stores
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION log_change('STORE');
CREATE TRIGGER stores_log_update AFTER UPDATE ON stores
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION log_change('STORE');
CREATE TRIGGER stores_log_delete AFTER DELETE ON stores
    REFERENCING OLD TABLE AS ended FOR EACH STATEMENT EXECUTE FUNCTION log_end('STORE');

CREATE TRIGGER categories_log_insert AFTER INSERT ON categories
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION log_change('CATEGORY');
CREATE TRIGGER categories_log_update AFTER UPDATE ON categories
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION log_change('CATEGORY');
CREATE TRIGGER categories_log_delete AFTER DELETE ON categories
    REFERENCING OLD TABLE AS ended FOR EACH STATEMENT EXECUTE FUNCTION log_end('CATEGORY');

CREATE TRIGGER products_log_insert AFTER INSERT ON products
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION log_change('PRODUCT');
CREATE TRIGGER products_log_update AFTER UPDATE ON products
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION log_change('PRODUCT');
CREATE TRIGGER products_log_delete AFTER DELETE ON products
    REFERENCING OLD TABLE AS ended FOR EACH STATEMENT EXECUTE FUNCTION log_end('PRODUCT');

CREATE TRIGGER product_stock_log_update AFTER UPDATE ON product_stock
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION log_stock_change();
CREATE TRIGGER product_stock_log_delete AFTER DELETE ON product_stock
    REFERENCING OLD TABLE AS ended FOR EACH STATEMENT EXECUTE FUNCTION log_stock_end();
