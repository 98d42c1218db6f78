"""The functions behind the mirror of enrolments and the re-placement of rows."""

from django.db import migrations

# The main enrolment that covers today, else the next one to come, else none. A nightly job
# (registry.tasks.turn_enrolments) calls it for those whose period begins or ends that day.
MIRROR = """
CREATE FUNCTION registry_mirror_enrolment(child uuid) RETURNS void LANGUAGE sql AS $$
    UPDATE registry_pupil p SET
        institution_id = e.institution_id, class_group_id = e.class_group_id,
        grade = e.grade, form = coalesce(e.form, ''), enrolled_on = e.starts_on
    FROM (SELECT 1) one LEFT JOIN LATERAL (
        SELECT r.institution_id, r.class_group_id, c.grade, r.form, r.starts_on
        FROM registry_enrolment r JOIN registry_classgroup c ON c.id = r.class_group_id
        WHERE r.pupil_id = child AND r.kind = 'MAIN' AND (r.ends_on IS NULL OR r.ends_on > aikom_today())
        ORDER BY r.starts_on LIMIT 1
    ) e ON true
    WHERE p.id = child
      AND (p.institution_id, p.class_group_id, p.grade, p.form, p.enrolled_on)
          IS DISTINCT FROM (e.institution_id, e.class_group_id, e.grade, coalesce(e.form, ''), e.starts_on)
$$
"""

# When an authority's node moves in the tree, the rows of the institutions below follow.
REPLACE = """
CREATE FUNCTION registry_replace_rows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('aikom.replacing', 'yes', true);
    UPDATE registry_institution SET oblast_id = oblast_id WHERE institution_id = NEW.id;
    UPDATE registry_pupil SET oblast_id = oblast_id WHERE institution_id = NEW.id;
    UPDATE registry_staffmember SET oblast_id = oblast_id WHERE institution_id = NEW.id;
    PERFORM set_config('aikom.replacing', '', true);
    RETURN NULL;
END $$;
CREATE TRIGGER registry_replace_rows AFTER UPDATE ON accounts_orgunit FOR EACH ROW
WHEN ((OLD.oblast_id, OLD.raion_id, OLD.hromada_id, OLD.district_id)
      IS DISTINCT FROM (NEW.oblast_id, NEW.raion_id, NEW.hromada_id, NEW.district_id))
EXECUTE FUNCTION registry_replace_rows();
"""

# A new letter, grade or year of a class shows on its pupils' rows.
REGRADE = """
CREATE FUNCTION registry_regrade() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE registry_pupil SET grade = NEW.grade WHERE class_group_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER registry_regrade AFTER UPDATE OF grade ON registry_classgroup FOR EACH ROW
WHEN (OLD.grade IS DISTINCT FROM NEW.grade) EXECUTE FUNCTION registry_regrade();
"""


class Migration(migrations.Migration):
    dependencies = [("registry", "0001_initial")]
    operations = [
        migrations.RunSQL(MIRROR, "DROP FUNCTION registry_mirror_enrolment(uuid)"),
        migrations.RunSQL(REPLACE, "DROP FUNCTION registry_replace_rows() CASCADE"),
        migrations.RunSQL(REGRADE, "DROP FUNCTION registry_regrade() CASCADE"),
    ]
