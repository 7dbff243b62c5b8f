DROP TRIGGER stores_raise_version ON stores;
DROP TRIGGER categories_raise_version ON categories;
DROP TRIGGER products_raise_version ON products;
DROP TRIGGER skus_raise_version ON skus;
DROP TRIGGER stock_raise_version ON stock;
DROP TRIGGER users_raise_version ON users;
DROP TRIGGER orders_raise_version ON orders;
DROP FUNCTION raise_version();
