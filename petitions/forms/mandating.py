"""Forms of agency: the mandate offered, signed, revoked; recusal asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from agents.models import Station
from agents.roles import Role
from petitions import conflicts
from petitions.forms.base import StepForm
from petitions.forms.conflicts import refuse_conflicts
from petitions.forms.dispatching import HOLDERS
from petitions.forms.fields import (
    CadreField,
    DayField,
    FilesField,
    KnowingField,
    ProseField,
    by_unit,
    one_of,
)
from petitions.forms.signature import SignatureField
from petitions.forms.uploads import attachment_rows
from workflow.calendar import day_of
from workflow.mandate_codes import (
    USUAL_POWERS,
    AgencyWay,
    IdentityProof,
    Power,
    RecusalGround,
    RecusalWish,
    Signature,
)
from workflow.models import CoAgent
from workflow.recusals import barred

SCANS = frozenset({"application/pdf", "image/jpeg", "image/png"})


class CadresField(KnowingField, forms.MultipleChoiceField):
    """Several cadres in service, as the directory knows them."""

    default_error_messages = {"invalid_choice": _("There is no such cadre.")}

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.SelectMultiple(attrs={"size": 6}))
        super().__init__(**kwargs)

    def clean(self, value: Any) -> list[Any]:
        """The rows of those who were chosen, each once."""
        cadres = self.directory().cadres
        found = []
        for one in dict.fromkeys(map(str, value or ())):
            info = cadres.get(int(one)) if one.isdecimal() else None
            if info is None or not info.is_active:
                raise ValidationError(self.error_messages["invalid_choice"], "invalid_choice")
            found.append(info.as_row())
        return found


class OfferMandateForm(StepForm):
    """Who acts for the petitioner, how, what they may do, and until when."""

    agent = CadreField(label=_("Agent"), empty_label="—")
    way = one_of(AgencyWay, label=_("Way of agency"), initial=AgencyWay.WHOLE)
    powers = forms.MultipleChoiceField(
        label=_("What the agent may do"),
        choices=Power.choices,
        widget=forms.CheckboxSelectMultiple,
        initial=list(USUAL_POWERS),
        help_text=_("Applying for a review and withdrawing only if the petitioner wants it so."),
        error_messages={"required": _("Say what the agent may do.")},
    )
    co_agents = CadresField(
        label=_("Further agents"),
        required=False,
        help_text=_("For joint agency: whoever is named above leads."),
    )
    directed_by = CadreField(
        label=_("Leader who directed it"), required=False, empty_label=_("nobody")
    )
    station = forms.ModelChoiceField(
        label=_("Agency station"),
        queryset=Station.objects.filter(is_active=True),
        required=False,
        empty_label=_("none"),
    )
    until = DayField(
        label=_("Last day"),
        required=False,
        help_text=_("Empty: until the case ends. It begins when it is signed; it costs nothing."),
    )
    half = frozenset({"directed_by", "station", "until"})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered: Any = self.fields
        offered["agent"].offer(lambda: self._offered(HOLDERS))
        offered["co_agents"].choices = lambda: self._offered((Role.AGENT, Role.HANDLER))
        offered["directed_by"].offer(lambda: self._offered((Role.LEADER,)))
        if not self.is_bound:
            self.initial.setdefault("agent", self.case.agent_id or self.case.handler_id)
            self.initial.setdefault("station", self._nearest())

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if self.case.petitioner.is_anonymous:
            raise ValidationError(
                _("The petitioner is anonymous: without a name nobody can be their agent.")
            )
        chosen = [("agent", cleaned.get("agent"))]
        chosen += [("co_agents", one) for one in cleaned.get("co_agents", ())]
        refuse_conflicts(self, chosen, conflicts.found(self.case).cadres)
        return cleaned

    def step_data(self) -> dict[str, Any]:
        """The further agents as rows of their own."""
        data = super().step_data()
        data["co_agents"] = [CoAgent(cadre=one, until=data["until"]) for one in data["co_agents"]]
        return data

    def _nearest(self) -> Station | None:
        """The station of the place itself, else of the street, else the centre."""
        place = self.directory.areas.get(self.case.problem_area_id or 0)
        if place is None:
            return None
        near = Station.objects.filter(is_active=True, area__in=place.path_ids)
        return near.order_by("-area__level", "pk").first()

    def _offered(self, roles: tuple[str, ...]) -> list[Any]:
        """Holders of the roles who may act in this case today, by unit."""
        directory, day = self.directory, day_of(self.now)
        holders = {one for role in roles for one in directory.holders(role)}
        fit = [
            one
            for one in sorted(holders)
            if directory.cadres[one].unit_id
            and not directory.is_absent(one, day)
            and barred(self.case, one, directory) is None
        ]
        return by_unit(directory, fit, lambda _one: "")


class SignMandateForm(StepForm):
    """How the petitioner signed, and by what both were identified.

    On the petitioner's own page only their consent is asked: the code proves who they are, the
    office's account proves the agent.
    """

    signature = one_of(Signature, leaving_out=[Signature.ONLINE], label=_("How it was signed"))
    petitioner_identity = one_of(
        IdentityProof,
        leaving_out=[IdentityProof.WORK_CARD, IdentityProof.CODE, IdentityProof.ACCOUNT],
        label=_("The petitioner's identity, checked by"),
    )
    agent_identity = one_of(
        IdentityProof,
        leaving_out=[IdentityProof.CODE],
        label=_("The agent's identity, checked by"),
    )
    drawn = SignatureField(label=_("Signature on the screen"))
    files = FilesField(  # type: ignore[assignment]
        label=_("Scan of the signed paper"),
        required=False,
        help_text=_("A picture or a PDF; of an oral consent, its recording."),
    )
    said = ProseField(
        label=_("What the petitioner said"),
        required=False,
        help_text=_("Of an oral consent or a confirmation in words: the words, when and where."),
    )
    confirmed = forms.BooleanField(
        label=_("I have read this and make the person named above my agent."), required=False
    )
    draws = True
    ONLY_ONLINE = frozenset({"confirmed", "drawn"})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.online = self.actor.kind == "petitioner"
        for name in list(self.fields):
            if self.online and name not in self.ONLY_ONLINE:
                del self.fields[name]
        if self.online:
            self.order_fields(["confirmed", "drawn"])
        else:
            del self.fields["confirmed"]
            self.fields["signature"].help_text = self._whom()

    def _whom(self) -> str:
        """Whom the petitioner is about to make their agent."""
        cadre = self.directory.cadres.get(self.case.agent_id or 0)
        unit = self.directory.units.get((cadre and cadre.unit_id) or 0)
        if cadre is None or unit is None:
            return ""
        words = {"agent": cadre.name, "unit": unit.name}
        return _("The petitioner makes %(agent)s (%(unit)s) their agent.") % words

    def clean_files(self) -> list[Any]:
        """A signed paper is a picture or a PDF; of what was said, a recording may be kept."""
        files: list[Any] = self.cleaned_data["files"]
        oral = self.data.get("signature") == Signature.ORAL
        for checked, _file in files:
            recording = oral and checked.content_type.startswith("audio/")
            if checked.content_type not in SCANS and not recording:
                raise ValidationError(_("The scan is a picture or a PDF."), "scan")
        return files

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if self.online and not cleaned.get("confirmed") and "confirmed" not in self.errors:
            self.add_error("confirmed", _("Confirm this, or leave the page."))
        if self.online or self.errors:
            return cleaned
        if cleaned["signature"] == Signature.TABLET and not cleaned.get("drawn"):
            self.add_error("drawn", _("Nothing is drawn: let the petitioner sign."))
        if cleaned["signature"] == Signature.PAPER and not cleaned.get("files"):
            self.add_error("files", _("Add the scan of the signed paper."))
        return cleaned

    def step_data(self) -> dict[str, Any]:
        """The scan and what was drawn as attachments."""
        given = dict(self.cleaned_data)
        drawn = given.pop("drawn", None)
        scans = [*given.pop("files", ()), *([drawn] if drawn else [])]
        by = self.actor.id if self.actor.kind == "cadre" else None
        files = attachment_rows(scans, by=by, now=self.now)
        if not self.online:
            return {**given, "files": files}
        return {
            "signature": Signature.ONLINE,
            "petitioner_identity": IdentityProof.CODE,
            "agent_identity": IdentityProof.ACCOUNT,
            "files": files,
        }


class RevokeMandateForm(StepForm):
    """No reason is needed; whoever enters it for the petitioner writes down what they said."""

    statement = ProseField(
        label=_("Statement of the petitioner"),
        required=False,
        help_text=_("No reason is needed."),
    )


class RecuseForm(StepForm):
    """Who has an interest in the matter, and which."""

    cadre = CadreField(label=_("Who shall have no part in it"), empty_label="—")
    wish = one_of(RecusalWish, required=False, label=_("At whose wish"))
    ground = one_of(RecusalGround, radio=False, label=_("Ground"))
    reason = ProseField(
        label=_("Facts"), help_text=_("How they stand to the petitioner or the matter.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["cadre"]
        field.offer(self._offered)
        self.initial["wish"] = self._usual_wish
        suspected = self._suspected() if not self.is_bound else None
        if suspected is not None:
            self.initial["cadre"] = suspected.cadre_id
            self.initial["ground"] = suspected.ground
            self.initial["reason"] = str(suspected.sentence)

    def step_data(self) -> dict[str, Any]:
        """Where nothing else is said, handler and agent ask for themselves, others for the
        office.
        """
        data = super().step_data()
        return {**data, "wish": data["wish"] or self._usual_wish}

    @property
    def _usual_wish(self) -> str:
        own = self.actor.id in {self.case.handler_id, *self.case.agents}
        return RecusalWish.OWN if own else RecusalWish.OFFICE

    def _offered(self) -> list[Any]:
        people = {self.case.handler_id or 0, *self.case.agents} - {0}
        return by_unit(self.directory, sorted(people), lambda _one: "")

    def _suspected(self) -> conflicts.Conflict | None:
        """The first conflict of handler or agent that the register shows by itself."""
        people = dict.fromkeys((self.case.handler_id, self.case.agent_id))
        known = [one for one in people if one is not None]
        return next(iter(conflicts.of_all(self.case, known, self.directory)), None)


class WishRecusalForm(StepForm):
    """The petitioner's own wish that handler or agent have no part in the matter. Whoever handles
    it is named by the surname only, as on all of the petitioner's pages.
    """

    cadre = forms.TypedChoiceField(label=_("Who shall have no part in it"), coerce=int)
    ground = one_of(RecusalGround, radio=False, label=_("Ground"))
    reason = ProseField(
        label=_("Facts"), help_text=_("How they stand to you or to the matter. It is decided.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["cadre"]
        field.choices = [("", "—"), *self._offered()]

    def step_data(self) -> dict[str, Any]:
        """The same facts as of the office's form, at the petitioner's wish."""
        data = super().step_data()
        cadre = self.directory.cadres[data["cadre"]].as_row()
        return {**data, "cadre": cadre, "wish": RecusalWish.PETITIONER}

    def _offered(self) -> Iterator[tuple[int, str]]:
        known = self.directory.cadres
        for one in sorted({self.case.handler_id or 0, *self.case.agents} & known.keys()):
            is_agent = one in self.case.agents
            name = known[one].name if is_agent else known[one].by_surname
            part = _("agent") if is_agent else _("handler")
            yield one, f"{name} ({part})"
