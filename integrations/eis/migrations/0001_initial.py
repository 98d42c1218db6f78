import django.contrib.postgres.fields
import django.db.models.deletion
import kernel.audit.triggers
import kernel.ids
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

from kernel.audit.partitions import CreatePartitioned


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('audit', '0002_tables'),
        ('accounts', '0001_initial'),
        ('registry', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='EisSystem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uid', models.UUIDField(db_default=kernel.ids.UuidV7(), editable=False, unique=True)),
                ('name', models.TextField(unique=True)),
                ('state', models.TextField(choices=[('DRAFT', 'Чернетка заявки'), ('SUBMITTED', 'Заявку подано'), ('TESTING', 'Тестування'), ('CONCLUSION_NEGATIVE', 'Негативний висновок'), ('AWAITING_KSZI', 'Протестовано, очікує атестат КСЗІ'), ('JOIN_APPLIED', 'Заява про приєднання до договору'), ('CONTRACTED', 'Договір укладено'), ('CONNECTED', 'Підключено'), ('RETEST_PENDING', 'Підключено, повторне тестування'), ('SUSPENDED', 'Доступ зупинено'), ('DISCONNECTED', 'Відключено')], default='DRAFT')),
                ('state_since', models.DateField()),
                ('state_ground', models.TextField(blank=True, default='')),
                ('kszi_number', models.TextField(blank=True, default='')),
                ('kszi_valid_to', models.DateField(null=True)),
                ('site', models.TextField(blank=True, default='')),
                ('writes', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), blank=True, default=list, size=None)),
            ],
        ),
        migrations.CreateModel(
            name='Operator',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uid', models.UUIDField(db_default=kernel.ids.UuidV7(), editable=False, unique=True)),
                ('name', models.TextField(unique=True)),
                ('code', models.CharField(blank=True, default='', max_length=10)),
                ('email', models.EmailField(blank=True, default='', max_length=254)),
            ],
        ),
        migrations.CreateModel(
            name='SchoolKey',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('datasets', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None)),
                ('valid_from', models.DateField()),
                ('valid_to', models.DateField()),
                ('secret_sha256', models.BinaryField(max_length=32, unique=True)),
                ('hint', models.CharField(max_length=4)),
                ('created_at', models.DateTimeField()),
                ('revoked_at', models.DateTimeField(null=True)),
                ('revoke_reason', models.TextField(blank=True, default='')),
            ],
        ),
        CreatePartitioned(
            name='LedgerEntry',
            key=('id', 'at'),
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('key_id', models.UUIDField()),
                ('system_id', models.BigIntegerField()),
                ('institution_id', models.IntegerField()),
                ('dataset', models.TextField()),
                ('method', models.CharField(max_length=8)),
                ('path', models.TextField()),
                ('status', models.SmallIntegerField()),
                ('rows', models.IntegerField()),
                ('request_id', models.TextField(blank=True, default='')),
            ],
            options={
                'db_table': 'eis_ledger',
                'indexes': [models.Index(fields=['institution_id', '-id'], name='ledger_by_institution'), models.Index(fields=['system_id', '-id'], name='ledger_by_system'), models.Index(fields=['key_id', '-id'], name='ledger_by_key')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='ledgerentry',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=kernel.audit.triggers.Installed(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='8a8a7b7287e79c95ce785583497bff60a6003579', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_1b8e7', table='eis_ledger', when='BEFORE')),
        ),
        migrations.AddField(
            model_name='eissystem',
            name='operator',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='systems', to='eis.operator'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='operator',
            trigger=pgtrigger.compiler.Trigger(name='history_insert', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'eis.operator', n.id::text, 'I', NULL, NULL, NULL\n            FROM audit_open_act() a, new_rows n;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM new_rows n) THEN\n                RAISE EXCEPTION 'No act is open: change eis.operator through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='f73dbf58ecdec8b266d7545db3a0a9fe1d603381', level='STATEMENT', operation='INSERT', pgid='pgtrigger_history_insert_474cf', referencing='REFERENCING NEW TABLE AS new_rows ', table='eis_operator', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='operator',
            trigger=pgtrigger.compiler.Trigger(name='history_update', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'eis.operator', n.id::text, 'U', NULL, NULL, to_jsonb(o)\n            FROM audit_open_act() a, old_rows o FULL JOIN new_rows n ON n.id = o.id, LATERAL (SELECT o IS DISTINCT FROM n AS own) x WHERE x.own;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM old_rows o FULL JOIN new_rows n ON n.id = o.id, LATERAL (SELECT o IS DISTINCT FROM n AS own) x WHERE x.own) THEN\n                RAISE EXCEPTION 'No act is open: change eis.operator through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='e07b97fade664073103900cbbe08767afb861889', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_history_update_7f5d8', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='eis_operator', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='operator',
            trigger=pgtrigger.compiler.Trigger(name='history_delete', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'eis.operator', o.id::text, 'D', NULL, NULL, to_jsonb(o)\n            FROM audit_open_act() a, old_rows o;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM old_rows o) THEN\n                RAISE EXCEPTION 'No act is open: change eis.operator through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='0d593b2bd1a7a1f586b7a2e5182de6e6764f210d', level='STATEMENT', operation='DELETE', pgid='pgtrigger_history_delete_46810', referencing='REFERENCING OLD TABLE AS old_rows ', table='eis_operator', when='AFTER')),
        ),
        migrations.AddField(
            model_name='schoolkey',
            name='granted_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.grant'),
        ),
        migrations.AddField(
            model_name='schoolkey',
            name='institution',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='eis_keys', to='registry.institution'),
        ),
        migrations.AddField(
            model_name='schoolkey',
            name='revoked_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.grant'),
        ),
        migrations.AddField(
            model_name='schoolkey',
            name='system',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='keys', to='eis.eissystem'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='eissystem',
            trigger=pgtrigger.compiler.Trigger(name='history_insert', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'eis.eissystem', n.id::text, 'I', NULL, NULL, NULL\n            FROM audit_open_act() a, new_rows n;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM new_rows n) THEN\n                RAISE EXCEPTION 'No act is open: change eis.eissystem through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='21e643b0d596db8c8ee1b0225f0ee55206e93a12', level='STATEMENT', operation='INSERT', pgid='pgtrigger_history_insert_9ac71', referencing='REFERENCING NEW TABLE AS new_rows ', table='eis_eissystem', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='eissystem',
            trigger=pgtrigger.compiler.Trigger(name='history_update', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'eis.eissystem', n.id::text, 'U', NULL, NULL, to_jsonb(o)\n            FROM audit_open_act() a, old_rows o FULL JOIN new_rows n ON n.id = o.id, LATERAL (SELECT o IS DISTINCT FROM n AS own) x WHERE x.own;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM old_rows o FULL JOIN new_rows n ON n.id = o.id, LATERAL (SELECT o IS DISTINCT FROM n AS own) x WHERE x.own) THEN\n                RAISE EXCEPTION 'No act is open: change eis.eissystem through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='68773ee9ecd609cb74bc70756d31eedf48cc3495', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_history_update_3dc7e', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='eis_eissystem', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='eissystem',
            trigger=pgtrigger.compiler.Trigger(name='history_delete', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'eis.eissystem', o.id::text, 'D', NULL, NULL, to_jsonb(o)\n            FROM audit_open_act() a, old_rows o;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM old_rows o) THEN\n                RAISE EXCEPTION 'No act is open: change eis.eissystem through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='7e281bda8ca70fbe7caa5f2205ba17fb38a55cea', level='STATEMENT', operation='DELETE', pgid='pgtrigger_history_delete_deb15', referencing='REFERENCING OLD TABLE AS old_rows ', table='eis_eissystem', when='AFTER')),
        ),
        migrations.AddIndex(
            model_name='schoolkey',
            index=models.Index(fields=['institution', '-created_at'], name='key_by_institution'),
        ),
        migrations.AddConstraint(
            model_name='schoolkey',
            constraint=models.CheckConstraint(condition=models.Q(('valid_to__gt', models.F('valid_from'))), name='key_period'),
        ),
        migrations.AddConstraint(
            model_name='schoolkey',
            constraint=models.CheckConstraint(condition=models.Q(('datasets__len__gt', 0)), name='key_opens_something'),
        ),
        migrations.AddConstraint(
            model_name='schoolkey',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('revoked_at', None), ('revoked_by', None)), ('revoked_at__isnull', False), _connector='OR'), name='key_revoked_pair'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='schoolkey',
            trigger=pgtrigger.compiler.Trigger(name='history_insert', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'eis.schoolkey', n.id::text, 'I', NULL, n.institution_id, NULL\n            FROM audit_open_act() a, new_rows n;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM new_rows n) THEN\n                RAISE EXCEPTION 'No act is open: change eis.schoolkey through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='e4714b717a55996a2ea40a664f2b6f49e0284b58', level='STATEMENT', operation='INSERT', pgid='pgtrigger_history_insert_31f24', referencing='REFERENCING NEW TABLE AS new_rows ', table='eis_schoolkey', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='schoolkey',
            trigger=pgtrigger.compiler.Trigger(name='history_update', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'eis.schoolkey', n.id::text, 'U', o.institution_id, n.institution_id, to_jsonb(o)\n            FROM audit_open_act() a, old_rows o FULL JOIN new_rows n ON n.id = o.id, LATERAL (SELECT o IS DISTINCT FROM n AS own) x WHERE x.own;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM old_rows o FULL JOIN new_rows n ON n.id = o.id, LATERAL (SELECT o IS DISTINCT FROM n AS own) x WHERE x.own) THEN\n                RAISE EXCEPTION 'No act is open: change eis.schoolkey through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='15feba11d6314007d2ef7910ed759f97ae11aca7', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_history_update_62128', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='eis_schoolkey', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='schoolkey',
            trigger=pgtrigger.compiler.Trigger(name='history_delete', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'eis.schoolkey', o.id::text, 'D', o.institution_id, NULL, to_jsonb(o)\n            FROM audit_open_act() a, old_rows o;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM old_rows o) THEN\n                RAISE EXCEPTION 'No act is open: change eis.schoolkey through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='59171c62b4f54c51169e4669b60de3068c74833a', level='STATEMENT', operation='DELETE', pgid='pgtrigger_history_delete_640ef', referencing='REFERENCING OLD TABLE AS old_rows ', table='eis_schoolkey', when='AFTER')),
        ),
    ]
