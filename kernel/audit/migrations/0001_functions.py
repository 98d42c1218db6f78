"""Extensions and functions that tables of every room rest on."""

from django.contrib.postgres.operations import BtreeGistExtension, TrigramExtension
from django.db import migrations

# Twin of kernel.text.sort_key: the Ukrainian order as bytes, the same on every build.
SORT_KEY = r"""
CREATE OR REPLACE FUNCTION uk_sort_key(s text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT translate(lower(s), 'абвгґдеєжзиіїйклмнопрстуфхцчшщьюяыэъё''`’ʼ‘′-‐‑–', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ[\]^_`abcde')
$$
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        BtreeGistExtension(),
        TrigramExtension(),
        migrations.RunSQL(SORT_KEY, "DROP FUNCTION uk_sort_key(text)"),
    ]
