"""A person once, and the posts the person holds: registry/staff/models.py."""

from pathlib import Path

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import django.db.models.functions.text
import kernel.ids
import kernel.text
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


TEACHERS = Path(__file__).resolve().parents[1] / "classes" / "teachers.sql"


class Migration(migrations.Migration):

    dependencies = [
        ('registry', '0014_placed'),
    ]

    operations = [
        migrations.RunSQL(TEACHERS.read_text(encoding="utf-8")),
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
        migrations.RemoveField(
            model_name='staffmember',
            name='institution',
        ),
        migrations.RemoveConstraint(
            model_name='pupil',
            name='pupil_rnokpp_state',
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='classgroup',
            trigger=pgtrigger.compiler.Trigger(name='led_from_within', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW."teacher_id" IS NOT NULL)', func='PERFORM registry_check_teachers(ARRAY[NEW.id]); RETURN NULL;', hash='76fc8ec34952815ca4882800ecd6198b346d0261', operation='INSERT OR UPDATE OF "teacher_id", "institution_id", "opened_on", "closed_on"', pgid='pgtrigger_led_from_within_a2b73', table='registry_classgroup', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='pupil',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('rnokpp', None), ('rnokpp_state__in', ['REFUSED', 'NOT_ASSIGNED'])), models.Q(('rnokpp__isnull', False), ('rnokpp__regex', '^[0-9]{10}$'), ('rnokpp_state', 'VALUE')), _connector='OR'), name='pupil_rnokpp_state'),
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
            model_name='post',
            name='employee',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='posts', to='registry.employee'),
        ),
        migrations.AddField(
            model_name='post',
            name='institution',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='posts', to='registry.institution'),
        ),
        migrations.AlterField(
            model_name='classgroup',
            name='teacher',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='classes', to='registry.post'),
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
        migrations.DeleteModel(
            name='StaffMember',
        ),
    ]
