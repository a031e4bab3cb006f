"""One ladder instead of warnings, whom they tell, and whom the expiry tells; thresholds of lamps."""

from django.db import migrations, models

HOURS = ("second", "minute", "hour")
TERMS = [
    ("DISPATCH", "Dispatch"),
    ("SIGN", "Signing for"),
    ("OBJECTION", "Objecting"),
    ("OBJECTION_RULING", "Ruling on the objection"),
    ("NOTICE", "Written notice"),
    ("FIRST_CONTACT", "First contact"),
    ("HANDLING", "Handling"),
    ("SIMPLE", "Simple procedure"),
    ("DUTY", "Performing the duty"),
    ("HOTLINE", "Hotline demand"),
    ("FEEDBACK", "Feedback on the assignment"),
    ("SUPPLEMENT", "Supplement by the petitioner"),
    ("SERVICE", "Service"),
    ("REVIEW_APPLY", "Applying for review"),
    ("REREVIEW_APPLY", "Applying for re-review"),
    ("REVIEW", "Review"),
    ("REREVIEW", "Re-review"),
    ("RETURN_VISIT", "Return visit"),
    ("NEXT_VISIT", "Planned return visit"),
    ("EVALUATION", "Rating by the petitioner"),
    ("REWORK", "Rework"),
    ("SILENCE", "Contact with the petitioner"),
]


def to_ladders(apps, schema_editor):
    for rule in apps.get_model("workflow", "TermRule").objects.all():
        rule.ladder = [
            {"at": f"{round(part * 100)}%", "tell": rule.tell_warning}
            for part in sorted(rule.warnings)
        ] + [{"at": "0", "tell": rule.tell_expiry}]
        if rule.unit in HOURS:
            rule.yellow_before, rule.black_after = "6h", "2d"
        if rule.term == "HANDLING":
            rule.extendable_days = 30
        rule.save()


def to_warnings(apps, schema_editor):
    for rule in apps.get_model("workflow", "TermRule").objects.all():
        shares = [rung for rung in rule.ladder if rung["at"].endswith("%")]
        rule.warnings = [int(rung["at"][:-1]) / 100 for rung in shares]
        rule.tell_warning = shares[0]["tell"] if shares else []
        rule.tell_expiry = [who for rung in rule.ladder if rung["at"] == "0" for who in rung["tell"]]
        rule.save()


class Migration(migrations.Migration):
    dependencies = [("workflow", "0002_unknown_dates")]

    operations = [
        migrations.AddField("termrule", "ladder", models.JSONField(default=list)),
        migrations.AddField("termrule", "at_any_hour", models.BooleanField(default=False)),
        migrations.AddField(
            "termrule", "yellow_before", models.CharField(default="3d", max_length=6)
        ),
        migrations.AddField(
            "termrule", "black_after", models.CharField(default="7d", max_length=6)
        ),
        migrations.AddField(
            "termrule", "extendable_days", models.PositiveSmallIntegerField(default=0)
        ),
        migrations.RunPython(to_ladders, to_warnings),
        migrations.RemoveField("termrule", "warnings"),
        migrations.RemoveField("termrule", "tell_warning"),
        migrations.RemoveField("termrule", "tell_expiry"),
        migrations.AlterField(
            "clock", "term", models.CharField(choices=TERMS, max_length=20)
        ),
        migrations.AlterField(
            "termrule", "term", models.CharField(choices=TERMS, max_length=20)
        ),
    ]
