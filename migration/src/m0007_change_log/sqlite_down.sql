DROP TRIGGER stores_log_delete;
DROP TRIGGER stores_log_version;
DROP TRIGGER categories_log_delete;
DROP TRIGGER categories_log_version;
DROP TRIGGER products_log_delete;
DROP TRIGGER products_log_version;
DROP TRIGGER product_stock_log_delete;
DROP TRIGGER product_stock_log_version;
