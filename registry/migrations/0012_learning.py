"""The view and the functions of enrolments: registry/enrolments/learning.sql."""

from pathlib import Path

from django.db import migrations

LEARNING = Path(__file__).resolve().parents[1] / "enrolments" / "learning.sql"


class Migration(migrations.Migration):
    dependencies = [("registry", "0011_class_placements")]
    operations = [
        migrations.RunSQL(
            f"DROP FUNCTION registry_mirror_enrolment(uuid);{LEARNING.read_text(encoding='utf-8')}"
        ),
    ]
