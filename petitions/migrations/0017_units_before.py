import django.db.models.deletion
from django.db import migrations, models


def who_objected(apps, schema_editor):
    """The flag becomes the unit that it spoke of: the one that has the case."""
    cases = apps.get_model("petitions", "Petition").objects
    cases.filter(objected_by_unit=True).update(objected_unit=models.F("unit"))


class Migration(migrations.Migration):

    dependencies = [
        ("agents", "0005_standing_in"),
        ("petitions", "0016_language_needed"),
    ]

    operations = [
        migrations.AddField(
            model_name='petition',
            name='left_unit',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='agents.unit', verbose_name='unit that had it before'),
        ),
        migrations.AddField(
            model_name='petition',
            name='objected_unit',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='agents.unit', verbose_name='unit that has used its objection'),
        ),
        migrations.RunPython(who_objected, migrations.RunPython.noop, elidable=True),
        migrations.RemoveField(
            model_name='petition',
            name='objected_by_unit',
        ),
    ]
