import django.db.models.deletion
import kernel.audit.triggers
import kernel.ids
import pgtrigger.compiler
import pgtrigger.migrations
import signatures.models.sessions
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('audit', '0002_tables'),
    ]

    operations = [
        migrations.CreateModel(
            name='KnownCertificate',
            fields=[
                ('fingerprint', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('data', models.BinaryField()),
                ('seen_at', models.DateTimeField()),
            ],
            options={
                'db_table': 'signatures_known_certificate',
            },
        ),
        migrations.CreateModel(
            name='KnownKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('identifier', models.BinaryField(max_length=64)),
            ],
            options={
                'db_table': 'signatures_known_key',
            },
        ),
        migrations.CreateModel(
            name='SigningSession',
            fields=[
                ('id', models.UUIDField(db_default=kernel.ids.UuidV7(), editable=False, primary_key=True, serialize=False)),
                ('code', models.TextField(db_default=signatures.models.sessions.RandomCode(), editable=False, unique=True)),
                ('user_id', models.BigIntegerField()),
                ('purpose', models.TextField()),
                ('content', models.BinaryField()),
                ('content_sha256', models.BinaryField(max_length=32)),
                ('state', models.TextField(default='PREPARED')),
                ('signature', models.BinaryField(null=True)),
                ('result', models.JSONField(null=True)),
                ('evidence', models.JSONField(null=True)),
                ('certificate', models.BinaryField(null=True)),
                ('signer_rnokpp', models.TextField(blank=True, default='')),
                ('signer_edrpou', models.TextField(blank=True, default='')),
                ('signer_name', models.TextField(blank=True, default='')),
                ('certificate_serial', models.TextField(blank=True, default='')),
                ('created_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('signed_at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'signatures_session',
            },
        ),
        migrations.CreateModel(
            name='SessionEvidence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.TextField()),
                ('data', models.BinaryField()),
                ('obtained_at', models.DateTimeField()),
            ],
            options={
                'db_table': 'signatures_session_evidence',
            },
        ),
        migrations.CreateModel(
            name='SessionFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.TextField()),
                ('content', models.BinaryField()),
            ],
            options={
                'db_table': 'signatures_session_file',
            },
        ),
        migrations.CreateModel(
            name='TrustCertificate',
            fields=[
                ('fingerprint', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('data', models.BinaryField()),
            ],
            options={
                'db_table': 'signatures_trust_certificate',
            },
        ),
        migrations.CreateModel(
            name='TrustEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.TextField()),
            ],
            options={
                'db_table': 'signatures_trust_entry',
            },
        ),
        migrations.CreateModel(
            name='TrustListVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('accepted_at', models.DateTimeField(unique=True)),
                ('accepted_by', models.TextField()),
                ('source', models.TextField()),
                ('format', models.TextField()),
                ('file_sha256', models.BinaryField(max_length=32)),
                ('signer_sha256', models.CharField(blank=True, db_default='', default='', max_length=64)),
                ('issued', models.TextField(blank=True, db_default='', default='')),
                ('summary', models.JSONField(default=dict)),
                ('key_services', models.JSONField(default=list)),
            ],
            options={
                'db_table': 'signatures_trust_version',
            },
        ),
        migrations.CreateModel(
            name='VerifiedSignature',
            fields=[
                ('id', models.UUIDField(db_default=kernel.ids.UuidV7(), editable=False, primary_key=True, serialize=False)),
                ('content_sha256', models.BinaryField(max_length=32)),
                ('signature', models.BinaryField()),
                ('result', models.JSONField()),
                ('evidence', models.JSONField()),
                ('certificate', models.BinaryField()),
                ('signer_rnokpp', models.TextField(blank=True, default='')),
                ('signer_edrpou', models.TextField(blank=True, default='')),
                ('signer_name', models.TextField(blank=True, default='')),
                ('certificate_serial', models.TextField(blank=True, default='')),
                ('verified_at', models.DateTimeField()),
                ('used_at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'signatures_verified',
            },
        ),
        migrations.CreateModel(
            name='CertificateSearch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('address', models.GenericIPAddressField(null=True)),
                ('outcome', models.TextField()),
            ],
            options={
                'db_table': 'signatures_certificate_search',
                'indexes': [models.Index(fields=['address', 'at'], name='search_by_address'), models.Index(fields=['at'], name='search_by_time')],
                'constraints': [models.CheckConstraint(condition=models.Q(('outcome__in', ['KNOWN', 'PROVIDER', 'NOBODY', 'NOT_ASKED'])), name='certificate_search_outcome')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='knowncertificate',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=kernel.audit.triggers.Installed(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='2fb0f47074216fcce849501c1cb413805b354740', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_01935', table='signatures_known_certificate', when='BEFORE')),
        ),
        migrations.AddField(
            model_name='knownkey',
            name='certificate',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='keys', to='signatures.knowncertificate'),
        ),
        migrations.CreateModel(
            name='Preservation',
            fields=[
                ('session', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='preservation', serialize=False, to='signatures.signingsession')),
                ('signed_at', models.DateTimeField()),
                ('protected_until', models.DateTimeField()),
                ('next_at', models.DateTimeField()),
                ('renewals', models.IntegerField(default=0)),
                ('renewed_at', models.DateTimeField(null=True)),
                ('attempts', models.IntegerField(default=0)),
                ('failure', models.TextField(blank=True, default='')),
            ],
            options={
                'db_table': 'signatures_preservation',
            },
        ),
        migrations.AddIndex(
            model_name='signingsession',
            index=models.Index(fields=['user_id', '-created_at'], name='signing_by_user'),
        ),
        migrations.AddIndex(
            model_name='signingsession',
            index=models.Index(condition=models.Q(('state', 'PREPARED')), fields=['expires_at'], name='signing_waiting'),
        ),
        migrations.AddIndex(
            model_name='signingsession',
            index=models.Index(condition=models.Q(('state', 'SIGNED')), fields=['signed_at'], name='signing_signed'),
        ),
        migrations.AddConstraint(
            model_name='signingsession',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['PREPARED', 'SIGNED', 'EXPIRED', 'REFUSED'])), name='signing_session_state'),
        ),
        migrations.AddConstraint(
            model_name='signingsession',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'SIGNED'), _negated=True), models.Q(('certificate__isnull', False), ('result__isnull', False), ('signature__isnull', False), ('signed_at__isnull', False)), _connector='OR'), name='signed_with_everything'),
        ),
        migrations.AddConstraint(
            model_name='signingsession',
            constraint=models.CheckConstraint(condition=models.Q(('state', 'SIGNED'), ('signature__isnull', True), _connector='OR'), name='signature_only_when_signed'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='signingsession',
            trigger=pgtrigger.compiler.Trigger(name='content_stays', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."code" IS DISTINCT FROM (NEW."code") OR OLD."user_id" IS DISTINCT FROM (NEW."user_id") OR OLD."purpose" IS DISTINCT FROM (NEW."purpose") OR OLD."content" IS DISTINCT FROM (NEW."content") OR OLD."content_sha256" IS DISTINCT FROM (NEW."content_sha256") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='f167eeac198ea523e46ce8658665d48ef27ff8f6', operation='UPDATE', pgid='pgtrigger_content_stays_b7a5d', table='signatures_session', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='signingsession',
            trigger=pgtrigger.compiler.Trigger(name='signed_stays', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."state" = \'SIGNED\')', func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='e4f8ed4cdf592e3d308b5056954ce3c2af284761', operation='UPDATE OR DELETE', pgid='pgtrigger_signed_stays_a9fbf', table='signatures_session', when='BEFORE')),
        ),
        migrations.AddField(
            model_name='sessionevidence',
            name='session',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='later_evidence', to='signatures.signingsession'),
        ),
        migrations.AddField(
            model_name='sessionfile',
            name='session',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='files', to='signatures.signingsession'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='trustcertificate',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=kernel.audit.triggers.Installed(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='0792f8a45eaa915f29e72e1b8b8f5c4b20960c17', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_48bc3', table='signatures_trust_certificate', when='BEFORE')),
        ),
        migrations.AddField(
            model_name='trustentry',
            name='certificate',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='signatures.trustcertificate'),
        ),
        migrations.AddField(
            model_name='trustentry',
            name='version',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='signatures.trustlistversion'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='trustlistversion',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=kernel.audit.triggers.Installed(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='ccc7483c09cedea62027b84111fd963d9752eac4', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_69c28', table='signatures_trust_version', when='BEFORE')),
        ),
        migrations.AddField(
            model_name='verifiedsignature',
            name='session',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='verified', to='signatures.signingsession'),
        ),
        migrations.AddConstraint(
            model_name='knownkey',
            constraint=models.UniqueConstraint(fields=('identifier', 'certificate'), name='one_identifier_of_a_certificate'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='knownkey',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=kernel.audit.triggers.Installed(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='485a50aef7c0b895d9ba5baa98278c4e68af6769', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_09b4d', table='signatures_known_key', when='BEFORE')),
        ),
        migrations.AddIndex(
            model_name='preservation',
            index=models.Index(fields=['next_at'], name='preservation_next'),
        ),
        migrations.AddIndex(
            model_name='preservation',
            index=models.Index(fields=['signed_at'], name='preservation_signed'),
        ),
        migrations.AddIndex(
            model_name='preservation',
            index=models.Index(fields=['protected_until'], name='preservation_until'),
        ),
        migrations.AddIndex(
            model_name='preservation',
            index=models.Index(condition=models.Q(('attempts__gt', 0)), fields=['-attempts'], name='preservation_failing'),
        ),
        migrations.AddConstraint(
            model_name='sessionevidence',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['TIMESTAMP', 'CERTIFICATE', 'OCSP', 'CRL', 'ARCHIVE'])), name='session_evidence_kind'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='sessionevidence',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=kernel.audit.triggers.Installed(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='db463fd0afa4e5ac955454f3029cfd1f006e966b', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_97f1d', table='signatures_session_evidence', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='sessionfile',
            constraint=models.UniqueConstraint(fields=('session', 'name'), name='one_session_file_of_a_name'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='sessionfile',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=kernel.audit.triggers.Installed(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='c4bb0012edd96ffdb25f54d1826b1220e4b28454', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_a8a01', table='signatures_session_file', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='trustentry',
            constraint=models.CheckConstraint(condition=models.Q(('role__in', ['ANCHOR', 'INTERMEDIATE'])), name='trust_entry_role'),
        ),
        migrations.AddConstraint(
            model_name='trustentry',
            constraint=models.UniqueConstraint(fields=('version', 'certificate'), name='one_entry_of_a_certificate'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='trustentry',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=kernel.audit.triggers.Installed(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='685a34507078336ccb2f37da647038f64a1131c4', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_49a39', table='signatures_trust_entry', when='BEFORE')),
        ),
        migrations.AddIndex(
            model_name='verifiedsignature',
            index=models.Index(fields=['verified_at'], name='verified_by_time'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='verifiedsignature',
            trigger=pgtrigger.compiler.Trigger(name='verified_stays', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."session_id" IS DISTINCT FROM (NEW."session_id") OR OLD."content_sha256" IS DISTINCT FROM (NEW."content_sha256") OR OLD."signature" IS DISTINCT FROM (NEW."signature") OR OLD."result" IS DISTINCT FROM (NEW."result") OR OLD."evidence" IS DISTINCT FROM (NEW."evidence") OR OLD."certificate" IS DISTINCT FROM (NEW."certificate") OR OLD."signer_rnokpp" IS DISTINCT FROM (NEW."signer_rnokpp") OR OLD."signer_edrpou" IS DISTINCT FROM (NEW."signer_edrpou") OR OLD."signer_name" IS DISTINCT FROM (NEW."signer_name") OR OLD."certificate_serial" IS DISTINCT FROM (NEW."certificate_serial") OR OLD."verified_at" IS DISTINCT FROM (NEW."verified_at"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='59a459875ff0f05ee1e2700129830682489345ff', operation='UPDATE', pgid='pgtrigger_verified_stays_0199f', table='signatures_verified', when='BEFORE')),
        ),
    ]
