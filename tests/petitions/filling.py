"""Filling in the forms of the steps as a page does."""

from datetime import datetime
from typing import Any

from django.http import QueryDict

from petitions.forms import StepForm, form_for
from petitions.models import Petition
from tests.cast import Cast
from workflow import engine


def form(
    name: str, case: Petition, cast: Cast, now: datetime, by: str = "clerk", **sent: Any
) -> StepForm:
    """The form as a page sends it; without data as it is shown first."""
    files = {"files": sent.pop("files")} if "files" in sent else None
    data = QueryDict(mutable=True)
    for key, value in sent.items():
        data.setlist(key, value if isinstance(value, list) else [value])
    kind = form_for(name)
    assert kind is not None
    given = (data, files) if sent or files else ()
    return kind(*given, case=case, actor=cast.actor(by, now), now=now)


def perform(filled: StepForm, name: str, by: str, cast: Cast, now: datetime) -> Petition:
    assert filled.is_valid(), filled.errors
    actor = cast.actor(by, now)
    return engine.perform(filled.case.pk, name, actor=actor, now=now, **filled.step_data())
