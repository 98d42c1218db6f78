"""What the packs of rules ask of a value, for the database: twins of registry/fields/primitives.py."""

from django.db import migrations

from registry.fields.primitives import FUNCTIONS, NO_FUNCTIONS


class Migration(migrations.Migration):
    dependencies = [("registry", "0005_staged_uploads")]
    operations = [migrations.RunSQL(FUNCTIONS, NO_FUNCTIONS)]
