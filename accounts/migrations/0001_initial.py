import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.text
import kernel.audit.triggers
import kernel.ids
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('audit', '0002_tables'),
    ]

    operations = [
        migrations.CreateModel(
            name='Challenge',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('answered_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uid', models.UUIDField(db_default=kernel.ids.UuidV7(), editable=False, unique=True)),
                ('surname', models.TextField()),
                ('given_name', models.TextField()),
                ('patronymic', models.TextField(blank=True, default='')),
                ('person_code', models.CharField(max_length=10, unique=True)),
                ('email', models.EmailField(blank=True, default='', max_length=254)),
                ('phone', models.CharField(blank=True, default='', max_length=20)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.CreateModel(
            name='UserSession',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uid', models.UUIDField(db_default=kernel.ids.UuidV7(), editable=False, unique=True)),
                ('session_key_sha256', models.BinaryField(db_index=True, max_length=32)),
                ('certificate_sha256', models.BinaryField(max_length=32)),
                ('certificate_serial', models.TextField()),
                ('certificate_not_after', models.DateTimeField()),
                ('way', models.CharField(choices=[('SIGNATURE', 'Електронний підпис'), ('ID_GOV_UA', 'id.gov.ua')], db_default='SIGNATURE', default='SIGNATURE', max_length=16)),
                ('edrpou', models.CharField(blank=True, default='', max_length=8)),
                ('address', models.GenericIPAddressField(null=True)),
                ('device', models.TextField(blank=True, default='')),
                ('started_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('ended_reason', models.TextField(blank=True, default='')),
            ],
        ),
        migrations.CreateModel(
            name='Grant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uid', models.UUIDField(db_default=kernel.ids.UuidV7(), editable=False, unique=True)),
                ('role', models.TextField(choices=[('TECH_ADMIN', 'Технічний адміністратор'), ('ANALYST', 'Аналітик МОН'), ('OBLAST_ADMIN', 'Адміністратор області'), ('RAION_ADMIN', 'Адміністратор району'), ('HROMADA_ADMIN', 'Адміністратор громади (міста)'), ('DISTRICT_ADMIN', 'Адміністратор району в місті'), ('HEAD', 'Керівник закладу освіти'), ('DEPUTY', 'Відповідальна особа закладу')])),
                ('duties', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(choices=[('PUPILS', 'Здобувачі освіти: профілі та підготовка наказів'), ('CLASSES', 'Класи'), ('STAFF', 'Працівники'), ('REPORTS', 'Підготовка звітності')]), blank=True, default=list, size=None)),
                ('position', models.TextField(blank=True, default='')),
                ('ground', models.TextField(blank=True, default='')),
                ('state', models.TextField(choices=[('INVITED', 'Запрошено'), ('ACTIVE', 'АКТИВНИЙ'), ('SUSPENDED', 'ЗУПИНЕНО'), ('INACTIVE', 'НЕАКТИВНИЙ')], default='INVITED')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('activated_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('ended_reason', models.TextField(blank=True, default='')),
                ('sort_key', models.TextField(db_collation='C', default='', editable=False)),
                ('oblast_id', models.IntegerField(editable=False, null=True)),
                ('raion_id', models.IntegerField(editable=False, null=True)),
                ('hromada_id', models.IntegerField(editable=False, null=True)),
                ('district_id', models.IntegerField(editable=False, null=True)),
                ('given_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='given', to='accounts.grant')),
            ],
        ),
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token_sha256', models.BinaryField(max_length=32, unique=True)),
                ('email', models.EmailField(max_length=254)),
                ('created_at', models.DateTimeField()),
                ('sent_at', models.DateTimeField(null=True)),
                ('expires_at', models.DateTimeField()),
                ('used_at', models.DateTimeField(null=True)),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('grant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='invitations', to='accounts.grant')),
            ],
        ),
        migrations.CreateModel(
            name='NameMismatch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('certificate_name', models.TextField()),
                ('at', models.DateTimeField()),
                ('resolved_at', models.DateTimeField(null=True)),
                ('grant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='mismatches', to='accounts.grant')),
            ],
        ),
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('code', models.TextField()),
                ('subject', models.TextField()),
                ('facts', models.JSONField(default=dict)),
                ('due', models.DateTimeField()),
                ('created_at', models.DateTimeField()),
                ('read_at', models.DateTimeField(null=True)),
                ('closed_at', models.DateTimeField(null=True)),
                ('mailed_at', models.DateTimeField(null=True)),
                ('grant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='notices', to='accounts.grant')),
            ],
        ),
        migrations.CreateModel(
            name='OrgUnit',
            fields=[
                ('id', models.AutoField(primary_key=True, serialize=False)),
                ('uid', models.UUIDField(db_default=kernel.ids.UuidV7(), editable=False, unique=True)),
                ('kind', models.TextField(choices=[('OWNER', 'Володілець інформації'), ('TECH_ADMIN', 'Технічний адміністратор'), ('OBLAST', 'Орган управління освітою області'), ('RAION', 'Орган управління освітою району'), ('HROMADA', 'Орган управління освітою громади'), ('CITY', 'Орган управління освітою міста'), ('CITY_DISTRICT', 'Орган управління освітою району в місті'), ('INSTITUTION', 'Заклад освіти')])),
                ('name', models.TextField()),
                ('edrpou', models.CharField(db_index=True, max_length=8, null=True)),
                ('territory_code', models.CharField(max_length=19, null=True)),
                ('is_active', models.BooleanField(default=True)),
                ('path', models.TextField(db_collation='C', default='', editable=False)),
                ('depth', models.SmallIntegerField(default=0, editable=False)),
                ('oblast_id', models.IntegerField(editable=False, null=True)),
                ('raion_id', models.IntegerField(editable=False, null=True)),
                ('hromada_id', models.IntegerField(editable=False, null=True)),
                ('district_id', models.IntegerField(editable=False, null=True)),
                ('parent', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='accounts.orgunit')),
            ],
        ),
        migrations.AddField(
            model_name='grant',
            name='unit',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='grants', to='accounts.orgunit'),
        ),
        migrations.CreateModel(
            name='SignInAttempt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('address', models.GenericIPAddressField(null=True)),
                ('browser_sha256', models.BinaryField(max_length=32)),
                ('outcome', models.TextField()),
                ('certificate_serial', models.TextField(blank=True, default='')),
            ],
            options={
                'indexes': [models.Index(fields=['address', 'at'], name='attempt_by_address'), models.Index(fields=['browser_sha256', 'at'], name='attempt_by_browser'), models.Index(fields=['at'], name='attempt_by_time')],
            },
        ),
        migrations.CreateModel(
            name='UnitPlacement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('path', models.TextField(db_collation='C')),
                ('oblast_id', models.IntegerField(null=True)),
                ('raion_id', models.IntegerField(null=True)),
                ('hromada_id', models.IntegerField(null=True)),
                ('district_id', models.IntegerField(null=True)),
                ('valid_from', models.DateField(null=True)),
                ('valid_to', models.DateField()),
                ('unit', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='placements', to='accounts.orgunit')),
            ],
        ),
        migrations.AddField(
            model_name='grant',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='grants', to='accounts.user'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='user',
            trigger=pgtrigger.compiler.Trigger(name='history_insert', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'accounts.user', n.id::text, 'I', NULL, NULL, NULL\n            FROM audit_open_act() a, new_rows n;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM new_rows n) THEN\n                RAISE EXCEPTION 'No act is open: change accounts.user through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='ef5422e999e82f17accf642172e6e7a6f73805f0', level='STATEMENT', operation='INSERT', pgid='pgtrigger_history_insert_e218e', referencing='REFERENCING NEW TABLE AS new_rows ', table='accounts_user', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='user',
            trigger=pgtrigger.compiler.Trigger(name='history_update', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'accounts.user', n.id::text, 'U', NULL, NULL, to_jsonb(o)\n            FROM audit_open_act() a, old_rows o FULL JOIN new_rows n ON n.id = o.id, LATERAL (SELECT o IS DISTINCT FROM n AS own) x WHERE x.own;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM old_rows o FULL JOIN new_rows n ON n.id = o.id, LATERAL (SELECT o IS DISTINCT FROM n AS own) x WHERE x.own) THEN\n                RAISE EXCEPTION 'No act is open: change accounts.user through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='3429c608777d83a51fb51307406e43f793bb912a', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_history_update_e821b', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='accounts_user', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='user',
            trigger=pgtrigger.compiler.Trigger(name='history_delete', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'accounts.user', o.id::text, 'D', NULL, NULL, to_jsonb(o)\n            FROM audit_open_act() a, old_rows o;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM old_rows o) THEN\n                RAISE EXCEPTION 'No act is open: change accounts.user through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='9aaf29a05ce601d325991e0387a2a5e66fa2bb33', level='STATEMENT', operation='DELETE', pgid='pgtrigger_history_delete_3f525', referencing='REFERENCING OLD TABLE AS old_rows ', table='accounts_user', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='user',
            trigger=pgtrigger.compiler.Trigger(name='rename_grants', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                    UPDATE accounts_grant SET sort_key =\n                        uk_sort_key(concat_ws(' ', NEW.surname, NEW.given_name, nullif(NEW.patronymic, '')))\n                        WHERE user_id = NEW.id;\n                    RETURN NEW;\n                ", hash='4a157ecc9640eb44912f44fdf268a34a0595e61c', operation='UPDATE OF "surname", "given_name", "patronymic"', pgid='pgtrigger_rename_grants_5a9cc', table='accounts_user', when='AFTER')),
        ),
        migrations.AddField(
            model_name='usersession',
            name='grant',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='sessions', to='accounts.grant'),
        ),
        migrations.AddField(
            model_name='usersession',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sessions', to='accounts.user'),
        ),
        migrations.AddIndex(
            model_name='invitation',
            index=models.Index(condition=models.Q(('sent_at', None), ('used_at', None), ('withdrawn_at', None)), fields=['id'], name='invitation_due'),
        ),
        migrations.AddConstraint(
            model_name='invitation',
            constraint=models.UniqueConstraint(condition=models.Q(('used_at', None), ('withdrawn_at', None)), fields=('grant',), name='one_open_invitation'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='invitation',
            trigger=pgtrigger.compiler.Trigger(name='history_insert', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'accounts.invitation', n.id::text, 'I', NULL, NULL, NULL\n            FROM audit_open_act() a, new_rows n;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM new_rows n) THEN\n                RAISE EXCEPTION 'No act is open: change accounts.invitation through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='adf3e46c0a196bd78226df5e1a815255b0f7656f', level='STATEMENT', operation='INSERT', pgid='pgtrigger_history_insert_26fb7', referencing='REFERENCING NEW TABLE AS new_rows ', table='accounts_invitation', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='invitation',
            trigger=pgtrigger.compiler.Trigger(name='history_update', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'accounts.invitation', n.id::text, 'U', NULL, NULL, to_jsonb(o)\n            FROM audit_open_act() a, old_rows o FULL JOIN new_rows n ON n.id = o.id, LATERAL (SELECT o IS DISTINCT FROM n AS own) x WHERE x.own;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM old_rows o FULL JOIN new_rows n ON n.id = o.id, LATERAL (SELECT o IS DISTINCT FROM n AS own) x WHERE x.own) THEN\n                RAISE EXCEPTION 'No act is open: change accounts.invitation through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='ac4607a18d2c310143bd7dd3c1f4a67bccc062dd', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_history_update_48a56', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='accounts_invitation', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='invitation',
            trigger=pgtrigger.compiler.Trigger(name='history_delete', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'accounts.invitation', o.id::text, 'D', NULL, NULL, to_jsonb(o)\n            FROM audit_open_act() a, old_rows o;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM old_rows o) THEN\n                RAISE EXCEPTION 'No act is open: change accounts.invitation through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='cc00624ec7fa4e40b907754f4f39189e34d5c20d', level='STATEMENT', operation='DELETE', pgid='pgtrigger_history_delete_54b0a', referencing='REFERENCING OLD TABLE AS old_rows ', table='accounts_invitation', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='namemismatch',
            constraint=models.UniqueConstraint(condition=models.Q(('resolved_at', None)), fields=('grant',), name='one_open_mismatch'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='namemismatch',
            trigger=pgtrigger.compiler.Trigger(name='history_insert', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'accounts.namemismatch', n.id::text, 'I', NULL, NULL, NULL\n            FROM audit_open_act() a, new_rows n;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM new_rows n) THEN\n                RAISE EXCEPTION 'No act is open: change accounts.namemismatch through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='808be26d41e7799e87028a800dabc0cc2db62a74', level='STATEMENT', operation='INSERT', pgid='pgtrigger_history_insert_c04ae', referencing='REFERENCING NEW TABLE AS new_rows ', table='accounts_namemismatch', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='namemismatch',
            trigger=pgtrigger.compiler.Trigger(name='history_update', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'accounts.namemismatch', n.id::text, 'U', NULL, NULL, to_jsonb(o)\n            FROM audit_open_act() a, old_rows o FULL JOIN new_rows n ON n.id = o.id, LATERAL (SELECT o IS DISTINCT FROM n AS own) x WHERE x.own;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM old_rows o FULL JOIN new_rows n ON n.id = o.id, LATERAL (SELECT o IS DISTINCT FROM n AS own) x WHERE x.own) THEN\n                RAISE EXCEPTION 'No act is open: change accounts.namemismatch through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='c59a54d139769ac1481f447aa3bdb787f4e487fa', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_history_update_f8616', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='accounts_namemismatch', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='namemismatch',
            trigger=pgtrigger.compiler.Trigger(name='history_delete', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'accounts.namemismatch', o.id::text, 'D', NULL, NULL, to_jsonb(o)\n            FROM audit_open_act() a, old_rows o;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM old_rows o) THEN\n                RAISE EXCEPTION 'No act is open: change accounts.namemismatch through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='68ba11501659c40be6104fdd6abcbe74a634141b', level='STATEMENT', operation='DELETE', pgid='pgtrigger_history_delete_4a946', referencing='REFERENCING OLD TABLE AS old_rows ', table='accounts_namemismatch', when='AFTER')),
        ),
        migrations.AddIndex(
            model_name='notice',
            index=models.Index(fields=['grant', '-due'], name='notice_by_grant'),
        ),
        migrations.AddIndex(
            model_name='notice',
            index=models.Index(condition=models.Q(('closed_at', None), ('read_at', None)), fields=['grant', 'due'], name='notice_unread'),
        ),
        migrations.AddIndex(
            model_name='notice',
            index=models.Index(condition=models.Q(('closed_at', None), ('mailed_at', None), ('read_at', None)), fields=['due'], name='notice_to_mail'),
        ),
        migrations.AddIndex(
            model_name='notice',
            index=models.Index(fields=['code', 'subject'], name='notice_by_subject'),
        ),
        migrations.AddConstraint(
            model_name='notice',
            constraint=models.UniqueConstraint(fields=('grant', 'code', 'subject'), name='one_notice_of_a_thing'),
        ),
        migrations.AddIndex(
            model_name='orgunit',
            index=models.Index(fields=['path'], name='unit_by_path'),
        ),
        migrations.AddIndex(
            model_name='orgunit',
            index=models.Index(fields=['raion_id'], name='unit_by_raion'),
        ),
        migrations.AddIndex(
            model_name='orgunit',
            index=models.Index(fields=['district_id'], name='unit_by_district'),
        ),
        migrations.AddIndex(
            model_name='orgunit',
            index=django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper('name'), name='gin_trgm_ops'), name='unit_by_name'),
        ),
        migrations.AddIndex(
            model_name='orgunit',
            index=models.Index(fields=['oblast_id'], name='unit_by_oblast'),
        ),
        migrations.AddIndex(
            model_name='orgunit',
            index=models.Index(fields=['hromada_id'], name='unit_by_hromada'),
        ),
        migrations.AddIndex(
            model_name='orgunit',
            index=models.Index(django.db.models.functions.text.Left('territory_code', 9), condition=models.Q(('kind__in', ['HROMADA', 'CITY', 'CITY_DISTRICT', 'OBLAST'])), name='unit_by_territory'),
        ),
        migrations.AddConstraint(
            model_name='orgunit',
            constraint=models.UniqueConstraint(condition=models.Q(('kind__in', ['OWNER', 'TECH_ADMIN'])), fields=('kind',), name='one_owner_one_tech_admin'),
        ),
        migrations.AddConstraint(
            model_name='orgunit',
            constraint=models.CheckConstraint(condition=models.Q(('kind', 'OWNER'), ('parent__isnull', False), _connector='OR'), name='only_the_owner_is_root'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='orgunit',
            trigger=pgtrigger.compiler.Trigger(name='history_insert', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'accounts.orgunit', n.id::text, 'I', NULL, n.id, NULL\n            FROM audit_open_act() a, new_rows n;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM new_rows n) THEN\n                RAISE EXCEPTION 'No act is open: change accounts.orgunit through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='6ae59f159d1a4b010cc48f018bd6342c22765242', level='STATEMENT', operation='INSERT', pgid='pgtrigger_history_insert_570ec', referencing='REFERENCING NEW TABLE AS new_rows ', table='accounts_orgunit', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='orgunit',
            trigger=pgtrigger.compiler.Trigger(name='history_update', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'accounts.orgunit', n.id::text, 'U', o.id, n.id, to_jsonb(o)\n            FROM audit_open_act() a, old_rows o FULL JOIN new_rows n ON n.id = o.id, LATERAL (SELECT (o.id, o.uid, o.parent_id, o.kind, o.name, o.edrpou, o.territory_code, o.is_active, o.path, o.depth) IS DISTINCT FROM (n.id, n.uid, n.parent_id, n.kind, n.name, n.edrpou, n.territory_code, n.is_active, n.path, n.depth) AS own) x WHERE x.own;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM old_rows o FULL JOIN new_rows n ON n.id = o.id, LATERAL (SELECT (o.id, o.uid, o.parent_id, o.kind, o.name, o.edrpou, o.territory_code, o.is_active, o.path, o.depth) IS DISTINCT FROM (n.id, n.uid, n.parent_id, n.kind, n.name, n.edrpou, n.territory_code, n.is_active, n.path, n.depth) AS own) x WHERE x.own) THEN\n                RAISE EXCEPTION 'No act is open: change accounts.orgunit through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='8a2f4eb382990e7f8f675fb2d5384e3c77f8e270', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_history_update_be576', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='accounts_orgunit', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='orgunit',
            trigger=pgtrigger.compiler.Trigger(name='history_delete', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'accounts.orgunit', o.id::text, 'D', o.id, NULL, to_jsonb(o)\n            FROM audit_open_act() a, old_rows o;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM old_rows o) THEN\n                RAISE EXCEPTION 'No act is open: change accounts.orgunit through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='6e42c49a3f2d05e9ac6b8ae63f363f83eba0806d', level='STATEMENT', operation='DELETE', pgid='pgtrigger_history_delete_005a0', referencing='REFERENCING OLD TABLE AS old_rows ', table='accounts_orgunit', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='orgunit',
            trigger=pgtrigger.compiler.Trigger(name='place', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE up accounts_orgunit%ROWTYPE;', func="\n                    IF NEW.parent_id IS NOT NULL THEN\n                        SELECT * INTO STRICT up FROM accounts_orgunit WHERE id = NEW.parent_id;\n                        IF TG_OP = 'UPDATE' AND up.path LIKE OLD.path || '%' THEN\n                            RAISE EXCEPTION 'unit % cannot move below itself', NEW.id\n                                USING ERRCODE = 'check_violation', CONSTRAINT = 'unit_not_below_itself';\n                        END IF;\n                    END IF;\n                    NEW.path := coalesce(up.path, '') || NEW.id || '.';\n                    NEW.depth := coalesce(up.depth, 0) + 1;\n                    NEW.oblast_id := CASE WHEN NEW.kind = 'OBLAST' THEN NEW.id ELSE up.oblast_id END;\n                    NEW.raion_id := CASE WHEN NEW.kind = 'RAION' THEN NEW.id ELSE up.raion_id END;\n                    NEW.hromada_id := CASE WHEN NEW.kind IN ('HROMADA', 'CITY') THEN NEW.id ELSE up.hromada_id END;\n                    NEW.district_id := CASE WHEN NEW.kind = 'CITY_DISTRICT' THEN NEW.id ELSE up.district_id END;\n                    RETURN NEW;\n                ", hash='dcde5feecf2aa4906503425d129534e35050d7d5', operation='INSERT OR UPDATE OF "parent_id", "kind"', pgid='pgtrigger_place_00a31', table='accounts_orgunit', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='orgunit',
            trigger=pgtrigger.compiler.Trigger(name='replace_children', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."path" IS DISTINCT FROM (NEW."path") OR OLD."oblast_id" IS DISTINCT FROM (NEW."oblast_id") OR OLD."raion_id" IS DISTINCT FROM (NEW."raion_id") OR OLD."hromada_id" IS DISTINCT FROM (NEW."hromada_id") OR OLD."district_id" IS DISTINCT FROM (NEW."district_id"))', func='\n                    UPDATE accounts_orgunit SET parent_id = parent_id WHERE parent_id = NEW.id;\n                    UPDATE accounts_grant SET oblast_id = NEW.oblast_id, raion_id = NEW.raion_id,\n                        hromada_id = NEW.hromada_id, district_id = NEW.district_id\n                        WHERE unit_id = NEW.id;\n                    RETURN NEW;\n                ', hash='a48603b8a626a2bffbacf6f917d588fe74a89866', operation='UPDATE OF "parent_id", "kind"', pgid='pgtrigger_replace_children_5ce5f', table='accounts_orgunit', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='orgunit',
            trigger=pgtrigger.compiler.Trigger(name='keep_placement', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n                    INSERT INTO accounts_unitplacement (unit_id, path, oblast_id, raion_id,\n                        hromada_id, district_id, valid_from, valid_to)\n                    SELECT o.id, o.path, o.oblast_id, o.raion_id, o.hromada_id, o.district_id,\n                        (SELECT max(p.valid_to) FROM accounts_unitplacement p WHERE p.unit_id = o.id),\n                        aikom_today()\n                    FROM old_rows o JOIN new_rows n USING (id)\n                    WHERE (o.path, o.oblast_id, o.raion_id, o.hromada_id, o.district_id)\n                        IS DISTINCT FROM\n                        (n.path, n.oblast_id, n.raion_id, n.hromada_id, n.district_id)\n                      AND NOT EXISTS (SELECT FROM accounts_unitplacement p\n                                      WHERE p.unit_id = o.id AND p.valid_to = aikom_today());\n                    RETURN NULL;\n                ', hash='1ef71f1b96288655f70c61cf6aff6ea7574239e9', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_keep_placement_173ff', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='accounts_orgunit', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='unitplacement',
            constraint=models.UniqueConstraint(fields=('unit', 'valid_to'), name='one_move_a_day'),
        ),
        migrations.AddConstraint(
            model_name='unitplacement',
            constraint=models.CheckConstraint(condition=models.Q(('valid_from', None), ('valid_to__gt', models.F('valid_from')), _connector='OR'), name='unit_placement_period'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='unitplacement',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=kernel.audit.triggers.Installed(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='c74208542b2a6c5f54843e82794af3a720496c65', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_0f58c', table='accounts_unitplacement', when='BEFORE')),
        ),
        migrations.AddIndex(
            model_name='grant',
            index=models.Index(fields=['given_by'], name='grant_by_giver'),
        ),
        migrations.AddIndex(
            model_name='grant',
            index=models.Index(fields=['sort_key', 'id'], name='grant_list'),
        ),
        migrations.AddIndex(
            model_name='grant',
            index=models.Index(fields=['oblast_id', 'sort_key', 'id'], name='grant_list_oblast'),
        ),
        migrations.AddIndex(
            model_name='grant',
            index=models.Index(fields=['raion_id', 'sort_key', 'id'], name='grant_list_raion'),
        ),
        migrations.AddIndex(
            model_name='grant',
            index=models.Index(fields=['hromada_id', 'sort_key', 'id'], name='grant_list_hromada'),
        ),
        migrations.AddIndex(
            model_name='grant',
            index=models.Index(fields=['district_id', 'sort_key', 'id'], name='grant_list_district'),
        ),
        migrations.AddConstraint(
            model_name='grant',
            constraint=models.UniqueConstraint(condition=models.Q(('role', 'HEAD'), models.Q(('state', 'INACTIVE'), _negated=True)), fields=('unit',), name='one_head_per_institution'),
        ),
        migrations.AddConstraint(
            model_name='grant',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'INACTIVE'), _negated=True), fields=('user', 'unit', 'role'), name='one_grant_of_a_kind'),
        ),
        migrations.AddConstraint(
            model_name='grant',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', False), ('state', 'INACTIVE')), models.Q(models.Q(('state', 'INACTIVE'), _negated=True), ('ended_at__isnull', True)), _connector='OR'), name='inactive_has_its_end'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='grant',
            trigger=pgtrigger.compiler.Trigger(name='history_insert', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'accounts.grant', n.id::text, 'I', NULL, n.unit_id, NULL\n            FROM audit_open_act() a, new_rows n;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM new_rows n) THEN\n                RAISE EXCEPTION 'No act is open: change accounts.grant through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='15e486726cbd1d64df1242b6263055f2b821a588', level='STATEMENT', operation='INSERT', pgid='pgtrigger_history_insert_2ea31', referencing='REFERENCING NEW TABLE AS new_rows ', table='accounts_grant', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='grant',
            trigger=pgtrigger.compiler.Trigger(name='history_update', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'accounts.grant', n.id::text, 'U', o.unit_id, n.unit_id, to_jsonb(o)\n            FROM audit_open_act() a, old_rows o FULL JOIN new_rows n ON n.id = o.id, LATERAL (SELECT (o.id, o.uid, o.user_id, o.unit_id, o.role, o.duties, o.position, o.ground, o.state, o.given_by_id, o.created_at, o.activated_at, o.ended_at, o.ended_reason, o.sort_key) IS DISTINCT FROM (n.id, n.uid, n.user_id, n.unit_id, n.role, n.duties, n.position, n.ground, n.state, n.given_by_id, n.created_at, n.activated_at, n.ended_at, n.ended_reason, n.sort_key) AS own) x WHERE x.own;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM old_rows o FULL JOIN new_rows n ON n.id = o.id, LATERAL (SELECT (o.id, o.uid, o.user_id, o.unit_id, o.role, o.duties, o.position, o.ground, o.state, o.given_by_id, o.created_at, o.activated_at, o.ended_at, o.ended_reason, o.sort_key) IS DISTINCT FROM (n.id, n.uid, n.user_id, n.unit_id, n.role, n.duties, n.position, n.ground, n.state, n.given_by_id, n.created_at, n.activated_at, n.ended_at, n.ended_reason, n.sort_key) AS own) x WHERE x.own) THEN\n                RAISE EXCEPTION 'No act is open: change accounts.grant through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='997cceeea3da6be1ed466c4a75ec2ace28004f47', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_history_update_99111', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='accounts_grant', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='grant',
            trigger=pgtrigger.compiler.Trigger(name='history_delete', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'accounts.grant', o.id::text, 'D', o.unit_id, NULL, to_jsonb(o)\n            FROM audit_open_act() a, old_rows o;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM old_rows o) THEN\n                RAISE EXCEPTION 'No act is open: change accounts.grant through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='35a8eed3dc09a6b8f10957e170b6b27565f2c231', level='STATEMENT', operation='DELETE', pgid='pgtrigger_history_delete_c4a4f', referencing='REFERENCING OLD TABLE AS old_rows ', table='accounts_grant', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='grant',
            trigger=pgtrigger.compiler.Trigger(name='inactive_is_final', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."state" = \'INACTIVE\')', func='RAISE EXCEPTION \'pgtrigger: Cannot update of "state" rows from % table\', TG_TABLE_NAME;', hash='7bcf850bce046aa8811a04ab8317644e7392eeaf', operation='UPDATE OF "state"', pgid='pgtrigger_inactive_is_final_67053', table='accounts_grant', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='grant',
            trigger=pgtrigger.compiler.Trigger(name='only_downwards', sql=pgtrigger.compiler.UpsertTriggerSql(declare="DECLARE giver accounts_grant%ROWTYPE; giver_unit accounts_orgunit%ROWTYPE; target accounts_orgunit%ROWTYPE; ranks text[] := ARRAY['TECH_ADMIN','ANALYST','OBLAST_ADMIN','RAION_ADMIN','HROMADA_ADMIN','DISTRICT_ADMIN','HEAD','DEPUTY'];", func="\n                    SELECT * INTO STRICT target FROM accounts_orgunit WHERE id = NEW.unit_id;\n                    IF target.kind <> ALL (CASE NEW.role\n                        WHEN 'TECH_ADMIN' THEN ARRAY['TECH_ADMIN'] WHEN 'ANALYST' THEN ARRAY['OWNER']\n                        WHEN 'OBLAST_ADMIN' THEN ARRAY['OBLAST'] WHEN 'RAION_ADMIN' THEN ARRAY['RAION']\n                        WHEN 'HROMADA_ADMIN' THEN ARRAY['HROMADA', 'CITY']\n                        WHEN 'DISTRICT_ADMIN' THEN ARRAY['CITY_DISTRICT'] ELSE ARRAY['INSTITUTION'] END)\n                    THEN\n                        RAISE EXCEPTION 'role % is not held at a node of kind %', NEW.role, target.kind\n                            USING ERRCODE = 'check_violation', CONSTRAINT = 'grant_role_fits_unit';\n                    END IF;\n                    IF NEW.given_by_id IS NULL THEN\n                        IF NEW.role <> 'TECH_ADMIN' THEN\n                            RAISE EXCEPTION 'only a technical administrator is given by nobody'\n                                USING ERRCODE = 'check_violation', CONSTRAINT = 'grant_only_downwards';\n                        END IF;\n                        RETURN NEW;\n                    END IF;\n                    SELECT * INTO STRICT giver FROM accounts_grant WHERE id = NEW.given_by_id;\n                    SELECT * INTO STRICT giver_unit FROM accounts_orgunit WHERE id = giver.unit_id;\n                    -- A head of a hub gives the heads of its branches: equal in role, lower in the tree.\n                    IF giver.state <> 'ACTIVE'\n                       OR giver.role IN ('ANALYST', 'DEPUTY')\n                       OR (array_position(ranks, NEW.role) <= array_position(ranks, giver.role)\n                           AND NOT (giver.role = 'HEAD' AND NEW.role = 'HEAD'\n                                    AND target.id <> giver_unit.id))\n                       OR NOT (giver.role = 'TECH_ADMIN' OR target.path LIKE giver_unit.path || '%')\n                    THEN\n                        RAISE EXCEPTION 'grant % at % is not below grant %', NEW.role, NEW.unit_id, giver.id\n                            USING ERRCODE = 'check_violation', CONSTRAINT = 'grant_only_downwards';\n                    END IF;\n                    RETURN NEW;\n                ", hash='6f7c633a39d41a4137eab32a46dc0489b7b9f548', operation='INSERT OR UPDATE OF "unit_id", "role", "given_by_id"', pgid='pgtrigger_only_downwards_86a5e', table='accounts_grant', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='grant',
            trigger=pgtrigger.compiler.Trigger(name='place', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                    SELECT uk_sort_key(concat_ws(' ', surname, given_name, nullif(patronymic, '')))\n                        INTO STRICT NEW.sort_key FROM accounts_user WHERE id = NEW.user_id;\n                    SELECT oblast_id, raion_id, hromada_id, district_id\n                        INTO STRICT NEW.oblast_id, NEW.raion_id, NEW.hromada_id, NEW.district_id\n                        FROM accounts_orgunit WHERE id = NEW.unit_id;\n                    RETURN NEW;\n                ", hash='7ab667876fed571a46ab5ff7233080abe06e2dad', operation='INSERT', pgid='pgtrigger_place_3abe4', table='accounts_grant', when='BEFORE')),
        ),
        migrations.AddIndex(
            model_name='usersession',
            index=models.Index(fields=['grant', 'ended_at'], name='session_by_grant'),
        ),
        migrations.AddIndex(
            model_name='usersession',
            index=models.Index(fields=['grant', '-started_at'], name='session_latest'),
        ),
    ]
