-- The tree as it stood on a day.
CREATE FUNCTION accounts_unit_on(on_day date)
RETURNS TABLE (id integer, path text, oblast_id integer, raion_id integer, hromada_id integer,
               district_id integer) LANGUAGE sql STABLE AS $$
    SELECT u.id, coalesce(p.path, u.path),
           CASE WHEN p.unit_id IS NULL THEN u.oblast_id ELSE p.oblast_id END,
           CASE WHEN p.unit_id IS NULL THEN u.raion_id ELSE p.raion_id END,
           CASE WHEN p.unit_id IS NULL THEN u.hromada_id ELSE p.hromada_id END,
           CASE WHEN p.unit_id IS NULL THEN u.district_id ELSE p.district_id END
    FROM accounts_orgunit u
    LEFT JOIN accounts_unitplacement p ON p.unit_id = u.id
        AND (p.valid_from IS NULL OR p.valid_from <= on_day) AND p.valid_to > on_day
$$;
