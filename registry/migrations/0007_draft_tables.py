"""The table a draft began from is kept beside it, so that its columns can be said anew."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("registry", "0006_look_alikes")]

    operations = [
        migrations.RemoveField("draft", "waiting"),
        migrations.AddField(
            "draft", "waiting", models.BooleanField(default=False, db_default=False)
        ),
        migrations.AddField(
            "draft", "unread", models.TextField(blank=True, default="", db_default="")
        ),
        migrations.AddField("draftrow", "line", models.IntegerField(null=True)),
        migrations.CreateModel(
            "DraftTable",
            [
                (
                    "draft",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="table",
                        serialize=False,
                        to="registry.draft",
                    ),
                ),
                ("layout", models.JSONField()),
            ],
        ),
    ]
