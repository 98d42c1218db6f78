import django.contrib.postgres.fields
import django.db.models.deletion
import kernel.ids
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='FormEdition',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sha256', models.BinaryField(unique=True)),
                ('code', models.TextField()),
                ('version', models.SmallIntegerField()),
                ('text', models.TextField()),
            ],
        ),
        migrations.CreateModel(
            name='ReportCount',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('institution_id', models.IntegerField()),
                ('key', models.TextField()),
                ('counts', django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), size=None)),
            ],
        ),
        migrations.CreateModel(
            name='ReportInput',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('source', models.TextField()),
                ('institution_id', models.IntegerField()),
                ('keys', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None)),
                ('sizes', django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), size=None)),
                ('rows', models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name='ReportRun',
            fields=[
                ('state', models.TextField(default='QUEUED')),
                ('total', models.IntegerField(default=0)),
                ('done', models.IntegerField(default=0)),
                ('cursor', models.TextField(blank=True, default='')),
                ('tries', models.SmallIntegerField(default=0)),
                ('failure', models.TextField(blank=True, default='')),
                ('created_at', models.DateTimeField()),
                ('touched_at', models.DateTimeField()),
                ('finished_at', models.DateTimeField(null=True)),
                ('id', kernel.ids.Uuid7Field(db_default=kernel.ids.UuidV7(), editable=False, primary_key=True, serialize=False)),
                ('form', models.TextField()),
                ('as_of', models.DateField()),
                ('layout', models.JSONField(default=dict)),
            ],
        ),
        migrations.CreateModel(
            name='ReportSum',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('unit_id', models.IntegerField()),
                ('key', models.TextField()),
                ('counts', django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), size=None)),
            ],
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='formedition',
            trigger=pgtrigger.compiler.Trigger(name='history', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            PERFORM audit_keep('reports.formedition', coalesce(NEW.id, OLD.id)::text, '', '{}', to_jsonb(OLD), to_jsonb(NEW));\n            RETURN NULL;\n        ", hash='b8de2843b193fd171c9e56345187e7201da7acd1', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_history_37190', table='reports_formedition', when='AFTER')),
        ),
        migrations.AddField(
            model_name='reportrun',
            name='edition',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reports.formedition'),
        ),
        migrations.AddField(
            model_name='reportrun',
            name='requested_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.grant'),
        ),
        migrations.AddField(
            model_name='reportrun',
            name='unit',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.orgunit'),
        ),
        migrations.AddField(
            model_name='reportinput',
            name='run',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='inputs', to='reports.reportrun'),
        ),
        migrations.AddField(
            model_name='reportcount',
            name='run',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='counts', to='reports.reportrun'),
        ),
        migrations.AddField(
            model_name='reportsum',
            name='run',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='sums', to='reports.reportrun'),
        ),
        migrations.AddIndex(
            model_name='reportrun',
            index=models.Index(fields=['unit', '-created_at'], name='run_by_unit'),
        ),
        migrations.AddConstraint(
            model_name='reportrun',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['QUEUED', 'RUNNING', 'DONE', 'FAILED', 'CANCELLED'])), name='reportrun_state'),
        ),
        migrations.AddConstraint(
            model_name='reportrun',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ('QUEUED', 'RUNNING'))), fields=('form', 'unit', 'as_of'), name='one_run_under_way'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reportrun',
            trigger=pgtrigger.compiler.Trigger(name='history', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            PERFORM audit_keep('reports.reportrun', coalesce(NEW.id, OLD.id)::text, 'unit_id', '{}', to_jsonb(OLD), to_jsonb(NEW));\n            RETURN NULL;\n        ", hash='17c26f560d3fedeeb7fad6ebcbb57b5fd8e341f1', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_history_0b863', table='reports_reportrun', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='reportinput',
            constraint=models.UniqueConstraint(fields=('run', 'institution_id', 'source'), name='one_input'),
        ),
        migrations.AddConstraint(
            model_name='reportcount',
            constraint=models.UniqueConstraint(fields=('run', 'institution_id', 'key'), name='one_count'),
        ),
        migrations.AddConstraint(
            model_name='reportsum',
            constraint=models.UniqueConstraint(fields=('run', 'unit_id', 'key'), name='one_sum'),
        ),
    ]
