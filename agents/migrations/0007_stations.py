import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("agents", "0006_teams"),
    ]

    operations = [
        migrations.CreateModel(
            name='Station',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('CENTRE', 'agency centre'), ('STATION', 'agency station'), ('POINT', 'agency point')], max_length=8, verbose_name='kind')),
                ('name', models.CharField(max_length=100, unique=True, verbose_name='name')),
                ('address', models.CharField(max_length=200, verbose_name='address')),
                ('phone', models.CharField(max_length=40, verbose_name='phone')),
                ('hours', models.CharField(max_length=100, verbose_name='opening hours')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
                ('area', models.ForeignKey(help_text='District, street or community that it serves.', on_delete=django.db.models.deletion.PROTECT, related_name='stations', to='agents.area', verbose_name='area')),
                ('unit', models.ForeignKey(help_text='Whose staff runs it.', on_delete=django.db.models.deletion.PROTECT, related_name='stations', to='agents.unit', verbose_name='unit')),
            ],
            options={
                'verbose_name': 'agency station',
                'verbose_name_plural': 'agency stations',
                'ordering': ['area__path', 'kind', 'name'],
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['CENTRE', 'STATION', 'POINT'])), name='station_known_kind')],
            },
        ),
    ]
