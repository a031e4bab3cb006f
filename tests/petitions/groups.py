"""Same-cause groups for tests: cases of one kind in one state, put into one group."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from petitions.models import GroupAct, Petition
from tests.cast import Cast
from tests.driving import default_data, drive, new_case
from tests.factories import SameCauseGroupFactory
from tests.routes import Move
from workflow import engine
from workflow.codes import Result
from workflow.models import SameCauseGroup

IN_HANDLING: tuple[Move, ...] = ("dispatch", "sign", "log_contact", "take_up")


def put_together(cases: Sequence[Petition], cast: Cast, now: datetime) -> SameCauseGroup:
    """A group of these cases, made by the dispatcher."""
    group: SameCauseGroup = SameCauseGroupFactory(created_by=cast.dispatcher)
    pks = [case.pk for case in cases]
    facts: dict[str, Any] = {"actor": cast.actor("dispatcher", now), "now": now}
    assert len(engine.perform_many(pks, "join_group", group=group, **facts).done) == len(pks)
    return group


def group_in_handling(cast: Cast, now: datetime, count: int = 3) -> SameCauseGroup:
    """A group of suggestions that await their reply."""
    cases = [
        drive(new_case(cast, now, "suggestion"), *IN_HANDLING, cast=cast, now=now)
        for _place in range(count)
    ]
    return put_together(cases, cast, now)


def dispatched_group(cast: Cast, now: datetime, count: int) -> SameCauseGroup:
    """A group of cases that await their signature, made in few statements."""
    cases = [new_case(cast, now) for _place in range(count)]
    data = default_data("dispatch", cases[0], cast, now)
    actor = cast.actor("clerk", now)
    engine.perform_many([case.pk for case in cases], "dispatch", actor=actor, now=now, **data)
    return put_together(cases, cast, now)


def cases_of(group: SameCauseGroup) -> list[Petition]:
    """Its cases, in the order they were registered."""
    return list(Petition.objects.filter(same_cause=group.pk).order_by("pk"))


def proof() -> SimpleUploadedFile:
    """A file that can be uploaded."""
    return SimpleUploadedFile("现场.pdf", b"%PDF-1.4\n%%EOF\n", "application/pdf")


def reply(**other: Any) -> dict[str, Any]:
    """What is entered for a reply to a whole group."""
    return {
        "common": "【姓名】：供暖已于11月20日恢复。",
        "result": Result.SUPPORTED,
        "summary": "更换换热站水泵。",
        "message": "【姓名】，您的事项（【编号】）已答复。",
        "files": proof(),
        **other,
    }


def enter(client: Client, group: SameCauseGroup, name: str, **sent: Any) -> Any:
    """Send the form of an act; the answer."""
    return client.post(reverse("group_enter", args=[group.pk, name]), sent)


def draft(client: Client, group: SameCauseGroup, name: str, **sent: Any) -> GroupAct:
    """The draft that comes of the form."""
    answer = enter(client, group, name, **sent)
    assert answer.status_code == 302, answer.content.decode()
    return GroupAct.objects.latest("pk")


def confirm(client: Client, act: GroupAct, *, without: Sequence[Petition] = ()) -> Any:
    """Confirm the rows that wait, but for those of some cases."""
    rows = act.rows.filter(outcome="WAITING").exclude(case__in=without)
    sent = {"row": list(rows.values_list("pk", flat=True))}
    return client.post(reverse("group_start", args=[act.pk]), sent)


def outcomes(act: GroupAct) -> list[str]:
    """What became of each row."""
    return list(act.rows.order_by("case_id").values_list("outcome", flat=True))
