"""Groups of classes, their view and check: registry/groups/."""

from pathlib import Path

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import django.db.models.functions.text
import kernel.ids
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


GROUPS = Path(__file__).resolve().parents[1] / "groups" / "groups.sql"


class Migration(migrations.Migration):

    dependencies = [
        ('registry', '0016_merged_profiles'),
    ]

    operations = [
        migrations.CreateModel(
            name='GroupClass',
            fields=[
                ('id', models.AutoField(primary_key=True, serialize=False)),
                ('class_group', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.classgroup')),
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
                ('classes', models.ManyToManyField(related_name='study_groups', through='registry.GroupClass', to='registry.classgroup')),
                ('institution', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='study_groups', to='registry.institution')),
                ('school_year', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='registry.schoolyear')),
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
                ('placement', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='groups', to='registry.classplacement')),
                ('group', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='placements', to='registry.studygroup')),
            ],
        ),
        migrations.AddField(
            model_name='groupclass',
            name='group',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='parts', to='registry.studygroup'),
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
        migrations.RunSQL(GROUPS.read_text(encoding="utf-8")),
    ]
