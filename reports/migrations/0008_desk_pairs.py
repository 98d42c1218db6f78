from django.db import migrations, models

# Sums that were kept by every field alone: the same by none, by each and by each two.
COLUMNS = [f"d{place}" for place in range(1, 7)]
SETS = ["()", *(f"({one})" for one in COLUMNS)] + [
    f"({one}, {other})" for n, one in enumerate(COLUMNS) for other in COLUMNS[n + 1 :]
]
FILL = f"""
    INSERT INTO reports_desksum
        (slice_id, cube, level, split, oblast_id, raion_id, hromada_id, {", ".join(COLUMNS)},
         n, seal, amount)
    SELECT slice_id, cube, level, 63 - grouping({", ".join(reversed(COLUMNS))}),
           oblast_id, raion_id, hromada_id, {", ".join(COLUMNS)}, sum(n), sum(seal), sum(amount)
    FROM reports_desksum WHERE slice_id = %s AND cube = %s AND split = 63
    GROUP BY slice_id, cube, level, oblast_id, raion_id, hromada_id,
             GROUPING SETS ({", ".join(SETS)})
"""


def fill(apps, schema_editor):
    """Cube by cube of each day: a day of a country is a million sums."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("SET LOCAL work_mem = '256MB'")
        cursor.execute("SELECT DISTINCT slice_id, cube FROM reports_desksum")
        for one in cursor.fetchall():
            cursor.execute(FILL, one)


class Migration(migrations.Migration):

    dependencies = [
        ('reports', '0007_desk'),
    ]

    operations = [
        migrations.RemoveIndex(model_name='desksum', name='desk_sum_of_level'),
        migrations.AddField(
            model_name='desksum',
            name='split',
            field=models.SmallIntegerField(default=63),
            preserve_default=False,
        ),
        migrations.AddIndex(
            model_name='desksum',
            index=models.Index(fields=['slice', 'cube', 'level', 'split', 'oblast_id'], name='desk_sum_of_oblast'),
        ),
        migrations.AddIndex(
            model_name='desksum',
            index=models.Index(condition=models.Q(('raion_id__isnull', False)), fields=['slice', 'cube', 'level', 'split', 'raion_id'], name='desk_sum_of_raion'),
        ),
        migrations.AddIndex(
            model_name='desksum',
            index=models.Index(condition=models.Q(('hromada_id__isnull', False)), fields=['slice', 'cube', 'hromada_id', 'split'], name='desk_sum_of_hromada'),
        ),
        # Last: a table with rows whose keys are not checked yet gets no index.
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
