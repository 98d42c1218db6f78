"""Drafts and orders know no movement: general names, the process of a draft, states of an order."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("registry", "0008_quality_findings")]

    operations = [
        migrations.RemoveIndex("EnrolmentDraft", "draft_by_institution"),
        migrations.RenameModel("EnrolmentDraft", "Draft"),
        migrations.RenameModel("EnrolmentDraftRow", "DraftRow"),
        migrations.RenameModel("EnrolmentDraftChange", "DraftStep"),
        migrations.RenameField("Draft", "order_fields", "terms"),
        migrations.AddField("Draft", "process", models.TextField(default="enrol")),
    ]
