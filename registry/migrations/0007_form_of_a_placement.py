"""By which form a child learns is said of each place in a class, so that it may change from a day on.

The relation of both is made here, at its newest; where it stood before, it is replaced.
"""

from pathlib import Path

from django.db import migrations, models

HERE = Path(__file__).resolve().parents[1]

# As it was, so that nothing is lost; no act is open, and none is needed: nobody changes anything.
_AS_IT_WAS = """
    ALTER TABLE registry_classplacement DISABLE TRIGGER USER;
    UPDATE registry_classplacement p SET form = e.form
    FROM registry_enrolment e WHERE e.id = p.enrolment_id AND e.form <> p.form;
    ALTER TABLE registry_classplacement ENABLE TRIGGER USER;
"""


class Migration(migrations.Migration):
    dependencies = [("registry", "0006_tallies")]
    operations = [
        migrations.AddField(
            model_name="classplacement",
            name="form",
            field=models.TextField(default="FULL_TIME"),
        ),
        migrations.RunSQL(_AS_IT_WAS, migrations.RunSQL.noop),
        migrations.RunSQL((HERE / "enrolments/learning.sql").read_text(encoding="utf-8")),
        migrations.RunSQL((HERE / "groups/groups.sql").read_text(encoding="utf-8")),
        migrations.RemoveField(model_name="enrolment", name="form"),
        migrations.AddIndex(
            model_name="classplacement",
            index=models.Index(
                fields=["closed_by"],
                name="placement_closed_by",
                condition=models.Q(closed_by__isnull=False),
            ),
        ),
    ]
