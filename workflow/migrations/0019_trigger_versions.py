from django.db import migrations, models

#: Conditions whose names said their number: the name now, and the number.
NUMBERED = {
    "half_gone_without_log": ("gone_without_log", 50),
    "second_hop": ("hops", 2),
    "handled_again_twice": ("handled_again", 2),
}


def take_numbers_out(apps, schema_editor):
    triggers = apps.get_model("workflow", "Trigger").objects
    for former, (condition, threshold) in NUMBERED.items():
        triggers.filter(condition=former).update(condition=condition, threshold=threshold)


def put_numbers_back(apps, schema_editor):
    triggers = apps.get_model("workflow", "Trigger").objects
    for former, (condition, _threshold) in NUMBERED.items():
        triggers.filter(condition=condition).update(condition=former)


class Migration(migrations.Migration):

    dependencies = [
        ("workflow", "0018_sorting_out"),
    ]

    operations = [
        migrations.AddField(
            model_name='trigger',
            name='threshold',
            field=models.PositiveSmallIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='trigger',
            name='active',
            field=models.BooleanField(default=True),
        ),
        migrations.AddField(
            model_name='rulechange',
            name='trigger',
            field=models.ForeignKey(null=True, on_delete=models.PROTECT, related_name='+', to='workflow.trigger'),
        ),
        migrations.AlterField(
            model_name='rulechange',
            name='kind',
            field=models.CharField(choices=[('CALENDAR', 'Official calendar'), ('RULE', 'Rule of a term'), ('TRIGGER', 'Trigger of supervision')], max_length=8, verbose_name='what changed'),
        ),
        migrations.RemoveConstraint(
            model_name='rulechange',
            name='rulechange_of_what',
        ),
        migrations.AddConstraint(
            model_name='rulechange',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'CALENDAR'), ('year__isnull', False)), models.Q(('kind', 'RULE'), ('rule__isnull', False)), models.Q(('kind', 'TRIGGER'), ('trigger__isnull', False)), _connector='OR'), name='rulechange_of_what'),
        ),
        migrations.RunPython(take_numbers_out, put_numbers_back),
    ]
