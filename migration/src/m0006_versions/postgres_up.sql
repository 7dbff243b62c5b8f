CREATE FUNCTION raise_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.version := OLD.version + 1;
    RETURN NEW;
END $$;

CREATE TRIGGER stores_raise_version BEFORE UPDATE ON stores FOR EACH ROW EXECUTE FUNCTION raise_version();
CREATE TRIGGER categories_raise_version BEFORE UPDATE ON categories FOR EACH ROW EXECUTE FUNCTION raise_version();
CREATE TRIGGER products_raise_version BEFORE UPDATE ON products FOR EACH ROW EXECUTE FUNCTION raise_version();
CREATE TRIGGER skus_raise_version BEFORE UPDATE ON skus FOR EACH ROW EXECUTE FUNCTION raise_version();
CREATE TRIGGER stock_raise_version BEFORE UPDATE ON stock FOR EACH ROW EXECUTE FUNCTION raise_version();
CREATE TRIGGER users_raise_version BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION raise_version();
CREATE TRIGGER orders_raise_version BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION raise_version();
