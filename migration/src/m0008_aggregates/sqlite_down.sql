DROP TRIGGER stock_deleted;
DROP TRIGGER stock_updated;
DROP TRIGGER stock_inserted;
DROP TRIGGER skus_deleted;
DROP TRIGGER skus_updated;
DROP TRIGGER skus_inserted;
DROP TRIGGER products_open_stock;
