"""Celery tasks of the petitions: thin, safe to run twice."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import datetime
from functools import lru_cache

from celery import shared_task
from django.db import IntegrityError
from django.utils import timezone

from petitions import group_acts, keeping
from petitions.demo.making import Demo, Maker
from petitions.exchange import runs
from petitions.models import Sending
from petitions.models.sending import KEPT
from petitions.suggesting.teaching import learn_from_cases
from petitions.suggesting.training import NothingToLearn

SPELL = 4
"""Seconds that demo cases are made in one go: a stop waits no longer than that."""


@shared_task(name="petitions.tasks.clean_files")
def clean_files() -> None:
    """Remove files of refused forms, and files without a row, after their day."""
    keeping.clean(timezone.now())


@shared_task(name="petitions.tasks.forget_sendings")
def forget_sendings() -> None:
    """Keys of programs, and the rating codes kept with them, live for a day."""
    Sending.objects.filter(at__lte=timezone.now() - KEPT).delete()


@shared_task(name="petitions.tasks.make_demo_cases")
def make_demo_cases(until: str, count: int, seed: int, months: int) -> None:
    """A few more cases of that demo; then sends itself for the next few, until all are there.

    It rests as long as it works, so that the desk does not wait for it. A case that is there
    already is not made again. What they teach about texts is learnt at the end.
    """
    maker = _maker(Demo(datetime.fromisoformat(until), count, seed, months))
    missing, made, end = maker.missing(), 0, time.monotonic() + SPELL
    while made < len(missing) and time.monotonic() < end:
        began = time.monotonic()
        try:
            next(maker.make(missing[made:]))
        except IntegrityError:
            return  # sent twice: another worker is making the same
        made += 1
        time.sleep(time.monotonic() - began)
    if made < len(missing):
        make_demo_cases.delay(until, count, seed, months)
    elif made:
        with suppress(NothingToLearn):
            learn_from_cases(timezone.now())


@lru_cache(maxsize=1)
def _maker(demo: Demo) -> Maker:
    return Maker(demo)


@shared_task(name="petitions.tasks.carry_on_imports")
def carry_on_imports() -> bool:
    """Go on for a while with the oldest import that has work left."""
    return runs.carry_on(timezone.now())


@shared_task(name="petitions.tasks.forget_old_drafts")
def forget_old_drafts() -> int:
    """Remove files that were sent to be imported and never started."""
    return runs.forget_old_drafts(timezone.now())


@shared_task(name="petitions.tasks.carry_on_group_acts")
def carry_on_group_acts() -> bool:
    """Go on for a while with what was confirmed for whole same-cause groups."""
    return group_acts.carry_on(timezone.now())
