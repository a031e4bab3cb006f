"""Forms that put a case into somebody's hands, or say that it is in the wrong ones."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from agents.matching import Candidate
from agents.models import Cadre
from agents.roles import Role
from petitions import conflicts
from petitions.forms.base import StepForm
from petitions.forms.conflicts import refuse_conflicts
from petitions.forms.fields import (
    CadreField,
    DayField,
    FilesField,
    ProseField,
    UnitField,
    by_unit,
    one_of,
)
from petitions.proposals import (
    ShutOut,
    by_text,
    candidates,
    open_cases,
    shut_out,
    standing,
)
from petitions.suggesting.asking import Suggestions, units
from petitions.templatetags.look import listed
from workflow.calendar import day_of
from workflow.codes import ObjectionReason, Way
from workflow.recusals import barred
from workflow.standing_in import as_whom
from workflow.steps import STEPS

#: Who answers for cases or acts for petitioners.
HOLDERS = (Role.HANDLER, Role.AGENT, Role.UNIT_HEAD)


@dataclass(frozen=True)
class Proposal:
    """A candidate as the page shows it; without `value` it can't be chosen as it stands.

    `spoken`: what the text says for the unit besides.
    """

    value: str
    unit: str
    handler: str
    reason: Any
    checked: bool
    #: Who is on duty there at this moment, by name.
    duty: str = ""
    #: What the text says for the unit besides.
    spoken: str = ""


class HoldersForm(StepForm):
    """Handler and agent, chosen among those who are in service, present and not the accused."""

    handler = CadreField(label=_("Handler"))
    agent = CadreField(
        label=_("Agent"),
        required=False,
        empty_label=_("the handler (who is in charge acts as agent)"),
    )

    #: Only cadres of the case's unit and below.
    within_unit = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("handler", "agent"):
            field: Any = self.fields[name]
            field.offer(lambda: self._offered)
        if self.case.mandate:
            agent: Any = self.fields["agent"]
            agent.empty_label = _("as before (the mandate stays in force)")

    def _refuse_conflicts(self, cleaned: dict[str, Any]) -> None:
        """Who has decided on this matter before, or is a relative, gets it no more."""
        chosen = [(name, cleaned.get(name)) for name in ("handler", "agent")]
        refuse_conflicts(self, chosen, self._shown.cadres)

    @cached_property
    def _shown(self) -> conflicts.Found:
        """What the register shows to speak against somebody."""
        return conflicts.found(self.case)

    @cached_property
    def _offered(self) -> list[Any]:
        """The cadres by their units, each with what they have open; read when a page shows them."""
        shown = self._eligible()
        load = open_cases(shown)
        return by_unit(
            self.directory, shown, lambda one: " " + gettext("(%d open)") % load.get(one, 0)
        )

    def _eligible(self) -> list[int]:
        directory, day = self.directory, day_of(self.now)
        within = self.case.unit_id if self.within_unit else None
        holders = {one for role in HOLDERS for one in directory.holders(role, within=within)}
        return sorted(
            one
            for one in holders
            if directory.cadres[one].unit_id
            and not directory.is_absent(one, day)
            and barred(self.case, one, directory) is None
        )

    def _agent_of(self, data: dict[str, Any]) -> Any:
        """Who is named; else whom the petitioner's mandate names, else the handler."""
        mandated = self.case.agent_id if self.case.mandate else None
        known = self.directory.cadres.get(mandated or 0)
        return data["agent"] or (known.as_row() if known else data["handler"])


class DispatchForm(HoldersForm):
    """To whoever is in charge: a proposal of the matching, or somebody else with a reason."""

    proposal = forms.CharField(required=False, label=_("In charge of this, and why"))
    unit = UnitField(
        label=_("Unit"), required=False, empty_label=_("the unit of the handler chosen")
    )
    way = one_of(Way, label=_("Way"), initial=Way.TRANSFER)
    feedback_on = DayField(
        label=_("Feedback due on"),
        required=False,
        help_text=_("Of an assignment: it owes a report by this day (art. 22)."),
    )
    reason = ProseField(
        label=_("Why somebody else"),
        required=False,
        help_text=_("Needed when no proposal is followed."),
    )
    suggestion_model = forms.CharField(
        required=False,
        label=_("The training that suggested"),
        help_text=_("Sent back with what was shown, so that what came of it is counted."),
    )
    apart = ("proposal", "handler", "unit", "reason", "suggestion_model")
    field_order = ("proposal", "handler", "unit", "reason", "agent", "way", "feedback_on")
    half = frozenset({"agent", "way", "feedback_on"})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["handler"].required = False
        handler: Any = self.fields["handler"]
        handler.empty_label = _("as proposed above")

    @cached_property
    def candidates(self) -> list[Candidate]:
        """Whom the matching proposes, best first."""
        return candidates(self.case, self.now, self.directory, self._barred)

    @cached_property
    def suggested(self) -> Suggestions:
        """Units that the text speaks for, beside those that are in charge."""
        return units(self.case, self.directory, self._barred.units)

    @property
    def proposals(self) -> list[Proposal]:
        """The candidates for the page, then whom only the text speaks for; the best candidate is
        chosen beforehand, which the text never is.
        """
        given = self["proposal"].value() if self.is_bound else None
        best = self.candidates[0] if self.candidates else None
        shown, cadres = [], self.directory.cadres
        for one in [*self.candidates, *self._spoken_for]:
            value, spoken = _value(one), self.suggested.with_id(one.unit_id)
            shown.append(
                Proposal(
                    value=value,
                    unit=self.directory.units[one.unit_id].name,
                    handler=cadres[one.cadre_id].name if one.cadre_id else "",
                    reason=one.reason,
                    checked=bool(value) and (one is best if given is None else value == given),
                    duty=listed(
                        shift.name for shift in self.directory.on_duty(one.unit_id, self.now)
                    ),
                    spoken=spoken.because if spoken and one not in self._by_text else "",
                )
            )
        return shown

    @property
    def nobody_checked(self) -> bool:
        """No proposal is chosen: somebody else is."""
        return not any(one.checked for one in self.proposals)

    @property
    def other_fields(self) -> list[forms.BoundField]:
        """What to fill in when no proposal is followed."""
        return [self["handler"], self["unit"], self["reason"]]

    @property
    def other_wrong(self) -> bool:
        """Something among them must be corrected: show them."""
        return any(field.errors for field in self.other_fields)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not {"proposal", "handler", "unit", "agent"} & set(self.errors):
            self._choose(cleaned)
        self._refuse_conflicts(cleaned)
        return cleaned

    def step_data(self) -> dict[str, Any]:
        """With the charge that the proposal rests on; None for somebody else."""
        data = super().step_data()
        del data["proposal"]
        data["suggested"] = self.suggested.record(data["unit"].pk, data.pop("suggestion_model"))
        return {**data, "agent": self._agent_of(data)}

    @cached_property
    def _barred(self) -> ShutOut:
        """Who can't get the case."""
        return shut_out(self.case, self._shown)

    @cached_property
    def _standing(self) -> list[Candidate]:
        """Whoever can be proposed: a proposal stands even if others have fewer cases by now."""
        return standing(self.case, self.now, self.directory, self._barred, heeding=False)

    @cached_property
    def _ruled(self) -> list[Candidate]:
        """The same with whom rulings add to them; asked only where that decides."""
        return standing(self.case, self.now, self.directory, self._barred)

    @cached_property
    def _by_text(self) -> list[Candidate]:
        """Units that only the text speaks for, with who takes a case there."""
        in_charge = {one.unit_id for one in self._standing}
        others = [one for one in self.suggested.rows if one.id not in in_charge]
        return by_text(others, self.now, self.directory, self._barred)

    @property
    def _spoken_for(self) -> list[Candidate]:
        """Whom the text speaks for, of those who are not among the first candidates."""
        shown = {one.unit_id for one in self.candidates}
        further = {one.unit_id: one for one in reversed(self._standing)}
        found = [further[one.id] for one in self.suggested.rows if one.id in further.keys() - shown]
        return [*found, *self._by_text]

    def _choose(self, cleaned: dict[str, Any]) -> None:
        value, handler = cleaned["proposal"], cleaned["handler"]
        by_value = {_value(one): one for one in [*self._by_text, *self._standing]}
        if value and value not in by_value:
            by_value = {_value(one): one for one in self._ruled}
        if value and value not in by_value:
            self.add_error("proposal", _("This proposal no longer stands: choose again."))
        elif value and handler and handler.pk != by_value[value].cadre_id:
            self.add_error(
                "handler",
                _("You chose a proposal and another handler: choose “Somebody else” above."),
            )
        elif value:
            self._take(cleaned, by_value[value])
        elif handler is None:
            self.add_error("handler", _("Choose a proposal, or who else shall handle it."))
        else:
            self._take_other(cleaned, handler)

    def _take(self, cleaned: dict[str, Any], one: Candidate) -> None:
        cleaned["unit"] = self.directory.units[one.unit_id].as_row()
        cleaned["handler"] = self.directory.cadres[one.cadre_id or 0].as_row()
        cleaned["charge"] = one.charge_id

    def _take_other(self, cleaned: dict[str, Any], handler: Cadre) -> None:
        unit_id = cleaned["unit"].pk if cleaned["unit"] else handler.unit_id
        # With a reason anybody may be chosen: who is proposed by a ruling has no charge to keep.
        for one in self._standing if cleaned.get("reason") else self._ruled:
            if (one.unit_id, one.cadre_id) == (unit_id, handler.pk):
                return self._take(cleaned, one)
        own = self.directory.units.get(handler.unit_id or 0)
        cleaned["unit"], cleaned["charge"] = cleaned["unit"] or (own and own.as_row()), None
        if cleaned["unit"] is None:
            self.add_error("handler", _("This cadre belongs to no unit."))
        if not cleaned.get("reason"):
            self.add_error("reason", _("Say why it goes to somebody who is not proposed."))
        return None


class ReassignForm(HoldersForm):
    """Another handler or agent of the same unit."""

    reason = ProseField(label=_("Reason"))
    within_unit = True
    field_order = ("handler", "agent", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.case.recused and not self.is_bound:
            self._propose()

    def _propose(self) -> None:
        """After a recusal: the best of the unit who is left, and why."""
        unit_id = self.case.unit_id or 0
        kept_out = shut_out(self.case, self._shown)
        for one in candidates(self.case, self.now, self.directory, kept_out):
            if one.cadre_id and self.directory.in_subtree(one.unit_id, unit_id):
                self.initial["handler"] = one.cadre_id
                self.fields["handler"].help_text = one.reason
                return

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        self._refuse_conflicts(cleaned)
        return cleaned

    def step_data(self) -> dict[str, Any]:
        """Whoever is in charge acts as agent, unless another is named."""
        data = super().step_data()
        return {**data, "agent": self._agent_of(data)}


class ObjectForm(StepForm):
    """Why this is not ours, with proof, and whose it may be.

    Files come with the objection itself: a handler, who only asks for it, attaches them before.
    """

    reason_code = one_of(ObjectionReason, label=_("Ground"))
    proof = ProseField(label=_("Reasons and proof"), rows=5)
    proposed_unit = UnitField(
        label=_("Whose it is"), required=False, empty_label=_("we don't know")
    )
    files = FilesField(  # type: ignore[assignment]
        label=_("Papers that prove it"),
        required=False,
        help_text=_("Duty list, map, earlier ruling."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        context = getattr(self.case, "context", None)
        if context is not None and as_whom(STEPS["object"], self.case, self.actor) is None:
            del self.fields["files"]
            self.fields["proof"].help_text = _("Attach papers that prove it to the case first.")


def _value(candidate: Candidate) -> str:
    return f"{candidate.unit_id}-{candidate.cadre_id}" if candidate.cadre_id else ""
