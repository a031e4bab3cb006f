import re
from datetime import datetime, time, timedelta

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.utils import timezone

import agents.encryption

HOURS = re.compile(r"(\d{1,2})[:：](\d{2})\s*[-–—~～至到]\s*(\d{1,2})[:：](\d{2})")


def fill_in_hours(apps, schema_editor):
    """The hours that stand in a shift's name; without any, or with odd ones, the whole day."""
    zone = timezone.get_default_timezone()
    shifts = apps.get_model("agents", "DutyShift")
    for row in shifts.objects.iterator():
        row.starts_at = datetime.combine(row.day, time(), zone)
        row.ends_at = row.starts_at + timedelta(days=1)
        found = HOURS.search(row.shift)
        if found:
            a, b, c, d = (int(text) for text in found.groups())
            if a < 24 and c <= 24 and b < 60 and d < 60 and (a, b) != (c % 24, d):
                last = time(c % 24, d)
                row.starts_at = datetime.combine(row.day, time(a, b), zone)
                over = timedelta(days=last <= time(a, b))
                row.ends_at = datetime.combine(row.day + over, last, zone)
        row.save(update_fields=["starts_at", "ends_at"])


class Migration(migrations.Migration):

    dependencies = [
        ("agents", "0007_stations"),
    ]

    operations = [
        migrations.AddField(
            model_name='dutyshift',
            name='starts_at',
            field=models.DateTimeField(null=True, verbose_name='from'),
        ),
        migrations.AddField(
            model_name='dutyshift',
            name='ends_at',
            field=models.DateTimeField(null=True, verbose_name='until'),
        ),
        migrations.RunPython(fill_in_hours, migrations.RunPython.noop),
        migrations.AlterField(
            model_name='dutyshift',
            name='starts_at',
            field=models.DateTimeField(verbose_name='from'),
        ),
        migrations.AlterField(
            model_name='dutyshift',
            name='ends_at',
            field=models.DateTimeField(verbose_name='until'),
        ),
        migrations.AddField(
            model_name='dutyshift',
            name='cadre',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='duty_shifts', to=settings.AUTH_USER_MODEL, verbose_name='cadre'),
        ),
        migrations.AddField(
            model_name='dutyshift',
            name='station',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='agents.station', verbose_name='agency station'),
        ),
        migrations.RemoveConstraint(
            model_name='dutyshift',
            name='dutyshift_once',
        ),
        migrations.AddConstraint(
            model_name='dutyshift',
            constraint=models.UniqueConstraint(condition=models.Q(('station', None)), fields=('day', 'unit', 'shift', 'name'), name='dutyshift_once'),
        ),
        migrations.AddConstraint(
            model_name='dutyshift',
            constraint=models.UniqueConstraint(condition=models.Q(('station__isnull', False)), fields=('day', 'station', 'shift', 'name'), name='dutyshift_once_at_station'),
        ),
        migrations.AddConstraint(
            model_name='dutyshift',
            constraint=models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='dutyshift_ends_after_start'),
        ),
        migrations.AddIndex(
            model_name='dutyshift',
            index=models.Index(fields=['ends_at'], name='dutyshift_end'),
        ),
        migrations.AddIndex(
            model_name='dutyshift',
            index=models.Index(condition=models.Q(('cadre__isnull', False)), fields=['cadre', 'ends_at'], name='dutyshift_of_cadre'),
        ),
        migrations.CreateModel(
            name='DutySwap',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('asked_at', models.DateTimeField()),
                ('decision', models.CharField(blank=True, choices=[('', 'Undecided'), ('AGREED', 'Agreed'), ('REFUSED', 'Refused'), ('WITHDRAWN', 'Withdrawn')], max_length=10)),
                ('decided_at', models.DateTimeField(null=True)),
                ('asked_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('asked_of', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('in_return', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='agents.dutyshift', verbose_name='in return')),
                ('shift', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='swaps', to='agents.dutyshift', verbose_name='shift')),
            ],
            options={
                'verbose_name': 'swap of shifts',
                'ordering': ['id'],
                'indexes': [models.Index(condition=models.Q(('decision', '')), fields=['asked_of'], name='dutyswap_waiting')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('decision', '')), fields=('shift',), name='dutyswap_asked_once'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('decision', '')), models.Q(models.Q(('decision', ''), _negated=True), ('decided_at__isnull', False)), _connector='OR'), name='dutyswap_decided_when'), models.CheckConstraint(condition=models.Q(('asked_by', models.F('asked_of')), _negated=True), name='dutyswap_with_another')],
            },
        ),
        migrations.CreateModel(
            name='ShiftNote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(verbose_name='day')),
                ('shift', models.CharField(max_length=20, verbose_name='shift')),
                ('at', models.DateTimeField()),
                ('text', agents.encryption.EncryptedTextField(verbose_name='what the next must know')),
                ('read_at', models.DateTimeField(null=True)),
                ('by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('read_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('station', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='agents.station', verbose_name='agency station')),
                ('unit', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='agents.unit', verbose_name='unit')),
            ],
            options={
                'verbose_name': 'shift note',
                'verbose_name_plural': 'shift notes',
                'ordering': ['-id'],
                'indexes': [models.Index(fields=['unit', 'id'], name='shiftnote_of_unit')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('read_at', None), ('read_by', None)), models.Q(('read_at__isnull', False), ('read_by__isnull', False)), _connector='OR'), name='shiftnote_read_by_whom')],
            },
        ),
    ]
