"""The kept rows of figures are stored as they are, not compressed."""

from django.db import migrations

from reports.models import INPUTS_AS_THEY_ARE


class Migration(migrations.Migration):
    dependencies = [("reports", "0001_initial"), ("accounts", "0002_functions")]
    operations = [migrations.RunSQL(INPUTS_AS_THEY_ARE, migrations.RunSQL.noop)]
