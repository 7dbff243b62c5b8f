(
    -- Cut at each `<` and then at each `&`, by making a JSON list of what is between.
    WITH plain (text) AS (
        SELECT group_concat(CASE WHEN key = 0 THEN value ELSE ' ' || substr(value, instr(value, '>') + 1) END, '')
        FROM json_each('[' || replace(json_quote(substr(products.description, 1, 10000)), '<', '","') || ']')
    ),
    pieces (place, text, name) AS (
        SELECT key, value, substr(value, 1, max(instr(substr(value, 1, 12), ';') - 1, 0))
        FROM plain CROSS JOIN json_each('[' || replace(json_quote(text), '&', '","') || ']')
    )
    SELECT group_concat(CASE
        WHEN place = 0 THEN text
        WHEN name = '' OR name GLOB '*[^#A-Za-z0-9]*' THEN ' ' || text
        WHEN name = 'szlig' THEN 'ss' || substr(text, 7)
        WHEN substr(name, 2) IN ('uml', 'acute', 'grave', 'circ', 'tilde', 'cedil', 'ring', 'caron', 'slash') THEN substr(name, 1, 1) || substr(text, length(name) + 2)
        WHEN substr(name, 2) IN ('Elig', 'elig') THEN substr(name, 1, 2) || substr(text, length(name) + 2)
        ELSE ' ' || substr(text, length(name) + 2)
    END, '')
    FROM pieces
)
