"""The columns of a case that the machine itself writes, and what it derives from them.

`lifecycle.Lifecycle` adds the steps; `petitions.Petition` adds the petition. The petition's side of
the machine is the hooks at the end: named here, implemented there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django_fsm import ConcurrentTransitionMixin, FSMField

from agents.models import Area, Cadre, Category, Unit
from workflow import codes, guards
from workflow.agency import AgencyColumns
from workflow.context import Context
from workflow.mandate_codes import MandateEnd
from workflow.models import (
    Call,
    Holding,
    Precedent,
    Promise,
    Proposal,
    SameCauseGroup,
    SupervisionOrder,
)
from workflow.promises import CONTACT_IN
from workflow.steps import OPEN_STATES, STORED_STATES, State

if TYPE_CHECKING:
    pass

#: `due_at` of a case on which no clock runs: sorts last, and is never NULL (keyset paging).
NEVER = datetime(9999, 1, 1, tzinfo=UTC)


@cache
def _labels(field: models.Field[Any, Any], language: str) -> dict[Any, str]:
    """In the language that is active; given so that each is kept apart."""
    return {code: str(label) for code, label in field.flatchoices}


def _code(choices: type[models.TextChoices], label: Any) -> models.CharField[str, str]:
    return models.CharField(label, max_length=20, choices=choices.choices, blank=True)


def _moment(label: Any) -> models.DateTimeField[Any, Any]:
    return models.DateTimeField(label, null=True, blank=True)


def _link(to: type[models.Model], label: Any) -> models.ForeignKey[Any, Any]:
    """An indexed column only where a real filter needs it: see Petition.Meta."""
    return models.ForeignKey(
        to, models.PROTECT, null=True, blank=True, related_name="+", db_index=False,
        verbose_name=label,
    )  # fmt: skip


class CaseColumns(ConcurrentTransitionMixin, AgencyColumns):
    """Abstract: the machine's columns. Only `workflow.engine` saves them."""

    state = FSMField(_("state"), default=State.NEW, choices=State.choices, protected=True,
                     max_length=16)  # fmt: skip
    version = models.PositiveIntegerField(default=0)
    sealed = models.BooleanField(_("sealed"), default=False)
    is_history = models.BooleanField(_("taken over from old records"), default=False)
    return_state = models.CharField(max_length=16, blank=True)
    #: How often its clocks were counted anew without a step: after a change of calendar or rules.
    recounts = models.PositiveSmallIntegerField(default=0)
    #: Undecided requests: most cases have none, and then none are read.
    requests_pending = models.PositiveSmallIntegerField(default=0)

    petition_class = _code(codes.PetitionClass, _("class"))
    path = _code(codes.Path, _("path"))
    category = _link(Category, _("category"))
    problem_area = _link(Area, _("problem area"))
    urgency = models.CharField(_("urgency"), max_length=10, choices=codes.Urgency.choices,
                               default=codes.Urgency.GENERAL)  # fmt: skip
    is_hotline = models.BooleanField(_("hotline demand"), default=False)
    head_count = models.PositiveIntegerField(_("head-count"), default=1)
    unreachable = models.BooleanField(_("no way to reach the petitioner"), default=False)
    messages_agreed = models.BooleanField(_("agreed to be told by message"), default=False)
    points_total = models.PositiveSmallIntegerField(default=0)
    points_edition = models.PositiveSmallIntegerField(default=0)
    evidence_count = models.PositiveSmallIntegerField(default=0)

    registered_unit = _link(Unit, _("registering unit"))
    unit = _link(Unit, _("responsible unit"))
    unit_l1 = models.PositiveIntegerField(default=0)
    unit_l2 = models.PositiveIntegerField(default=0)
    unit_l3 = models.PositiveIntegerField(default=0)
    handler = _link(Cadre, _("handler"))
    agent = _link(Cadre, _("agent"))
    drafted_by = _link(Cadre, _("drafted by"))
    accused_unit = _link(Unit, _("accused unit"))
    accused_cadre = _link(Cadre, _("accused person"))
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged_cases"
    )
    same_cause = _link(SameCauseGroup, _("same-cause group"))

    way = _code(codes.Way, _("way of dispatch"))
    procedure = _code(codes.Procedure, _("procedure"))
    result = _code(codes.Result, _("result"))
    answer_kind = _code(codes.AnswerKind, _("kind of answer"))
    completion = _code(codes.Completion, _("completion report"))
    rating = _code(codes.Satisfaction, _("rating of the unit"))
    office_rating = _code(codes.Satisfaction, _("rating of the petition office"))
    visit_satisfaction = _code(codes.Satisfaction, _("satisfaction at the return visit"))
    resolved = _code(codes.Resolved, _("resolved"))
    ended_because = models.CharField(_("ground of the end"), max_length=24, blank=True)
    hops = models.PositiveSmallIntegerField(_("hops"), default=0)
    round = models.PositiveSmallIntegerField(_("round"), default=1)
    extended_days = models.PositiveSmallIntegerField(default=0)
    left_unit = _link(Unit, _("unit that had it before"))
    objected_unit = _link(Unit, _("unit that has used its objection"))
    failed_days = models.PositiveSmallIntegerField(default=0)
    last_failed_on = models.DateField(null=True, blank=True)
    explained_close = models.BooleanField(default=False)
    supervision = _code(codes.Supervision, _("supervision order"))
    supervise_until = models.DateField(_("feedback on the order due on"), null=True, blank=True)
    advised_unit = _link(Unit, _("unit that owes an answer to an advice"))
    #: How many units are called into it: most cases have none, and then none are read.
    calls = models.PositiveSmallIntegerField(_("units called into the case"), default=0)

    #: None: an old record that names no date.
    received_at = _moment(_("received"))
    registered_at = _moment(_("registered"))
    office_received_at = _moment(_("received by the office"))
    arrived_at = _moment(_("received by the unit"))
    first_dispatched_at = _moment(_("first dispatched"))
    feedback_on = models.DateField(_("feedback due on"), null=True, blank=True)
    signed_at = _moment(_("signed for"))
    objected_at = _moment(_("objected"))
    last_contact_at = _moment(_("last contact"))
    logged_at = _moment(_("last entry in the log"))
    silent_since = _moment(_("silent since"))
    supplement_asked_at = _moment(_("supplement asked"))
    accepted_at = _moment(_("accepted"))
    handling_from = _moment(_("handling counts from"))
    taken_up_at = _moment(_("taken up"))
    answered_at = _moment(_("answered"))
    served_at = _moment(_("served"))
    follow_up_from = _moment(_("follow-up counts from"))
    next_visit_at = _moment(_("next return visit planned"))
    review_requested_at = _moment(_("review requested"))
    review_served_at = _moment(_("review opinion served"))
    rework_from = _moment(_("rework counts from"))
    supervised_at = _moment(_("order counts from"))
    advised_at = _moment(_("advice received"))
    called_at = _moment(_("unit called"))
    last_errand_at = _moment(_("last errand"))
    promised_at = _moment(_("promised"))
    promise_on = models.DateField(_("promised for"), null=True, blank=True)
    promise_moved = models.BooleanField(_("promise moved to a second day"), default=False)
    closed_at = _moment(_("ended"))
    held_at = _moment(_("put on hold"))
    hold_review_on = models.DateField(_("hold to be reviewed on"), null=True, blank=True)
    due_at = models.DateTimeField(_("due"), default=NEVER)
    due_term = models.CharField(max_length=20, blank=True)

    #: Attached by the engine before anything is judged.
    context: Context
    #: Set by `log_contact` and `log_errand` for their own consequences; not a column.
    just_reached = False

    class Meta:
        abstract = True
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(state__in=[str(state) for state in STORED_STATES]),
                name="%(class)s_state_known",
            ),
        ]

    @property
    def state_fields(self) -> Iterable[Any]:
        """The one there is: django-fsm-2 looks through all columns for each object made."""
        return (self._meta.get_field("state"),)

    # django-fsm-2's own refresh unprotects the column for the whole process when it fails.
    def _get_protected_fsm_fields(self) -> set[str]:
        return set()

    def refresh_from_db(self, *args: Any, **kwargs: Any) -> None:
        self.__dict__.pop("state", None)
        super().refresh_from_db(*args, **kwargs)

    def clean_fields(self, exclude: Any = None) -> None:
        super().clean_fields(exclude={*(exclude or ()), "state"})

    def _get_FIELD_display(self, field: Any) -> str:
        """The label of a code. Django's own first makes every choice of the column hashable."""
        code = getattr(self, field.attname)
        return _labels(field, get_language() or "").get(code) or str(code)

    # What the machine derives --------------------------------------------------------------

    @property
    def unit_path(self) -> tuple[int, int, int]:
        return (self.unit_l1, self.unit_l2, self.unit_l3)

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    @property
    def is_assigned(self) -> bool:
        return self.way == codes.Way.ASSIGN

    @property
    def is_urgent(self) -> bool:
        """Of the level that a hotline demand has two hours for."""
        return self.urgency == codes.Urgency.URGENT

    @property
    def is_duty(self) -> bool:
        return self.path == codes.Path.DUTY and not self.is_hotline

    @property
    def is_simple(self) -> bool:
        return self.procedure == codes.Procedure.SIMPLE

    @property
    def is_normal(self) -> bool:
        return self.procedure == codes.Procedure.NORMAL

    @property
    def visit_is_planned(self) -> bool:
        """After an attempt that failed the next one has its moment."""
        return self.next_visit_at is not None

    @property
    def is_reviewable(self) -> bool:
        """A served opinion: the thirty days for a review run from its service (art. 35)."""
        return guards.opinion_served.holds(self)

    @property
    def became_hotline(self) -> bool:
        """Amended to a hotline demand after it was dispatched: the standard's clock runs."""
        amended = "is_hotline" in self.context.amended
        return amended and self.is_hotline and self.first_dispatched_at is not None

    @property
    def ceased_hotline(self) -> bool:
        """Amended to something else than a hotline demand."""
        return "is_hotline" in self.context.amended and not self.is_hotline

    @property
    def contact_renewed(self) -> bool:
        """The petitioner was just spoken with while contact with them is owed."""
        return self.just_reached and self.state in CONTACT_IN

    @property
    def same_side(self) -> bool:
        """Handler and agent are one cadre (谁分管、谁代理): shown openly."""
        return self.handler_id is not None and self.handler_id == self.agent_id

    @property
    def close_ground(self) -> str:
        return guards.close_ground(self)

    # What bodies of steps do more than once ------------------------------------------------

    def give_to(self, unit_id: int | None, handler: Cadre | None, agent: Cadre | None) -> None:
        """Make the unit responsible, with its scope columns."""
        self.context.former = (self.unit_id, self.handler_id)
        self.unit_id = unit_id
        self.name_agent(agent)
        self.handler = handler
        self.unit_l1, self.unit_l2, self.unit_l3 = self.context.directory.units[unit_id or 0].path

    def back_to_office(self, by: str = "") -> None:
        """The petition office holds the case again; nobody handles it yet. `by`: the step that took
        it from the unit that has it.
        """
        self.dismiss_calls()
        if self.arrived_at is not None:
            self.left_unit_id = self.unit_id
            self.context.settles[Holding] = {"left_at": self.context.now, "left_by": by}
        self.give_to(self.registered_unit_id, None, self.lasting_agent)
        self.office_received_at, self.closed_at = self.context.now, None
        self.signed_at = self.arrived_at = None
        self.completion = ""

    def begin_anew(self, by: str) -> None:
        """Back at the office after an end: dispatched again it is as if for the first time."""
        self.back_to_office(by)
        self.left_unit_id = self.objected_unit_id = None
        self.first_dispatched_at = self.feedback_on = None
        self.way = ""

    def arrive_at(self, unit_id: int) -> None:
        """A unit's turn begins; what was ruled before names it."""
        self.arrived_at = self.context.now
        self.context.records.append(Holding(
            unit_id=unit_id, from_unit_id=self.left_unit_id, arrived_at=self.context.now,
        ))  # fmt: skip
        if self.hops:
            self.context.settles[Precedent] = {"to_unit_id": unit_id}

    def set_precedent(self, *, upheld: bool) -> None:
        """What is ruled on the objection is heeded the next time."""
        actor = self.context.actor
        self.context.records.append(Precedent(
            category_id=self.category_id, area_id=self.problem_area_id, upheld=upheld,
            from_unit_id=self.unit_id or 0, to_unit_id=None if upheld else self.unit_id,
            hop=self.hops, ruled_by_id=actor.id or 0, ruled_at=self.context.now,
            valid_from=self.context.day,
        ))  # fmt: skip

    def end(self, because: str = "") -> None:
        self.closed_at, self.ended_because = self.context.now, because
        self.held_at = self.hold_review_on = None
        self.dismiss_calls()
        if self.mandate:
            self.end_mandate(MandateEnd.CASE_ENDED)
        if self.supervision and because != "MERGED":
            self.conclude_supervision(codes.SupervisionResult.LAPSED)
        self.settle_proposals(Proposal.Decision.LAPSED)

    def begin_follow_up(self, served_at: datetime) -> None:
        """From here the petitioner is asked and may rate; earlier answers of theirs are void."""
        self.follow_up_from = served_at
        self.rating = self.office_rating = self.visit_satisfaction = self.resolved = ""
        self.failed_days, self.last_failed_on, self.explained_close = 0, None, False
        self.next_visit_at = None

    def next_round(self) -> None:
        """Handled again: a new round, the history stays in events, answers and papers."""
        self.round += 1
        self.extended_days, self.answer_kind, self.ended_because = 0, "", ""
        self.answered_at = self.served_at = self.review_served_at = self.closed_at = None
        self.silent_since = self.context.now

    def expect_feedback(self, days: int) -> None:
        """The unit owes its feedback on the supervision order from now."""
        self.supervision, self.supervised_at = codes.Supervision.RUNNING, self.context.now
        self.supervise_until = self.context.day + timedelta(days=days)

    def conclude_supervision(self, result: str) -> None:
        """The order that stands ends so."""
        self.supervision, self.supervise_until = "", None
        ended = {"concluded_at": self.context.now, "result": result}
        self.context.settles[SupervisionOrder] = ended

    def call_in(self, *calls: Call) -> None:
        """These units are called into the case from now."""
        self.calls, self.called_at = self.calls + len(calls), self.context.now
        self.context.called = list(calls)
        self.context.calls += calls
        self.context.records += calls

    def dismiss_calls(self) -> None:
        """With the unit that led ends what others were called for; they see the case no more."""
        if self.calls:
            self.calls = 0
            self.context.calls = []
            self.context.settles[Call] = {"is_over": True}

    def settle_promise(self, **outcome: datetime) -> None:
        """The promise that stands is kept or broken so; without an outcome it lapses."""
        self.promise_on = self.promised_at = None
        self.context.settles[Promise] = {**outcome, "ended_at": self.context.now}

    def settle_proposals(self, decision: str, decider_id: int | None = None) -> None:
        """Whatever orders are proposed on the case are decided on so."""
        self.context.settles[Proposal] = {
            "decision": decision,
            "decided_at": self.context.now,
            "decider_id": decider_id,
        }

    # Hooks: what the machine asks of the petition ------------------------------------------

    def apply_amendment(self, changes: dict[str, Any]) -> None:
        """Set the petition's own fields that an `amend` corrects; old and new to the context."""
        for name, value in changes.items():
            self.context.amended[name] = [str(getattr(self, name)), str(value)]
            setattr(self, name, value)

    def document_facts(self) -> dict[str, Any]:
        """What the papers' templates need to know about the petition."""
        return {}

    @classmethod
    def read_document_facts(cls, cases: Sequence[Self], kinds: Collection[str]) -> None:
        """Read along what `document_facts` tells papers of these kinds."""
