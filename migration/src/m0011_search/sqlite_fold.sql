(
    -- In pieces of 200 characters: to reach a letter is to pass all before it. What is ASCII alone stays as it is.
    WITH RECURSIVE raw (text) AS MATERIALIZED (SELECT {raw}),
    starts (start) AS (SELECT 1 UNION ALL SELECT start + 200 FROM starts CROSS JOIN raw WHERE start + 200 <= length(text)),
    pieces (piece) AS MATERIALIZED (SELECT substr(text, start, 200) FROM starts CROSS JOIN raw),
    places (place) AS (SELECT 1 UNION ALL SELECT place + 1 FROM places WHERE place < 200)
    SELECT CASE WHEN length(text) < length(CAST(text AS BLOB)) THEN (
        SELECT group_concat(CASE WHEN length(piece) < length(CAST(piece AS BLOB)) AND piece GLOB '*[ßẞÆæŒœÞþØøŁłĐđİıςЀЁЃЇЌЍЎЙйѐёѓїќѝўآأؤإئ҃-҉֑-ֽֿׁ-ׂׄ-ׇׅؐ-ؚـً-ٰٟۖ-ۜ۟-۪ۨ-ۭ฀-໿က-႟ក-៿ぁ-ヺー-ヿ㐀-䶿一-鿿가-힯𠀀-𿿽！-～ｦ-ﾝ²³¹⁰⁴-⁹₀-₉¼-¾Ⅰ-Ⅿⅰ-ⅿﬀ-ﬆ™]*' THEN (
            SELECT group_concat(CASE
                WHEN letter < char(128) THEN letter
                WHEN letter GLOB '[฀-໿က-႟ក-៿ぁ-ヺー-ヿ㐀-䶿一-鿿가-힯𠀀-𿿽]' THEN ' ' || letter || ' '
                WHEN letter BETWEEN '！' AND '～' THEN char(unicode(letter) - 0xFEE0)
                WHEN letter BETWEEN 'ｦ' AND 'ﾝ' THEN ' ' || substr('ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン', unicode(letter) - 0xFF65, 1) || ' '
                WHEN letter IN ('ß', 'ẞ') THEN 'ss'
                WHEN letter IN ('Æ', 'æ') THEN 'ae'
                WHEN letter IN ('Œ', 'œ') THEN 'oe'
                WHEN letter IN ('Þ', 'þ') THEN 'th'
                WHEN letter = '™' THEN 'tm'
                WHEN letter BETWEEN 'ﬀ' AND 'ﬆ' THEN trim(substr('ff fi fl ffifflst st ', 3 * (unicode(letter) - 0xFB00) + 1, 3))
                WHEN letter BETWEEN 'Ⅰ' AND 'ⅿ' THEN trim(substr('i   ii  iii iv  v   vi  vii viiiix  x   xi  xii l   c   d   m   ', 4 * (unicode(letter) % 16) + 1, 4))
                WHEN letter GLOB '[²³¹⁰⁴-⁹₀-₉]' THEN substr('01234567890123456789', instr('⁰¹²³⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉', letter), 1)
                WHEN letter BETWEEN '¼' AND '¾' THEN substr('1 41 23 4', 3 * (unicode(letter) - 0xBC) + 1, 3)
                WHEN letter GLOB '[ØøŁłĐđİıςЀЁЃЇЌЍЎЙйѐёѓїќѝўآأؤإئ]' THEN substr('oollddiiσеегікиуииеегікиуااواي', instr('ØøŁłĐđİıςЀЁЃЇЌЍЎЙйѐёѓїќѝўآأؤإئ', letter), 1)
                WHEN letter GLOB '[҃-҉֑-ֽֿׁ-ׂׄ-ׇׅؐ-ؚـً-ٰٟۖ-ۜ۟-۪ۨ-ۭ]' THEN ''
                ELSE letter
            END, '')
            -- With a limit a letter is read once, not again for each comparison.
            FROM (SELECT substr(piece, place, 1) AS letter FROM places WHERE place <= length(piece) LIMIT 200)
        ) ELSE piece END, '')
        FROM pieces
    )
    ELSE text END
    FROM raw
)
