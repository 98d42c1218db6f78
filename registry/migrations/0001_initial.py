import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.indexes
import django.db.models.constraints
import django.db.models.deletion
import django.db.models.functions.text
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
                ('waiting', models.JSONField(null=True)),
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
            trigger=pgtrigger.compiler.Trigger(name='history', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            PERFORM audit_keep('registry.classifieritem', coalesce(NEW.id, OLD.id)::text, '', '{}', to_jsonb(OLD), to_jsonb(NEW));\n            RETURN NULL;\n        ", hash='36bd7071e6cd1c1f4b365e799dccfa0f7f3a74ef', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_history_402cb', table='registry_classifieritem', when='AFTER')),
        ),
        migrations.AddField(
            model_name='classplacement',
            name='class_group',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='placements', to='registry.classgroup'),
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
            trigger=pgtrigger.compiler.Trigger(name='history', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            PERFORM audit_keep('registry.employee', coalesce(NEW.id, OLD.id)::text, '', '{sort_key}', to_jsonb(OLD), to_jsonb(NEW));\n            RETURN NULL;\n        ", hash='6e4e3852bf665cb060ba1755314263a9127d9696', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_history_bea05', table='registry_employee', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='employee',
            trigger=pgtrigger.compiler.Trigger(name='renamed', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n                    IF NEW.sort_key IS DISTINCT FROM OLD.sort_key THEN\n                        UPDATE registry_post SET sort_key = NEW.sort_key WHERE employee_id = NEW.id;\n                    END IF;\n                    RETURN NULL;\n                ', hash='d230a55a143e9b8a3c4b95fa2a33be86e5619e12', operation='UPDATE', pgid='pgtrigger_renamed_39535', table='registry_employee', when='AFTER')),
        ),
        migrations.AddField(
            model_name='classplacement',
            name='enrolment',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='placements', to='registry.enrolment'),
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
            trigger=pgtrigger.compiler.Trigger(name='history', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            PERFORM audit_keep('registry.guardian', coalesce(NEW.id, OLD.id)::text, '', '{}', to_jsonb(OLD), to_jsonb(NEW));\n            RETURN NULL;\n        ", hash='72faed7d6b2b7b3cf347629c6a78df6011976caa', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_history_b9256', table='registry_guardian', when='AFTER')),
        ),
        migrations.AddField(
            model_name='guardianship',
            name='guardian',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='guardianships', to='registry.guardian'),
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
            trigger=pgtrigger.compiler.Trigger(name='history', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            PERFORM audit_keep('registry.schoolyear', coalesce(NEW.code, OLD.code)::text, '', '{}', to_jsonb(OLD), to_jsonb(NEW));\n            RETURN NULL;\n        ", hash='82b8061e9fdaaf9f80fde794a74c5d962307c1c2', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_history_ae630', table='registry_schoolyear', when='AFTER')),
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
            trigger=pgtrigger.compiler.Trigger(name='history', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            PERFORM audit_keep('registry.institution', coalesce(NEW.institution_id, OLD.institution_id)::text, 'unit_id', '{district_id,hromada_id,oblast_id,raion_id,sort_key}', to_jsonb(OLD), to_jsonb(NEW));\n            RETURN NULL;\n        ", hash='5b148845d687a58270b957c6240c723ae987d678', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_history_0d78e', table='registry_institution', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='institution',
            trigger=pgtrigger.compiler.Trigger(name='place', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE unit accounts_orgunit%ROWTYPE;', func="\n            IF TG_OP = 'UPDATE' THEN\n                IF NEW.institution_id IS NOT DISTINCT FROM OLD.institution_id\n                   AND coalesce(current_setting('aikom.replacing', true), '') = '' THEN\n                    NEW.oblast_id := OLD.oblast_id; NEW.raion_id := OLD.raion_id;\n                    NEW.hromada_id := OLD.hromada_id; NEW.district_id := OLD.district_id;\n                    RETURN NEW;\n                END IF;\n            END IF;\n            IF NEW.institution_id IS NOT NULL THEN\n                SELECT * INTO STRICT unit FROM accounts_orgunit WHERE id = NEW.institution_id;\n            END IF;\n            NEW.oblast_id := unit.oblast_id;\n            NEW.raion_id := unit.raion_id;\n            NEW.hromada_id := unit.hromada_id;\n            NEW.district_id := unit.district_id;\n            RETURN NEW;\n        ", hash='db7db7956f91bd34404018636f0ab7957177d729', operation='INSERT OR UPDATE', pgid='pgtrigger_place_87c2a', table='registry_institution', when='BEFORE')),
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
            trigger=pgtrigger.compiler.Trigger(name='history', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            PERFORM audit_keep('registry.institutionstatus', coalesce(NEW.id, OLD.id)::text, 'institution_id', '{}', to_jsonb(OLD), to_jsonb(NEW));\n            RETURN NULL;\n        ", hash='59fca78d7d199d88eb45886d7614ed763971c5bb', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_history_97985', table='registry_institutionstatus', when='AFTER')),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(fields=['institution', '-created_at'], name='order_by_institution'),
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
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'GIVEN_UP'), _negated=True), fields=('institution', 'year', 'number'), name='one_order_of_a_number'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='order',
            trigger=pgtrigger.compiler.Trigger(name='history', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            PERFORM audit_keep('registry.order', coalesce(NEW.id, OLD.id)::text, 'institution_id', '{}', to_jsonb(OLD), to_jsonb(NEW));\n            RETURN NULL;\n        ", hash='0f5165461feb1916ded40b4bd24ee5abdb7cd800', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_history_88d26', table='registry_order', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='order',
            trigger=pgtrigger.compiler.Trigger(name='signed_stays', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."state" IN (\'EFFECTIVE\', \'ANNULLED\'))', func='RAISE EXCEPTION \'pgtrigger: Cannot update of "number", "issued_on", "ground", "effective_on", "kind", "institution_id", "signing_id", "manifest_sha256", "corrects_id" rows from % table\', TG_TABLE_NAME;', hash='2855ae27354042e1c3482626e6af3415af5aefff', operation='UPDATE OF "number", "issued_on", "ground", "effective_on", "kind", "institution_id", "signing_id", "manifest_sha256", "corrects_id"', pgid='pgtrigger_signed_stays_d495c', table='registry_order', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='order',
            trigger=pgtrigger.compiler.Trigger(name='never_deleted', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='8bd946f04e609680b3de3d1d949b5cb9b023cbf8', operation='DELETE', pgid='pgtrigger_never_deleted_f04c1', table='registry_order', when='BEFORE')),
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
            trigger=pgtrigger.compiler.Trigger(name='history', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            PERFORM audit_keep('registry.classplacement', coalesce(NEW.id, OLD.id)::text, '', '{}', to_jsonb(OLD), to_jsonb(NEW));\n            RETURN NULL;\n        ", hash='25fb004c8cf78ad0115711703d3bd9561b561c7b', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_history_e0345', table='registry_classplacement', when='AFTER')),
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
            trigger=pgtrigger.compiler.Trigger(name='history', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            PERFORM audit_keep('registry.ordertask', coalesce(NEW.id, OLD.id)::text, '', '{}', to_jsonb(OLD), to_jsonb(NEW));\n            RETURN NULL;\n        ", hash='e764d73d4a3fd880484bc0b5e720c4d8ebd7ff74', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_history_adf92', table='registry_ordertask', when='AFTER')),
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
            trigger=pgtrigger.compiler.Trigger(name='history', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            PERFORM audit_keep('registry.post', coalesce(NEW.id, OLD.id)::text, 'institution_id', '{district_id,hromada_id,oblast_id,raion_id,sort_key}', to_jsonb(OLD), to_jsonb(NEW));\n            RETURN NULL;\n        ", hash='86fd02f9f55f0117088e45072e0755e2c5560744', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_history_16c70', table='registry_post', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='post',
            trigger=pgtrigger.compiler.Trigger(name='place', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE unit accounts_orgunit%ROWTYPE;', func="\n            IF TG_OP = 'UPDATE' THEN\n                IF NEW.institution_id IS NOT DISTINCT FROM OLD.institution_id\n                   AND coalesce(current_setting('aikom.replacing', true), '') = '' THEN\n                    NEW.oblast_id := OLD.oblast_id; NEW.raion_id := OLD.raion_id;\n                    NEW.hromada_id := OLD.hromada_id; NEW.district_id := OLD.district_id;\n                    RETURN NEW;\n                END IF;\n            END IF;\n            IF NEW.institution_id IS NOT NULL THEN\n                SELECT * INTO STRICT unit FROM accounts_orgunit WHERE id = NEW.institution_id;\n            END IF;\n            NEW.oblast_id := unit.oblast_id;\n            NEW.raion_id := unit.raion_id;\n            NEW.hromada_id := unit.hromada_id;\n            NEW.district_id := unit.district_id;\n            RETURN NEW;\n        ", hash='1b546d82d1e562db8b2fc4aad8511b1d38ab2a7f', operation='INSERT OR UPDATE', pgid='pgtrigger_place_a766f', table='registry_post', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='post',
            trigger=pgtrigger.compiler.Trigger(name='named', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n                    SELECT sort_key INTO STRICT NEW.sort_key\n                    FROM registry_employee WHERE id = NEW.employee_id;\n                    RETURN NEW;\n                ', hash='622dc976c2bebc904bd971b57b441dc90ee0c334', operation='INSERT OR UPDATE OF "employee_id"', pgid='pgtrigger_named_3e2c2', table='registry_post', when='BEFORE')),
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
            trigger=pgtrigger.compiler.Trigger(name='history', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            PERFORM audit_keep('registry.pupil', coalesce(NEW.id, OLD.id)::text, 'institution_id', '{class_group_id,district_id,enrolled_on,form,grade,hromada_id,institution_id,oblast_id,raion_id,residence_id,sort_key}', to_jsonb(OLD), to_jsonb(NEW));\n            RETURN NULL;\n        ", hash='53543e45c4d875780d2b792cb7196b7cc8d3e074', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_history_4b902', table='registry_pupil', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='pupil',
            trigger=pgtrigger.compiler.Trigger(name='place', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE unit accounts_orgunit%ROWTYPE;', func="\n            IF TG_OP = 'UPDATE' THEN\n                IF NEW.institution_id IS NOT DISTINCT FROM OLD.institution_id\n                   AND coalesce(current_setting('aikom.replacing', true), '') = '' THEN\n                    NEW.oblast_id := OLD.oblast_id; NEW.raion_id := OLD.raion_id;\n                    NEW.hromada_id := OLD.hromada_id; NEW.district_id := OLD.district_id;\n                    RETURN NEW;\n                END IF;\n            END IF;\n            IF NEW.institution_id IS NOT NULL THEN\n                SELECT * INTO STRICT unit FROM accounts_orgunit WHERE id = NEW.institution_id;\n            END IF;\n            NEW.oblast_id := unit.oblast_id;\n            NEW.raion_id := unit.raion_id;\n            NEW.hromada_id := unit.hromada_id;\n            NEW.district_id := unit.district_id;\n            RETURN NEW;\n        ", hash='396099e29332e3904d9c8440f8d2c4bd9ba4b090', operation='INSERT OR UPDATE', pgid='pgtrigger_place_ab89e', table='registry_pupil', when='BEFORE')),
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
            trigger=pgtrigger.compiler.Trigger(name='history', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            PERFORM audit_keep('registry.guardianship', coalesce(NEW.id, OLD.id)::text, '', '{}', to_jsonb(OLD), to_jsonb(NEW));\n            RETURN NULL;\n        ", hash='a86fe5994614ed537de2c6b3aaca0389b6244df9', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_history_4e64a', table='registry_guardianship', when='AFTER')),
        ),
        migrations.AddIndex(
            model_name='enrolment',
            index=models.Index(fields=['institution', 'starts_on'], name='enrolment_by_institution'),
        ),
        migrations.AddIndex(
            model_name='enrolment',
            index=models.Index(fields=['pupil', 'starts_on'], name='enrolment_by_pupil'),
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
            trigger=pgtrigger.compiler.Trigger(name='history', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            PERFORM audit_keep('registry.enrolment', coalesce(NEW.id, OLD.id)::text, 'institution_id', '{}', to_jsonb(OLD), to_jsonb(NEW));\n            RETURN NULL;\n        ", hash='ba637bc1e4fc2932e47561dd7570a7800c11a321', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_history_0bf66', table='registry_enrolment', when='AFTER')),
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
            trigger=pgtrigger.compiler.Trigger(name='history', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            PERFORM audit_keep('registry.pupiladdress', coalesce(NEW.id, OLD.id)::text, '', '{}', to_jsonb(OLD), to_jsonb(NEW));\n            RETURN NULL;\n        ", hash='5819425a1fdc21dca0a33d5f76cc20457dc9ca89', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_history_9e62d', table='registry_pupiladdress', when='AFTER')),
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
            trigger=pgtrigger.compiler.Trigger(name='history', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            PERFORM audit_keep('registry.pupilcategory', coalesce(NEW.id, OLD.id)::text, '', '{}', to_jsonb(OLD), to_jsonb(NEW));\n            RETURN NULL;\n        ", hash='463f5638ed3068c4763d1691f0d7cd6550f868e5', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_history_61405', table='registry_pupilcategory', when='AFTER')),
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
            trigger=pgtrigger.compiler.Trigger(name='history', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            PERFORM audit_keep('registry.pupildocument', coalesce(NEW.id, OLD.id)::text, '', '{}', to_jsonb(OLD), to_jsonb(NEW));\n            RETURN NULL;\n        ", hash='72d23a4e1d947b0a7d43ad0bdae834ee75055c01', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_history_9f71a', table='registry_pupildocument', when='AFTER')),
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
            trigger=pgtrigger.compiler.Trigger(name='history', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            PERFORM audit_keep('registry.pupilmerge', coalesce(NEW.id, OLD.id)::text, 'institution_id', '{}', to_jsonb(OLD), to_jsonb(NEW));\n            RETURN NULL;\n        ", hash='a7363fd35dc136f0c17dc91bb8edeb8b52946b8d', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_history_15ff8', table='registry_pupilmerge', when='AFTER')),
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
            trigger=pgtrigger.compiler.Trigger(name='history', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            PERFORM audit_keep('registry.residencescope', coalesce(NEW.id, OLD.id)::text, 'unit_id', '{}', to_jsonb(OLD), to_jsonb(NEW));\n            RETURN NULL;\n        ", hash='dcf2e0d42955f417cb93d398894d3b96bc6c7e0c', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_history_3a671', table='registry_residencescope', when='AFTER')),
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
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('institution', '='), ('school_year', '='), ('grade', '='), (models.Func(django.db.models.functions.text.Upper('letter'), models.Value('ABCEHIKMOPTXY'), models.Value('АВСЕНІКМОРТХУ'), function='translate'), '='), (models.Func(models.F('opened_on'), models.F('closed_on'), function='daterange', output_field=django.contrib.postgres.fields.ranges.DateRangeField()), '&&')], name='one_class_of_a_name'),
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
            trigger=pgtrigger.compiler.Trigger(name='history', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            PERFORM audit_keep('registry.classgroup', coalesce(NEW.id, OLD.id)::text, 'institution_id', '{}', to_jsonb(OLD), to_jsonb(NEW));\n            RETURN NULL;\n        ", hash='2755c1dbec4e38f17d854a99095c252fc3faf996', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_history_18378', table='registry_classgroup', when='AFTER')),
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
            trigger=pgtrigger.compiler.Trigger(name='history', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            PERFORM audit_keep('registry.studygroup', coalesce(NEW.id, OLD.id)::text, 'institution_id', '{}', to_jsonb(OLD), to_jsonb(NEW));\n            RETURN NULL;\n        ", hash='2c6261f63369d47c441ee323e6926d06a03c33b6', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_history_77731', table='registry_studygroup', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='groupplacement',
            constraint=models.CheckConstraint(condition=models.Q(('ends_on', None), ('ends_on__gt', models.F('starts_on')), _connector='OR'), name='group_placement_period'),
        ),
        migrations.AddConstraint(
            model_name='groupplacement',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('is_void', False)), expressions=[('placement', '='), (django.db.models.functions.text.Lower('subject'), '='), (models.Func(models.F('starts_on'), models.F('ends_on'), function='daterange', output_field=django.contrib.postgres.fields.ranges.DateRangeField()), '&&')], name='one_group_of_a_subject'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='groupplacement',
            trigger=pgtrigger.compiler.Trigger(name='history', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            PERFORM audit_keep('registry.groupplacement', coalesce(NEW.id, OLD.id)::text, '', '{}', to_jsonb(OLD), to_jsonb(NEW));\n            RETURN NULL;\n        ", hash='6cc4f2b0d5b261b504a9439ac00bbb283a0d0fa8', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_history_97210', table='registry_groupplacement', when='AFTER')),
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
            trigger=pgtrigger.compiler.Trigger(name='history', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            PERFORM audit_keep('registry.groupclass', coalesce(NEW.id, OLD.id)::text, '', '{}', to_jsonb(OLD), to_jsonb(NEW));\n            RETURN NULL;\n        ", hash='c68616c2f3c0c23ca33aa2bf40b5068fcf318c57', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_history_51e4d', table='registry_groupclass', when='AFTER')),
        ),
    ]
