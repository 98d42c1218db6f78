import django.contrib.postgres.fields
import django.db.models.deletion
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
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='87a81c3ee272d5b0903713882bbbd2042a87f405', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_1b8e7', table='eis_ledger', when='BEFORE')),
        ),
        migrations.AddField(
            model_name='eissystem',
            name='operator',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='systems', to='eis.operator'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='operator',
            trigger=pgtrigger.compiler.Trigger(name='history', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            PERFORM audit_keep('eis.operator', coalesce(NEW.id, OLD.id)::text, '', '{}', to_jsonb(OLD), to_jsonb(NEW));\n            RETURN NULL;\n        ", hash='33425528480418af7c7b990354ce89c19260c5fd', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_history_31606', table='eis_operator', when='AFTER')),
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
            trigger=pgtrigger.compiler.Trigger(name='history', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            PERFORM audit_keep('eis.eissystem', coalesce(NEW.id, OLD.id)::text, '', '{}', to_jsonb(OLD), to_jsonb(NEW));\n            RETURN NULL;\n        ", hash='d7de6524d36710faa9e260618bc9921204f1b865', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_history_716eb', table='eis_eissystem', when='AFTER')),
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
            trigger=pgtrigger.compiler.Trigger(name='history', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            PERFORM audit_keep('eis.schoolkey', coalesce(NEW.id, OLD.id)::text, 'institution_id', '{}', to_jsonb(OLD), to_jsonb(NEW));\n            RETURN NULL;\n        ", hash='265dbee1caa20e039f4fa803bd02fc80778b6cd2', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_history_e62a2', table='eis_schoolkey', when='AFTER')),
        ),
    ]
