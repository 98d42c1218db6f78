import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.indexes
import django.db.models.constraints
import django.db.models.deletion
import django.db.models.functions.text
import kernel.audit.triggers
import kernel.ids
import kernel.text
import pgtrigger.compiler
import pgtrigger.migrations
import registry.enrolments.models
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='ClassGroup',
            fields=[
                ('id', models.AutoField(primary_key=True, serialize=False)),
                ('uid', models.UUIDField(db_default=kernel.ids.UuidV7(), editable=False, unique=True)),
                ('grade', models.SmallIntegerField()),
                ('letter', models.CharField(blank=True, default='', max_length=8)),
                ('form', models.TextField(default='FULL_TIME')),
                ('type', models.TextField(default='GENERAL')),
                ('language', models.CharField(default='uk', max_length=3)),
                ('profile', models.TextField(blank=True, default='')),
                ('shift', models.SmallIntegerField(default=1)),
                ('capacity', models.SmallIntegerField(null=True)),
                ('opened_on', models.DateField()),
                ('closed_on', models.DateField(null=True)),
                ('version', models.IntegerField(default=1)),
            ],
        ),
        migrations.CreateModel(
            name='ClassPlacement',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('starts_on', models.DateField()),
                ('ends_on', models.DateField(null=True)),
                ('origin', models.TextField(default='ORDER')),
            ],
        ),
        migrations.CreateModel(
            name='Draft',
            fields=[
                ('id', kernel.ids.Uuid7Field(db_default=kernel.ids.UuidV7(), editable=False, primary_key=True, serialize=False)),
                ('process', models.TextField(default='enrol')),
                ('title', models.TextField()),
                ('source_name', models.TextField(blank=True, default='')),
                ('state', models.TextField(default='OPEN')),
                ('terms', models.JSONField(default=dict)),
                ('terms_touched', models.JSONField(default=dict)),
                ('waiting', models.BooleanField(db_default=False, default=False)),
                ('unread', models.TextField(blank=True, db_default='', default='')),
                ('version', models.IntegerField(default=1)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
            ],
        ),
        migrations.CreateModel(
            name='DraftRow',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('position', models.IntegerField()),
                ('values', models.JSONField(default=dict)),
                ('line', models.IntegerField(null=True)),
                ('problems', models.JSONField(default=list)),
                ('state', models.TextField(default='EMPTY')),
                ('answers', models.JSONField(default=dict)),
                ('keys', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, size=None)),
                ('touched', models.JSONField(default=dict)),
                ('seen', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), default=list, size=None)),
                ('version', models.IntegerField(default=1)),
            ],
        ),
        migrations.CreateModel(
            name='DraftStep',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('what', models.TextField()),
                ('cells', models.JSONField()),
                ('made_at', models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.CreateModel(
            name='Employee',
            fields=[
                ('id', kernel.ids.Uuid7Field(db_default=kernel.ids.UuidV7(), editable=False, primary_key=True, serialize=False)),
                ('surname', models.TextField()),
                ('given_name', models.TextField()),
                ('patronymic', models.TextField(blank=True, default='')),
                ('sex', models.CharField(max_length=1)),
                ('born_on', models.DateField()),
                ('rnokpp', models.CharField(max_length=10, null=True)),
                ('rnokpp_state', models.TextField(default='NOT_ASSIGNED')),
                ('version', models.IntegerField(default=1)),
                ('sort_key', models.GeneratedField(db_persist=True, expression=kernel.text.UkSortKey(django.db.models.functions.text.Concat(models.F('surname'), models.Value(' '), models.F('given_name'), models.Value(' '), models.F('patronymic'), output_field=models.TextField())), output_field=models.TextField(db_collation='C'))),
            ],
        ),
        migrations.CreateModel(
            name='Enrolment',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('kind', models.TextField(default='MAIN')),
                ('form', models.TextField(default='FULL_TIME')),
                ('starts_on', models.DateField()),
                ('ends_on', models.DateField(null=True)),
                ('origin', models.TextField(default='ORDER')),
                ('end_reason', models.TextField(blank=True, default='')),
            ],
        ),
        migrations.CreateModel(
            name='GroupClass',
            fields=[
                ('id', models.AutoField(primary_key=True, serialize=False)),
            ],
        ),
        migrations.CreateModel(
            name='GroupPlacement',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('subject', models.TextField()),
                ('starts_on', models.DateField()),
                ('ends_on', models.DateField(null=True)),
                ('is_void', models.BooleanField(default=False)),
            ],
        ),
        migrations.CreateModel(
            name='Guardian',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('surname', models.TextField()),
                ('given_name', models.TextField()),
                ('patronymic', models.TextField(blank=True, default='')),
                ('phone', models.CharField(blank=True, default='', max_length=20)),
                ('email', models.TextField(blank=True, default='')),
                ('rnokpp', models.CharField(max_length=10, null=True)),
                ('version', models.IntegerField(default=1)),
            ],
        ),
        migrations.CreateModel(
            name='Guardianship',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('relation', models.TextField()),
                ('starts_on', models.DateField()),
                ('ends_on', models.DateField(null=True)),
                ('ground', models.TextField(blank=True, default='')),
                ('identity_shown', models.BooleanField(default=False)),
                ('version', models.IntegerField(default=1)),
            ],
        ),
        migrations.CreateModel(
            name='Institution',
            fields=[
                ('oblast_id', models.IntegerField(editable=False, null=True)),
                ('raion_id', models.IntegerField(editable=False, null=True)),
                ('hromada_id', models.IntegerField(editable=False, null=True)),
                ('district_id', models.IntegerField(editable=False, null=True)),
                ('unit', models.OneToOneField(db_column='institution_id', on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='institution', serialize=False, to='accounts.orgunit')),
                ('uid', models.UUIDField(db_default=kernel.ids.UuidV7(), editable=False, unique=True)),
                ('diso_id', models.CharField(max_length=10, null=True, unique=True)),
                ('edebo_id', models.CharField(max_length=10, null=True, unique=True)),
                ('edrpou', models.CharField(db_index=True, max_length=8, null=True)),
                ('full_name', models.TextField()),
                ('short_name', models.TextField()),
                ('kind', models.TextField(default='ZZSO')),
                ('type', models.TextField()),
                ('ownership', models.TextField()),
                ('status', models.TextField(default='DRAFT')),
                ('founder_edrpou', models.CharField(max_length=8, null=True)),
                ('is_hub', models.BooleanField(default=False)),
                ('is_rural', models.BooleanField(default=False)),
                ('is_mountain', models.BooleanField(default=False)),
                ('is_boarding', models.BooleanField(default=False)),
                ('is_confirmed', models.BooleanField(default=False)),
                ('territory_code', models.CharField(max_length=19)),
                ('city_district_code', models.CharField(blank=True, default='', max_length=19)),
                ('koatuu', models.CharField(blank=True, default='', max_length=10)),
                ('postal_code', models.CharField(blank=True, default='', max_length=5)),
                ('address', models.TextField(blank=True, default='')),
                ('phone', models.TextField(blank=True, default='')),
                ('email', models.TextField(blank=True, default='')),
                ('site', models.TextField(blank=True, default='')),
                ('director', models.TextField(blank=True, default='')),
                ('managing_body', models.TextField(blank=True, default='')),
                ('languages', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), blank=True, default=list, size=None)),
                ('shifts', models.SmallIntegerField(default=1)),
                ('capacity', models.IntegerField(null=True)),
                ('licensed_volume', models.IntegerField(null=True)),
                ('version', models.IntegerField(default=1)),
                ('sort_key', models.GeneratedField(db_persist=True, expression=kernel.text.UkSortKey(models.F('short_name')), output_field=models.TextField(db_collation='C'))),
            ],
        ),
        migrations.CreateModel(
            name='InstitutionStatus',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.TextField()),
                ('since', models.DateField()),
                ('order_number', models.TextField(blank=True, default='')),
                ('order_date', models.DateField(null=True)),
                ('ground', models.TextField(blank=True, default='')),
            ],
        ),
        migrations.CreateModel(
            name='NameWord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=1)),
                ('word', models.TextField()),
            ],
        ),
        migrations.CreateModel(
            name='Order',
            fields=[
                ('id', kernel.ids.Uuid7Field(db_default=kernel.ids.UuidV7(), editable=False, primary_key=True, serialize=False)),
                ('kind', models.TextField()),
                ('number', models.TextField()),
                ('issued_on', models.DateField()),
                ('year', models.SmallIntegerField()),
                ('ground', models.TextField()),
                ('effective_on', models.DateField()),
                ('state', models.TextField(default='PREPARED')),
                ('signing_id', models.UUIDField(null=True, unique=True)),
                ('manifest_sha256', models.BinaryField(max_length=32, null=True)),
                ('rows_count', models.IntegerField(default=0)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('signed_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='OrderRow',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('position', models.IntegerField()),
                ('content', models.BinaryField()),
                ('seen', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), default=list, size=None)),
            ],
        ),
        migrations.CreateModel(
            name='OrderTask',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('process', models.TextField()),
                ('due_on', models.DateField()),
            ],
        ),
        migrations.CreateModel(
            name='Post',
            fields=[
                ('oblast_id', models.IntegerField(editable=False, null=True)),
                ('raion_id', models.IntegerField(editable=False, null=True)),
                ('hromada_id', models.IntegerField(editable=False, null=True)),
                ('district_id', models.IntegerField(editable=False, null=True)),
                ('id', kernel.ids.Uuid7Field(db_default=kernel.ids.UuidV7(), editable=False, primary_key=True, serialize=False)),
                ('position', models.TextField()),
                ('is_main', models.BooleanField(default=True)),
                ('rate', models.DecimalField(decimal_places=2, default=1, max_digits=4)),
                ('category', models.TextField(blank=True, default='')),
                ('starts_on', models.DateField()),
                ('ends_on', models.DateField(null=True)),
                ('version', models.IntegerField(default=1)),
                ('sort_key', models.TextField(db_collation='C', default='', editable=False)),
            ],
        ),
        migrations.CreateModel(
            name='PostCount',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('oblast_id', models.IntegerField(null=True)),
                ('raion_id', models.IntegerField(null=True)),
                ('hromada_id', models.IntegerField(null=True)),
                ('district_id', models.IntegerField(null=True)),
                ('position', models.TextField()),
                ('ends_on', models.DateField(null=True)),
                ('posts', models.IntegerField()),
                ('rates', models.DecimalField(decimal_places=2, max_digits=12)),
            ],
        ),
        migrations.CreateModel(
            name='Pupil',
            fields=[
                ('oblast_id', models.IntegerField(editable=False, null=True)),
                ('raion_id', models.IntegerField(editable=False, null=True)),
                ('hromada_id', models.IntegerField(editable=False, null=True)),
                ('district_id', models.IntegerField(editable=False, null=True)),
                ('id', kernel.ids.Uuid7Field(db_default=kernel.ids.UuidV7(), editable=False, primary_key=True, serialize=False)),
                ('surname', models.TextField()),
                ('given_name', models.TextField()),
                ('patronymic', models.TextField(blank=True, default='')),
                ('sex', models.CharField(max_length=1)),
                ('born_on', models.DateField()),
                ('citizenship', models.CharField(default='UA', max_length=2)),
                ('rnokpp', models.CharField(max_length=10, null=True)),
                ('rnokpp_state', models.TextField(default='NOT_ASSIGNED')),
                ('unzr', models.CharField(max_length=14, null=True)),
                ('contact_status', models.TextField(default='OK')),
                ('version', models.IntegerField(default=1)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('closed_on', models.DateField(null=True)),
                ('closed_reason', models.TextField(blank=True, default='')),
                ('class_group_id', models.IntegerField(editable=False, null=True)),
                ('grade', models.SmallIntegerField(editable=False, null=True)),
                ('form', models.TextField(blank=True, default='', editable=False)),
                ('enrolled_on', models.DateField(editable=False, null=True)),
                ('sort_key', models.GeneratedField(db_persist=True, expression=kernel.text.UkSortKey(django.db.models.functions.text.Concat(models.F('surname'), models.Value(' '), models.F('given_name'), models.Value(' '), models.F('patronymic'), output_field=models.TextField())), output_field=models.TextField(db_collation='C'))),
            ],
        ),
        migrations.CreateModel(
            name='PupilAddress',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('kind', models.TextField()),
                ('country', models.CharField(default='UA', max_length=2)),
                ('territory_code', models.CharField(blank=True, default='', max_length=19)),
                ('line', models.TextField(blank=True, default='')),
                ('version', models.IntegerField(default=1)),
            ],
        ),
        migrations.CreateModel(
            name='PupilCategory',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('code', models.TextField()),
                ('level', models.SmallIntegerField(null=True)),
                ('country', models.CharField(blank=True, default='', max_length=2)),
                ('document', models.TextField(blank=True, default='')),
                ('starts_on', models.DateField()),
                ('ends_on', models.DateField(null=True)),
                ('version', models.IntegerField(default=1)),
            ],
        ),
        migrations.CreateModel(
            name='PupilDocument',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('type', models.TextField()),
                ('series', models.TextField(blank=True, default='')),
                ('number', models.TextField()),
                ('issued_by', models.TextField(blank=True, default='')),
                ('issued_on', models.DateField(null=True)),
                ('valid_to', models.DateField(null=True)),
                ('is_primary', models.BooleanField(default=False)),
                ('verification', models.TextField(default='NOT_CHECKED')),
            ],
        ),
        migrations.CreateModel(
            name='PupilMerge',
            fields=[
                ('id', kernel.ids.Uuid7Field(db_default=kernel.ids.UuidV7(), editable=False, primary_key=True, serialize=False)),
                ('state', models.TextField(default='ASKED')),
                ('ground', models.TextField()),
                ('asked_at', models.DateTimeField()),
                ('decided_at', models.DateTimeField(null=True)),
                ('reason', models.TextField(blank=True, default='')),
                ('undone_at', models.DateTimeField(null=True)),
                ('undone_ground', models.TextField(blank=True, default='')),
                ('moved', models.JSONField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='QualityFinding',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('rule', models.TextField()),
                ('found_on', models.DateField()),
            ],
        ),
        migrations.CreateModel(
            name='ResidenceScope',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('valid_from', models.DateField()),
                ('valid_to', models.DateField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='SchoolYear',
            fields=[
                ('code', models.CharField(max_length=9, primary_key=True, serialize=False)),
                ('starts_on', models.DateField()),
                ('ends_on', models.DateField()),
            ],
        ),
        migrations.CreateModel(
            name='StagedUpload',
            fields=[
                ('id', kernel.ids.Uuid7Field(db_default=kernel.ids.UuidV7(), editable=False, primary_key=True, serialize=False)),
                ('kind', models.TextField()),
                ('name', models.TextField()),
                ('content', models.BinaryField()),
                ('created_at', models.DateTimeField()),
                ('used_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='StudyGroup',
            fields=[
                ('id', models.AutoField(primary_key=True, serialize=False)),
                ('uid', models.UUIDField(db_default=kernel.ids.UuidV7(), editable=False, unique=True)),
                ('subject', models.TextField()),
                ('name', models.TextField()),
                ('opened_on', models.DateField()),
                ('closed_on', models.DateField(null=True)),
                ('version', models.IntegerField(default=1)),
            ],
        ),
        migrations.CreateModel(
            name='Territory',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=19)),
                ('parent_code', models.CharField(blank=True, default='', max_length=19)),
                ('category', models.CharField(max_length=1)),
                ('name', models.TextField()),
                ('level', models.SmallIntegerField()),
                ('oblast_code', models.CharField(max_length=19)),
                ('raion_code', models.CharField(blank=True, default='', max_length=19)),
                ('hromada_code', models.CharField(blank=True, default='', max_length=19)),
                ('valid_from', models.DateField()),
                ('valid_to', models.DateField(null=True)),
                ('sort_key', models.GeneratedField(db_persist=True, expression=kernel.text.UkSortKey(models.F('name')), output_field=models.TextField(db_collation='C'))),
            ],
        ),
        migrations.CreateModel(
            name='ClassifierItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('classifier', models.TextField()),
                ('code', models.TextField()),
                ('name', models.TextField()),
                ('sort', models.IntegerField(default=0)),
                ('attributes', models.JSONField(default=dict)),
                ('valid_from', models.DateField()),
                ('valid_to', models.DateField(null=True)),
                ('source', models.TextField(blank=True, default='')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('valid_to', None)), fields=('classifier', 'code'), name='one_current_item'), models.UniqueConstraint(fields=('classifier', 'code', 'valid_from'), name='classifier_item_edition')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='classifieritem',
            trigger=pgtrigger.compiler.Trigger(name='history_insert', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'registry.classifieritem', n.id::text, 'I', NULL, NULL, NULL\n            FROM audit_open_act() a, new_rows n;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM new_rows n) THEN\n                RAISE EXCEPTION 'No act is open: change registry.classifieritem through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='71eebe5d701e862a3dffb0add4a6f1cebd3f395f', level='STATEMENT', operation='INSERT', pgid='pgtrigger_history_insert_bafca', referencing='REFERENCING NEW TABLE AS new_rows ', table='registry_classifieritem', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='classifieritem',
            trigger=pgtrigger.compiler.Trigger(name='history_update', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'registry.classifieritem', n.id::text, 'U', NULL, NULL, to_jsonb(o)\n            FROM audit_open_act() a, old_rows o FULL JOIN new_rows n ON n.id = o.id, LATERAL (SELECT o IS DISTINCT FROM n AS own) x WHERE x.own;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM old_rows o FULL JOIN new_rows n ON n.id = o.id, LATERAL (SELECT o IS DISTINCT FROM n AS own) x WHERE x.own) THEN\n                RAISE EXCEPTION 'No act is open: change registry.classifieritem through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='36dca3223cd845d8ceed40d659a5d09b0c6127a2', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_history_update_63030', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='registry_classifieritem', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='classifieritem',
            trigger=pgtrigger.compiler.Trigger(name='history_delete', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'registry.classifieritem', o.id::text, 'D', NULL, NULL, to_jsonb(o)\n            FROM audit_open_act() a, old_rows o;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM old_rows o) THEN\n                RAISE EXCEPTION 'No act is open: change registry.classifieritem through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='7bdae850888adaeb66820560dc8ee378822e146d', level='STATEMENT', operation='DELETE', pgid='pgtrigger_history_delete_6ddba', referencing='REFERENCING OLD TABLE AS old_rows ', table='registry_classifieritem', when='AFTER')),
        ),
        migrations.AddField(
            model_name='classplacement',
            name='class_group',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='placements', to='registry.classgroup'),
        ),
        migrations.CreateModel(
            name='DraftTable',
            fields=[
                ('draft', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='table', serialize=False, to='registry.draft')),
                ('layout', models.JSONField()),
            ],
        ),
        migrations.AddField(
            model_name='draft',
            name='author',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.grant'),
        ),
        migrations.AddField(
            model_name='draftrow',
            name='draft',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rows', to='registry.draft'),
        ),
        migrations.AddField(
            model_name='draftstep',
            name='draft',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='registry.draft'),
        ),
        migrations.AddField(
            model_name='draftstep',
            name='made_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.grant'),
        ),
        migrations.AddConstraint(
            model_name='employee',
            constraint=models.CheckConstraint(condition=models.Q(('sex__in', ['M', 'F'])), name='employee_sex'),
        ),
        migrations.AddConstraint(
            model_name='employee',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('rnokpp', None), ('rnokpp_state__in', ['REFUSED', 'NOT_ASSIGNED'])), models.Q(('rnokpp__isnull', False), ('rnokpp__regex', '^[0-9]{10}$'), ('rnokpp_state', 'VALUE')), _connector='OR'), name='employee_rnokpp_state'),
        ),
        migrations.AddConstraint(
            model_name='employee',
            constraint=models.UniqueConstraint(condition=models.Q(('rnokpp__isnull', False)), fields=('rnokpp',), name='one_employee_per_rnokpp'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='employee',
            trigger=pgtrigger.compiler.Trigger(name='history_insert', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'registry.employee', n.id::text, 'I', NULL, NULL, NULL\n            FROM audit_open_act() a, new_rows n;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM new_rows n) THEN\n                RAISE EXCEPTION 'No act is open: change registry.employee through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='2fcb103137a613ad4ef7c3d82541b9ecc653042c', level='STATEMENT', operation='INSERT', pgid='pgtrigger_history_insert_e65c6', referencing='REFERENCING NEW TABLE AS new_rows ', table='registry_employee', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='employee',
            trigger=pgtrigger.compiler.Trigger(name='history_update', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'registry.employee', n.id::text, 'U', NULL, NULL, to_jsonb(o)\n            FROM audit_open_act() a, old_rows o FULL JOIN new_rows n ON n.id = o.id, LATERAL (SELECT (o.id, o.surname, o.given_name, o.patronymic, o.sex, o.born_on, o.rnokpp, o.rnokpp_state, o.version) IS DISTINCT FROM (n.id, n.surname, n.given_name, n.patronymic, n.sex, n.born_on, n.rnokpp, n.rnokpp_state, n.version) AS own) x WHERE x.own;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM old_rows o FULL JOIN new_rows n ON n.id = o.id, LATERAL (SELECT (o.id, o.surname, o.given_name, o.patronymic, o.sex, o.born_on, o.rnokpp, o.rnokpp_state, o.version) IS DISTINCT FROM (n.id, n.surname, n.given_name, n.patronymic, n.sex, n.born_on, n.rnokpp, n.rnokpp_state, n.version) AS own) x WHERE x.own) THEN\n                RAISE EXCEPTION 'No act is open: change registry.employee through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='eed39af4e3a3bd3d58a65b27456e93502b4d5195', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_history_update_f1d65', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='registry_employee', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='employee',
            trigger=pgtrigger.compiler.Trigger(name='history_delete', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'registry.employee', o.id::text, 'D', NULL, NULL, to_jsonb(o)\n            FROM audit_open_act() a, old_rows o;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM old_rows o) THEN\n                RAISE EXCEPTION 'No act is open: change registry.employee through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='9bb1a8712c03e7e1fc20f4d891b9a6cb67d5473c', level='STATEMENT', operation='DELETE', pgid='pgtrigger_history_delete_702cb', referencing='REFERENCING OLD TABLE AS old_rows ', table='registry_employee', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='employee',
            trigger=pgtrigger.compiler.Trigger(name='renamed', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n                    IF NEW.sort_key IS DISTINCT FROM OLD.sort_key THEN\n                        UPDATE registry_post SET sort_key = NEW.sort_key WHERE employee_id = NEW.id;\n                    END IF;\n                    RETURN NULL;\n                ', hash='d230a55a143e9b8a3c4b95fa2a33be86e5619e12', operation='UPDATE', pgid='pgtrigger_renamed_39535', table='registry_employee', when='AFTER')),
        ),
        migrations.AddField(
            model_name='classplacement',
            name='enrolment',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='placements', to='registry.enrolment'),
        ),
        migrations.AddField(
            model_name='groupclass',
            name='class_group',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.classgroup'),
        ),
        migrations.AddField(
            model_name='groupplacement',
            name='placement',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='groups', to='registry.classplacement'),
        ),
        migrations.AddConstraint(
            model_name='guardian',
            constraint=models.CheckConstraint(condition=models.Q(('rnokpp', None), ('rnokpp__regex', '^[0-9]{10}$'), _connector='OR'), name='guardian_rnokpp_shape'),
        ),
        migrations.AddConstraint(
            model_name='guardian',
            constraint=models.UniqueConstraint(condition=models.Q(('rnokpp__isnull', False)), fields=('rnokpp',), name='one_guardian_per_rnokpp'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='guardian',
            trigger=pgtrigger.compiler.Trigger(name='history_insert', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'registry.guardian', n.id::text, 'I', NULL, NULL, NULL\n            FROM audit_open_act() a, new_rows n;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM new_rows n) THEN\n                RAISE EXCEPTION 'No act is open: change registry.guardian through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='54562ff65f3561cc7216d460e4f05cb9d5b02781', level='STATEMENT', operation='INSERT', pgid='pgtrigger_history_insert_08154', referencing='REFERENCING NEW TABLE AS new_rows ', table='registry_guardian', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='guardian',
            trigger=pgtrigger.compiler.Trigger(name='history_update', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'registry.guardian', n.id::text, 'U', NULL, NULL, to_jsonb(o)\n            FROM audit_open_act() a, old_rows o FULL JOIN new_rows n ON n.id = o.id, LATERAL (SELECT o IS DISTINCT FROM n AS own) x WHERE x.own;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM old_rows o FULL JOIN new_rows n ON n.id = o.id, LATERAL (SELECT o IS DISTINCT FROM n AS own) x WHERE x.own) THEN\n                RAISE EXCEPTION 'No act is open: change registry.guardian through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='8a6d64a18c01c496b37e9bd2c742eb09c967113d', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_history_update_98c51', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='registry_guardian', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='guardian',
            trigger=pgtrigger.compiler.Trigger(name='history_delete', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'registry.guardian', o.id::text, 'D', NULL, NULL, to_jsonb(o)\n            FROM audit_open_act() a, old_rows o;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM old_rows o) THEN\n                RAISE EXCEPTION 'No act is open: change registry.guardian through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='2d5f9f2a50f40dff68ae124ef76630a670b99b64', level='STATEMENT', operation='DELETE', pgid='pgtrigger_history_delete_efc42', referencing='REFERENCING OLD TABLE AS old_rows ', table='registry_guardian', when='AFTER')),
        ),
        migrations.AddField(
            model_name='guardianship',
            name='guardian',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='guardianships', to='registry.guardian'),
        ),
        migrations.CreateModel(
            name='QualityCheck',
            fields=[
                ('institution', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, serialize=False, to='registry.institution')),
                ('checked_at', models.DateTimeField()),
                ('checked_on', models.DateField(db_index=True)),
                ('pack', models.TextField()),
                ('pupils', models.IntegerField()),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.AddField(
            model_name='institution',
            name='hub',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='branches', to='registry.institution'),
        ),
        migrations.AddField(
            model_name='enrolment',
            name='institution',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='enrolments', to='registry.institution'),
        ),
        migrations.AddField(
            model_name='draft',
            name='institution',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='drafts', to='registry.institution'),
        ),
        migrations.AddField(
            model_name='classgroup',
            name='institution',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='classes', to='registry.institution'),
        ),
        migrations.AddField(
            model_name='institutionstatus',
            name='institution',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='statuses', to='registry.institution'),
        ),
        migrations.AddIndex(
            model_name='nameword',
            index=django.contrib.postgres.indexes.GinIndex(fields=['word'], name='name_word_trgm', opclasses=['gin_trgm_ops']),
        ),
        migrations.AddConstraint(
            model_name='nameword',
            constraint=models.UniqueConstraint(fields=('kind', 'word'), name='one_word'),
        ),
        migrations.AddField(
            model_name='order',
            name='corrects',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='corrected_by', to='registry.order'),
        ),
        migrations.AddField(
            model_name='order',
            name='draft',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='orders', to='registry.draft'),
        ),
        migrations.AddField(
            model_name='order',
            name='institution',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='orders', to='registry.institution'),
        ),
        migrations.AddField(
            model_name='order',
            name='prepared_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.grant'),
        ),
        migrations.AddField(
            model_name='order',
            name='signed_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.grant'),
        ),
        migrations.AddField(
            model_name='enrolment',
            name='closed_by',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='closed', to='registry.order'),
        ),
        migrations.AddField(
            model_name='enrolment',
            name='opened_by',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='opened', to='registry.order'),
        ),
        migrations.AddField(
            model_name='enrolment',
            name='voided_by',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='voided', to='registry.order'),
        ),
        migrations.AddField(
            model_name='classplacement',
            name='closed_by',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.order'),
        ),
        migrations.AddField(
            model_name='classplacement',
            name='opened_by',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.order'),
        ),
        migrations.AddField(
            model_name='classplacement',
            name='voided_by',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.order'),
        ),
        migrations.AddField(
            model_name='orderrow',
            name='order',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='rows', to='registry.order'),
        ),
        migrations.AddField(
            model_name='ordertask',
            name='done_by',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='tasks_done', to='registry.order'),
        ),
        migrations.AddField(
            model_name='ordertask',
            name='for_institution',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='order_tasks', to='registry.institution'),
        ),
        migrations.AddField(
            model_name='ordertask',
            name='order',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='tasks', to='registry.order'),
        ),
        migrations.AddField(
            model_name='post',
            name='employee',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='posts', to='registry.employee'),
        ),
        migrations.AddField(
            model_name='post',
            name='institution',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='posts', to='registry.institution'),
        ),
        migrations.AddField(
            model_name='classgroup',
            name='teacher',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='classes', to='registry.post'),
        ),
        migrations.AddIndex(
            model_name='postcount',
            index=models.Index(fields=['raion_id'], name='post_count_raion'),
        ),
        migrations.AddIndex(
            model_name='postcount',
            index=models.Index(fields=['hromada_id'], name='post_count_hromada'),
        ),
        migrations.AddIndex(
            model_name='postcount',
            index=models.Index(fields=['district_id'], name='post_count_district'),
        ),
        migrations.AddConstraint(
            model_name='postcount',
            constraint=models.UniqueConstraint(fields=('oblast_id', 'raion_id', 'hromada_id', 'district_id', 'position', 'ends_on'), name='one_count_of_posts', nulls_distinct=False),
        ),
        migrations.AddField(
            model_name='pupil',
            name='institution',
            field=models.ForeignKey(db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='pupils', to='registry.institution'),
        ),
        migrations.AddField(
            model_name='pupil',
            name='merged_into',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='merged_from', to='registry.pupil'),
        ),
        migrations.AddField(
            model_name='pupil',
            name='residence',
            field=models.ForeignKey(db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.orgunit'),
        ),
        migrations.AddField(
            model_name='orderrow',
            name='pupil',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='order_rows', to='registry.pupil'),
        ),
        migrations.AddField(
            model_name='guardianship',
            name='pupil',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='guardianships', to='registry.pupil'),
        ),
        migrations.AddField(
            model_name='enrolment',
            name='pupil',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='enrolments', to='registry.pupil'),
        ),
        migrations.AddField(
            model_name='draftrow',
            name='pupil',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.pupil'),
        ),
        migrations.AddField(
            model_name='pupiladdress',
            name='pupil',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='addresses', to='registry.pupil'),
        ),
        migrations.AddField(
            model_name='pupilcategory',
            name='pupil',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='categories', to='registry.pupil'),
        ),
        migrations.AddField(
            model_name='pupildocument',
            name='pupil',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='documents', to='registry.pupil'),
        ),
        migrations.AddField(
            model_name='pupilmerge',
            name='asked_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.grant'),
        ),
        migrations.AddField(
            model_name='pupilmerge',
            name='decided_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.grant'),
        ),
        migrations.AddField(
            model_name='pupilmerge',
            name='institution',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.institution'),
        ),
        migrations.AddField(
            model_name='pupilmerge',
            name='merged',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.pupil'),
        ),
        migrations.AddField(
            model_name='pupilmerge',
            name='merged_institution',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.institution'),
        ),
        migrations.AddField(
            model_name='pupilmerge',
            name='retained',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.pupil'),
        ),
        migrations.AddField(
            model_name='pupilmerge',
            name='undone_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.grant'),
        ),
        migrations.AddField(
            model_name='qualityfinding',
            name='institution',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.institution'),
        ),
        migrations.AddField(
            model_name='qualityfinding',
            name='pupil',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='findings', to='registry.pupil'),
        ),
        migrations.AddField(
            model_name='residencescope',
            name='pupil',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='residences', to='registry.pupil'),
        ),
        migrations.AddField(
            model_name='residencescope',
            name='unit',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.orgunit'),
        ),
        migrations.AddConstraint(
            model_name='schoolyear',
            constraint=models.CheckConstraint(condition=models.Q(('code__regex', '^20[0-9]{2}-20[0-9]{2}$')), name='school_year_shape'),
        ),
        migrations.AddConstraint(
            model_name='schoolyear',
            constraint=models.CheckConstraint(condition=models.Q(('ends_on__gt', models.F('starts_on'))), name='school_year_period'),
        ),
        migrations.AddField(
            model_name='classgroup',
            name='school_year',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='registry.schoolyear'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='schoolyear',
            trigger=pgtrigger.compiler.Trigger(name='history_insert', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'registry.schoolyear', n.code::text, 'I', NULL, NULL, NULL\n            FROM audit_open_act() a, new_rows n;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM new_rows n) THEN\n                RAISE EXCEPTION 'No act is open: change registry.schoolyear through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='81656a4a77b0a38c44a213b66a446e7265f62441', level='STATEMENT', operation='INSERT', pgid='pgtrigger_history_insert_c9e37', referencing='REFERENCING NEW TABLE AS new_rows ', table='registry_schoolyear', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='schoolyear',
            trigger=pgtrigger.compiler.Trigger(name='history_update', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'registry.schoolyear', n.code::text, 'U', NULL, NULL, to_jsonb(o)\n            FROM audit_open_act() a, old_rows o FULL JOIN new_rows n ON n.code = o.code, LATERAL (SELECT o IS DISTINCT FROM n AS own) x WHERE x.own;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM old_rows o FULL JOIN new_rows n ON n.code = o.code, LATERAL (SELECT o IS DISTINCT FROM n AS own) x WHERE x.own) THEN\n                RAISE EXCEPTION 'No act is open: change registry.schoolyear through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='027202e8221cfd763a76e93dd7a9ae76c2613da7', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_history_update_2256e', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='registry_schoolyear', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='schoolyear',
            trigger=pgtrigger.compiler.Trigger(name='history_delete', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'registry.schoolyear', o.code::text, 'D', NULL, NULL, to_jsonb(o)\n            FROM audit_open_act() a, old_rows o;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM old_rows o) THEN\n                RAISE EXCEPTION 'No act is open: change registry.schoolyear through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='7f9a2375ca41e7b70a44b188fd25a6a4bd533869', level='STATEMENT', operation='DELETE', pgid='pgtrigger_history_delete_ed996', referencing='REFERENCING OLD TABLE AS old_rows ', table='registry_schoolyear', when='AFTER')),
        ),
        migrations.AddField(
            model_name='stagedupload',
            name='grant',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.grant'),
        ),
        migrations.AddField(
            model_name='studygroup',
            name='classes',
            field=models.ManyToManyField(related_name='study_groups', through='registry.GroupClass', to='registry.classgroup'),
        ),
        migrations.AddField(
            model_name='studygroup',
            name='institution',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='study_groups', to='registry.institution'),
        ),
        migrations.AddField(
            model_name='studygroup',
            name='school_year',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='registry.schoolyear'),
        ),
        migrations.AddField(
            model_name='groupplacement',
            name='group',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='placements', to='registry.studygroup'),
        ),
        migrations.AddField(
            model_name='groupclass',
            name='group',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='parts', to='registry.studygroup'),
        ),
        migrations.AddIndex(
            model_name='territory',
            index=models.Index(fields=['parent_code', 'sort_key'], name='territory_children'),
        ),
        migrations.AddIndex(
            model_name='territory',
            index=models.Index(fields=['valid_from'], name='territory_since'),
        ),
        migrations.AddIndex(
            model_name='territory',
            index=models.Index(fields=['valid_to'], name='territory_until'),
        ),
        migrations.AddIndex(
            model_name='territory',
            index=django.contrib.postgres.indexes.GinIndex(fields=['name'], name='territory_trgm', opclasses=['gin_trgm_ops']),
        ),
        migrations.AddConstraint(
            model_name='territory',
            constraint=models.UniqueConstraint(condition=models.Q(('valid_to', None)), fields=('code',), name='one_current_territory'),
        ),
        migrations.AddConstraint(
            model_name='territory',
            constraint=models.UniqueConstraint(fields=('code', 'valid_from'), name='territory_edition'),
        ),
        migrations.AddConstraint(
            model_name='territory',
            constraint=models.CheckConstraint(condition=models.Q(('code__regex', '^UA[0-9]{17}$')), name='territory_code_shape'),
        ),
        migrations.AddConstraint(
            model_name='territory',
            constraint=models.CheckConstraint(condition=models.Q(('valid_to', None), ('valid_to__gt', models.F('valid_from')), _connector='OR'), name='territory_period'),
        ),
        migrations.AddIndex(
            model_name='institution',
            index=models.Index(fields=['sort_key', 'unit'], name='inst_country'),
        ),
        migrations.AddIndex(
            model_name='institution',
            index=models.Index(fields=['oblast_id', 'sort_key', 'unit'], name='inst_oblast'),
        ),
        migrations.AddIndex(
            model_name='institution',
            index=models.Index(fields=['raion_id', 'sort_key', 'unit'], name='inst_raion'),
        ),
        migrations.AddIndex(
            model_name='institution',
            index=models.Index(fields=['hromada_id', 'sort_key', 'unit'], name='inst_hromada'),
        ),
        migrations.AddIndex(
            model_name='institution',
            index=models.Index(fields=['district_id', 'sort_key', 'unit'], name='inst_district'),
        ),
        migrations.AddIndex(
            model_name='institution',
            index=django.contrib.postgres.indexes.GinIndex(fields=['short_name', 'full_name'], name='inst_trgm', opclasses=['gin_trgm_ops', 'gin_trgm_ops']),
        ),
        migrations.AddConstraint(
            model_name='institution',
            constraint=models.CheckConstraint(condition=models.Q(('edrpou', None), ('edrpou__regex', '^[0-9]{8}$'), _connector='OR'), name='institution_edrpou_shape'),
        ),
        migrations.AddConstraint(
            model_name='institution',
            constraint=models.CheckConstraint(condition=models.Q(('hub', models.F('unit')), _negated=True), name='not_its_own_hub'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='institution',
            trigger=pgtrigger.compiler.Trigger(name='history_insert', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'registry.institution', n.institution_id::text, 'I', NULL, n.institution_id, NULL\n            FROM audit_open_act() a, new_rows n;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM new_rows n) THEN\n                RAISE EXCEPTION 'No act is open: change registry.institution through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='f51da1ec93b2f008c30d7599c6583dbadd4a03f0', level='STATEMENT', operation='INSERT', pgid='pgtrigger_history_insert_22b8f', referencing='REFERENCING NEW TABLE AS new_rows ', table='registry_institution', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='institution',
            trigger=pgtrigger.compiler.Trigger(name='history_update', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'registry.institution', n.institution_id::text, 'U', o.institution_id, n.institution_id, to_jsonb(o)\n            FROM audit_open_act() a, old_rows o FULL JOIN new_rows n ON n.institution_id = o.institution_id, LATERAL (SELECT (o.institution_id, o.uid, o.diso_id, o.edebo_id, o.edrpou, o.full_name, o.short_name, o.kind, o.type, o.ownership, o.status, o.founder_edrpou, o.hub_id, o.is_hub, o.is_rural, o.is_mountain, o.is_boarding, o.is_confirmed, o.territory_code, o.city_district_code, o.koatuu, o.postal_code, o.address, o.phone, o.email, o.site, o.director, o.managing_body, o.languages, o.shifts, o.capacity, o.licensed_volume, o.version) IS DISTINCT FROM (n.institution_id, n.uid, n.diso_id, n.edebo_id, n.edrpou, n.full_name, n.short_name, n.kind, n.type, n.ownership, n.status, n.founder_edrpou, n.hub_id, n.is_hub, n.is_rural, n.is_mountain, n.is_boarding, n.is_confirmed, n.territory_code, n.city_district_code, n.koatuu, n.postal_code, n.address, n.phone, n.email, n.site, n.director, n.managing_body, n.languages, n.shifts, n.capacity, n.licensed_volume, n.version) AS own) x WHERE x.own;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM old_rows o FULL JOIN new_rows n ON n.institution_id = o.institution_id, LATERAL (SELECT (o.institution_id, o.uid, o.diso_id, o.edebo_id, o.edrpou, o.full_name, o.short_name, o.kind, o.type, o.ownership, o.status, o.founder_edrpou, o.hub_id, o.is_hub, o.is_rural, o.is_mountain, o.is_boarding, o.is_confirmed, o.territory_code, o.city_district_code, o.koatuu, o.postal_code, o.address, o.phone, o.email, o.site, o.director, o.managing_body, o.languages, o.shifts, o.capacity, o.licensed_volume, o.version) IS DISTINCT FROM (n.institution_id, n.uid, n.diso_id, n.edebo_id, n.edrpou, n.full_name, n.short_name, n.kind, n.type, n.ownership, n.status, n.founder_edrpou, n.hub_id, n.is_hub, n.is_rural, n.is_mountain, n.is_boarding, n.is_confirmed, n.territory_code, n.city_district_code, n.koatuu, n.postal_code, n.address, n.phone, n.email, n.site, n.director, n.managing_body, n.languages, n.shifts, n.capacity, n.licensed_volume, n.version) AS own) x WHERE x.own) THEN\n                RAISE EXCEPTION 'No act is open: change registry.institution through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='b38ce9ef461f3cc749e5866f73422d7bd05c06c1', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_history_update_08465', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='registry_institution', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='institution',
            trigger=pgtrigger.compiler.Trigger(name='history_delete', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'registry.institution', o.institution_id::text, 'D', o.institution_id, NULL, to_jsonb(o)\n            FROM audit_open_act() a, old_rows o;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM old_rows o) THEN\n                RAISE EXCEPTION 'No act is open: change registry.institution through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='cb78f3dd775e41c82f613d17b622084debf328e4', level='STATEMENT', operation='DELETE', pgid='pgtrigger_history_delete_a584c', referencing='REFERENCING OLD TABLE AS old_rows ', table='registry_institution', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='institution',
            trigger=pgtrigger.compiler.Trigger(name='place', sql=kernel.audit.triggers.Installed(condition='WHEN (NEW.institution_id IS NOT NULL OR NEW.oblast_id IS NOT NULL OR NEW.raion_id IS NOT NULL OR NEW.hromada_id IS NOT NULL OR NEW.district_id IS NOT NULL)', func='\n        IF NEW.institution_id IS NULL THEN\n            NEW.oblast_id := NULL; NEW.raion_id := NULL;\n            NEW.hromada_id := NULL; NEW.district_id := NULL;\n        ELSE\n            SELECT oblast_id, raion_id, hromada_id, district_id\n                INTO STRICT NEW.oblast_id, NEW.raion_id, NEW.hromada_id, NEW.district_id\n                FROM accounts_orgunit WHERE id = NEW.institution_id;\n        END IF;\n        RETURN NEW;\n    ', hash='212263315e2bf3070e52e1e6adaac9643052c88a', operation='INSERT', pgid='pgtrigger_place_87c2a', table='registry_institution', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='institution',
            trigger=pgtrigger.compiler.Trigger(name='replace', sql=kernel.audit.triggers.Installed(condition='WHEN (NEW.institution_id IS DISTINCT FROM OLD.institution_id OR NEW.oblast_id IS DISTINCT FROM OLD.oblast_id OR NEW.raion_id IS DISTINCT FROM OLD.raion_id OR NEW.hromada_id IS DISTINCT FROM OLD.hromada_id OR NEW.district_id IS DISTINCT FROM OLD.district_id)', func="\n                IF NEW.institution_id IS NOT DISTINCT FROM OLD.institution_id\n                   AND coalesce(current_setting('aikom.replacing', true), '') = '' THEN\n                    NEW.oblast_id := OLD.oblast_id; NEW.raion_id := OLD.raion_id;\n                    NEW.hromada_id := OLD.hromada_id; NEW.district_id := OLD.district_id;\n                    RETURN NEW;\n                END IF;\n                \n        IF NEW.institution_id IS NULL THEN\n            NEW.oblast_id := NULL; NEW.raion_id := NULL;\n            NEW.hromada_id := NULL; NEW.district_id := NULL;\n        ELSE\n            SELECT oblast_id, raion_id, hromada_id, district_id\n                INTO STRICT NEW.oblast_id, NEW.raion_id, NEW.hromada_id, NEW.district_id\n                FROM accounts_orgunit WHERE id = NEW.institution_id;\n        END IF;\n        RETURN NEW;\n    \n            ", hash='03a0974dbd1902c55a14fa9b2b2c6eeec7e2241a', operation='UPDATE', pgid='pgtrigger_replace_0bcf1', table='registry_institution', when='BEFORE')),
        ),
        migrations.AddIndex(
            model_name='draft',
            index=models.Index(fields=['institution', 'process', 'state', '-updated_at'], name='draft_by_institution'),
        ),
        migrations.AddConstraint(
            model_name='draft',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['OPEN', 'ORDERED', 'DISCARDED'])), name='draft_state'),
        ),
        migrations.AddIndex(
            model_name='institutionstatus',
            index=models.Index(fields=['institution', '-since'], name='status_by_institution'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='institutionstatus',
            trigger=pgtrigger.compiler.Trigger(name='history_insert', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'registry.institutionstatus', n.id::text, 'I', NULL, n.institution_id, NULL\n            FROM audit_open_act() a, new_rows n;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM new_rows n) THEN\n                RAISE EXCEPTION 'No act is open: change registry.institutionstatus through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='53c5be18b57c86735419d6af13a5ac62e1ff290e', level='STATEMENT', operation='INSERT', pgid='pgtrigger_history_insert_57e44', referencing='REFERENCING NEW TABLE AS new_rows ', table='registry_institutionstatus', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='institutionstatus',
            trigger=pgtrigger.compiler.Trigger(name='history_update', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'registry.institutionstatus', n.id::text, 'U', o.institution_id, n.institution_id, to_jsonb(o)\n            FROM audit_open_act() a, old_rows o FULL JOIN new_rows n ON n.id = o.id, LATERAL (SELECT o IS DISTINCT FROM n AS own) x WHERE x.own;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM old_rows o FULL JOIN new_rows n ON n.id = o.id, LATERAL (SELECT o IS DISTINCT FROM n AS own) x WHERE x.own) THEN\n                RAISE EXCEPTION 'No act is open: change registry.institutionstatus through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='8310925697c10aa94ca1803234b66b41d3e176c0', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_history_update_7895c', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='registry_institutionstatus', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='institutionstatus',
            trigger=pgtrigger.compiler.Trigger(name='history_delete', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'registry.institutionstatus', o.id::text, 'D', o.institution_id, NULL, to_jsonb(o)\n            FROM audit_open_act() a, old_rows o;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM old_rows o) THEN\n                RAISE EXCEPTION 'No act is open: change registry.institutionstatus through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='1a2723411f9369be05faefcf135ea7068c24ed37', level='STATEMENT', operation='DELETE', pgid='pgtrigger_history_delete_af77f', referencing='REFERENCING OLD TABLE AS old_rows ', table='registry_institutionstatus', when='AFTER')),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(fields=['institution', '-created_at'], name='order_by_institution'),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(condition=models.Q(('corrects__isnull', False)), fields=['corrects'], name='order_by_corrected'),
        ),
        migrations.AddConstraint(
            model_name='order',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['enrol', 'withdraw', 'annul'])), name='order_kind'),
        ),
        migrations.AddConstraint(
            model_name='order',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['PREPARED', 'EFFECTIVE', 'ANNULLED', 'GIVEN_UP'])), name='order_state'),
        ),
        migrations.AddConstraint(
            model_name='order',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['EFFECTIVE', 'ANNULLED']), _negated=True), models.Q(('signed_at__isnull', False), ('signing_id__isnull', False)), _connector='OR'), name='effective_only_signed'),
        ),
        migrations.AddConstraint(
            model_name='order',
            constraint=models.UniqueConstraint(models.F('institution'), models.F('year'), kernel.text.Alike('number'), condition=models.Q(('state', 'GIVEN_UP'), _negated=True), name='one_order_of_a_number'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='order',
            trigger=pgtrigger.compiler.Trigger(name='history_insert', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'registry.order', n.id::text, 'I', NULL, n.institution_id, NULL\n            FROM audit_open_act() a, new_rows n;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM new_rows n) THEN\n                RAISE EXCEPTION 'No act is open: change registry.order through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='8870cb4e026567ebae45cec4e20b2b9909fab7fa', level='STATEMENT', operation='INSERT', pgid='pgtrigger_history_insert_9dfb0', referencing='REFERENCING NEW TABLE AS new_rows ', table='registry_order', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='order',
            trigger=pgtrigger.compiler.Trigger(name='history_update', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'registry.order', n.id::text, 'U', o.institution_id, n.institution_id, to_jsonb(o)\n            FROM audit_open_act() a, old_rows o FULL JOIN new_rows n ON n.id = o.id, LATERAL (SELECT o IS DISTINCT FROM n AS own) x WHERE x.own;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM old_rows o FULL JOIN new_rows n ON n.id = o.id, LATERAL (SELECT o IS DISTINCT FROM n AS own) x WHERE x.own) THEN\n                RAISE EXCEPTION 'No act is open: change registry.order through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='1bc652dcbfb85d88d598e2a610318aa62f84c07f', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_history_update_b414f', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='registry_order', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='order',
            trigger=pgtrigger.compiler.Trigger(name='history_delete', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'registry.order', o.id::text, 'D', o.institution_id, NULL, to_jsonb(o)\n            FROM audit_open_act() a, old_rows o;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM old_rows o) THEN\n                RAISE EXCEPTION 'No act is open: change registry.order through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='1dcf0045ce0dd12c54e2899a5d8faaf9bb674dff', level='STATEMENT', operation='DELETE', pgid='pgtrigger_history_delete_9bb9e', referencing='REFERENCING OLD TABLE AS old_rows ', table='registry_order', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='order',
            trigger=pgtrigger.compiler.Trigger(name='signed_stays', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."state" IN (\'EFFECTIVE\', \'ANNULLED\'))', func='RAISE EXCEPTION \'pgtrigger: Cannot update of "number", "issued_on", "ground", "effective_on", "kind", "institution_id", "signing_id", "manifest_sha256", "corrects_id" rows from % table\', TG_TABLE_NAME;', hash='2855ae27354042e1c3482626e6af3415af5aefff', operation='UPDATE OF "number", "issued_on", "ground", "effective_on", "kind", "institution_id", "signing_id", "manifest_sha256", "corrects_id"', pgid='pgtrigger_signed_stays_d495c', table='registry_order', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='order',
            trigger=pgtrigger.compiler.Trigger(name='never_deleted', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='8bd946f04e609680b3de3d1d949b5cb9b023cbf8', operation='DELETE', pgid='pgtrigger_never_deleted_f04c1', table='registry_order', when='BEFORE')),
        ),
        migrations.AddIndex(
            model_name='classplacement',
            index=models.Index(condition=models.Q(('opened_by__isnull', False)), fields=['opened_by'], name='placement_opened_by'),
        ),
        migrations.AddConstraint(
            model_name='classplacement',
            constraint=models.CheckConstraint(condition=models.Q(('ends_on', None), ('ends_on__gt', models.F('starts_on')), _connector='OR'), name='placement_period'),
        ),
        migrations.AddConstraint(
            model_name='classplacement',
            constraint=models.CheckConstraint(condition=models.Q(('origin__in', ('ORDER', 'MIGRATED'))), name='placement_origin'),
        ),
        migrations.AddConstraint(
            model_name='classplacement',
            constraint=models.CheckConstraint(condition=models.Q(('opened_by__isnull', False), ('origin', 'MIGRATED'), _connector='OR'), name='placement_rests_on_an_order'),
        ),
        migrations.AddConstraint(
            model_name='classplacement',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('voided_by', None)), expressions=[('enrolment', '='), (registry.enrolments.models.DateRange(models.F('starts_on'), models.F('ends_on')), '&&')], name='placements_never_overlap'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='classplacement',
            trigger=pgtrigger.compiler.Trigger(name='history_insert', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'registry.classplacement', n.id::text, 'I', NULL, NULL, NULL\n            FROM audit_open_act() a, new_rows n;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM new_rows n) THEN\n                RAISE EXCEPTION 'No act is open: change registry.classplacement through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='a397b18c3b5fd4f6c61782658037b3b76a5763f6', level='STATEMENT', operation='INSERT', pgid='pgtrigger_history_insert_4569a', referencing='REFERENCING NEW TABLE AS new_rows ', table='registry_classplacement', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='classplacement',
            trigger=pgtrigger.compiler.Trigger(name='history_update', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'registry.classplacement', n.id::text, 'U', NULL, NULL, to_jsonb(o)\n            FROM audit_open_act() a, old_rows o FULL JOIN new_rows n ON n.id = o.id, LATERAL (SELECT o IS DISTINCT FROM n AS own) x WHERE x.own;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM old_rows o FULL JOIN new_rows n ON n.id = o.id, LATERAL (SELECT o IS DISTINCT FROM n AS own) x WHERE x.own) THEN\n                RAISE EXCEPTION 'No act is open: change registry.classplacement through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='7548c152ee443724149c8e03080ddcb46e9d2ea2', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_history_update_ae6d1', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='registry_classplacement', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='classplacement',
            trigger=pgtrigger.compiler.Trigger(name='history_delete', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'registry.classplacement', o.id::text, 'D', NULL, NULL, to_jsonb(o)\n            FROM audit_open_act() a, old_rows o;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM old_rows o) THEN\n                RAISE EXCEPTION 'No act is open: change registry.classplacement through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='ab2d76aa8e817f0e56f31ef8a853386ace4f0bca', level='STATEMENT', operation='DELETE', pgid='pgtrigger_history_delete_74384', referencing='REFERENCING OLD TABLE AS old_rows ', table='registry_classplacement', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='classplacement',
            trigger=pgtrigger.compiler.Trigger(name='voided_not_deleted', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='17215de42fb5b1e76efc1853f54e12d9250d9e7f', operation='DELETE', pgid='pgtrigger_voided_not_deleted_0a1cb', table='registry_classplacement', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='classplacement',
            trigger=pgtrigger.compiler.Trigger(name='opened', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                PERFORM registry_check_placements(ARRAY(SELECT id FROM new_rows));\n                PERFORM registry_mirror(ARRAY(\n                    SELECT DISTINCT e.pupil_id FROM new_rows n\n                    JOIN registry_enrolment e ON e.id = n.enrolment_id WHERE e.kind = 'MAIN'\n                ), aikom_today());\n                 RETURN NULL;", hash='156ed07739d247e502cf06e6b5716d9d10b1775b', level='STATEMENT', operation='INSERT', pgid='pgtrigger_opened_3c336', referencing='REFERENCING NEW TABLE AS new_rows ', table='registry_classplacement', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='classplacement',
            trigger=pgtrigger.compiler.Trigger(name='changed', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                PERFORM registry_check_placements(ARRAY(SELECT id FROM new_rows));\n                PERFORM registry_mirror(ARRAY(\n                    SELECT e.pupil_id FROM registry_enrolment e WHERE e.kind = 'MAIN' AND e.id IN (\n                        SELECT enrolment_id FROM new_rows UNION SELECT enrolment_id FROM old_rows)\n                ), aikom_today());\n                 RETURN NULL;", hash='73d2818c6adc24aacfd0560b1424c3e254e176c9', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_changed_ad728', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='registry_classplacement', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='ordertask',
            constraint=models.CheckConstraint(condition=models.Q(('process__in', ['enrol', 'withdraw', 'annul'])), name='order_task_process'),
        ),
        migrations.AddConstraint(
            model_name='ordertask',
            constraint=models.CheckConstraint(condition=models.Q(('done_by', None), models.Q(('done_by', models.F('order')), _negated=True), _connector='OR'), name='order_task_done_by_another'),
        ),
        migrations.AddConstraint(
            model_name='ordertask',
            constraint=models.UniqueConstraint(fields=('order', 'for_institution', 'process'), name='order_task_once'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='ordertask',
            trigger=pgtrigger.compiler.Trigger(name='history_insert', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'registry.ordertask', n.id::text, 'I', NULL, NULL, NULL\n            FROM audit_open_act() a, new_rows n;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM new_rows n) THEN\n                RAISE EXCEPTION 'No act is open: change registry.ordertask through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='94e8d81f90c77039cacc07866a59fa70785ccb59', level='STATEMENT', operation='INSERT', pgid='pgtrigger_history_insert_0dd27', referencing='REFERENCING NEW TABLE AS new_rows ', table='registry_ordertask', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='ordertask',
            trigger=pgtrigger.compiler.Trigger(name='history_update', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'registry.ordertask', n.id::text, 'U', NULL, NULL, to_jsonb(o)\n            FROM audit_open_act() a, old_rows o FULL JOIN new_rows n ON n.id = o.id, LATERAL (SELECT o IS DISTINCT FROM n AS own) x WHERE x.own;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM old_rows o FULL JOIN new_rows n ON n.id = o.id, LATERAL (SELECT o IS DISTINCT FROM n AS own) x WHERE x.own) THEN\n                RAISE EXCEPTION 'No act is open: change registry.ordertask through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='696fd2a9637ce0d215b9487350a2b6e5c537123a', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_history_update_81ffb', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='registry_ordertask', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='ordertask',
            trigger=pgtrigger.compiler.Trigger(name='history_delete', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'registry.ordertask', o.id::text, 'D', NULL, NULL, to_jsonb(o)\n            FROM audit_open_act() a, old_rows o;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM old_rows o) THEN\n                RAISE EXCEPTION 'No act is open: change registry.ordertask through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='9b815118bd4671b5ff726766178fc5aae2363044', level='STATEMENT', operation='DELETE', pgid='pgtrigger_history_delete_9d9de', referencing='REFERENCING OLD TABLE AS old_rows ', table='registry_ordertask', when='AFTER')),
        ),
        migrations.AddIndex(
            model_name='post',
            index=models.Index(fields=['institution', 'sort_key', 'id'], name='post_inst'),
        ),
        migrations.AddIndex(
            model_name='post',
            index=models.Index(fields=['oblast_id', 'sort_key', 'id'], name='post_oblast'),
        ),
        migrations.AddIndex(
            model_name='post',
            index=models.Index(fields=['raion_id', 'sort_key', 'id'], name='post_raion'),
        ),
        migrations.AddIndex(
            model_name='post',
            index=models.Index(fields=['hromada_id', 'sort_key', 'id'], name='post_hromada'),
        ),
        migrations.AddIndex(
            model_name='post',
            index=models.Index(fields=['sort_key', 'id'], name='post_country'),
        ),
        migrations.AddConstraint(
            model_name='post',
            constraint=models.CheckConstraint(condition=models.Q(('ends_on', None), ('ends_on__gt', models.F('starts_on')), _connector='OR'), name='post_period'),
        ),
        migrations.AddConstraint(
            model_name='post',
            constraint=models.CheckConstraint(condition=models.Q(('rate__gt', 0), ('rate__lte', 2)), name='post_rate'),
        ),
        migrations.AddConstraint(
            model_name='post',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('is_main', True)), expressions=[('employee', '='), (models.Func(models.F('starts_on'), models.F('ends_on'), function='daterange', output_field=django.contrib.postgres.fields.ranges.DateRangeField()), '&&')], name='one_main_post_at_a_time'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='post',
            trigger=pgtrigger.compiler.Trigger(name='history_insert', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'registry.post', n.id::text, 'I', NULL, n.institution_id, NULL\n            FROM audit_open_act() a, new_rows n;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM new_rows n) THEN\n                RAISE EXCEPTION 'No act is open: change registry.post through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='bfaf044ec6be0c780c1f1c680e1ac01a4f563ca0', level='STATEMENT', operation='INSERT', pgid='pgtrigger_history_insert_b9bd8', referencing='REFERENCING NEW TABLE AS new_rows ', table='registry_post', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='post',
            trigger=pgtrigger.compiler.Trigger(name='history_update', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'registry.post', n.id::text, 'U', o.institution_id, n.institution_id, to_jsonb(o)\n            FROM audit_open_act() a, old_rows o FULL JOIN new_rows n ON n.id = o.id, LATERAL (SELECT (o.id, o.employee_id, o.institution_id, o.position, o.is_main, o.rate, o.category, o.starts_on, o.ends_on, o.version) IS DISTINCT FROM (n.id, n.employee_id, n.institution_id, n.position, n.is_main, n.rate, n.category, n.starts_on, n.ends_on, n.version) AS own) x WHERE x.own;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM old_rows o FULL JOIN new_rows n ON n.id = o.id, LATERAL (SELECT (o.id, o.employee_id, o.institution_id, o.position, o.is_main, o.rate, o.category, o.starts_on, o.ends_on, o.version) IS DISTINCT FROM (n.id, n.employee_id, n.institution_id, n.position, n.is_main, n.rate, n.category, n.starts_on, n.ends_on, n.version) AS own) x WHERE x.own) THEN\n                RAISE EXCEPTION 'No act is open: change registry.post through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='56359bb1b528f4f1ccddab847438c32e1739a245', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_history_update_5b2b5', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='registry_post', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='post',
            trigger=pgtrigger.compiler.Trigger(name='history_delete', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'registry.post', o.id::text, 'D', o.institution_id, NULL, to_jsonb(o)\n            FROM audit_open_act() a, old_rows o;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM old_rows o) THEN\n                RAISE EXCEPTION 'No act is open: change registry.post through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='b3939c08b2e9a2539d057d95854b788300261a2c', level='STATEMENT', operation='DELETE', pgid='pgtrigger_history_delete_df3be', referencing='REFERENCING OLD TABLE AS old_rows ', table='registry_post', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='post',
            trigger=pgtrigger.compiler.Trigger(name='place', sql=kernel.audit.triggers.Installed(condition='WHEN (NEW.institution_id IS NOT NULL OR NEW.oblast_id IS NOT NULL OR NEW.raion_id IS NOT NULL OR NEW.hromada_id IS NOT NULL OR NEW.district_id IS NOT NULL)', func='\n        IF NEW.institution_id IS NULL THEN\n            NEW.oblast_id := NULL; NEW.raion_id := NULL;\n            NEW.hromada_id := NULL; NEW.district_id := NULL;\n        ELSE\n            SELECT oblast_id, raion_id, hromada_id, district_id\n                INTO STRICT NEW.oblast_id, NEW.raion_id, NEW.hromada_id, NEW.district_id\n                FROM accounts_orgunit WHERE id = NEW.institution_id;\n        END IF;\n        RETURN NEW;\n    ', hash='851dfd2d716e8c1b4b175e465851944ac9137fa6', operation='INSERT', pgid='pgtrigger_place_a766f', table='registry_post', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='post',
            trigger=pgtrigger.compiler.Trigger(name='replace', sql=kernel.audit.triggers.Installed(condition='WHEN (NEW.institution_id IS DISTINCT FROM OLD.institution_id OR NEW.oblast_id IS DISTINCT FROM OLD.oblast_id OR NEW.raion_id IS DISTINCT FROM OLD.raion_id OR NEW.hromada_id IS DISTINCT FROM OLD.hromada_id OR NEW.district_id IS DISTINCT FROM OLD.district_id)', func="\n                IF NEW.institution_id IS NOT DISTINCT FROM OLD.institution_id\n                   AND coalesce(current_setting('aikom.replacing', true), '') = '' THEN\n                    NEW.oblast_id := OLD.oblast_id; NEW.raion_id := OLD.raion_id;\n                    NEW.hromada_id := OLD.hromada_id; NEW.district_id := OLD.district_id;\n                    RETURN NEW;\n                END IF;\n                \n        IF NEW.institution_id IS NULL THEN\n            NEW.oblast_id := NULL; NEW.raion_id := NULL;\n            NEW.hromada_id := NULL; NEW.district_id := NULL;\n        ELSE\n            SELECT oblast_id, raion_id, hromada_id, district_id\n                INTO STRICT NEW.oblast_id, NEW.raion_id, NEW.hromada_id, NEW.district_id\n                FROM accounts_orgunit WHERE id = NEW.institution_id;\n        END IF;\n        RETURN NEW;\n    \n            ", hash='25531d48119a0d6185e129d0a13603c70ffda176', operation='UPDATE', pgid='pgtrigger_replace_534db', table='registry_post', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='post',
            trigger=pgtrigger.compiler.Trigger(name='named', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n                    SELECT sort_key INTO STRICT NEW.sort_key\n                    FROM registry_employee WHERE id = NEW.employee_id;\n                    RETURN NEW;\n                ', hash='622dc976c2bebc904bd971b57b441dc90ee0c334', operation='INSERT OR UPDATE OF "employee_id"', pgid='pgtrigger_named_3e2c2', table='registry_post', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='post',
            trigger=pgtrigger.compiler.Trigger(name='counted', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n            INSERT INTO registry_postcount AS c (oblast_id, raion_id, hromada_id, district_id, position, ends_on, posts, rates)\n            SELECT oblast_id, raion_id, hromada_id, district_id, position, ends_on, sum(n), sum(n * rate) FROM (SELECT 1 AS n, * FROM new_rows) x\n            GROUP BY oblast_id, raion_id, hromada_id, district_id, position, ends_on HAVING sum(n) <> 0 OR sum(n * rate) <> 0\n            ORDER BY oblast_id, raion_id, hromada_id, district_id, position, ends_on\n            ON CONFLICT (oblast_id, raion_id, hromada_id, district_id, position, ends_on) DO UPDATE\n            SET posts = c.posts + excluded.posts, rates = c.rates + excluded.rates;\n            RETURN NULL;\n        ', hash='67c1ade987c3e23e4122d33a51779298960f0872', level='STATEMENT', operation='INSERT', pgid='pgtrigger_counted_da847', referencing='REFERENCING NEW TABLE AS new_rows ', table='registry_post', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='post',
            trigger=pgtrigger.compiler.Trigger(name='recounted', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n            INSERT INTO registry_postcount AS c (oblast_id, raion_id, hromada_id, district_id, position, ends_on, posts, rates)\n            SELECT oblast_id, raion_id, hromada_id, district_id, position, ends_on, sum(n), sum(n * rate) FROM (SELECT 1 AS n, * FROM new_rows UNION ALL SELECT -1 AS n, * FROM old_rows) x\n            GROUP BY oblast_id, raion_id, hromada_id, district_id, position, ends_on HAVING sum(n) <> 0 OR sum(n * rate) <> 0\n            ORDER BY oblast_id, raion_id, hromada_id, district_id, position, ends_on\n            ON CONFLICT (oblast_id, raion_id, hromada_id, district_id, position, ends_on) DO UPDATE\n            SET posts = c.posts + excluded.posts, rates = c.rates + excluded.rates;\n            RETURN NULL;\n        ', hash='ddb82608143de2862dffe66e64b34e0964b6c9e2', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_recounted_3a769', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='registry_post', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='post',
            trigger=pgtrigger.compiler.Trigger(name='uncounted', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n            INSERT INTO registry_postcount AS c (oblast_id, raion_id, hromada_id, district_id, position, ends_on, posts, rates)\n            SELECT oblast_id, raion_id, hromada_id, district_id, position, ends_on, sum(n), sum(n * rate) FROM (SELECT -1 AS n, * FROM old_rows) x\n            GROUP BY oblast_id, raion_id, hromada_id, district_id, position, ends_on HAVING sum(n) <> 0 OR sum(n * rate) <> 0\n            ORDER BY oblast_id, raion_id, hromada_id, district_id, position, ends_on\n            ON CONFLICT (oblast_id, raion_id, hromada_id, district_id, position, ends_on) DO UPDATE\n            SET posts = c.posts + excluded.posts, rates = c.rates + excluded.rates;\n            RETURN NULL;\n        ', hash='3bcdcd03464ff7f687a82fc9f9b8f1a22695a7f1', level='STATEMENT', operation='DELETE', pgid='pgtrigger_uncounted_e7c25', referencing='REFERENCING OLD TABLE AS old_rows ', table='registry_post', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='post',
            trigger=pgtrigger.compiler.Trigger(name='leads_its_classes', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n                    PERFORM registry_check_teachers(ARRAY(\n                        SELECT id FROM registry_classgroup WHERE teacher_id = NEW.id));\n                    RETURN NULL;\n                ', hash='171007feb2a753fb5d3fef748224ca439e4c925e', operation='UPDATE OF "institution_id", "starts_on", "ends_on"', pgid='pgtrigger_leads_its_classes_3fe9b', table='registry_post', when='AFTER')),
        ),
        migrations.AddIndex(
            model_name='pupil',
            index=models.Index(fields=['institution', 'sort_key', 'id'], name='pupil_inst'),
        ),
        migrations.AddIndex(
            model_name='pupil',
            index=models.Index(fields=['class_group_id', 'sort_key', 'id'], name='pupil_class'),
        ),
        migrations.AddIndex(
            model_name='pupil',
            index=models.Index(fields=['oblast_id', 'sort_key', 'id'], name='pupil_oblast'),
        ),
        migrations.AddIndex(
            model_name='pupil',
            index=models.Index(fields=['raion_id', 'sort_key', 'id'], name='pupil_raion'),
        ),
        migrations.AddIndex(
            model_name='pupil',
            index=models.Index(fields=['hromada_id', 'sort_key', 'id'], name='pupil_hromada'),
        ),
        migrations.AddIndex(
            model_name='pupil',
            index=models.Index(condition=models.Q(('district_id__isnull', False)), fields=['district_id', 'sort_key', 'id'], name='pupil_district'),
        ),
        migrations.AddIndex(
            model_name='pupil',
            index=models.Index(condition=models.Q(('institution__isnull', False)), fields=['sort_key', 'id'], name='pupil_country'),
        ),
        migrations.AddIndex(
            model_name='pupil',
            index=models.Index(fields=['born_on', 'sort_key'], name='pupil_born'),
        ),
        migrations.AddIndex(
            model_name='pupil',
            index=models.Index(fields=['grade', 'id'], name='pupil_grade'),
        ),
        migrations.AddIndex(
            model_name='pupil',
            index=models.Index(condition=models.Q(('closed_on__isnull', True), ('institution__isnull', True), ('residence__isnull', False)), fields=['residence', 'sort_key', 'id'], name='pupil_nowhere'),
        ),
        migrations.AddIndex(
            model_name='pupil',
            index=models.Index(condition=models.Q(('merged_into__isnull', False)), fields=['merged_into'], name='pupil_merged_into'),
        ),
        migrations.AddIndex(
            model_name='pupil',
            index=models.Index(fields=['oblast_id', 'id'], name='pupil_oblast_id'),
        ),
        migrations.AddIndex(
            model_name='pupil',
            index=models.Index(fields=['raion_id', 'id'], name='pupil_raion_id'),
        ),
        migrations.AddConstraint(
            model_name='pupil',
            constraint=models.CheckConstraint(condition=models.Q(('sex__in', ['M', 'F'])), name='pupil_sex'),
        ),
        migrations.AddConstraint(
            model_name='pupil',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('rnokpp', None), ('rnokpp_state__in', ['REFUSED', 'NOT_ASSIGNED'])), models.Q(('rnokpp__isnull', False), ('rnokpp__regex', '^[0-9]{10}$'), ('rnokpp_state', 'VALUE')), _connector='OR'), name='pupil_rnokpp_state'),
        ),
        migrations.AddConstraint(
            model_name='pupil',
            constraint=models.UniqueConstraint(condition=models.Q(('merged_into', None), ('rnokpp__isnull', False)), fields=('rnokpp',), name='one_pupil_per_rnokpp'),
        ),
        migrations.AddConstraint(
            model_name='pupil',
            constraint=models.UniqueConstraint(condition=models.Q(('merged_into', None), ('unzr__isnull', False)), fields=('unzr',), name='one_pupil_per_unzr'),
        ),
        migrations.AddConstraint(
            model_name='pupil',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('closed_on', None), ('closed_reason', ''), ('merged_into', None)), models.Q(('closed_on__isnull', False), ('closed_reason__in', ('DEATH', 'MAJORITY')), ('merged_into', None)), models.Q(('closed_on__isnull', False), ('closed_reason', 'MERGED'), ('merged_into__isnull', False)), _connector='OR'), name='pupil_closed'),
        ),
        migrations.AddConstraint(
            model_name='pupil',
            constraint=models.CheckConstraint(condition=models.Q(('merged_into', None), ('institution', None), _connector='OR'), name='merged_pupil_learns_nowhere'),
        ),
        migrations.AddConstraint(
            model_name='pupil',
            constraint=models.CheckConstraint(condition=models.Q(('merged_into', models.F('id')), _negated=True), name='pupil_not_merged_into_itself'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='pupil',
            trigger=pgtrigger.compiler.Trigger(name='history_insert', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'registry.pupil', n.id::text, 'I', NULL, n.institution_id, NULL\n            FROM audit_open_act() a, new_rows n;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM new_rows n) THEN\n                RAISE EXCEPTION 'No act is open: change registry.pupil through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='c12389c3180c5930f7f0e2ae333b2e3b9d70f487', level='STATEMENT', operation='INSERT', pgid='pgtrigger_history_insert_c01cc', referencing='REFERENCING NEW TABLE AS new_rows ', table='registry_pupil', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='pupil',
            trigger=pgtrigger.compiler.Trigger(name='history_update', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'registry.pupil', n.id::text, CASE WHEN x.own THEN 'U' ELSE 'M' END, o.institution_id, n.institution_id, CASE WHEN x.own THEN to_jsonb(o) END\n            FROM audit_open_act() a, old_rows o FULL JOIN new_rows n ON n.id = o.id, LATERAL (SELECT (o.id, o.surname, o.given_name, o.patronymic, o.sex, o.born_on, o.citizenship, o.rnokpp, o.rnokpp_state, o.unzr, o.contact_status, o.version, o.created_at, o.merged_into_id, o.closed_on, o.closed_reason) IS DISTINCT FROM (n.id, n.surname, n.given_name, n.patronymic, n.sex, n.born_on, n.citizenship, n.rnokpp, n.rnokpp_state, n.unzr, n.contact_status, n.version, n.created_at, n.merged_into_id, n.closed_on, n.closed_reason) AS own) x WHERE x.own OR o.institution_id IS DISTINCT FROM n.institution_id;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM old_rows o FULL JOIN new_rows n ON n.id = o.id, LATERAL (SELECT (o.id, o.surname, o.given_name, o.patronymic, o.sex, o.born_on, o.citizenship, o.rnokpp, o.rnokpp_state, o.unzr, o.contact_status, o.version, o.created_at, o.merged_into_id, o.closed_on, o.closed_reason) IS DISTINCT FROM (n.id, n.surname, n.given_name, n.patronymic, n.sex, n.born_on, n.citizenship, n.rnokpp, n.rnokpp_state, n.unzr, n.contact_status, n.version, n.created_at, n.merged_into_id, n.closed_on, n.closed_reason) AS own) x WHERE x.own OR o.institution_id IS DISTINCT FROM n.institution_id) THEN\n                RAISE EXCEPTION 'No act is open: change registry.pupil through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='64e51ed918dc061a59aeac21886ea8f71c050997', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_history_update_cfe01', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='registry_pupil', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='pupil',
            trigger=pgtrigger.compiler.Trigger(name='history_delete', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'registry.pupil', o.id::text, 'D', o.institution_id, NULL, to_jsonb(o)\n            FROM audit_open_act() a, old_rows o;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM old_rows o) THEN\n                RAISE EXCEPTION 'No act is open: change registry.pupil through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='5da35acdf268e837219bb82ffcb184eaa4f17244', level='STATEMENT', operation='DELETE', pgid='pgtrigger_history_delete_708ab', referencing='REFERENCING OLD TABLE AS old_rows ', table='registry_pupil', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='pupil',
            trigger=pgtrigger.compiler.Trigger(name='place', sql=kernel.audit.triggers.Installed(condition='WHEN (NEW.institution_id IS NOT NULL OR NEW.oblast_id IS NOT NULL OR NEW.raion_id IS NOT NULL OR NEW.hromada_id IS NOT NULL OR NEW.district_id IS NOT NULL)', func='\n        IF NEW.institution_id IS NULL THEN\n            NEW.oblast_id := NULL; NEW.raion_id := NULL;\n            NEW.hromada_id := NULL; NEW.district_id := NULL;\n        ELSE\n            SELECT oblast_id, raion_id, hromada_id, district_id\n                INTO STRICT NEW.oblast_id, NEW.raion_id, NEW.hromada_id, NEW.district_id\n                FROM accounts_orgunit WHERE id = NEW.institution_id;\n        END IF;\n        RETURN NEW;\n    ', hash='7469bdf50b57a81f67a1e67731628ed139068f67', operation='INSERT', pgid='pgtrigger_place_ab89e', table='registry_pupil', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='pupil',
            trigger=pgtrigger.compiler.Trigger(name='replace', sql=kernel.audit.triggers.Installed(condition='WHEN (NEW.institution_id IS DISTINCT FROM OLD.institution_id OR NEW.oblast_id IS DISTINCT FROM OLD.oblast_id OR NEW.raion_id IS DISTINCT FROM OLD.raion_id OR NEW.hromada_id IS DISTINCT FROM OLD.hromada_id OR NEW.district_id IS DISTINCT FROM OLD.district_id)', func="\n                IF NEW.institution_id IS NOT DISTINCT FROM OLD.institution_id\n                   AND coalesce(current_setting('aikom.replacing', true), '') = '' THEN\n                    NEW.oblast_id := OLD.oblast_id; NEW.raion_id := OLD.raion_id;\n                    NEW.hromada_id := OLD.hromada_id; NEW.district_id := OLD.district_id;\n                    RETURN NEW;\n                END IF;\n                \n        IF NEW.institution_id IS NULL THEN\n            NEW.oblast_id := NULL; NEW.raion_id := NULL;\n            NEW.hromada_id := NULL; NEW.district_id := NULL;\n        ELSE\n            SELECT oblast_id, raion_id, hromada_id, district_id\n                INTO STRICT NEW.oblast_id, NEW.raion_id, NEW.hromada_id, NEW.district_id\n                FROM accounts_orgunit WHERE id = NEW.institution_id;\n        END IF;\n        RETURN NEW;\n    \n            ", hash='eaf42fc5a64f6e8f71c205025bc8aacd7168d5c0', operation='UPDATE', pgid='pgtrigger_replace_8fd77', table='registry_pupil', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='pupil',
            trigger=pgtrigger.compiler.Trigger(name='merged_into_one_that_stands', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW."merged_into_id" IS NOT NULL)', func="\n                    IF EXISTS (SELECT FROM registry_pupil p\n                               WHERE p.id = NEW.merged_into_id AND p.merged_into_id IS NOT NULL)\n                       OR EXISTS (SELECT FROM registry_pupil p WHERE p.merged_into_id = NEW.id) THEN\n                        RAISE EXCEPTION 'pupil % would be merged in a chain', NEW.id\n                            USING ERRCODE = 'check_violation', CONSTRAINT = 'merged_without_chains';\n                    END IF;\n                    RETURN NEW;\n                ", hash='7c94dceb389e10c1406ee2c92169127450600bac', operation='INSERT OR UPDATE OF "merged_into_id"', pgid='pgtrigger_merged_into_one_that_stands_cca85', table='registry_pupil', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='pupil',
            trigger=pgtrigger.compiler.Trigger(name='name_words', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                    INSERT INTO registry_nameword (kind, word)\n                    SELECT DISTINCT k, translate(lower(w), '''`’ʼ‘′', '')\n                    FROM new_rows, LATERAL (VALUES ('S', surname), ('G', given_name)) AS x(k, w)\n                    ON CONFLICT DO NOTHING;\n                    RETURN NULL;\n                ", hash='8317a0d79451faaadc6afdc94a84db28fb9c4e3e', level='STATEMENT', operation='INSERT', pgid='pgtrigger_name_words_e5bd4', referencing='REFERENCING NEW TABLE AS new_rows ', table='registry_pupil', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='pupil',
            trigger=pgtrigger.compiler.Trigger(name='renamed_words', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                    INSERT INTO registry_nameword (kind, word)\n                    SELECT k, translate(lower(w), '''`’ʼ‘′', '')\n                    FROM (VALUES ('S', NEW.surname), ('G', NEW.given_name)) AS x(k, w)\n                    ON CONFLICT DO NOTHING;\n                    RETURN NULL;\n                ", hash='d8a6f9510c22783ad826168eda8d8c11fa909a5a', operation='UPDATE OF "surname", "given_name"', pgid='pgtrigger_renamed_words_3aaaa', table='registry_pupil', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='orderrow',
            constraint=models.UniqueConstraint(fields=('order', 'position'), name='order_row_position'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='orderrow',
            trigger=pgtrigger.compiler.Trigger(name='content_stays', sql=pgtrigger.compiler.UpsertTriggerSql(func='RAISE EXCEPTION \'pgtrigger: Cannot update of "content", "position", "order_id" rows from % table\', TG_TABLE_NAME;', hash='da0243a0b9f381a98f72fda0e8bab001767d0b1c', operation='UPDATE OF "content", "position", "order_id"', pgid='pgtrigger_content_stays_f2d60', table='registry_orderrow', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='guardianship',
            constraint=models.CheckConstraint(condition=models.Q(('ends_on', None), ('ends_on__gt', models.F('starts_on')), _connector='OR'), name='guardianship_period'),
        ),
        migrations.AddConstraint(
            model_name='guardianship',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('guardian', '='), ('pupil', '='), (models.Func(models.F('starts_on'), models.F('ends_on'), function='daterange', output_field=django.contrib.postgres.fields.ranges.DateRangeField()), '&&')], name='guardianships_never_overlap'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='guardianship',
            trigger=pgtrigger.compiler.Trigger(name='history_insert', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'registry.guardianship', n.id::text, 'I', NULL, NULL, NULL\n            FROM audit_open_act() a, new_rows n;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM new_rows n) THEN\n                RAISE EXCEPTION 'No act is open: change registry.guardianship through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='0131920c5ff649d69259b087b8806f1ea0c499da', level='STATEMENT', operation='INSERT', pgid='pgtrigger_history_insert_1aa71', referencing='REFERENCING NEW TABLE AS new_rows ', table='registry_guardianship', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='guardianship',
            trigger=pgtrigger.compiler.Trigger(name='history_update', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'registry.guardianship', n.id::text, 'U', NULL, NULL, to_jsonb(o)\n            FROM audit_open_act() a, old_rows o FULL JOIN new_rows n ON n.id = o.id, LATERAL (SELECT o IS DISTINCT FROM n AS own) x WHERE x.own;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM old_rows o FULL JOIN new_rows n ON n.id = o.id, LATERAL (SELECT o IS DISTINCT FROM n AS own) x WHERE x.own) THEN\n                RAISE EXCEPTION 'No act is open: change registry.guardianship through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='c1719a74ffe338742729eb3e0f152af440ee17bc', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_history_update_ffd07', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='registry_guardianship', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='guardianship',
            trigger=pgtrigger.compiler.Trigger(name='history_delete', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'registry.guardianship', o.id::text, 'D', NULL, NULL, to_jsonb(o)\n            FROM audit_open_act() a, old_rows o;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM old_rows o) THEN\n                RAISE EXCEPTION 'No act is open: change registry.guardianship through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='b2be911810c0f0d80cd91e5fdf237a9bf950dfba', level='STATEMENT', operation='DELETE', pgid='pgtrigger_history_delete_51e04', referencing='REFERENCING OLD TABLE AS old_rows ', table='registry_guardianship', when='AFTER')),
        ),
        migrations.AddIndex(
            model_name='enrolment',
            index=models.Index(fields=['institution', 'starts_on'], name='enrolment_by_institution'),
        ),
        migrations.AddIndex(
            model_name='enrolment',
            index=models.Index(fields=['pupil', 'starts_on'], name='enrolment_by_pupil'),
        ),
        migrations.AddIndex(
            model_name='enrolment',
            index=models.Index(condition=models.Q(('opened_by__isnull', False)), fields=['opened_by'], name='enrolment_opened_by'),
        ),
        migrations.AddIndex(
            model_name='enrolment',
            index=models.Index(condition=models.Q(('closed_by__isnull', False)), fields=['closed_by'], name='enrolment_closed_by'),
        ),
        migrations.AddConstraint(
            model_name='enrolment',
            constraint=models.CheckConstraint(condition=models.Q(('ends_on', None), ('ends_on__gt', models.F('starts_on')), _connector='OR'), name='enrolment_period'),
        ),
        migrations.AddConstraint(
            model_name='enrolment',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['MAIN', 'SUPPLEMENTARY'])), name='enrolment_kind'),
        ),
        migrations.AddConstraint(
            model_name='enrolment',
            constraint=models.CheckConstraint(condition=models.Q(('origin__in', ('ORDER', 'MIGRATED'))), name='enrolment_origin'),
        ),
        migrations.AddConstraint(
            model_name='enrolment',
            constraint=models.CheckConstraint(condition=models.Q(('opened_by__isnull', False), ('origin', 'MIGRATED'), _connector='OR'), name='enrolment_rests_on_an_order'),
        ),
        migrations.AddConstraint(
            model_name='enrolment',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('kind', 'MAIN'), ('voided_by', None)), expressions=[('pupil', '='), (registry.enrolments.models.DateRange(models.F('starts_on'), models.F('ends_on')), '&&')], name='main_enrolments_never_overlap'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='enrolment',
            trigger=pgtrigger.compiler.Trigger(name='history_insert', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'registry.enrolment', n.id::text, 'I', NULL, n.institution_id, NULL\n            FROM audit_open_act() a, new_rows n;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM new_rows n) THEN\n                RAISE EXCEPTION 'No act is open: change registry.enrolment through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='1778e99fa96253e5e5a57804f1d2acba043cf499', level='STATEMENT', operation='INSERT', pgid='pgtrigger_history_insert_097a0', referencing='REFERENCING NEW TABLE AS new_rows ', table='registry_enrolment', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='enrolment',
            trigger=pgtrigger.compiler.Trigger(name='history_update', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'registry.enrolment', n.id::text, 'U', o.institution_id, n.institution_id, to_jsonb(o)\n            FROM audit_open_act() a, old_rows o FULL JOIN new_rows n ON n.id = o.id, LATERAL (SELECT o IS DISTINCT FROM n AS own) x WHERE x.own;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM old_rows o FULL JOIN new_rows n ON n.id = o.id, LATERAL (SELECT o IS DISTINCT FROM n AS own) x WHERE x.own) THEN\n                RAISE EXCEPTION 'No act is open: change registry.enrolment through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='7c09b96e8d702bd74a35361a8ac399c5e0e99d66', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_history_update_3cc94', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='registry_enrolment', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='enrolment',
            trigger=pgtrigger.compiler.Trigger(name='history_delete', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'registry.enrolment', o.id::text, 'D', o.institution_id, NULL, to_jsonb(o)\n            FROM audit_open_act() a, old_rows o;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM old_rows o) THEN\n                RAISE EXCEPTION 'No act is open: change registry.enrolment through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='dd180badf1093f327e1e0c2b744acc9a3e7a5296', level='STATEMENT', operation='DELETE', pgid='pgtrigger_history_delete_52a07', referencing='REFERENCING OLD TABLE AS old_rows ', table='registry_enrolment', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='enrolment',
            trigger=pgtrigger.compiler.Trigger(name='voided_not_deleted', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='fac381a4b910ea45d02c696034ff935113d12f88', operation='DELETE', pgid='pgtrigger_voided_not_deleted_f403b', table='registry_enrolment', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='enrolment',
            trigger=pgtrigger.compiler.Trigger(name='opened', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                PERFORM registry_mirror(\n                    ARRAY(SELECT DISTINCT pupil_id FROM new_rows WHERE kind = 'MAIN'),\n                    aikom_today());\n                 RETURN NULL;", hash='8896642ea3873c3d629de8bc6253ffb13fd5fcf0', level='STATEMENT', operation='INSERT', pgid='pgtrigger_opened_fef40', referencing='REFERENCING NEW TABLE AS new_rows ', table='registry_enrolment', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='enrolment',
            trigger=pgtrigger.compiler.Trigger(name='changed', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                PERFORM registry_check_placements(ARRAY(\n                    SELECT p.id FROM registry_classplacement p JOIN new_rows n ON n.id = p.enrolment_id\n                ));\n                PERFORM registry_mirror(ARRAY(\n                    SELECT pupil_id FROM new_rows WHERE kind = 'MAIN'\n                    UNION SELECT pupil_id FROM old_rows WHERE kind = 'MAIN'\n                ), aikom_today());\n                 RETURN NULL;", hash='96512f07df2d1ce5f9bbea51f490c85a5ba43858', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_changed_cf6a6', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='registry_enrolment', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='draftrow',
            constraint=models.UniqueConstraint(deferrable=django.db.models.constraints.Deferrable['DEFERRED'], fields=('draft', 'position'), name='one_row_at_a_position'),
        ),
        migrations.AddConstraint(
            model_name='pupiladdress',
            constraint=models.UniqueConstraint(fields=('pupil', 'kind'), name='one_address_of_a_kind'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='pupiladdress',
            trigger=pgtrigger.compiler.Trigger(name='history_insert', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'registry.pupiladdress', n.id::text, 'I', NULL, NULL, NULL\n            FROM audit_open_act() a, new_rows n;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM new_rows n) THEN\n                RAISE EXCEPTION 'No act is open: change registry.pupiladdress through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='484252ae91e52c5239be800ab4e421f6c2e4af39', level='STATEMENT', operation='INSERT', pgid='pgtrigger_history_insert_b68bb', referencing='REFERENCING NEW TABLE AS new_rows ', table='registry_pupiladdress', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='pupiladdress',
            trigger=pgtrigger.compiler.Trigger(name='history_update', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'registry.pupiladdress', n.id::text, 'U', NULL, NULL, to_jsonb(o)\n            FROM audit_open_act() a, old_rows o FULL JOIN new_rows n ON n.id = o.id, LATERAL (SELECT o IS DISTINCT FROM n AS own) x WHERE x.own;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM old_rows o FULL JOIN new_rows n ON n.id = o.id, LATERAL (SELECT o IS DISTINCT FROM n AS own) x WHERE x.own) THEN\n                RAISE EXCEPTION 'No act is open: change registry.pupiladdress through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='0a670213baa34435a95ec380d307f99b974b834c', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_history_update_369ea', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='registry_pupiladdress', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='pupiladdress',
            trigger=pgtrigger.compiler.Trigger(name='history_delete', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'registry.pupiladdress', o.id::text, 'D', NULL, NULL, to_jsonb(o)\n            FROM audit_open_act() a, old_rows o;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM old_rows o) THEN\n                RAISE EXCEPTION 'No act is open: change registry.pupiladdress through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='05a1214e7979c31319dd69094ea672030fa6ba62', level='STATEMENT', operation='DELETE', pgid='pgtrigger_history_delete_ccdca', referencing='REFERENCING OLD TABLE AS old_rows ', table='registry_pupiladdress', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='pupilcategory',
            constraint=models.CheckConstraint(condition=models.Q(('ends_on', None), ('ends_on__gt', models.F('starts_on')), _connector='OR'), name='category_period'),
        ),
        migrations.AddConstraint(
            model_name='pupilcategory',
            constraint=models.CheckConstraint(condition=models.Q(('level', None), models.Q(('level__gte', 1), ('level__lte', 5)), _connector='OR'), name='category_level'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='pupilcategory',
            trigger=pgtrigger.compiler.Trigger(name='history_insert', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'registry.pupilcategory', n.id::text, 'I', NULL, NULL, NULL\n            FROM audit_open_act() a, new_rows n;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM new_rows n) THEN\n                RAISE EXCEPTION 'No act is open: change registry.pupilcategory through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='8dc076a2402ac0251faafd0aa54481b75dc45741', level='STATEMENT', operation='INSERT', pgid='pgtrigger_history_insert_2a17c', referencing='REFERENCING NEW TABLE AS new_rows ', table='registry_pupilcategory', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='pupilcategory',
            trigger=pgtrigger.compiler.Trigger(name='history_update', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'registry.pupilcategory', n.id::text, 'U', NULL, NULL, to_jsonb(o)\n            FROM audit_open_act() a, old_rows o FULL JOIN new_rows n ON n.id = o.id, LATERAL (SELECT o IS DISTINCT FROM n AS own) x WHERE x.own;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM old_rows o FULL JOIN new_rows n ON n.id = o.id, LATERAL (SELECT o IS DISTINCT FROM n AS own) x WHERE x.own) THEN\n                RAISE EXCEPTION 'No act is open: change registry.pupilcategory through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='dfb65560fec3eeb0713ea18f3a44d4f640d641f8', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_history_update_6cda8', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='registry_pupilcategory', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='pupilcategory',
            trigger=pgtrigger.compiler.Trigger(name='history_delete', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'registry.pupilcategory', o.id::text, 'D', NULL, NULL, to_jsonb(o)\n            FROM audit_open_act() a, old_rows o;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM old_rows o) THEN\n                RAISE EXCEPTION 'No act is open: change registry.pupilcategory through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='a4aa36d38c90ac362475b29e50df4edf524eee00', level='STATEMENT', operation='DELETE', pgid='pgtrigger_history_delete_8f474', referencing='REFERENCING OLD TABLE AS old_rows ', table='registry_pupilcategory', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='pupildocument',
            constraint=models.UniqueConstraint(fields=('number', 'series', 'type'), name='one_pupil_per_document'),
        ),
        migrations.AddConstraint(
            model_name='pupildocument',
            constraint=models.UniqueConstraint(condition=models.Q(('is_primary', True)), fields=('pupil',), name='one_primary_document'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='pupildocument',
            trigger=pgtrigger.compiler.Trigger(name='history_insert', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'registry.pupildocument', n.id::text, 'I', NULL, NULL, NULL\n            FROM audit_open_act() a, new_rows n;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM new_rows n) THEN\n                RAISE EXCEPTION 'No act is open: change registry.pupildocument through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='7ae694bd24b93421fed6f9b5cf3ac8d964fb5020', level='STATEMENT', operation='INSERT', pgid='pgtrigger_history_insert_1716e', referencing='REFERENCING NEW TABLE AS new_rows ', table='registry_pupildocument', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='pupildocument',
            trigger=pgtrigger.compiler.Trigger(name='history_update', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'registry.pupildocument', n.id::text, 'U', NULL, NULL, to_jsonb(o)\n            FROM audit_open_act() a, old_rows o FULL JOIN new_rows n ON n.id = o.id, LATERAL (SELECT o IS DISTINCT FROM n AS own) x WHERE x.own;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM old_rows o FULL JOIN new_rows n ON n.id = o.id, LATERAL (SELECT o IS DISTINCT FROM n AS own) x WHERE x.own) THEN\n                RAISE EXCEPTION 'No act is open: change registry.pupildocument through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='cb9b3da6f4e28a9e71368094f48413db436c9042', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_history_update_79628', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='registry_pupildocument', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='pupildocument',
            trigger=pgtrigger.compiler.Trigger(name='history_delete', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'registry.pupildocument', o.id::text, 'D', NULL, NULL, to_jsonb(o)\n            FROM audit_open_act() a, old_rows o;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM old_rows o) THEN\n                RAISE EXCEPTION 'No act is open: change registry.pupildocument through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='6f44dc0cedc4ab5a0d462ae9e09175fe66483320', level='STATEMENT', operation='DELETE', pgid='pgtrigger_history_delete_3ae02', referencing='REFERENCING OLD TABLE AS old_rows ', table='registry_pupildocument', when='AFTER')),
        ),
        migrations.AddIndex(
            model_name='pupilmerge',
            index=models.Index(fields=['institution', 'state', '-id'], name='merge_by_institution'),
        ),
        migrations.AddConstraint(
            model_name='pupilmerge',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['ASKED', 'MERGED', 'REJECTED', 'UNDONE'])), name='pupil_merge_state'),
        ),
        migrations.AddConstraint(
            model_name='pupilmerge',
            constraint=models.CheckConstraint(condition=models.Q(('retained', models.F('merged')), _negated=True), name='pupil_merge_of_two_profiles'),
        ),
        migrations.AddConstraint(
            model_name='pupilmerge',
            constraint=models.CheckConstraint(condition=models.Q(('asked_by', models.F('decided_by')), _negated=True), name='pupil_merge_by_two_people'),
        ),
        migrations.AddConstraint(
            model_name='pupilmerge',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_by', None), ('state', 'ASKED')), models.Q(models.Q(('state', 'ASKED'), _negated=True), ('decided_by__isnull', False)), _connector='OR'), name='pupil_merge_decided'),
        ),
        migrations.AddConstraint(
            model_name='pupilmerge',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['ASKED', 'MERGED'])), fields=('merged',), name='one_merge_of_a_profile'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='pupilmerge',
            trigger=pgtrigger.compiler.Trigger(name='history_insert', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'registry.pupilmerge', n.id::text, 'I', NULL, n.institution_id, NULL\n            FROM audit_open_act() a, new_rows n;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM new_rows n) THEN\n                RAISE EXCEPTION 'No act is open: change registry.pupilmerge through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='49c1b7bdebf0207a438c7f45d017b15a2b756174', level='STATEMENT', operation='INSERT', pgid='pgtrigger_history_insert_e7199', referencing='REFERENCING NEW TABLE AS new_rows ', table='registry_pupilmerge', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='pupilmerge',
            trigger=pgtrigger.compiler.Trigger(name='history_update', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'registry.pupilmerge', n.id::text, 'U', o.institution_id, n.institution_id, to_jsonb(o)\n            FROM audit_open_act() a, old_rows o FULL JOIN new_rows n ON n.id = o.id, LATERAL (SELECT o IS DISTINCT FROM n AS own) x WHERE x.own;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM old_rows o FULL JOIN new_rows n ON n.id = o.id, LATERAL (SELECT o IS DISTINCT FROM n AS own) x WHERE x.own) THEN\n                RAISE EXCEPTION 'No act is open: change registry.pupilmerge through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='599d00acf74b2cf83b5e32c220b2374d21319545', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_history_update_9a81e', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='registry_pupilmerge', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='pupilmerge',
            trigger=pgtrigger.compiler.Trigger(name='history_delete', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'registry.pupilmerge', o.id::text, 'D', o.institution_id, NULL, to_jsonb(o)\n            FROM audit_open_act() a, old_rows o;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM old_rows o) THEN\n                RAISE EXCEPTION 'No act is open: change registry.pupilmerge through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='6b20c944fa5092563f1c401d92ab3c69bcd5309d', level='STATEMENT', operation='DELETE', pgid='pgtrigger_history_delete_a3861', referencing='REFERENCING OLD TABLE AS old_rows ', table='registry_pupilmerge', when='AFTER')),
        ),
        migrations.AddIndex(
            model_name='qualityfinding',
            index=models.Index(fields=['institution', 'rule', 'pupil'], name='finding_by_institution'),
        ),
        migrations.AddConstraint(
            model_name='qualityfinding',
            constraint=models.UniqueConstraint(fields=('pupil', 'rule'), name='one_finding_of_a_rule'),
        ),
        migrations.AddConstraint(
            model_name='residencescope',
            constraint=models.CheckConstraint(condition=models.Q(('valid_to', None), ('valid_to__gt', models.F('valid_from')), _connector='OR'), name='residence_period'),
        ),
        migrations.AddConstraint(
            model_name='residencescope',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('pupil', '='), (models.Func(models.F('valid_from'), models.F('valid_to'), function='daterange', output_field=django.contrib.postgres.fields.ranges.DateRangeField()), '&&')], name='residences_never_overlap'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='residencescope',
            trigger=pgtrigger.compiler.Trigger(name='history_insert', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'registry.residencescope', n.id::text, 'I', NULL, n.unit_id, NULL\n            FROM audit_open_act() a, new_rows n;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM new_rows n) THEN\n                RAISE EXCEPTION 'No act is open: change registry.residencescope through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='7619c2d9596de033cba1f7ebff7d896d9c0d4d9c', level='STATEMENT', operation='INSERT', pgid='pgtrigger_history_insert_f14b2', referencing='REFERENCING NEW TABLE AS new_rows ', table='registry_residencescope', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='residencescope',
            trigger=pgtrigger.compiler.Trigger(name='history_update', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'registry.residencescope', n.id::text, 'U', o.unit_id, n.unit_id, to_jsonb(o)\n            FROM audit_open_act() a, old_rows o FULL JOIN new_rows n ON n.id = o.id, LATERAL (SELECT o IS DISTINCT FROM n AS own) x WHERE x.own;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM old_rows o FULL JOIN new_rows n ON n.id = o.id, LATERAL (SELECT o IS DISTINCT FROM n AS own) x WHERE x.own) THEN\n                RAISE EXCEPTION 'No act is open: change registry.residencescope through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='9b6f4d97d0539f50712ce9a84ae7cd8310cb8576', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_history_update_bc193', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='registry_residencescope', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='residencescope',
            trigger=pgtrigger.compiler.Trigger(name='history_delete', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'registry.residencescope', o.id::text, 'D', o.unit_id, NULL, to_jsonb(o)\n            FROM audit_open_act() a, old_rows o;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM old_rows o) THEN\n                RAISE EXCEPTION 'No act is open: change registry.residencescope through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='2e440f22c2d80cb22e279f245cff8b68c180dd10', level='STATEMENT', operation='DELETE', pgid='pgtrigger_history_delete_95bdd', referencing='REFERENCING OLD TABLE AS old_rows ', table='registry_residencescope', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='residencescope',
            trigger=pgtrigger.compiler.Trigger(name='settled', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n            UPDATE registry_pupil p SET residence_id = r.unit_id\n            FROM (SELECT DISTINCT pupil_id FROM new_rows ) n\n            LEFT JOIN registry_residencescope r ON r.pupil_id = n.pupil_id AND r.valid_to IS NULL\n            WHERE p.id = n.pupil_id AND p.residence_id IS DISTINCT FROM r.unit_id;\n            RETURN NULL;\n        ', hash='bb80b0e0a85890603ecc34a1b7eca7a45642a5c1', level='STATEMENT', operation='INSERT', pgid='pgtrigger_settled_b8644', referencing='REFERENCING NEW TABLE AS new_rows ', table='registry_residencescope', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='residencescope',
            trigger=pgtrigger.compiler.Trigger(name='moved', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n            UPDATE registry_pupil p SET residence_id = r.unit_id\n            FROM (SELECT DISTINCT pupil_id FROM new_rows UNION SELECT pupil_id FROM old_rows) n\n            LEFT JOIN registry_residencescope r ON r.pupil_id = n.pupil_id AND r.valid_to IS NULL\n            WHERE p.id = n.pupil_id AND p.residence_id IS DISTINCT FROM r.unit_id;\n            RETURN NULL;\n        ', hash='7ee1de6c974abcf61bcee0c83814e8517ad47f1c', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_moved_e347b', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='registry_residencescope', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='classgroup',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('institution', '='), ('school_year', '='), ('grade', '='), (kernel.text.Alike('letter'), '='), (models.Func(models.F('opened_on'), models.F('closed_on'), function='daterange', output_field=django.contrib.postgres.fields.ranges.DateRangeField()), '&&')], name='one_class_of_a_name'),
        ),
        migrations.AddConstraint(
            model_name='classgroup',
            constraint=models.CheckConstraint(condition=models.Q(('closed_on', None), ('closed_on__gte', models.F('opened_on')), _connector='OR'), name='class_period'),
        ),
        migrations.AddConstraint(
            model_name='classgroup',
            constraint=models.CheckConstraint(condition=models.Q(('grade__gte', 0), ('grade__lte', 13)), name='grade_0_to_13'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='classgroup',
            trigger=pgtrigger.compiler.Trigger(name='history_insert', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'registry.classgroup', n.id::text, 'I', NULL, n.institution_id, NULL\n            FROM audit_open_act() a, new_rows n;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM new_rows n) THEN\n                RAISE EXCEPTION 'No act is open: change registry.classgroup through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='633d7451390fa244ca22d62ea89e546b99e92383', level='STATEMENT', operation='INSERT', pgid='pgtrigger_history_insert_3ad11', referencing='REFERENCING NEW TABLE AS new_rows ', table='registry_classgroup', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='classgroup',
            trigger=pgtrigger.compiler.Trigger(name='history_update', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'registry.classgroup', n.id::text, 'U', o.institution_id, n.institution_id, to_jsonb(o)\n            FROM audit_open_act() a, old_rows o FULL JOIN new_rows n ON n.id = o.id, LATERAL (SELECT o IS DISTINCT FROM n AS own) x WHERE x.own;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM old_rows o FULL JOIN new_rows n ON n.id = o.id, LATERAL (SELECT o IS DISTINCT FROM n AS own) x WHERE x.own) THEN\n                RAISE EXCEPTION 'No act is open: change registry.classgroup through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='dfa3090dd859c7f865389344f9bb733870a70a4f', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_history_update_22866', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='registry_classgroup', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='classgroup',
            trigger=pgtrigger.compiler.Trigger(name='history_delete', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'registry.classgroup', o.id::text, 'D', o.institution_id, NULL, to_jsonb(o)\n            FROM audit_open_act() a, old_rows o;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM old_rows o) THEN\n                RAISE EXCEPTION 'No act is open: change registry.classgroup through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='19811d151d0f7d31e61bf4c79d309f74ccaa6b5e', level='STATEMENT', operation='DELETE', pgid='pgtrigger_history_delete_42ff1', referencing='REFERENCING OLD TABLE AS old_rows ', table='registry_classgroup', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='classgroup',
            trigger=pgtrigger.compiler.Trigger(name='led_from_within', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW."teacher_id" IS NOT NULL)', func='PERFORM registry_check_teachers(ARRAY[NEW.id]); RETURN NULL;', hash='76fc8ec34952815ca4882800ecd6198b346d0261', operation='INSERT OR UPDATE OF "teacher_id", "institution_id", "opened_on", "closed_on"', pgid='pgtrigger_led_from_within_a2b73', table='registry_classgroup', when='AFTER')),
        ),
        migrations.AddIndex(
            model_name='stagedupload',
            index=models.Index(fields=['created_at'], name='staged_by_age'),
        ),
        migrations.AddConstraint(
            model_name='studygroup',
            constraint=models.CheckConstraint(condition=models.Q(('closed_on', None), ('closed_on__gte', models.F('opened_on')), _connector='OR'), name='group_period'),
        ),
        migrations.AddConstraint(
            model_name='studygroup',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('subject', ''), _negated=True), models.Q(('name', ''), _negated=True)), name='group_is_named'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='studygroup',
            trigger=pgtrigger.compiler.Trigger(name='history_insert', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'registry.studygroup', n.id::text, 'I', NULL, n.institution_id, NULL\n            FROM audit_open_act() a, new_rows n;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM new_rows n) THEN\n                RAISE EXCEPTION 'No act is open: change registry.studygroup through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='99526a515632023ee2f17a3fcddd90b73f08d319', level='STATEMENT', operation='INSERT', pgid='pgtrigger_history_insert_f98bc', referencing='REFERENCING NEW TABLE AS new_rows ', table='registry_studygroup', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='studygroup',
            trigger=pgtrigger.compiler.Trigger(name='history_update', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'registry.studygroup', n.id::text, 'U', o.institution_id, n.institution_id, to_jsonb(o)\n            FROM audit_open_act() a, old_rows o FULL JOIN new_rows n ON n.id = o.id, LATERAL (SELECT o IS DISTINCT FROM n AS own) x WHERE x.own;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM old_rows o FULL JOIN new_rows n ON n.id = o.id, LATERAL (SELECT o IS DISTINCT FROM n AS own) x WHERE x.own) THEN\n                RAISE EXCEPTION 'No act is open: change registry.studygroup through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='08b7be37488dc597313af8ec8dfae1225fce6526', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_history_update_5979b', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='registry_studygroup', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='studygroup',
            trigger=pgtrigger.compiler.Trigger(name='history_delete', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'registry.studygroup', o.id::text, 'D', o.institution_id, NULL, to_jsonb(o)\n            FROM audit_open_act() a, old_rows o;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM old_rows o) THEN\n                RAISE EXCEPTION 'No act is open: change registry.studygroup through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='9e461f1cffe75852f213852504bbc0607a683279', level='STATEMENT', operation='DELETE', pgid='pgtrigger_history_delete_3bc12', referencing='REFERENCING OLD TABLE AS old_rows ', table='registry_studygroup', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='groupplacement',
            constraint=models.CheckConstraint(condition=models.Q(('ends_on', None), ('ends_on__gt', models.F('starts_on')), _connector='OR'), name='group_placement_period'),
        ),
        migrations.AddConstraint(
            model_name='groupplacement',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('is_void', False)), expressions=[('placement', '='), (kernel.text.Alike('subject'), '='), (models.Func(models.F('starts_on'), models.F('ends_on'), function='daterange', output_field=django.contrib.postgres.fields.ranges.DateRangeField()), '&&')], name='one_group_of_a_subject'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='groupplacement',
            trigger=pgtrigger.compiler.Trigger(name='history_insert', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'registry.groupplacement', n.id::text, 'I', NULL, NULL, NULL\n            FROM audit_open_act() a, new_rows n;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM new_rows n) THEN\n                RAISE EXCEPTION 'No act is open: change registry.groupplacement through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='d60e7dd36f86ae8e3c40a8827716101047d34c46', level='STATEMENT', operation='INSERT', pgid='pgtrigger_history_insert_94339', referencing='REFERENCING NEW TABLE AS new_rows ', table='registry_groupplacement', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='groupplacement',
            trigger=pgtrigger.compiler.Trigger(name='history_update', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'registry.groupplacement', n.id::text, 'U', NULL, NULL, to_jsonb(o)\n            FROM audit_open_act() a, old_rows o FULL JOIN new_rows n ON n.id = o.id, LATERAL (SELECT o IS DISTINCT FROM n AS own) x WHERE x.own;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM old_rows o FULL JOIN new_rows n ON n.id = o.id, LATERAL (SELECT o IS DISTINCT FROM n AS own) x WHERE x.own) THEN\n                RAISE EXCEPTION 'No act is open: change registry.groupplacement through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='16127ec81d67bda79efca97651a2e8f3b12a125a', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_history_update_7d55a', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='registry_groupplacement', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='groupplacement',
            trigger=pgtrigger.compiler.Trigger(name='history_delete', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'registry.groupplacement', o.id::text, 'D', NULL, NULL, to_jsonb(o)\n            FROM audit_open_act() a, old_rows o;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM old_rows o) THEN\n                RAISE EXCEPTION 'No act is open: change registry.groupplacement through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='7880535a634423a440538cc7f334bd3437280bbd', level='STATEMENT', operation='DELETE', pgid='pgtrigger_history_delete_1667f', referencing='REFERENCING OLD TABLE AS old_rows ', table='registry_groupplacement', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='groupplacement',
            trigger=pgtrigger.compiler.Trigger(name='voided_not_deleted', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='70b159bf5ef3b19c5b0c3cf5e6e58d866617b498', operation='DELETE', pgid='pgtrigger_voided_not_deleted_0aa73', table='registry_groupplacement', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='groupplacement',
            trigger=pgtrigger.compiler.Trigger(name='placed', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n                        PERFORM registry_check_groups(ARRAY(SELECT id FROM new_rows));\n                        RETURN NULL;\n                    ', hash='6acb92ab9b0b9b2a2ce0021ba32a71fad9c7a475', level='STATEMENT', operation='INSERT', pgid='pgtrigger_placed_f79c1', referencing='REFERENCING NEW TABLE AS new_rows ', table='registry_groupplacement', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='groupplacement',
            trigger=pgtrigger.compiler.Trigger(name='changed', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n                        PERFORM registry_check_groups(ARRAY(SELECT id FROM new_rows));\n                        RETURN NULL;\n                    ', hash='c81aebcc18f89264028e115d16c9ce810fab317a', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_changed_1a751', referencing='REFERENCING NEW TABLE AS new_rows ', table='registry_groupplacement', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='groupclass',
            constraint=models.UniqueConstraint(fields=('group', 'class_group'), name='one_part_of_a_class'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='groupclass',
            trigger=pgtrigger.compiler.Trigger(name='history_insert', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'registry.groupclass', n.id::text, 'I', NULL, NULL, NULL\n            FROM audit_open_act() a, new_rows n;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM new_rows n) THEN\n                RAISE EXCEPTION 'No act is open: change registry.groupclass through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='2970956bdcec43332eb75b3084e2004bb95cbc22', level='STATEMENT', operation='INSERT', pgid='pgtrigger_history_insert_1f31b', referencing='REFERENCING NEW TABLE AS new_rows ', table='registry_groupclass', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='groupclass',
            trigger=pgtrigger.compiler.Trigger(name='history_update', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'registry.groupclass', n.id::text, 'U', NULL, NULL, to_jsonb(o)\n            FROM audit_open_act() a, old_rows o FULL JOIN new_rows n ON n.id = o.id, LATERAL (SELECT o IS DISTINCT FROM n AS own) x WHERE x.own;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM old_rows o FULL JOIN new_rows n ON n.id = o.id, LATERAL (SELECT o IS DISTINCT FROM n AS own) x WHERE x.own) THEN\n                RAISE EXCEPTION 'No act is open: change registry.groupclass through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='b1ca125241f16cb11562382839b463bea9c95f0e', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_history_update_da54d', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='registry_groupclass', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='groupclass',
            trigger=pgtrigger.compiler.Trigger(name='history_delete', sql=kernel.audit.triggers.Installed(func="\n            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)\n            SELECT a.id, a.at, 'registry.groupclass', o.id::text, 'D', NULL, NULL, to_jsonb(o)\n            FROM audit_open_act() a, old_rows o;\n            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM old_rows o) THEN\n                RAISE EXCEPTION 'No act is open: change registry.groupclass through a command'\n                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';\n            END IF;\n            RETURN NULL;\n        ", hash='3fee384934ee9a56d3c4fba71167946859d0127f', level='STATEMENT', operation='DELETE', pgid='pgtrigger_history_delete_f0671', referencing='REFERENCING OLD TABLE AS old_rows ', table='registry_groupclass', when='AFTER')),
        ),
    ]
