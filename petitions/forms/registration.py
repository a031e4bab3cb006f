"""What a window takes down: the filing form, for the page and for the API.

Everything typed is judged at once and each mistake told at its field; what the machine itself
would refuse is asked of `intake` before anything is stored.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from agents.directory import Directory
from agents.languages import Language
from agents.models import Cadre
from petitions import identity
from petitions.codes import Channel, Purpose
from petitions.forms.fields import (
    FilesField,
    LineField,
    MomentField,
    PointsField,
    ProseField,
    knowing,
)
from petitions.forms.picking import area_field, category_field, unit_field
from petitions.forms.uploads import attachment_rows
from petitions.intake import (
    DEMAND_LENGTH,
    MAX_HEADS,
    CaseData,
    Filing,
    VisitData,
    draft,
    register_rows,
)
from petitions.models import Attachment, Petition, Petitioner
from petitions.models.representative import MAX_REPRESENTATIVES
from petitions.people import NAME_LENGTH, PersonData
from petitions.queries import PetitionQuerySet
from workflow.actors import Actor
from workflow.calendar import day_of
from workflow.codes import Path, PetitionClass, Urgency
from workflow.errors import InvalidData

IdType = Petitioner.IdType
MOST_ROWS = 30
"""Rows of representatives that are read at all; from the sixth on each is told why not."""

CHANNELS = [(one.value, one.label) for one in Channel]
PAPERS = [(one.value, one.label) for one in (IdType.RESIDENT, IdType.PASSPORT, IdType.OTHER)]


def _or_later(choices: Any) -> list[tuple[str, Any]]:
    """Choices that may be left open until the case is classified."""
    return [("", _("later")), *choices]


def paper_of(number: str) -> str:
    """The kind of paper by the look of its number: 15 digits or more are a resident card's."""
    plain = identity.fold_key(number)
    if not plain:
        return IdType.NONE
    return IdType.RESIDENT if re.fullmatch(r"\d{14,}[\dx]", plain) else IdType.OTHER


def check_paper(number: str, kind: str, now: datetime) -> None:
    """ValidationError with its sentence if a paper of that kind can't have this number."""
    if kind == IdType.RESIDENT:
        identity.clean_resident_id(number, on=day_of(now))
    elif kind not in (IdType.NONE, IdType.ACCOUNT):
        identity.clean_other_id(number)


class RepresentativeForm(forms.Form):
    """One of those who speak for a joint petition."""

    name = LineField(label=_("Name"), max_length=NAME_LENGTH, required=False)
    id_number = LineField(label=_("Identity number"), max_length=40, required=False)
    phone = LineField(label=_("Telephone"), max_length=40, required=False)

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now
        self.label_suffix = ""

    def clean_id_number(self) -> str:
        """Right by its check digit, if it is a resident card's."""
        number: str = self.cleaned_data["id_number"]
        check_paper(number, paper_of(number), self.now)
        return number

    def clean_phone(self) -> str:
        """A telephone number, if any."""
        phone: str = self.cleaned_data["phone"]
        return identity.clean_phone(phone) if phone else ""

    def clean(self) -> dict[str, Any]:
        """A number without a name represents nobody."""
        cleaned = super().clean() or {}
        if not cleaned.get("name") and any(cleaned.values()):
            self.add_error("name", _("A representative must give a name."))
        return cleaned

    def person(self) -> PersonData:
        """The representative as typed."""
        number = self.cleaned_data["id_number"]
        return PersonData(
            name=self.cleaned_data["name"],
            id_type=paper_of(number),
            id_number=number,
            phone=self.cleaned_data["phone"],
        )


class BaseRepresentatives(forms.BaseFormSet):
    """At most five speak for all (Regulation, art. 20); the sixth is told so at the name."""

    def clean(self) -> None:
        """Mark the rows beyond the fifth that name somebody."""
        named = [form for form in self.forms if getattr(form, "cleaned_data", {}).get("name")]
        for form in named[MAX_REPRESENTATIVES:]:
            form.add_error(
                "name",
                _("A joint petition has at most five representatives (Regulation, art. 20)."),
            )

    @property
    def people(self) -> list[PersonData]:
        """Those named, in their order."""
        return [form.person() for form in self.forms if form.cleaned_data.get("name")]


RepresentativeRows = forms.formset_factory(
    RepresentativeForm,
    formset=BaseRepresentatives,
    extra=MAX_REPRESENTATIVES,
    max_num=MAX_REPRESENTATIVES,
    absolute_max=MOST_ROWS,
)


class RegistrationForm(forms.Form):
    """Visit, letter, call, network or hotline: name or anonymous, demand and place are enough."""

    channel = forms.ChoiceField(label=_("Channel"), choices=CHANNELS, widget=forms.RadioSelect)
    received_at = MomentField(label=_("Received"), required=False)
    window = LineField(label=_("Window"), max_length=20, required=False)

    name = LineField(label=_("Name"), max_length=NAME_LENGTH, required=False)
    is_anonymous = forms.BooleanField(label=_("Anonymous: no name is given"), required=False)
    id_type = forms.ChoiceField(label=_("Identity paper"), choices=PAPERS, required=False)
    id_number = LineField(label=_("Identity number"), max_length=40, required=False)
    phone = LineField(label=_("Telephone"), max_length=40, required=False)
    address = LineField(label=_("Address"), required=False)
    area = area_field(label=_("Lives in (street or community)"), required=False, draws_list=False)
    sex = forms.ChoiceField(
        label=_("Sex"), choices=[("", "—"), *Petitioner.Sex.choices], required=False
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=Petitioner.Kind.choices, required=False)
    head_count = forms.IntegerField(
        label=_("Number of people"), min_value=1, max_value=MAX_HEADS, initial=1, required=False
    )
    is_joint = forms.BooleanField(label=_("Jointly signed"), required=False)
    unreachable = forms.BooleanField(label=_("No way to reach the petitioner"), required=False)
    messages_agreed = forms.BooleanField(
        label=_("Agrees to be told of progress by message"), required=False
    )
    threat_flag = forms.BooleanField(
        label=_("Threatens to harm themselves or others"), required=False
    )
    language_needed = forms.ChoiceField(
        label=_("Language needed"), choices=[("", "—"), *Language.choices], required=False
    )

    demand = ProseField(
        label=_("The matter, in the petitioner's words"), max_length=DEMAND_LENGTH, rows=6
    )
    problem_area = area_field(label=_("Where the problem is"))
    problem_place = LineField(label=_("Exact place"), required=False)
    points = PointsField(
        label=_("Claim points"),
        required=False,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("One demand a line; can follow at classifying."),
    )
    repeats = LineField(label=_("Repeats case number"), max_length=40, required=False)

    petition_class = forms.ChoiceField(
        label=_("Class"),
        choices=_or_later(PetitionClass.choices),
        widget=forms.RadioSelect,
        required=False,
    )
    category = category_field(label=_("Category"), required=False)
    path = forms.ChoiceField(
        label=_("Path of an appeal"), choices=_or_later(Path.choices), required=False
    )
    purpose = forms.ChoiceField(
        label=_("Purpose"), choices=_or_later(Purpose.choices), required=False
    )
    urgency = forms.ChoiceField(
        label=_("Urgency"), choices=Urgency.choices, initial=Urgency.GENERAL, required=False
    )
    is_hotline = forms.BooleanField(label=_("Hotline demand"), required=False)
    accused_unit = unit_field(label=_("Accused unit"), required=False)
    accused_name = LineField(label=_("Accused person"), max_length=NAME_LENGTH, required=False)
    accused_post = LineField(label=_("Post of the accused"), required=False)
    files = FilesField(  # type: ignore[assignment]
        label=_("Papers and photos"), required=False
    )

    def __init__(
        self,
        *args: Any,
        actor: Actor,
        now: datetime,
        cases: PetitionQuerySet,
        directory: Directory,
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        self.actor, self.now, self.cases, self.directory = actor, now, cases, directory
        knowing(self, lambda: directory)
        if not self.is_bound:
            self.fields["name"].widget.attrs["autofocus"] = True
        data = self.data if self.is_bound and "representatives-TOTAL_FORMS" in self.data else None
        self.representatives: Any = RepresentativeRows(
            data, prefix="representatives", form_kwargs={"now": now}
        )

    # Each field --------------------------------------------------------------------------------

    def clean_received_at(self) -> Any:
        """Now, unless it says earlier: the term of dispatch runs from it."""
        received = self.cleaned_data["received_at"] or self.now
        if received > self.now:
            raise ValidationError(_("It can't have been received in the future."), "future")
        return received

    def clean_phone(self) -> str:
        """A telephone number, if any."""
        phone: str = self.cleaned_data["phone"]
        return identity.clean_phone(phone) if phone else ""

    def clean_repeats(self) -> Petition | None:
        """An earlier case that this clerk may see."""
        text = self.cleaned_data["repeats"]
        if not text:
            return None
        found: Petition | None = self.cases.by_number(text).first()
        if found is None:
            raise ValidationError(_("There is no such case, or you can't see it."), "unknown")
        return found

    # The whole ---------------------------------------------------------------------------------

    def clean(self) -> dict[str, Any]:
        """What several fields say together; then what `intake` would refuse."""
        cleaned = super().clean() or {}
        self._clean_person(cleaned)
        self._clean_class(cleaned)
        self._clean_representatives()
        if not self.errors:
            try:
                self.draft = draft(self.filing(), self.now)
            except InvalidData as error:
                self.refuse(error)
        return cleaned

    def refuse(self, error: InvalidData) -> None:
        """Show what was refused at its field, or above all fields."""
        self.add_error(error.field if error.field in self.fields else None, error.sentence)

    def filing(self) -> Filing:
        """The matter with its people, as `intake` takes it."""
        data = self.cleaned_data
        return Filing(
            person=self._person(data),
            facts=self._facts(data),
            representatives=tuple(self.representatives.people) if self._has_rows else (),
            points=tuple(data["points"] or ()),
            visit=VisitData(
                at=data["received_at"], window=data["window"], head_count=data["head_count"]
            ),
        )

    def save(self, versions: Mapping[str, int] | None = None) -> Petition:
        """Register it with its files; `rating_code` is readable on the returned object only.

        `versions`: the stamps as the caller has just read them.
        """
        with transaction.atomic():
            [case] = register_rows([self.draft], actor=self.actor, now=self.now, versions=versions)
            rows = attachment_rows(self.cleaned_data["files"], by=self.actor.id, now=self.now)
            for row in rows:
                row.petition = case
            Attachment.objects.bulk_create(rows)
        return case

    @property
    def _has_rows(self) -> bool:
        return bool(self.representatives.is_bound)

    def _clean_person(self, cleaned: dict[str, Any]) -> None:
        cleaned["head_count"] = cleaned.get("head_count") or 1
        number, kind = cleaned.get("id_number", ""), cleaned.get("id_type") or IdType.RESIDENT
        cleaned["id_type"] = kind if number else IdType.NONE
        try:
            check_paper(number, cleaned["id_type"], self.now)
        except ValidationError as error:
            self.add_error("id_number", error)
        if not cleaned.get("is_anonymous") and not cleaned.get("name"):
            self.add_error("name", _("Enter the name, or mark the petitioner as anonymous."))
        reachable = cleaned.get("phone") or cleaned.get("address")
        if cleaned.get("unreachable") and reachable:
            self.add_error(
                "unreachable",
                _("A telephone or an address is given: there is a way to reach them."),
            )
        if cleaned.get("messages_agreed") and not reachable:
            self.add_error(
                "messages_agreed", _("Enter the telephone or the address that messages go to.")
            )

    def _clean_class(self, cleaned: dict[str, Any]) -> None:
        """Whoever accuses somebody and leaves the class open has filed an accusation: sealed."""
        named = any(cleaned.get(name) for name in ("accused_unit", "accused_name", "accused_post"))
        accuses = named or cleaned.get("purpose") == Purpose.ACCUSATION
        if accuses and not cleaned.get("petition_class"):
            cleaned["petition_class"] = PetitionClass.ACCUSATION.value
        if cleaned.get("petition_class") != PetitionClass.APPEAL:
            cleaned["path"] = ""

    def _clean_representatives(self) -> None:
        if self._has_rows and not self.representatives.is_valid():
            # The rows themselves say what is wrong; the form must only not be valid.
            self.add_error(None, _("Correct the representatives that are marked."))

    def _person(self, data: dict[str, Any]) -> PersonData:
        names = ("name", "id_type", "id_number", "phone", "address", "area", "sex", "is_anonymous")
        kind = data["kind"] or Petitioner.Kind.PERSON
        return PersonData(**{name: data[name] for name in names}, kind=kind)

    def _facts(self, data: dict[str, Any]) -> CaseData:
        names = (
            "channel", "received_at", "demand", "problem_area", "problem_place", "purpose",
            "petition_class", "path", "category", "head_count", "unreachable", "threat_flag",
            "language_needed", "messages_agreed", "accused_name", "accused_post", "accused_unit",
        )  # fmt: skip
        return CaseData(
            **{name: data[name] for name in names},
            urgency=data["urgency"] or Urgency.GENERAL,
            is_joint=data["is_joint"] or bool(self._has_rows and self.representatives.people),
            is_hotline=True if data["is_hotline"] else None,
            first_petition=data["repeats"],
            accused_cadre=self._accused_cadre(data["accused_name"], data["accused_unit"]),
        )

    def _accused_cadre(self, name: str, unit: Any) -> Cadre | None:
        """The account of the accused, if the name leaves no doubt: it must never see the case."""
        key = identity.fold_key(name)
        if not key:
            return None
        called = [
            info.id
            for info in self.directory.cadres.values()
            if identity.fold_key(info.name) == key
            and (unit is None or self.directory.in_subtree(info.unit_id, unit.pk))
        ]
        return self.directory.cadres[called[0]].as_row() if len(called) == 1 else None
