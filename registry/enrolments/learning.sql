-- Who learns in which class when: standing placements of standing enrolments, as one relation.
-- A placement without a last day lasts as long as its enrolment.
CREATE OR REPLACE VIEW registry_learning AS
SELECT e.id AS enrolment_id, p.id AS placement_id, e.pupil_id, e.institution_id, e.kind, p.form,
       p.class_group_id, p.starts_on, least(p.ends_on, e.ends_on) AS ends_on
FROM registry_enrolment e
JOIN registry_classplacement p ON p.enrolment_id = e.id AND p.voided_by_id IS NULL
WHERE e.voided_by_id IS NULL;

-- Refuses placements that leave their enrolment's period, and classes of another institution.
CREATE OR REPLACE FUNCTION registry_check_placements(ids bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE wrong record;
BEGIN
    SELECT p.id, e.id AS enrolment_id, c.institution_id IS DISTINCT FROM e.institution_id AS foreign_class
    INTO wrong
    FROM registry_classplacement p
    JOIN registry_enrolment e ON e.id = p.enrolment_id
    JOIN registry_classgroup c ON c.id = p.class_group_id
    WHERE p.id = ANY(ids) AND p.voided_by_id IS NULL AND e.voided_by_id IS NULL
      AND (c.institution_id IS DISTINCT FROM e.institution_id
           OR p.starts_on < e.starts_on OR p.starts_on >= e.ends_on OR p.ends_on > e.ends_on)
    LIMIT 1;
    IF FOUND AND wrong.foreign_class THEN
        RAISE EXCEPTION 'placement % is in a class of another institution than enrolment %',
            wrong.id, wrong.enrolment_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'class_of_the_institution';
    ELSIF FOUND THEN
        RAISE EXCEPTION 'placement % leaves the period of enrolment %', wrong.id, wrong.enrolment_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'placement_within_enrolment';
    END IF;
END $$;

-- Shows on the rows of these pupils the standing main enrolment that covers the day, else the next
-- one to come, else none; returns how many rows changed. A row that agrees already is not written,
-- so it may be called twice. A nightly job (registry.tasks.turn_enrolments) calls it for those
-- whose period begins or ends that day.
CREATE OR REPLACE FUNCTION registry_mirror(ids uuid[], on_day date) RETURNS bigint LANGUAGE sql AS $$
    WITH changed AS (
        UPDATE registry_pupil p SET
            institution_id = e.institution_id, class_group_id = e.class_group_id,
            grade = e.grade, form = coalesce(e.form, ''), enrolled_on = e.starts_on
        FROM unnest(ids) AS child(id) LEFT JOIN LATERAL (
            SELECT r.institution_id, now.form, r.starts_on, c.id AS class_group_id, c.grade
            FROM registry_enrolment r
            LEFT JOIN LATERAL (
                SELECT x.class_group_id, x.form FROM registry_classplacement x
                WHERE x.enrolment_id = r.id AND x.voided_by_id IS NULL
                  AND (x.ends_on IS NULL OR x.ends_on > on_day)
                ORDER BY x.starts_on LIMIT 1
            ) now ON true
            LEFT JOIN registry_classgroup c ON c.id = now.class_group_id
            WHERE r.pupil_id = child.id AND r.kind = 'MAIN' AND r.voided_by_id IS NULL
              AND (r.ends_on IS NULL OR r.ends_on > on_day)
            ORDER BY r.starts_on LIMIT 1
        ) e ON true
        WHERE p.id = child.id
          AND (p.institution_id, p.class_group_id, p.grade, p.form, p.enrolled_on)
              IS DISTINCT FROM (e.institution_id, e.class_group_id, e.grade, coalesce(e.form, ''), e.starts_on)
        RETURNING 1
    )
    SELECT count(*) FROM changed
$$;
