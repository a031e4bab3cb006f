"""How cases look over the API: what is shown, and therefore what the description says.

Codes stay as they are stored; the field beside one ends in `_label` and speaks the caller's
language. Everything that names a person is masked, as on the pages.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from operator import attrgetter, itemgetter, methodcaller
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from agents.directory import Directory
from petitions.addresses import case_address
from petitions.masking import mask_name
from petitions.models import Petition, Petitioner
from petitions.templatetags.look import lamp, term_label
from workflow.answering import who_answers
from workflow.calendar import day_of
from workflow.case import NEVER

Reader = Callable[[Any], Any]


class Shape(serializers.Serializer):
    """A serializer that only shows. How each value is read is found out once for each class.

    DRF's own copies all fields for each use, and looks at every value of every row for
    something to call: more than half the cost of a list.
    """

    def to_representation(self, instance: Any) -> dict[str, Any]:
        """The row as plain values."""
        shown = {}
        for name, read, represent in _plan(type(self), isinstance(instance, Mapping)):
            if read is None:
                shown[name] = represent(self, instance)
            else:
                value = read(instance)
                shown[name] = value if value is None else represent(value)
        return shown


@cache
def _plan(shape: type[Shape], of_items: bool) -> list[tuple[str, Reader | None, Any]]:
    """For each field its name, how it is read from a row, and how the value is shown.

    What a method computes is not read: the method of that name gets the row.
    """
    plan: list[tuple[str, Reader | None, Any]] = []
    for name, field in shape().fields.items():
        if isinstance(field, serializers.SerializerMethodField):
            plan.append((name, None, getattr(shape, str(field.method_name))))
        elif of_items:
            plan.append((name, itemgetter(field.source), field.to_representation))
        else:
            plan.append((name, _attribute(str(field.source)), field.to_representation))
    return plan


def _attribute(source: str) -> Reader:
    return methodcaller(source) if source.endswith("_display") else attrgetter(source)


class Named(Shape):
    """Something by id, with its name."""

    id = serializers.IntegerField()
    name = serializers.CharField()


class Labelled(Shape):
    """Something with its name in the caller's language."""

    label = serializers.CharField()  # type: ignore[assignment]


class Person(Shape):
    """A petitioner, masked; the plain value needs a reason (`reveal`)."""

    name = serializers.CharField(source="name_masked")
    id_number = serializers.CharField(source="id_masked")
    phone = serializers.CharField(source="phone_masked")
    address = serializers.CharField(source="address_masked")
    is_anonymous = serializers.BooleanField()


class Due(serializers.DateTimeField):
    """A due moment; null where no clock runs."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"allow_null": True, "read_only": True, **kwargs})

    def to_representation(self, value: datetime) -> str | None:  # type: ignore[override]
        """The year 9999 is how a list sorts "never"."""
        return None if value == NEVER else super().to_representation(value)


class CaseHead(Shape):
    """Where a case stands and in whose hands it is. Asks the database nothing."""

    number = serializers.CharField()
    url = serializers.SerializerMethodField()
    version = serializers.IntegerField(
        help_text="Send it back as `seen`: then you are told if somebody else acted meanwhile."
    )
    state = serializers.CharField()
    state_label = serializers.CharField(source="get_state_display")
    unit = serializers.SerializerMethodField()
    handler = serializers.SerializerMethodField()
    agent = serializers.SerializerMethodField()
    due_at = Due()
    due_term = serializers.CharField()
    due_term_label = serializers.SerializerMethodField()
    lamp = serializers.SerializerMethodField(help_text="none, green, yellow, red or black")

    @property
    def directory(self) -> Directory:
        """Names come from memory, not from joins."""
        directory: Directory = self.context["view"].directory
        return directory

    def get_url(self, case: Petition) -> str:
        """The address of the whole case."""
        return case_address(case.number, "api:case")

    @extend_schema_field(Named(allow_null=True))
    def get_unit(self, case: Petition) -> dict[str, Any] | None:
        """The responsible unit."""
        return _named(self.directory.units.get(case.unit_id or 0))

    @extend_schema_field(Named(allow_null=True))
    def get_handler(self, case: Petition) -> dict[str, Any] | None:
        """Who answers for the unit."""
        return _named(self.directory.cadres.get(case.handler_id or 0))

    @extend_schema_field(Named(allow_null=True))
    def get_agent(self, case: Petition) -> dict[str, Any] | None:
        """Who acts for the petitioner."""
        return _named(self.directory.cadres.get(case.agent_id or 0))

    def get_due_term_label(self, case: Petition) -> str:
        """The name of the term that is due first."""
        return term_label(case.due_term)

    def get_lamp(self, case: Petition) -> str:
        """The colour of the due moment."""
        return lamp(case, self.context["now"])


class CaseRow(CaseHead):
    """A case as lists show it."""

    received_at = serializers.DateTimeField(
        allow_null=True, help_text="Null: an old record that names no date."
    )
    channel = serializers.CharField()
    channel_label = serializers.CharField(source="get_channel_display")
    petition_class = serializers.CharField()
    petition_class_label = serializers.CharField(source="get_petition_class_display")
    category = serializers.SerializerMethodField()
    problem_area = serializers.SerializerMethodField()
    urgency = serializers.CharField()
    urgency_label = serializers.CharField(source="get_urgency_display")
    summary = serializers.CharField()
    petitioner = Person()
    head_count = serializers.IntegerField()
    is_repeat = serializers.BooleanField()
    is_hotline = serializers.BooleanField()
    is_history = serializers.BooleanField()
    sealed = serializers.BooleanField()

    @extend_schema_field(Named(allow_null=True))
    def get_category(self, case: Petition) -> dict[str, Any] | None:
        """What it is about."""
        return _named(self.directory.categories.get(case.category_id or 0))

    @extend_schema_field(Named(allow_null=True))
    def get_problem_area(self, case: Petition) -> dict[str, Any] | None:
        """Where the problem is."""
        return _named(self.directory.areas.get(case.problem_area_id or 0))


ROW_COLUMNS = (
    "number", "version", "state", "unit", "handler", "agent", "due_at", "due_term", "received_at",
    "channel", "petition_class", "category", "problem_area", "urgency", "summary", "head_count",
    "is_repeat", "is_hotline", "is_history", "sealed",
    "petitioner__name", "petitioner__id_number", "petitioner__phone", "petitioner__address",
    "petitioner__is_anonymous",
)  # fmt: skip
"""The columns behind `CaseRow`: a list reads no others."""


class CaseFacts(CaseRow):
    """Everything about a case that stands in its own row."""

    answers_now = serializers.SerializerMethodField()
    demand = serializers.CharField()
    problem_place = serializers.CharField()
    purpose = serializers.CharField()
    path = serializers.CharField()
    path_label = serializers.CharField(source="get_path_display")
    is_joint = serializers.BooleanField()
    threat_flag = serializers.BooleanField()
    language_needed = serializers.CharField()
    unreachable = serializers.BooleanField()
    accused = serializers.SerializerMethodField()
    way = serializers.CharField()
    procedure = serializers.CharField()
    result = serializers.CharField()
    completion = serializers.CharField()
    rating = serializers.CharField()
    office_rating = serializers.CharField()
    visit_satisfaction = serializers.CharField()
    resolved = serializers.CharField()
    ended_because = serializers.CharField()
    round = serializers.IntegerField()
    hops = serializers.IntegerField()
    registered_at = serializers.DateTimeField(allow_null=True)
    first_dispatched_at = serializers.DateTimeField(allow_null=True)
    signed_at = serializers.DateTimeField(allow_null=True)
    accepted_at = serializers.DateTimeField(allow_null=True)
    answered_at = serializers.DateTimeField(allow_null=True)
    served_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    mandate = serializers.CharField(help_text="OFFERED, ORAL or SIGNED; empty: none stands")
    mandate_label = serializers.CharField(source="get_mandate_display")
    mandate_until = serializers.DateField(allow_null=True)
    same_side = serializers.BooleanField(help_text="The handler is the agent.")

    @extend_schema_field(Named(allow_null=True))
    def get_answers_now(self, case: Petition) -> dict[str, Any] | None:
        """The handler, or whoever answers in their place today; null: nobody, or ended."""
        if not case.is_open:
            return None
        day = day_of(self.context["now"])
        answer = who_answers(case, day, self.directory)
        return _named(self.directory.cadres.get(answer.cadre_id or 0))

    @extend_schema_field(serializers.DictField(child=serializers.CharField()))
    def get_accused(self, case: Petition) -> dict[str, str]:
        """The accused: the unit as it is, the name masked."""
        unit = self.directory.units.get(case.accused_unit_id or 0)
        return {"unit": unit.name if unit else "", "name": mask_name(case.accused_name)}


class Representatives(Shape):
    """The people of a case, masked."""

    petitioner = Person()
    representatives = serializers.SerializerMethodField()

    @extend_schema_field(Person(many=True))
    def get_representatives(self, case: Petition) -> Any:
        """Those who speak for a joint petition, at most five."""
        people: list[Petitioner] = [
            one.petitioner for one in case.representatives.select_related("petitioner")
        ]
        return Person(people, many=True).data


def _named(info: Any) -> dict[str, Any] | None:
    return {"id": info.id, "name": info.name} if info is not None else None
