import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

LEAVING = ("recall", "uphold_objection", "take_back", "reopen")
AT_ONCE = 2000


def turns_so_far(apps, schema_editor):
    """The turns of units before there were rows of them, from the events."""
    units = set(apps.get_model("agents", "Unit").objects.values_list("pk", flat=True))
    turns = apps.get_model("workflow", "Holding")
    moves = apps.get_model("workflow", "Event").objects.filter(name__in=["dispatch", *LEAVING])
    case, before, turn, made = None, None, None, []
    rows = moves.exclude(case=None).order_by("case_id", "id")
    for case_id, name, at, data in rows.values_list("case_id", "name", "at", "data").iterator():
        if case_id != case:
            case, before, turn = case_id, None, None
            if len(made) >= AT_ONCE:
                turns.objects.bulk_create(made)
                made = []
        if name == "dispatch" and turn is None and data.get("unit") in units:
            turn = turns(case_id=case, unit_id=data["unit"], from_unit_id=before, arrived_at=at)
            made.append(turn)
        elif name in LEAVING and turn is not None:
            turn.left_at, turn.left_by = at, name
            before = turn.unit_id if name in ("recall", "uphold_objection") else None
            turn = None
    turns.objects.bulk_create(made)


class Migration(migrations.Migration):

    dependencies = [
        ("agents", "0005_standing_in"),
        ("petitions", "0017_units_before"),
        ("workflow", "0011_steps_untried"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Holding',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('arrived_at', models.DateTimeField()),
                ('left_at', models.DateTimeField(null=True)),
                ('left_by', models.CharField(blank=True, max_length=40)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='holdings', to='petitions.petition')),
                ('from_unit', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='agents.unit')),
                ('unit', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='agents.unit')),
            ],
            options={
                'verbose_name': 'turn of a unit',
                'ordering': ['id'],
                'indexes': [models.Index(fields=['arrived_at', 'unit'], name='holding_arrived'), models.Index(condition=models.Q(('from_unit__isnull', False)), fields=['arrived_at'], name='holding_moved'), models.Index(condition=models.Q(('left_at__isnull', False)), fields=['left_at'], name='holding_left')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('left_at', None)), fields=('case',), name='holding_stands_once'), models.CheckConstraint(condition=models.Q(models.Q(('left_at', None), ('left_by', '')), models.Q(('left_at__isnull', False), models.Q(('left_by', ''), _negated=True)), _connector='OR'), name='holding_left_by_a_step')],
            },
        ),
        migrations.CreateModel(
            name='Precedent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('upheld', models.BooleanField()),
                ('hop', models.PositiveSmallIntegerField()),
                ('ruled_at', models.DateTimeField()),
                ('valid_from', models.DateField()),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('area', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='agents.area')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='precedents', to='petitions.petition')),
                ('category', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='agents.category')),
                ('event', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='workflow.event')),
                ('from_unit', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='agents.unit')),
                ('ruled_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('to_unit', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='agents.unit')),
                ('withdrawal', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='workflow.event')),
                ('withdrawn_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'precedent',
                'ordering': ['id'],
                'indexes': [models.Index(fields=['category', 'area', '-ruled_at'], name='precedent_heeded', condition=models.Q(('withdrawn_at', None))), models.Index(fields=['ruled_at'], name='precedent_ruled')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('withdrawn_at', None), ('withdrawn_by', None)), models.Q(('withdrawn_at__isnull', False), ('withdrawn_by__isnull', False)), _connector='OR'), name='precedent_withdrawn_by'), models.CheckConstraint(condition=models.Q(('upheld', True), ('to_unit', models.F('from_unit')), _connector='OR'), name='precedent_rejected_stays')],
            },
        ),
        migrations.RunPython(turns_so_far, migrations.RunPython.noop, elidable=True),
    ]
