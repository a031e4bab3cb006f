"""Everything in the database that people entered, so that it is told from words of ours."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.utils import translation

from agents.encryption import EncryptedTextField
from agents.models import (
    Absence,
    Area,
    Cadre,
    Category,
    Charge,
    DutyShift,
    Station,
    Team,
    Unit,
)
from petitions.exchange.cells import text_of
from petitions.exchange.charges import CHARGES
from petitions.exchange.looking import sample_of
from petitions.models import (
    Attachment,
    ClaimPoint,
    GroupAct,
    Handover,
    ImportRun,
    Petition,
    Petitioner,
    PolicyText,
    Representative,
    SavedMapping,
    Visit,
)
from workflow.documents import DOCUMENTS
from workflow.models import (
    Answer,
    DailyReport,
    Delivery,
    Document,
    Holiday,
    Note,
    Request,
    SameCauseGroup,
    TermRule,
    Trigger,
    WatchPeriod,
)


def texts() -> Iterator[str]:
    """Every text that is data: what people entered or are called, and the office's own names."""
    yield from (settings.ORGAN_NAME, settings.DOC_PREFIX)
    with translation.override("zh-hans"):  # papers are Chinese, whoever reads about them
        yield from [str(kind.title) for kind in DOCUMENTS.values()]
    for entered in Request.objects.values_list("data", flat=True):
        yield from (text for text in json.loads(entered).values() if isinstance(text, str))
    for run in ImportRun.objects.all():
        yield from run.headers
        yield from (text_of(cell) for row in sample_of(run.sample)[0] for cell in row.cells)
    for saved in SavedMapping.objects.all():
        yield from saved.columns.values()
    yield from (header for column in CHARGES.columns for header in column.headers)
    yield from Delivery.objects.values_list("last_error", flat=True)
    for model in (
        *(
            Area,
            Category,
            Unit,
            Cadre,
            Charge,
            Absence,
            Holiday,
            TermRule,
            Trigger,
            Request,
            Note,
            Answer,
            WatchPeriod,
            DailyReport,
            DutyShift,
            Station,
            Team,
            SameCauseGroup,
            GroupAct,
            PolicyText,
            Handover,
        ),
        *(Document, Petition, Petitioner, Representative, ClaimPoint, Visit, Attachment),
        *(ImportRun, SavedMapping),
    ):
        names = [field.name for field in model._meta.fields if _is_text(field)]
        for row in model._default_manager.values_list(*names):
            yield from {text for text in row if text}


def _is_text(field: Any) -> bool:
    """Free text, no code of ours."""
    written = ("CharField", "TextField")
    if field.choices or field.name in ("starts", "version", "scheme", "password"):
        return False
    return isinstance(field, EncryptedTextField) or field.get_internal_type() in written
