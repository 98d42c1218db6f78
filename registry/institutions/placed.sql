-- When nodes of the tree move, every row that carries level columns follows, one statement a table.
-- The catalogue says which tables those are: whatever has an institution and all four levels.
CREATE FUNCTION registry_replace_rows() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    moved integer[] := ARRAY(
        SELECT n.id FROM new_rows n JOIN old_rows o USING (id)
        WHERE (o.oblast_id, o.raion_id, o.hromada_id, o.district_id)
            IS DISTINCT FROM (n.oblast_id, n.raion_id, n.hromada_id, n.district_id));
    placed regclass;
BEGIN
    IF cardinality(moved) = 0 THEN RETURN NULL; END IF;
    PERFORM set_config('aikom.replacing', 'yes', true);
    FOR placed IN
        SELECT a.attrelid FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
        WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
          AND c.relnamespace = 'public'::regnamespace AND NOT a.attisdropped
          AND a.attname IN ('institution_id', 'oblast_id', 'raion_id', 'hromada_id', 'district_id')
        GROUP BY a.attrelid HAVING count(*) = 5 ORDER BY a.attrelid
    LOOP
        EXECUTE format(
            'UPDATE %s t SET oblast_id = u.oblast_id, raion_id = u.raion_id, '
            'hromada_id = u.hromada_id, district_id = u.district_id '
            'FROM accounts_orgunit u WHERE u.id = t.institution_id AND u.id = ANY($1)', placed)
        USING moved;
    END LOOP;
    PERFORM set_config('aikom.replacing', '', true);
    RETURN NULL;
END $$;
CREATE TRIGGER registry_replace_rows AFTER UPDATE ON accounts_orgunit
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION registry_replace_rows();
