-- The number of a product in the index of words, which goes by numbers.
CREATE TABLE product_search (
    id INTEGER PRIMARY KEY,
    product_id uuid_text NOT NULL UNIQUE REFERENCES products (id) ON DELETE CASCADE,
    -- That of the product: a search need not look up each product that it finds.
    status TEXT NOT NULL
);

-- It keeps no texts: those are in `products`.
CREATE VIRTUAL TABLE product_words USING fts5 (
    name, tags, description, content = '', contentless_delete = 1, tokenize = "unicode61 remove_diacritics 2"
);

-- Every word that a product has.
CREATE VIRTUAL TABLE search_words USING fts5vocab (product_words, row);

-- What a product is found by: its name, its tags, the first 10,000 characters of its description without HTML tags.
CREATE VIEW product_texts (id, product_id, name, tags, description) AS
SELECT product_search.id, product_search.product_id, {name}, {tags}, {description}
FROM product_search JOIN products ON products.id = product_search.product_id;

INSERT INTO product_search (product_id, status) SELECT id, status FROM products;
INSERT INTO product_words (rowid, name, tags, description)
SELECT id, name, tags, description FROM product_texts;

CREATE TRIGGER products_open_search AFTER INSERT ON products FOR EACH ROW BEGIN
    INSERT INTO product_search (product_id, status) VALUES (NEW.id, NEW.status);
    INSERT INTO product_words (rowid, name, tags, description)
    SELECT id, name, tags, description FROM product_texts WHERE product_id = NEW.id;
END;

CREATE TRIGGER products_refresh_search AFTER UPDATE OF name, tags, description ON products FOR EACH ROW
WHEN (OLD.name, OLD.tags, OLD.description) IS NOT (NEW.name, NEW.tags, NEW.description) BEGIN
    DELETE FROM product_words WHERE rowid = (SELECT id FROM product_search WHERE product_id = NEW.id);
    INSERT INTO product_words (rowid, name, tags, description)
    SELECT id, name, tags, description FROM product_texts WHERE product_id = NEW.id;
END;

CREATE TRIGGER products_move_search AFTER UPDATE OF status ON products FOR EACH ROW
WHEN OLD.status IS NOT NEW.status BEGIN
    UPDATE product_search SET status = NEW.status WHERE product_id = NEW.id;
END;

CREATE TRIGGER products_close_search BEFORE DELETE ON products FOR EACH ROW BEGIN
    DELETE FROM product_words WHERE rowid = (SELECT id FROM product_search WHERE product_id = OLD.id);
END;
