"""What every step's form is: fields for a person, and from them the data of the step."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agents.directory import Directory
from petitions.forms.fields import PhotosField, ProseField, knowing
from petitions.forms.uploads import attachment_rows
from petitions.models import Petition
from petitions.queries import PetitionQuerySet
from workflow.actors import Actor
from workflow.errors import InvalidData


class StepForm(forms.Form):
    """The input of one step on one case by one actor; feeds the pages and the API alike.

    Fields are named as the step's parameters. `apart` names the fields that the step's page
    shows in a place of their own instead of one below the other, `half` those that share a line.
    """

    apart: tuple[str, ...] = ()
    #: Fields that need only half of the page's width.
    half: frozenset[str] = frozenset()
    #: Say of a field that it is optional; not where all of them are.
    says_optional = True
    #: The field into which a policy text is cited by one click, where texts lie beside the form.
    beside = ""
    #: Can it say, before anything is done, what would come of what is entered?
    foresees = False

    def __init__(
        self, *args: Any, case: Petition, actor: Actor, now: datetime, **kwargs: Any
    ) -> None:
        self.case, self.actor, self.now = case, actor, now
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        knowing(self, lambda: self.directory)

    @cached_property
    def directory(self) -> Directory:
        """Who is who, as the machine sees it on this case."""
        context = getattr(self.case, "context", None)
        return context.directory if context else Directory.current()

    def step_data(self) -> dict[str, Any]:
        """The step's parameters: objects, moments and unsaved rows. Call it when valid."""
        data = dict(self.cleaned_data)
        by = self.actor.id if self.actor.kind == "cadre" else None
        if "files" in data:
            data["files"] = attachment_rows(data["files"], by=by, now=self.now)
        return data

    def refuse(self, error: InvalidData) -> None:
        """Show what the machine found wrong at its field, or above all fields."""
        self.add_error(error.field if error.field in self.fields else None, error.sentence)

    @property
    def plain_fields(self) -> list[tuple[forms.BoundField, str]]:
        """The fields shown one below the other, each with the class of its width."""
        return [
            (field, "w3" if field.name in self.half else "")
            for field in self
            if field.name not in self.apart
        ]

    def visible_cases(self) -> PetitionQuerySet:
        """The cases that the actor may see, hence name."""
        rows: PetitionQuerySet = Petition.objects.none()
        if self.actor.kind == "cadre" and self.actor.id is not None:
            user = self.directory.cadres[self.actor.id].as_row()
            rows = Petition.objects.visible_to(user, self.now, self.directory)
        return rows


class ReasonForm(StepForm):
    """A step that needs its reason, and nothing else."""

    reason = ProseField(label=_("Reason"))


class RemarkForm(StepForm):
    """A step that may carry a remark."""

    remark = ProseField(label=_("Remark"), required=False)


class AttachForm(StepForm):
    """Papers or evidence for the case."""

    files = PhotosField(  # type: ignore[assignment]
        label=_("Files"), help_text=_("PDF, pictures, Word, Excel, recordings.")
    )
    remark = ProseField(label=_("What they show"), required=False)
