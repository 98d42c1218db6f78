"""The tree as it stood on a day."""

from pathlib import Path

from django.db import migrations

HERE = Path(__file__).resolve().parents[1]


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]
    operations = [
        migrations.RunSQL((HERE / "tree.sql").read_text(encoding="utf-8")),
    ]
