-- Refuses a class led by a post of another institution, or by one that ended before the class was
-- opened or began when it was closed. A class closed before its first day never was.
CREATE FUNCTION registry_check_teachers(ids int[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE wrong int;
BEGIN
    SELECT c.id INTO wrong
    FROM registry_classgroup c JOIN registry_post p ON p.id = c.teacher_id
    WHERE c.id = ANY(ids)
      AND (p.institution_id <> c.institution_id
           OR NOT daterange(c.opened_on, c.closed_on) && daterange(p.starts_on, p.ends_on)
              AND c.closed_on IS DISTINCT FROM c.opened_on)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'class % is led by no post of its institution and time', wrong
            USING ERRCODE = 'check_violation', CONSTRAINT = 'teacher_of_the_institution';
    END IF;
END $$;
