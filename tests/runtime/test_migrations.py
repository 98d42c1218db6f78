"""`manage.py migrate` draws each model alone; what needs the others still finds them."""

from django.db import connection, migrations, models
from django.db.migrations.state import ProjectState

from kernel.audit.management.commands.migrate import drawn_alone


def test_an_altered_key_takes_along_the_keys_that_refer_to_it(db):
    migration = migrations.Migration("0001_initial", "trial")
    migration.operations = [
        migrations.CreateModel("School", [("id", models.AutoField(primary_key=True))]),
        migrations.CreateModel("Child", [("id", models.AutoField(primary_key=True))]),
        migrations.AddField("Child", "school", models.ForeignKey("trial.School", models.CASCADE)),
        migrations.AddField("School", "name", models.TextField(default="")),
        migrations.AddIndex("School", models.Index(fields=["name"], name="trial_by_name")),
        migrations.AlterField("School", "id", models.BigAutoField(primary_key=True)),
    ]
    state = ProjectState()
    assert not state.apps.get_models()  # drawn from the beginning, as `migrate` has it
    with drawn_alone(), connection.schema_editor() as editor:
        migration.apply(state, editor)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, data_type FROM information_schema.columns WHERE (table_name,"
            " column_name) IN (('trial_school', 'id'), ('trial_child', 'school_id')) ORDER BY 1"
        )
        assert cursor.fetchall() == [("trial_child", "bigint"), ("trial_school", "bigint")]
