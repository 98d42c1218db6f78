-- What tables of every room rest on: the day of the act, the log's partitions, history.
-- Run by kernel/audit/migrations/0001_functions.py, before the tables they read; every statement can
-- be run again.
SET LOCAL check_function_bodies = off;

-- Twin of kernel.text.sort_key: the Ukrainian order as bytes, the same on every build.
CREATE OR REPLACE FUNCTION uk_sort_key(s text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT translate(lower(s), 'абвгґдеєжзиіїйклмнопрстуфхцчшщьюяыэъё''`´’‘ʼʹʻʽˈ′＇-‐‑‒–—―−', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ[\]^_`abcde')
$$;

-- Twin of kernel.text.alike: what looks the same is one; the last characters of the first line are left
-- out.
CREATE OR REPLACE FUNCTION uk_alike(s text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT translate(s,
        E'abcehikmoptxyïABCEHIKMOPTXYÏабвгґдеєжзиіїйклмнопрстуфхцчшщьюяыэъёdfgjlnqrsuvwzО‐‑‒–—―−''`´’‘ʼʹʻʽˈ′＇\u0020\u0009\u000a\u000d\u00a0\u2007\u2009\u202f',
        E'АВСЕНІКМ0РТХУЇАВСЕНІКМ0РТХУЇАБВГҐДЕЄЖЗИІЇЙКЛМН0ПРСТУФХЦЧШЩЬЮЯЫЭЪЁDFGJLNQRSUVWZ0-------')
$$;

-- The legal day of the act under way. The session's current_date is of UTC: after midnight in Kyiv
-- it is yesterday's for two or three hours.
CREATE OR REPLACE FUNCTION aikom_today() RETURNS date LANGUAGE plpgsql STABLE AS $$
DECLARE said text := current_setting('aikom.today', true);
BEGIN
    IF said IS NULL OR said = '' THEN
        RAISE EXCEPTION 'No act is open: the day is not known'
            USING HINT = 'kernel.db.command tells it; reads take the day as a parameter';
    END IF;
    RETURN said::date;
END $$;

-- The act that answers for what this transaction changes; none when none is open. An id of another
-- transaction's act, however old or true, opens nothing.
CREATE OR REPLACE FUNCTION audit_open_act() RETURNS TABLE (id bigint, at timestamptz)
LANGUAGE sql STABLE AS $$
    SELECT a.id, a.at FROM audit_act a
    WHERE a.id = nullif(current_setting('aikom.act', true), '')::bigint AND a.xid = pg_current_xact_id()
$$;

-- An event, too, belongs to an act of its own transaction.
CREATE OR REPLACE FUNCTION audit_event_of_the_act() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM audit_act a WHERE a.id = NEW.act_id AND a.at = NEW.at
                   AND a.xid = pg_current_xact_id()) THEN
        RAISE EXCEPTION 'Act % is not of this transaction', NEW.act_id;
    END IF;
    RETURN NEW;
END $$;

-- Make the months to come of every table that is partitioned by range of its column "at". What came
-- when a month had no partition lies in the default one and moves to its own here. Runs as the
-- owner, for the application itself may not make tables.
CREATE OR REPLACE FUNCTION audit_make_partitions(ahead integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    parent record; month date; part text; spare text; made integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('audit.partitions', 0));
    FOR parent IN
        SELECT c.oid, c.relname::text AS name FROM pg_partitioned_table p
        JOIN pg_class c ON c.oid = p.partrelid
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = p.partattrs[0] AND a.attname = 'at'
        WHERE p.partstrat = 'r' AND c.relnamespace = 'public'::regnamespace ORDER BY 2
    LOOP
        spare := parent.name || '_rest';
        IF to_regclass(spare) IS NULL THEN
            EXECUTE format('CREATE TABLE %I PARTITION OF %I DEFAULT', spare, parent.name);
        END IF;
        FOR month IN
            SELECT DISTINCT m FROM (
                SELECT (date_trunc('month', now()) + make_interval(months => n))::date AS m
                FROM generate_series(0, ahead) AS n
            ) ahead_of_us
            WHERE to_regclass(parent.name || to_char(m, '_YYYYMM')) IS NULL ORDER BY m
        LOOP
            part := parent.name || to_char(month, '_YYYYMM');
            EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', part, parent.name);
            EXECUTE format('LOCK TABLE %I', spare);
            EXECUTE format('INSERT INTO %I OVERRIDING SYSTEM VALUE SELECT * FROM %I WHERE at >= $1 AND at < $2', part, spare)
                USING month::timestamptz, (month + interval '1 month')::timestamptz;
            EXECUTE format('ALTER TABLE %I DISABLE TRIGGER USER', spare);
            EXECUTE format('DELETE FROM %I WHERE at >= $1 AND at < $2', spare)
                USING month::timestamptz, (month + interval '1 month')::timestamptz;
            EXECUTE format('ALTER TABLE %I ENABLE TRIGGER USER', spare);
            EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                           parent.name, part, month::timestamptz, (month + interval '1 month')::timestamptz);
            made := made + 1;
        END LOOP;
    END LOOP;
    RETURN made;
END $$;
