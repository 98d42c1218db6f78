import django.contrib.postgres.fields
import django.db.models.deletion
import kernel.audit.triggers
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
            trigger=pgtrigger.compiler.Trigger(name='history_insert', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'reports.formedition', n.id::text, 'I', NULL, NULL, NULL\n            FROM audit_open_act() a, new_rows n;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM new_rows n) THEN\n                RAISE EXCEPTION 'No act is open: change reports.formedition through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='f9c8cd165ce9bf5bd8753c45d4e83d60854b8f86', level='STATEMENT', operation='INSERT', pgid='pgtrigger_history_insert_4da4b', referencing='REFERENCING NEW TABLE AS new_rows ', table='reports_formedition', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='formedition',
            trigger=pgtrigger.compiler.Trigger(name='history_update', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'reports.formedition', n.id::text, 'U', NULL, NULL, to_jsonb(o)\n            FROM audit_open_act() a, old_rows o FULL JOIN new_rows n ON n.id = o.id, LATERAL (SELECT o IS DISTINCT FROM n AS own) x WHERE x.own;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM old_rows o FULL JOIN new_rows n ON n.id = o.id, LATERAL (SELECT o IS DISTINCT FROM n AS own) x WHERE x.own) THEN\n                RAISE EXCEPTION 'No act is open: change reports.formedition through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='cdd77b913a5bd5f6da789ca06ea36db473d03393', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_history_update_4301f', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='reports_formedition', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='formedition',
            trigger=pgtrigger.compiler.Trigger(name='history_delete', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'reports.formedition', o.id::text, 'D', NULL, NULL, to_jsonb(o)\n            FROM audit_open_act() a, old_rows o;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM old_rows o) THEN\n                RAISE EXCEPTION 'No act is open: change reports.formedition through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='7bcc864776b9de1cb7e89d6288098b3f56d30ca0', level='STATEMENT', operation='DELETE', pgid='pgtrigger_history_delete_dab5d', referencing='REFERENCING OLD TABLE AS old_rows ', table='reports_formedition', when='AFTER')),
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
            trigger=pgtrigger.compiler.Trigger(name='history_insert', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'reports.reportrun', n.id::text, 'I', NULL, n.unit_id, NULL\n            FROM audit_open_act() a, new_rows n;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM new_rows n) THEN\n                RAISE EXCEPTION 'No act is open: change reports.reportrun through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='5174b44f662d4ba296b185c385c237e2b3e402f5', level='STATEMENT', operation='INSERT', pgid='pgtrigger_history_insert_5f140', referencing='REFERENCING NEW TABLE AS new_rows ', table='reports_reportrun', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reportrun',
            trigger=pgtrigger.compiler.Trigger(name='history_update', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'reports.reportrun', n.id::text, 'U', o.unit_id, n.unit_id, to_jsonb(o)\n            FROM audit_open_act() a, old_rows o FULL JOIN new_rows n ON n.id = o.id, LATERAL (SELECT o IS DISTINCT FROM n AS own) x WHERE x.own;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM old_rows o FULL JOIN new_rows n ON n.id = o.id, LATERAL (SELECT o IS DISTINCT FROM n AS own) x WHERE x.own) THEN\n                RAISE EXCEPTION 'No act is open: change reports.reportrun through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='644902f8846aeaa0b2126f9112e7c8f25df0c40d', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_history_update_3eaa6', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='reports_reportrun', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reportrun',
            trigger=pgtrigger.compiler.Trigger(name='history_delete', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'reports.reportrun', o.id::text, 'D', o.unit_id, NULL, to_jsonb(o)\n            FROM audit_open_act() a, old_rows o;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM old_rows o) THEN\n                RAISE EXCEPTION 'No act is open: change reports.reportrun through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='f08dfbf021fda64dfd6a7cc8c13c4bb633c79b9b', level='STATEMENT', operation='DELETE', pgid='pgtrigger_history_delete_b2212', referencing='REFERENCING OLD TABLE AS old_rows ', table='reports_reportrun', when='AFTER')),
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
