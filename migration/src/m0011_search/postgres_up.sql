DO $$
BEGIN
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
EXCEPTION
    WHEN insufficient_privilege THEN
        RAISE EXCEPTION 'search needs the extension pg_trgm: have the owner of the database run CREATE EXTENSION pg_trgm';
    WHEN undefined_file THEN
        RAISE EXCEPTION 'search needs the extension pg_trgm: install Postgres''s contrib package';
END $$;

-- The words of a text, folded, with a space between them. A character of a script without spaces between words is a word.
CREATE FUNCTION search_fold(raw text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
    raw := normalize(raw, NFKD);
    raw := regexp_replace(
        raw,
        '[\u0300-\u036F\u0483-\u0489\u0591-\u05BD\u05BF\u05C1\u05C2\u05C4\u05C5\u05C7\u0610-\u061A\u0640\u064B-\u065F\u0670\u06D6-\u06DC\u06DF-\u06E8\u06EA-\u06ED]+',
        '', 'g'
    );
    raw := lower(raw COLLATE "und-x-icu");
    raw := replace(replace(replace(replace(raw, 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th');
    raw := normalize(translate(raw, 'øłđıς', 'oldiσ'), NFC);
    raw := regexp_replace(
        raw,
        '([\u0E00-\u0EFF\u1000-\u109F\u1780-\u17FF\u3041-\u30FA\u30FC-\u30FF\u3400-\u4DBF\u4E00-\u9FFF\uAC00-\uD7AF\U00020000-\U0003FFFF])',
        ' \1 ', 'g'
    );
    RETURN btrim(regexp_replace(
        raw COLLATE "und-x-icu",
        '[^[:alnum:]\u0900-\u0963\u0966-\u0DFF\u0E00-\u0EFF\u1000-\u109F\u1780-\u17FF]+',
        ' ', 'g'
    ));
END $$;

-- The words of a text at their places, all of one weight. Postgres's own parser is quick, and does for what is ASCII alone without marks
-- between letters or numbers that look like 1e5.
CREATE FUNCTION search_vector(raw text, weight "char") RETURNS tsvector LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
    IF octet_length(raw) = char_length(raw) AND raw !~ '[0-9][eE][0-9]' THEN
        raw := translate(raw, '!"#$%&''()*+,-./:;<=>?@[\]^_`{|}~', '                                ');
        RETURN setweight(to_tsvector('simple', raw), weight);
    END IF;
    RETURN (
        SELECT coalesce(string_agg(format('''%s'':%s%s', left(word, 64), least(place, 16383), weight), ' '), '')::tsvector
        FROM unnest(string_to_array(search_fold(raw), ' ')) WITH ORDINALITY AS words (word, place)
    );
END $$;

-- What a product is found by: its name, its tags, the first 10,000 characters of its description without HTML: its
-- tags are spaces, its entities the letters that they stand for, or spaces.
CREATE FUNCTION search_vector(name text, tags jsonb, description text) RETURNS tsvector LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    tag_words text := tags;
BEGIN
    IF position('\' IN tag_words) > 0 THEN
        tag_words := (SELECT string_agg(tag, ' ') FROM jsonb_array_elements_text(tags) AS tag);
    END IF;
    description := left(description, 10000);
    IF position('<' IN description) > 0 THEN
        description := regexp_replace(description, '<[^<>]*>', ' ', 'g');
    END IF;
    IF position('&' IN description) > 0 THEN
        description := replace(description, '&szlig;', 'ss');
        description := regexp_replace(description, '&([A-Za-z])(uml|acute|grave|circ|tilde|cedil|ring|caron|slash);', '\1', 'g');
        description := regexp_replace(description, '&([AaOo][Ee])lig;', '\1', 'g');
        description := regexp_replace(description, '&#?[A-Za-z0-9]{1,10};', ' ', 'g');
    END IF;
    RETURN search_vector(name, 'A') || search_vector(tag_words, 'B') || search_vector(description, 'C');
END $$;

-- Apart from the products, so that a change of a price or of the stock leaves it and its index alone.
CREATE TABLE product_search (
    product_id uuid PRIMARY KEY CONSTRAINT product_search_product_id_fkey REFERENCES products (id) ON DELETE CASCADE,
    words tsvector NOT NULL,
    -- That of the product: a search need not look up each product that it finds.
    status text NOT NULL
);

-- Every word that a product has had: whether one still has it is for `search_finds` to say. Nothing keeps a word from being here twice: a unique rule would make writers of the same new word wait
-- for each other, and deadlock.
CREATE TABLE search_words (word text COLLATE "C" NOT NULL);

INSERT INTO product_search (product_id, words, status) SELECT id, search_vector(name, tags, description), status FROM products;
INSERT INTO search_words (word)
SELECT DISTINCT lexeme FROM product_search CROSS JOIN unnest(tsvector_to_array(words)) AS lexeme WHERE length(lexeme) > 2;

-- A short list of what is not yet in the index: every search reads it through.
CREATE INDEX product_search_words_idx ON product_search USING gin (words) WITH (gin_pending_list_limit = 512);
CREATE INDEX search_words_word_idx ON search_words (word);
CREATE INDEX search_words_similar_idx ON search_words USING gist (word gist_trgm_ops);

-- Whether a product of this status, or of any, has what is asked for. No estimate tells how rare a word is that is not known beforehand, and
-- without the index a rare one is looked for in all products.
CREATE FUNCTION search_finds(query tsquery, of_status text) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE SET enable_seqscan = off AS $$
    SELECT EXISTS (SELECT FROM product_search WHERE words @@ query AND (of_status IS NULL OR status = of_status))
$$;

CREATE FUNCTION keep_search_words(words text[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO search_words (word)
    SELECT fresh.word FROM (SELECT DISTINCT word FROM unnest(words) AS word WHERE length(word) > 2) AS fresh
    WHERE NOT EXISTS (SELECT FROM search_words AS kept WHERE kept.word = fresh.word)
$$;

CREATE FUNCTION open_product_search() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    found text[];
BEGIN
    WITH written AS (
        INSERT INTO product_search (product_id, words, status)
        SELECT id, search_vector(name, tags, description), status FROM new_rows
        RETURNING words
    )
    SELECT array_agg(DISTINCT lexeme) INTO found FROM written CROSS JOIN unnest(tsvector_to_array(words)) AS lexeme;
    PERFORM keep_search_words(found);
    RETURN NULL;
END $$;

CREATE FUNCTION refresh_product_search() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    fresh tsvector := search_vector(NEW.name, NEW.tags, NEW.description);
BEGIN
    UPDATE product_search SET words = fresh WHERE product_id = NEW.id;
    PERFORM keep_search_words(tsvector_to_array(fresh));
    RETURN NULL;
END $$;

CREATE FUNCTION move_product_search() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE product_search SET status = NEW.status WHERE product_id = NEW.id;
    RETURN NULL;
END $$;

CREATE TRIGGER products_open_search AFTER INSERT ON products
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION open_product_search();
CREATE TRIGGER products_refresh_search AFTER UPDATE OF name, tags, description ON products FOR EACH ROW
    WHEN ((OLD.name, OLD.tags, OLD.description) IS DISTINCT FROM (NEW.name, NEW.tags, NEW.description))
    EXECUTE FUNCTION refresh_product_search();
CREATE TRIGGER products_move_search AFTER UPDATE OF status ON products FOR EACH ROW
    WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION move_product_search();
