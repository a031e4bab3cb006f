from django.db import migrations, models


#: As shipped; an office may have other rules, and changes them in its table.
PAUSES_FOR = {
    'SIGN': ['OBJECTION'], 'FIRST_CONTACT': ['OBJECTION'], 'SILENCE': ['OBJECTION'],
    'REREVIEW': ['HEARING'], 'HOTLINE': ['HOLD'], 'REWORK': ['HOLD'],
}


def tell_old_rules(apps, schema_editor):
    """What the machine did by itself before now stands in the rules' own column."""
    for term, causes in PAUSES_FOR.items():
        apps.get_model('workflow', 'TermRule').objects.filter(term=term).update(pauses_for=causes)


class Migration(migrations.Migration):

    dependencies = [
        ("workflow", "0003_reminder_ladders"),
    ]

    operations = [
        migrations.AddField(
            model_name='clock',
            name='stopped_by',
            field=models.CharField(blank=True, choices=[('OBJECTION', 'Objection not ruled on yet'), ('SUPPLEMENT', 'Supplement awaited'), ('HEARING', 'Hearing'), ('HOLD', 'On hold'), ('MERGE', 'Merged into another case')], max_length=12),
        ),
        migrations.AddField(
            model_name='termrule',
            name='pauses_for',
            field=models.JSONField(default=list),
        ),
        migrations.RunPython(tell_old_rules, migrations.RunPython.noop),
        migrations.AlterField(
            model_name='clock',
            name='term',
            field=models.CharField(choices=[('DISPATCH', 'Dispatch'), ('SIGN', 'Signing for'), ('OBJECTION', 'Objecting'), ('OBJECTION_RULING', 'Ruling on the objection'), ('NOTICE', 'Written notice'), ('FIRST_CONTACT', 'First contact'), ('HANDLING', 'Handling'), ('SIMPLE', 'Simple procedure'), ('DUTY', 'Performing the duty'), ('HOTLINE', 'Hotline demand'), ('FEEDBACK', 'Feedback on the assignment'), ('SUPPLEMENT', 'Supplement by the petitioner'), ('SERVICE', 'Service'), ('REVIEW_APPLY', 'Applying for review'), ('REREVIEW_APPLY', 'Applying for re-review'), ('REVIEW', 'Review'), ('REREVIEW', 'Re-review'), ('RETURN_VISIT', 'Return visit'), ('EVALUATION', 'Rating by the petitioner'), ('REWORK', 'Rework'), ('SILENCE', 'Contact with the petitioner'), ('HOLD_REVIEW', 'Review of the hold')], max_length=20),
        ),
        migrations.AlterField(
            model_name='termrule',
            name='term',
            field=models.CharField(choices=[('DISPATCH', 'Dispatch'), ('SIGN', 'Signing for'), ('OBJECTION', 'Objecting'), ('OBJECTION_RULING', 'Ruling on the objection'), ('NOTICE', 'Written notice'), ('FIRST_CONTACT', 'First contact'), ('HANDLING', 'Handling'), ('SIMPLE', 'Simple procedure'), ('DUTY', 'Performing the duty'), ('HOTLINE', 'Hotline demand'), ('FEEDBACK', 'Feedback on the assignment'), ('SUPPLEMENT', 'Supplement by the petitioner'), ('SERVICE', 'Service'), ('REVIEW_APPLY', 'Applying for review'), ('REREVIEW_APPLY', 'Applying for re-review'), ('REVIEW', 'Review'), ('REREVIEW', 'Re-review'), ('RETURN_VISIT', 'Return visit'), ('EVALUATION', 'Rating by the petitioner'), ('REWORK', 'Rework'), ('SILENCE', 'Contact with the petitioner'), ('HOLD_REVIEW', 'Review of the hold')], max_length=20),
        ),
    ]
