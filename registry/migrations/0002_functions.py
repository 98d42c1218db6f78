"""Views, functions and triggers that no model can say, each beside what it is about."""

from pathlib import Path

from django.db import migrations

from registry.fields.primitives import FUNCTIONS, NO_FUNCTIONS

HERE = Path(__file__).resolve().parents[1]


class Migration(migrations.Migration):
    dependencies = [("registry", "0001_initial"), ("accounts", "0002_functions")]
    operations = [
        # What the packs of rules ask of a value: twins of registry/fields/primitives.py.
        migrations.RunSQL(FUNCTIONS, NO_FUNCTIONS),
        migrations.RunSQL((HERE / "classes/grades.sql").read_text(encoding="utf-8")),
        migrations.RunSQL((HERE / "classes/teachers.sql").read_text(encoding="utf-8")),
        migrations.RunSQL((HERE / "institutions/placed.sql").read_text(encoding="utf-8")),
    ]
