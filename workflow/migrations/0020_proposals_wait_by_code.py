from django.db import migrations, models
from django.db.models import Min, OuterRef, Q, Subquery
from django.db.models.functions import Now


def name_codes(apps, schema_editor):
    """Of several versions' proposals that wait on one case the first stays.

    Each row is written once: PostgreSQL makes no index over rows that one transaction wrote twice.
    """
    proposals = apps.get_model("workflow", "Proposal").objects
    triggers = apps.get_model("workflow", "Trigger").objects
    code = Subquery(triggers.filter(pk=OuterRef("trigger")).values("code"))
    waiting = proposals.filter(decision="")
    each = waiting.order_by().values("case", "trigger__code").annotate(first=Min("pk"))
    later = waiting.exclude(pk__in=each.values("first"))
    later.update(decision="LAPSED", decided_at=Now(), trigger_code=code)
    proposals.filter(trigger_code="").update(trigger_code=code)


class Migration(migrations.Migration):
    dependencies = [
        ("workflow", "0019_trigger_versions"),
    ]

    operations = [
        migrations.AddField(
            model_name="proposal",
            name="trigger_code",
            field=models.CharField(default="", max_length=40),
            preserve_default=False,
        ),
        migrations.RemoveConstraint(
            model_name="proposal",
            name="proposal_waits_once",
        ),
        migrations.RunPython(name_codes, migrations.RunPython.noop, elidable=True),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.UniqueConstraint(
                condition=Q(("decision", "")),
                fields=("case", "trigger_code"),
                name="proposal_waits_once",
            ),
        ),
    ]
