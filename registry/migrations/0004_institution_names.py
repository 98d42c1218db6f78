"""Names of institutions are searched by any part of them."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("registry", "0003_drafts_and_nameless_lists")]
    operations = [
        AddIndexConcurrently(
            "institution",
            GinIndex(
                fields=["short_name", "full_name"],
                name="inst_trgm",
                opclasses=["gin_trgm_ops", "gin_trgm_ops"],
            ),
        ),
    ]
