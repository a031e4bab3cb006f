from django.db import migrations
from django.db.models import Q
from django.db.models.functions import Now

ENDED = [
    "CLOSED",
    "CONCLUDED",
    "DIVERTED",
    "TRANSFERRED_OUT",
    "DECLINED",
    "MERGED",
    "WITHDRAWN",
]


def lapse(apps, schema_editor):
    """What still waits on cases that have ended, or have become accusations."""
    cases = apps.get_model("petitions", "Petition").objects
    over = cases.filter(Q(state__in=ENDED) | Q(sealed=True)).values("pk")
    waiting = apps.get_model("workflow", "Proposal").objects.filter(decision="")
    waiting.filter(case__in=over).update(decision="LAPSED", decided_at=Now())


class Migration(migrations.Migration):
    dependencies = [
        ("petitions", "0026_counted_by_more_indexes"),
        ("workflow", "0022_instructions_given"),
    ]

    operations = [
        migrations.RunPython(lapse, migrations.RunPython.noop, elidable=True),
    ]
