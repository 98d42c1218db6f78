-- Who learns in which group when: a member is there no longer than the class, the enrolment and
-- the group stand.
CREATE OR REPLACE VIEW registry_group_learning AS
SELECT m.id AS group_placement_id, m.group_id, l.placement_id, l.pupil_id, l.class_group_id,
       greatest(m.starts_on, l.starts_on) AS starts_on,
       least(m.ends_on, l.ends_on, g.closed_on) AS ends_on
FROM registry_groupplacement m
JOIN registry_studygroup g ON g.id = m.group_id
JOIN registry_learning l ON l.placement_id = m.placement_id
WHERE NOT m.is_void
  AND greatest(m.starts_on, l.starts_on)
      < coalesce(least(m.ends_on, l.ends_on, g.closed_on), 'infinity');

-- Refuses, when a place in a group is written, one that leaves the place in the class or the group,
-- one in a group of other classes, and one of another subject than its group's.
CREATE OR REPLACE FUNCTION registry_check_groups(ids bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE wrong record;
BEGIN
    SELECT m.id, m.subject <> g.subject OR c.id IS NULL AS foreign_group INTO wrong
    FROM registry_groupplacement m
    JOIN registry_studygroup g ON g.id = m.group_id
    JOIN registry_classplacement p ON p.id = m.placement_id
    JOIN registry_enrolment e ON e.id = p.enrolment_id
    LEFT JOIN registry_groupclass c ON c.group_id = g.id AND c.class_group_id = p.class_group_id
    WHERE m.id = ANY(ids) AND NOT m.is_void
      AND (m.subject <> g.subject OR c.id IS NULL
           OR p.voided_by_id IS NOT NULL OR e.voided_by_id IS NOT NULL
           OR m.starts_on < greatest(p.starts_on, g.opened_on)
           OR m.starts_on >= least(p.ends_on, e.ends_on, g.closed_on)
           OR m.ends_on > least(p.ends_on, e.ends_on, g.closed_on))
    LIMIT 1;
    IF FOUND AND wrong.foreign_group THEN
        RAISE EXCEPTION 'place % is in a group of other classes or of another subject', wrong.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'group_of_the_class';
    ELSIF FOUND THEN
        RAISE EXCEPTION 'place % in a group leaves the place in the class or the group', wrong.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'group_within_the_class';
    END IF;
END $$;
