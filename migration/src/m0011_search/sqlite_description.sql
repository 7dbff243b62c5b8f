(
    WITH RECURSIVE cut (text) AS (
        SELECT substr(products.description, 1, 10000)
        UNION ALL
        SELECT substr(text, 1, instr(text, '<') - 1) || ' ' || substr(text, instr(text, '<') + instr(substr(text, instr(text, '<')), '>'))
        FROM cut WHERE instr(substr(text, instr(text, '<')), '>') > 0 AND instr(text, '<') > 0
    )
    SELECT replace(text, '&nbsp;', ' ') FROM cut ORDER BY length(text) LIMIT 1
)
