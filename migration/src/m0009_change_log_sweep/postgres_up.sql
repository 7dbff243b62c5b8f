ALTER TABLE change_log ADD COLUMN fenced_at timestamptz, ADD COLUMN is_settled boolean NOT NULL DEFAULT false;
CREATE INDEX change_log_open ON change_log (fenced_at, seq) WHERE NOT is_settled;

-- The rows are still there when it runs.
CREATE FUNCTION log_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format(
        'INSERT INTO change_log (kind, node_id, version) SELECT %L, %I, version + 1 FROM %I',
        TG_ARGV[0], TG_ARGV[1], TG_TABLE_NAME
    );
    RETURN NULL;
END $$;

CREATE TRIGGER stores_log_truncate BEFORE TRUNCATE ON stores
    FOR EACH STATEMENT EXECUTE FUNCTION log_truncate('STORE', 'id');
CREATE TRIGGER categories_log_truncate BEFORE TRUNCATE ON categories
    FOR EACH STATEMENT EXECUTE FUNCTION log_truncate('CATEGORY', 'id');
CREATE TRIGGER products_log_truncate BEFORE TRUNCATE ON products
    FOR EACH STATEMENT EXECUTE FUNCTION log_truncate('PRODUCT', 'id');
CREATE TRIGGER product_stock_log_truncate BEFORE TRUNCATE ON product_stock
    FOR EACH STATEMENT EXECUTE FUNCTION log_truncate('STOCK', 'product_id');

-- What hangs on skus and stock is kept by their triggers for DELETE.
CREATE FUNCTION delete_before_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('DELETE FROM %I', TG_TABLE_NAME);
    RETURN NULL;
END $$;

CREATE TRIGGER skus_delete_before_truncate BEFORE TRUNCATE ON skus
    FOR EACH STATEMENT EXECUTE FUNCTION delete_before_truncate();
CREATE TRIGGER stock_delete_before_truncate BEFORE TRUNCATE ON stock
    FOR EACH STATEMENT EXECUTE FUNCTION delete_before_truncate();
