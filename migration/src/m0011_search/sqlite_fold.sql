(
    WITH RECURSIVE raw (text) AS MATERIALIZED (SELECT {raw}),
    letters (letter, rest) AS (
        SELECT substr(text, 1, 1), substr(text, 2) FROM raw
        UNION ALL
        SELECT substr(rest, 1, 1), substr(rest, 2) FROM letters WHERE rest <> ''
    )
    SELECT CASE WHEN text GLOB '*[ßẞÆæŒœÞþØøŁłĐđİıςЀЁЃЇЌЍЎЙйѐёѓїќѝўآأؤإئ҃-҉֑-ֽֿׁ-ׂׄ-ׇׅؐ-ؚـً-ٰٟۖ-ۜ۟-۪ۨ-ۭ฀-໿က-႟ក-៿ぁ-ヺー-ヿ㐀-䶿一-鿿가-힯𠀀-𿿽！-～]*' THEN (
        SELECT group_concat(CASE
            WHEN letter < char(128) THEN letter
            WHEN letter BETWEEN '！' AND '～' THEN char(unicode(letter) - 0xFEE0)
            WHEN letter IN ('ß', 'ẞ') THEN 'ss'
            WHEN letter IN ('Æ', 'æ') THEN 'ae'
            WHEN letter IN ('Œ', 'œ') THEN 'oe'
            WHEN letter IN ('Þ', 'þ') THEN 'th'
            WHEN letter GLOB '[ØøŁłĐđİıςЀЁЃЇЌЍЎЙйѐёѓїќѝўآأؤإئ]' THEN substr('oollddiiσеегікиуииеегікиуااواي', instr('ØøŁłĐđİıςЀЁЃЇЌЍЎЙйѐёѓїќѝўآأؤإئ', letter), 1)
            WHEN letter GLOB '[҃-҉֑-ֽֿׁ-ׂׄ-ׇׅؐ-ؚـً-ٰٟۖ-ۜ۟-۪ۨ-ۭ]' THEN ''
            WHEN letter GLOB '[฀-໿က-႟ក-៿ぁ-ヺー-ヿ㐀-䶿一-鿿가-힯𠀀-𿿽]' THEN ' ' || letter || ' '
            ELSE letter
        END, '')
        FROM letters
    )
    ELSE text END
    FROM raw
)
