DROP TRIGGER products_close_search;
DROP TRIGGER products_move_search;
DROP TRIGGER products_refresh_search;
DROP TRIGGER products_open_search;
DROP VIEW product_texts;
DROP TABLE search_words;
DROP TABLE product_words;
DROP TABLE product_search;
