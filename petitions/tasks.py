"""Celery tasks of the petitions: thin, safe to run twice."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from petitions import keeping
from petitions.demo.making import Maker
from petitions.exchange import runs
from petitions.models import Petition, Sending
from petitions.models.sending import KEPT

BATCH = 10


@shared_task(name="petitions.tasks.clean_files")
def clean_files() -> None:
    """Remove files of refused forms, and files without a row, after their day."""
    keeping.clean(timezone.now())


@shared_task(name="petitions.tasks.forget_sendings")
def forget_sendings() -> None:
    """Keys of programs, and the rating codes kept with them, live for a day."""
    Sending.objects.filter(at__lte=timezone.now() - KEPT).delete()


@shared_task(name="petitions.tasks.make_demo_cases")
def make_demo_cases(until: int) -> None:
    """A few more demo cases, until there are that many; then sends itself for the next few.

    Small batches let a stop, and the clocks, come in between.
    """
    have = Petition.objects.count()
    if have < until:
        for _case in Maker(timezone.now(), seed=have).make(min(BATCH, until - have)):
            pass
        make_demo_cases.delay(until)


@shared_task(name="petitions.tasks.carry_on_imports")
def carry_on_imports() -> bool:
    """Go on for a while with the oldest import that has work left."""
    return runs.carry_on(timezone.now())


@shared_task(name="petitions.tasks.forget_old_drafts")
def forget_old_drafts() -> int:
    """Remove files that were sent to be imported and never started."""
    return runs.forget_old_drafts(timezone.now())
