from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('audit', '0001_functions'),
    ]

    operations = [
        migrations.CreateModel(
            name='Request',
            fields=[
                ('pk', models.CompositePrimaryKey('principal', 'key', blank=True, editable=False, primary_key=True, serialize=False)),
                ('principal', models.TextField()),
                ('key', models.TextField()),
                ('fingerprint', models.BinaryField(max_length=32)),
                ('outcome', models.JSONField(null=True)),
                ('at', models.DateTimeField()),
            ],
            options={
                'db_table': 'once_request',
                'indexes': [models.Index(fields=['at'], name='once_by_time')],
            },
        ),
    ]
