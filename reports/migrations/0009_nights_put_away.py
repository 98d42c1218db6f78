from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('reports', '0008_desk_pairs'),
    ]

    operations = [
        migrations.AddField(
            model_name='reportrun',
            name='put_away_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddIndex(
            model_name='reportrun',
            index=models.Index(condition=models.Q(('purpose', 'NIGHTLY'), ('put_away_at', None)), fields=['as_of'], name='night_by_day'),
        ),
    ]
