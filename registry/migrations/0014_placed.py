"""Rows follow the nodes of the tree: registry/institutions/placed.sql."""

from pathlib import Path

from django.db import migrations

PLACED = Path(__file__).resolve().parents[1] / "institutions" / "placed.sql"


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0013_kinds_of_movement"),
        ("accounts", "0006_unit_placements"),
    ]
    operations = [migrations.RunSQL(PLACED.read_text(encoding="utf-8"))]
