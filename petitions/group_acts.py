"""Acts on a whole same-cause group: looked at first, confirmed by a person, done case by case.

Each case is a transaction of its own, in which its row stops waiting: what fails hinders no other,
and nothing is done twice, however often and by how many an act is carried on. The machine judges
every case by itself, at the look and again when it is done.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.files.base import File
from django.db import DatabaseError, transaction
from django.db.models import Exists, F, OuterRef
from django.utils import translation
from django.utils.translation import gettext as _

from agents.roles import Role
from petitions.files import CheckedFile
from petitions.filling_in import filled_in
from petitions.models import Attachment, GroupAct, GroupActFile, GroupActRow, Petition
from petitions.queries import PetitionQuerySet
from workflow import engine
from workflow.actors import Actor
from workflow.errors import Blocked, WorkflowError
from workflow.models import Answer, SameCauseGroup
from workflow.models.same_cause import MOST_MEMBERS
from workflow.steps import STEPS

ACTS = (
    "sign", "log_contact", "accept", "take_up", "submit_opinion", "reply", "approve_opinion",
)  # fmt: skip
"""Steps that can be done to a whole group, in the order of a case's life."""
MAKERS = (Role.HANDLER, Role.DISPATCHER, Role.UNIT_HEAD)
"""Who makes groups; the machine judges each case besides."""
INLINE = 50
"""So many cases are done within the request; the worker goes on with the rest."""
SLICE = 20.0
"""Seconds after which the worker lets other work have its turn."""
MOST_ATTEMPTS = 5
"""So often a row is begun and never ended; then it is given up, and the others go on."""
UNREAD = ("query_code", "problem_place", "accused_name", "accused_post", "source_note")
"""Encrypted columns that neither the machine nor a list of members asks for."""

Stage, Outcome = GroupAct.Stage, GroupActRow.Outcome
Sent = Iterable[tuple[CheckedFile, Any]]


@dataclass(frozen=True)
class Doer:
    """Who acts, at which moment, as far as they see, and in which language they are answered."""

    actor: Actor
    now: datetime
    cases: PetitionQuerySet
    versions: Mapping[str, int]
    language: str


# Members ------------------------------------------------------------------------------------


def members(group: SameCauseGroup, doer: Doer) -> list[Petition]:
    """The cases of the group that the doer sees, with all the machine asks of them.

    Constant queries. Raises Blocked when the group is empty or larger than one act may be.
    """
    rows = doer.cases.filter(same_cause=group.pk).select_related("petitioner").defer(*UNREAD)
    found = list(rows.prefetch_related("claim_points").order_by("due_at", "id")[: MOST_MEMBERS + 1])
    if not found:
        raise Blocked([_("There is no case in this group, or none that you can see.")])
    if len(found) > MOST_MEMBERS:
        too_many = _("The group has more than %(most)d cases: divide it first.")
        raise Blocked([too_many % {"most": MOST_MEMBERS}])
    engine.attach(found, doer.actor, doer.now, versions=doer.versions)
    return found


def doable(cases: Sequence[Petition]) -> dict[str, tuple[int, str]]:
    """Of each act: with how many of these it can be done now, and with none why not."""
    found: dict[str, tuple[int, str]] = {}
    for name in ACTS:
        reasons = [_against(case, name) for case in cases]
        done = reasons.count("")
        found[name] = (done, "" if done else max(set(reasons), key=reasons.count, default=""))
    return found


def _against(case: Petition, name: str) -> str:
    """Why this can't be done to the case by its actor; "" when it can."""
    try:
        choice = engine.judge(case, engine.lookup(case, name))
    except WorkflowError as refused:
        return str(refused)
    if choice.mode == "ask":
        return _("You can only ask for this: ask on the page of the case.")
    return " ".join(str(reason) for reason in choice.reasons)


# Looking first ------------------------------------------------------------------------------


def draft(
    group: SameCauseGroup,
    name: str,
    entered: Mapping[str, Any],
    files: Sent,
    doer: Doer,
    *,
    instead_of: GroupAct | None = None,
) -> GroupAct:
    """An act as it would be done, with a row for each case; nothing happens to any case yet.

    `instead_of`: a draft that this one replaces; its files go on. Raises Blocked as `members`.
    """
    cases = members(group, doer)
    act = GroupAct(
        group=group, step=name, data=json.dumps(dict(entered), ensure_ascii=False),
        by_id=doer.actor.id or 0, language=doer.language, created_at=doer.now,
    )  # fmt: skip
    with transaction.atomic():
        act.save()
        if instead_of is not None:
            instead_of.files.update(act=act)
            instead_of.delete()
        for checked, file in files:
            _kept(act, checked, file).save()
        kept = list(act.files.all())
        rows = [_row(act, case, kept, doer) for case in cases]
        GroupActRow.objects.bulk_create(rows)
    return act


def _kept(act: GroupAct, checked: CheckedFile, file: File[bytes]) -> GroupActFile:
    return GroupActFile(
        act=act, name=checked.name, content_type=checked.content_type, size=checked.size,
        sha256=checked.sha256, file=file,
    )  # fmt: skip


def _row(act: GroupAct, case: Petition, files: Sequence[GroupActFile], doer: Doer) -> GroupActRow:
    row = GroupActRow(act=act, case=case, seen=case.version)
    row.reason = _against(case, act.step) or _invalid(row, files, doer)
    if row.reason:
        row.outcome = Outcome.UNTOUCHED
    return row


def _invalid(row: GroupActRow, files: Sequence[GroupActFile], doer: Doer) -> str:
    """What the machine finds wrong in the entry for this case."""
    data = step_data(row, row.case, files, doer.actor, doer.now)
    try:
        for check in STEPS[row.act.step].checks:
            check(row.case, data)
    except WorkflowError as refused:
        return str(refused)
    return ""


def step_data(
    row: GroupActRow, case: Petition, files: Sequence[GroupActFile], actor: Actor, now: datetime
) -> dict[str, Any]:
    """The step's parameters for one case: texts filled in, answers and files as its own rows."""
    step, entered, own = STEPS[row.act.step], row.act.entered, row.own_words
    data = {
        name: filled_in(value, case) if name in step.texts else value
        for name, value in entered.items()
        if name in step.params
    }
    if "answers" in step.params:
        data["answers"] = answers(case, entered["common"], own.get("answers", {}), now)
        data["result"] = own.get("result") or entered["result"]
    if "files" in step.params:
        data["files"] = [_attachment(one, actor, now) for one in files]
    return data


def answers(case: Petition, common: str, own: Mapping[str, str], now: datetime) -> list[Answer]:
    """An answer to each claim point: the common one, or what was written for this case alone."""
    return [
        Answer(
            claim_point=point,
            round=case.round,
            text=own.get(str(point.pk)) or filled_in(common, case),
            at=now,
        )
        for point in case.current_points
    ]


def _attachment(one: GroupActFile, actor: Actor, now: datetime) -> Attachment:
    """A row of the case's own; what lies on the disk is stored once for all of them."""
    return Attachment(
        uploaded_by_id=actor.id, name=one.name, content_type=one.content_type, size=one.size,
        sha256=one.sha256, file=str(one.file.name), created_at=now,
    )  # fmt: skip


def answer_apart(row: GroupActRow, own: Mapping[str, Any]) -> bool:
    """Keep the answers for this case alone; False if it has been done meanwhile."""
    open_rows = GroupActRow.objects.filter(
        pk=row.pk, outcome__in=[Outcome.WAITING, Outcome.REFUSED]
    )
    return bool(open_rows.update(own=json.dumps(dict(own), ensure_ascii=False)))


def leave_out(act: GroupAct, kept: Iterable[int]) -> int:
    """Of a draft: leave out every row but these; how many that were."""
    if act.stage != Stage.DRAFT:
        return 0
    waiting = act.rows.filter(outcome=Outcome.WAITING)
    return waiting.exclude(pk__in=list(kept)).update(outcome=Outcome.LEFT)


# Doing it -----------------------------------------------------------------------------------


def start(act: GroupAct, doer: Doer) -> None:
    """Let a confirmed draft go: a few cases at once, of many the worker does the rest."""
    drafts = GroupAct.objects.filter(pk=act.pk, stage=Stage.DRAFT)
    if not drafts.update(stage=Stage.RUNNING, started_at=doer.now):
        raise WorkflowError(_("This has been confirmed already: look at what became of it."))
    _now_or_later(act, doer)


def try_again(act: GroupAct, doer: Doer) -> int:
    """Let the refused rows wait once more, on the cases as they stand now; how many."""
    rows = list(act.rows.filter(outcome=Outcome.REFUSED).values_list("pk", "case_id"))
    seen = dict(
        doer.cases.filter(pk__in=[case for _pk, case in rows], same_cause=act.group_id).values_list(
            "pk", "version"
        )
    )
    again = 0
    for pk, case_id in rows:
        if case_id in seen:
            again += GroupActRow.objects.filter(pk=pk, outcome=Outcome.REFUSED).update(
                outcome=Outcome.WAITING, reason="", attempts=0, seen=seen[case_id]
            )
    if again:
        GroupAct.objects.filter(pk=act.pk).update(stage=Stage.RUNNING, finished_at=None)
        _now_or_later(act, doer)
    return again


def carry_on(now: datetime, seconds: float = SLICE) -> bool:
    """The worker's part: go on with what runs, the oldest first; False if nothing does."""
    running = list(GroupAct.objects.filter(stage=Stage.RUNNING).select_related("by").order_by("id"))
    end = time.monotonic() + seconds
    for act in running:
        with translation.override(act.language):
            _work(act, Actor.of(act.by, now), now, end)
    return bool(running)


def _now_or_later(act: GroupAct, doer: Doer) -> None:
    if act.rows.filter(outcome=Outcome.WAITING).count() <= INLINE:
        _work(act, doer.actor, doer.now, time.monotonic() + SLICE)


def _work(act: GroupAct, actor: Actor, now: datetime, end: float) -> None:
    files = list(act.files.all())
    waiting = act.rows.filter(outcome=Outcome.WAITING).order_by("attempts", "id")
    for pk, attempts in list(waiting.values_list("pk", "attempts")):
        if time.monotonic() > end:
            return
        begun = GroupActRow.objects.filter(pk=pk, outcome=Outcome.WAITING)
        if attempts >= MOST_ATTEMPTS:
            given_up = _("It could not be done. Tell the administrator: row %d.") % pk
            begun.update(outcome=Outcome.REFUSED, reason=given_up)
        elif begun.update(attempts=F("attempts") + 1):
            _do(pk, files, actor, now)
    left = GroupActRow.objects.filter(act=OuterRef("pk"), outcome=Outcome.WAITING)
    over = GroupAct.objects.filter(~Exists(left), pk=act.pk, stage=Stage.RUNNING)
    over.update(stage=Stage.DONE, finished_at=now)


def _do(pk: int, files: Sequence[GroupActFile], actor: Actor, now: datetime) -> None:
    """One row, if it still waits: the step and the row's end in one transaction."""
    with transaction.atomic():
        rows = GroupActRow.objects.select_for_update(no_key=True, of=("self",))
        row = rows.select_related("act").filter(pk=pk, outcome=Outcome.WAITING).first()
        if row is None:
            return
        try:
            with transaction.atomic():
                case = _perform(row, files, actor, now)
        except WorkflowError as refused:
            row.outcome, row.reason = Outcome.REFUSED, str(refused)
        except DatabaseError:
            row.outcome, row.reason = Outcome.REFUSED, _("The database did not take it: try again.")
        else:
            row.outcome, row.reason, row.done_at = Outcome.DONE, "", now
            row.message = filled_in(row.act.entered.get("message", ""), case)
        row.save(update_fields=["outcome", "reason", "done_at", "message"])


def _perform(
    row: GroupActRow, files: Sequence[GroupActFile], actor: Actor, now: datetime
) -> Petition:
    cases = Petition.objects.select_related("petitioner").prefetch_related("claim_points")
    case: Petition = cases.get(pk=row.case_id)
    if case.same_cause_id != row.act.group_id:
        raise WorkflowError(_("The case is no longer in this group."))
    data = step_data(row, case, files, actor, now)
    engine.perform(case.pk, row.act.step, actor=actor, now=now, seen=row.seen, **data)
    return case
