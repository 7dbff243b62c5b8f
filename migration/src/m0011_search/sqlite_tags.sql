(SELECT coalesce(group_concat(value, ' '), '') FROM json_each(products.tags))
