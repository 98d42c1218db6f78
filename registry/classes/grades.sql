-- A new grade of a class shows on its pupils' rows.
CREATE FUNCTION registry_regrade() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE registry_pupil SET grade = NEW.grade WHERE class_group_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER registry_regrade AFTER UPDATE OF grade ON registry_classgroup FOR EACH ROW
WHEN (OLD.grade IS DISTINCT FROM NEW.grade) EXECUTE FUNCTION registry_regrade();
