"""The petition matter 信访事项: what was filed, by whom, how; where it stands is `workflow`'s."""

from __future__ import annotations

import hmac
from collections.abc import Collection, Iterable, Sequence
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q, prefetch_related_objects
from django.utils.translation import gettext_lazy as _

from agents.encryption import EncryptedTextField, blind_index
from agents.languages import Language
from petitions.addresses import case_address
from petitions.codes import GROUP_SIZE, Channel, Purpose
from petitions.identity import fold
from petitions.models.claim_point import ClaimPoint
from petitions.models.petition_indexes import INDEXES
from petitions.queries import PetitionQuerySet
from workflow.errors import InvalidData
from workflow.lifecycle import Lifecycle

AMENDABLE = frozenset(
    {
        "received_at",
        "channel",
        "purpose",
        "demand",
        "summary",
        "problem_place",
        "head_count",
        "is_joint",
        "is_hotline",
        "urgency",
        "is_repeat",
        "first_petition",
        "unreachable",
        "messages_agreed",
        "threat_flag",
        "language_needed",
        "accused_name",
        "accused_post",
        "accused_unit",
        "accused_cadre",
    }
)
"""What a clerk may correct after filing; what a step decides is changed by that step only."""

MAX_POINTS = 20


def code_hash(code: str) -> str:
    """The fingerprint of a rating code: enough to recognise it, too little to guess it."""
    return blind_index(code, "petition.rating_code")


class Petition(Lifecycle):
    """One matter. `received_at` is when it reached the office, `registered_at` when it was typed.

    `query_code` only reads the progress; it can be printed again. The rating code, which rates,
    withdraws and revokes, is shown once at registration and kept as a fingerprint.
    `source` and `source_key` name the record it was imported from, `source_note` what that record
    said besides, a line for each of its columns, `import_run` the import. Only history may lack a
    date of receipt.
    """

    number = models.CharField(_("number"), max_length=32, unique=True)
    query_code = EncryptedTextField(_("query code"))
    rating_code_hash = models.CharField(max_length=32, editable=False)

    channel = models.CharField(_("channel"), max_length=16, choices=Channel.choices)
    purpose = models.CharField(_("purpose"), max_length=16, choices=Purpose.choices, blank=True)
    demand = EncryptedTextField(_("demand in the petitioner's words"))
    summary = EncryptedTextField(_("demand in one line"), blank=True)
    problem_place = EncryptedTextField(_("problem place"), blank=True)
    accused_name = EncryptedTextField(_("name of the accused"), blank=True)
    accused_post = EncryptedTextField(_("post of the accused"), blank=True)

    petitioner = models.ForeignKey(
        "petitions.Petitioner",
        models.PROTECT,
        related_name="petitions",
        verbose_name=_("main petitioner"),
    )
    is_joint = models.BooleanField(_("jointly signed"), default=False)
    is_repeat = models.BooleanField(_("repeat petition"), default=False)
    first_petition = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="repeats",
        verbose_name=_("first petition of this matter"),
    )
    threat_flag = models.BooleanField(_("threat statement"), default=False)
    #: What the petitioner needs beside standard Chinese; empty: nothing.
    language_needed = models.CharField(
        _("language needed"), max_length=3, choices=Language.choices, blank=True
    )

    source = models.CharField(_("source"), max_length=40, blank=True)
    source_key = models.CharField(_("number at the source"), max_length=64, blank=True)
    source_note = EncryptedTextField(_("in the file besides"), blank=True)
    import_run = models.ForeignKey(
        "petitions.ImportRun",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="cases",
        db_index=False,
        verbose_name=_("import"),
    )
    registered_by = models.ForeignKey(
        "agents.Cadre",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("registered by"),
    )

    #: The plain rating code, only on the object that `intake` returns; never stored.
    rating_code = ""

    objects = PetitionQuerySet.as_manager()

    class Meta(Lifecycle.Meta):
        abstract = False
        verbose_name = _("petition")
        verbose_name_plural = _("petitions")
        indexes: ClassVar[list[models.Index]] = INDEXES
        constraints: ClassVar[list[models.BaseConstraint]] = [
            *Lifecycle.Meta.constraints,
            models.UniqueConstraint(
                fields=["source", "source_key"],
                condition=~Q(source=""),
                name="petition_source_once",
            ),
            models.CheckConstraint(condition=Q(head_count__gte=1), name="petition_has_people"),
            models.CheckConstraint(
                condition=Q(received_at__isnull=False) | Q(is_history=True),
                name="petition_received_or_history",
            ),
            models.CheckConstraint(
                condition=Q(is_repeat=True) | Q(first_petition=None),
                name="petition_first_of_repeat",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        """The case's page."""
        return case_address(self.number)

    @property
    def is_group(self) -> bool:
        """Group petition: five people or more."""
        return self.head_count >= GROUP_SIZE

    @property
    def current_points(self) -> Sequence[ClaimPoint]:
        """The claim points as they stand: those of the newest edition."""
        return [p for p in self.claim_points.all() if p.edition == self.points_edition]

    @property
    def order_phone(self) -> str:
        """The telephone on the city's order, where it is not the petitioner's here."""
        order = getattr(self, "order", None)
        return order.other_phone if order else ""

    def rating_code_is(self, code: str) -> bool:
        """Whether `code` is the one given to the petitioner; takes the same time either way."""
        return hmac.compare_digest(code_hash(code), self.rating_code_hash)

    def query_code_is(self, code: str) -> bool:
        """Whether `code`, however spaced or cased, reads this petition."""
        plain = "".join(code.upper().split())
        return hmac.compare_digest(plain.encode(), self.query_code.encode())

    def points(self, texts: Iterable[str]) -> list[ClaimPoint]:
        """Unsaved rows of the next edition of claim points; editions before stay as they were."""
        folded = [text for text in (fold(one) for one in texts) if text]
        if len(folded) > MAX_POINTS:
            raise InvalidData(
                "points", _("At most 20 claim points: join those that belong together.")
            )
        edition = self.points_edition + 1
        return [
            ClaimPoint(edition=edition, position=position, text=text)
            for position, text in enumerate(folded, start=1)
        ]

    # Hooks of the machine ------------------------------------------------------------------

    def apply_amendment(self, changes: dict[str, Any]) -> None:
        """Set what a clerk corrects; anything that only a step may change is refused."""
        for name in changes:
            if name not in AMENDABLE:
                raise InvalidData(name, _("This can't be changed by an amendment."))
        # The office's clock runs from receipt until the case has come back from a unit.
        if self.office_received_at == self.received_at and "received_at" in changes:
            self.office_received_at = changes["received_at"]
        super().apply_amendment(changes)

    def document_facts(self) -> dict[str, Any]:
        """What papers print; a paper goes to the petitioner, so nothing is masked."""
        person = self.petitioner
        return {
            "number": self.number,
            "petitioner": person.name or str(_("Anonymous")),
            "address": person.address,
            "received_at": self.received_at,
            "channel": self.get_channel_display(),
            "demand": self.demand,
            "summary": self.summary,
            "problem_place": self.problem_place,
            "head_count": self.head_count,
            # Asked for by the paper that prints them: a template calls what can be called.
            "points": lambda: [point.text for point in self.current_points],
        }

    @classmethod
    def read_document_facts(cls, cases: Sequence[Petition], kinds: Collection[str]) -> None:
        """The petitioner, and the claim points for the paper that prints them."""
        points = ["claim_points"] if "opinion" in kinds else []
        prefetch_related_objects(list(cases), "petitioner", *points)
