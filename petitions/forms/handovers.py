"""What is asked when a caseload is handed over: whose, why, to whom, from when on."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from agents.directory import Directory
from petitions.caseload import HOLDERS
from petitions.forms.fields import CadreField, DayField, LineField, by_unit, knowing, one_of
from petitions.handover_items import NEVER
from petitions.handovers import Reason, absence_of, may_begin
from petitions.models import Handover
from workflow.actors import Actor


class LeaverField(CadreField):
    """Anybody on record: also whose account is switched off already, and still holds cases."""

    def to_python(self, value: Any) -> Any:
        """The row as the directory knows it."""
        if value in self.empty_values:
            return None
        info = self.find(str(value))
        if info is None:
            raise ValidationError(self.error_messages["invalid_choice"], "invalid_choice")
        return info.as_row()


class BeginForm(forms.Form):
    """Whose caseload goes to whom, and why. Nobody named: each case to whoever is proposed."""

    whose = LeaverField(label=_("Whose"))
    reason = one_of(Reason, label=_("Why"))
    to = CadreField(
        label=_("Taken over by"),
        required=False,
        empty_label=_("each case to whom the matching proposes"),
        help_text=_("A stand-in must be named; otherwise rows can still be changed before."),
    )
    starts_on = DayField(label=_("From"))
    ends_on = DayField(
        label=_("Last day"), required=False, help_text=_("Of a stand-in; else leave it empty.")
    )
    remark = LineField(label=_("Remark"), required=False, max_length=200)

    def __init__(
        self,
        *args: Any,
        actor: Actor,
        today: date,
        directory: Directory,
        leavers: Iterable[int] = (),
        **kwargs: Any,
    ) -> None:
        """`leavers`: out of service, and still holding cases."""
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        self.actor, self.today, self.directory = actor, today, directory
        knowing(self, lambda: directory)
        leavers = set(leavers)
        whose: Any = self.fields["whose"]
        whose.offer(lambda: by_unit(directory, self._offered(leavers), self._note))
        to: Any = self.fields["to"]
        to.offer(lambda: by_unit(directory, self._fit(), self._note))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        whose, to = cleaned.get("whose"), cleaned.get("to")
        if whose is None or not cleaned.get("reason"):
            return cleaned
        if not may_begin(self.actor, self.directory, whose.pk, cleaned["reason"]):
            self.add_error("whose", self._why_not(whose.pk))
        elif Handover.objects.filter(whose=whose, done_at=None, withdrawn_at=None).exists():
            self.add_error("whose", _("A hand-over of theirs is begun already: see below."))
        if to is not None and to.pk == whose.pk:
            self.add_error("to", _("Nobody hands over to themselves."))
        elif to is not None and not self.directory.cadres[to.pk].roles & set(HOLDERS):
            self.add_error("to", _("They hold no cases: choose a handler, an agent or a head."))
        if cleaned["reason"] == Reason.STAND_IN:
            self._clean_stand_in(cleaned)
        else:
            self._clean_successor(cleaned)
        return cleaned

    def handover(self) -> Handover:
        """The record, not stored yet. Call it when valid."""
        given = self.cleaned_data
        return Handover(
            whose=given["whose"],
            to=given["to"],
            reason=given["reason"],
            starts_on=given["starts_on"],
            ends_on=given["ends_on"] if given["reason"] == Reason.STAND_IN else None,
            remark=given["remark"],
        )

    def _clean_stand_in(self, cleaned: dict[str, Any]) -> None:
        if cleaned.get("to") is None and "to" not in self.errors:
            self.add_error("to", _("Name who stands in."))
        if cleaned.get("ends_on") is None and "ends_on" not in self.errors:
            self.add_error("ends_on", _("Say until when they are away."))
        elif cleaned.get("ends_on") and cleaned["ends_on"] < self.today:
            self.add_error("ends_on", _("These days have passed."))
        if self.errors:
            return
        try:
            absence_of(self.handover()).clean()
        except ValidationError as refused:
            self._refuse(refused)

    def _refuse(self, refused: ValidationError) -> None:
        """What speaks against the absence, at the field of this form that it is about."""
        names = {"stand_in": "to", "starts_on": "starts_on", "ends_on": "ends_on"}
        if not hasattr(refused, "error_dict"):
            self.add_error(None, refused)
            return
        for name, errors in refused.message_dict.items():
            for error in errors:
                self.add_error(names.get(name), error)

    def _clean_successor(self, cleaned: dict[str, Any]) -> None:
        to = cleaned.get("to")
        if to is not None and self.directory.is_absent(to.pk, self.today):
            self.add_error("to", _("This cadre is absent; choose the stand-in."))
        starts_on = cleaned.get("starts_on")
        if starts_on and starts_on < self.today:
            self.add_error("starts_on", _("That day is over."))

    def _why_not(self, whose: int) -> Any:
        if whose == self.actor.id:
            return _("What you hold is handed over for good by your unit's head.")
        return _("Only the head of their unit hands over what somebody holds.")

    def _offered(self, leavers: set[int]) -> list[int]:
        """Those for whom the actor may begin one."""
        return [
            one.id
            for one in self.directory.cadres.values()
            if one.unit_id
            and one.roles.isdisjoint(NEVER)
            and ((one.is_active and one.roles & set(HOLDERS)) or one.id in leavers)
            and (
                one.id == self.actor.id
                or may_begin(self.actor, self.directory, one.id, Reason.LEAVER)
            )
        ]

    def _fit(self) -> list[int]:
        """Who may take over: those who hold cases, of the units that the actor oversees."""
        scope = self.actor.scope_id or self.actor.unit_id
        holders = {one for role in HOLDERS for one in self.directory.holders(role, within=scope)}
        return sorted(one for one in holders if self.directory.cadres[one].unit_id)

    def _note(self, cadre_id: int) -> str:
        """What speaks against somebody, beside their name."""
        if not self.directory.cadres[cadre_id].is_active:
            return " (" + gettext("out of service") + ")"
        away = self.directory.is_absent(cadre_id, self.today)
        return " (" + gettext("away") + ")" if away else ""
