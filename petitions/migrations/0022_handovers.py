import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("agents", "0008_duty_roster_around_the_clock"),
        ("petitions", "0021_same_cause"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Handover',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(choices=[('STAND_IN', 'Stands in for a period'), ('TRANSFER', 'Transfer of post'), ('LEAVER', 'Leaves the office')], max_length=10)),
                ('starts_on', models.DateField()),
                ('ends_on', models.DateField(null=True)),
                ('remark', models.CharField(blank=True, max_length=200)),
                ('begun_at', models.DateTimeField()),
                ('done_at', models.DateTimeField(null=True)),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('switched_off_at', models.DateTimeField(null=True)),
                ('begun_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('done_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('to', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='agents.unit')),
                ('whose', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'hand-over',
                'verbose_name_plural': 'hand-overs',
                'ordering': ['-id'],
                'indexes': [models.Index(fields=['unit', 'id'], name='handover_of_unit'), models.Index(fields=['whose', 'id'], name='handover_of_cadre'), models.Index(fields=['to', 'id'], name='handover_to_cadre')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('done_at', None), ('withdrawn_at', None)), fields=('whose',), name='handover_begun_once'), models.CheckConstraint(condition=models.Q(('to', None), models.Q(('whose', models.F('to')), _negated=True), _connector='OR'), name='handover_to_another'), models.CheckConstraint(condition=models.Q(models.Q(('done_at', None), ('done_by', None)), models.Q(('done_at__isnull', False), ('done_by__isnull', False)), _connector='OR'), name='handover_done_by_whom')],
            },
        ),
        migrations.CreateModel(
            name='HandoverCase',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('ground', models.CharField(choices=[('NAMED', 'takes over the whole caseload'), ('CHARGE', 'is in charge of such matters'), ('LOAD', 'holds the fewest open cases of the unit'), ('CHOSEN', 'chosen by hand'), ('NOBODY', 'nobody of the unit can take it: choose one')], max_length=8)),
                ('load', models.PositiveIntegerField(default=0)),
                ('state', models.CharField(max_length=16)),
                ('due_at', models.DateTimeField()),
                ('due_term', models.CharField(blank=True, max_length=20)),
                ('result', models.CharField(blank=True, choices=[('', 'not yet'), ('DONE', 'handed over'), ('REFUSED', 'not done'), ('GONE', 'no longer theirs')], max_length=8)),
                ('refusal', models.CharField(blank=True, max_length=500)),
                ('agent', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='petitions.petition')),
                ('handler', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('handover', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='cases', to='petitions.handover')),
            ],
            options={
                'verbose_name': 'case handed over',
                'ordering': ['due_at', 'id'],
                'constraints': [models.UniqueConstraint(fields=('handover', 'case'), name='handovercase_once')],
            },
        ),
        migrations.CreateModel(
            name='HandoverSignature',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('cadre', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('handover', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='signatures', to='petitions.handover')),
            ],
            options={
                'verbose_name': 'signature under a hand-over',
                'ordering': ['id'],
                'constraints': [models.UniqueConstraint(fields=('handover', 'cadre'), name='handover_signed_once')],
            },
        ),
    ]
