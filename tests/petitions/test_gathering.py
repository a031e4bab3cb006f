"""Rows of several tables in one statement: they come back as their own queries would give them."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from agents.directory import Directory
from petitions.dossier import SEEN_AS_VISIT, Cursor, Dossier, Kind
from petitions.intake import VisitData, log_visit
from petitions.models import Attachment, ClaimPoint, Petition, Visit
from petitions.timeline import timeline
from tests.cast import Cast
from tests.driving import attachment, new_case, reach
from workflow.models import Answer, Clock, Document, Event, Note
from workflow.steps import STEPS, State

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(cast: Cast, now: datetime) -> Petition:
    """A case with something in every drawer."""
    files = ("attach", {"files": [attachment(now) for _ in range(2)]})
    made = reach(State.CONCLUDED, cast, now)
    other = reach(State.HANDLING, cast, now, files, "log_contact")
    for case in (made, other):
        visit = VisitData(at=now, kind=Visit.Kind.REPEAT, note="又来了")
        log_visit(visit, actor=cast.actor("clerk", now), now=now, petition=case)
    return made


def plain(rows: Any) -> list[dict[str, Any]]:
    """All columns that were read."""
    fields = [{field.attname for field in row._meta.concrete_fields} for row in rows]
    return [
        {name: row.__dict__[name] for name in names if name in row.__dict__}
        for row, names in zip(rows, fields, strict=True)
    ]


@pytest.mark.parametrize(
    ("part", "rows"),
    [
        (
            "events",
            lambda case: (
                Event.objects.filter(case=case).exclude(name=SEEN_AS_VISIT).order_by("-pk")
            ),
        ),
        ("notes", lambda case: Note.objects.filter(event__case=case).order_by("pk")),
        ("documents", lambda case: Document.objects.filter(case=case).defer("text")),
        ("clocks", lambda case: Clock.objects.filter(case=case).order_by("pk")),
        ("visits", lambda case: Visit.objects.filter(petition=case).order_by("-pk")),
        ("points", lambda case: ClaimPoint.objects.filter(petition=case, edition=1)),
        ("answers", lambda case: Answer.objects.filter(case=case)),
    ],
)
def test_part_is_what_its_own_query_gives(case: Petition, part: str, rows: Any) -> None:
    found = getattr(Dossier.of(case), part)

    assert found
    assert plain(found) == plain(rows(case))


def test_file_takes_one_query(case: Petition, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        Dossier.of(case)


def test_files_of_two_cases_are_not_mixed(case: Petition) -> None:
    [other] = Petition.objects.filter(state=State.HANDLING)

    assert Dossier.of(case).attachments == []
    assert set(Dossier.of(other).attachments) == set(Attachment.objects.filter(petition=other))


def test_file_shows_steps_only_when_asked(case: Petition) -> None:
    steps, visits = (Dossier.of(case, kind=kind) for kind in (Kind.STEPS, Kind.VISITS))

    assert {event.name for event in steps.events} <= set(STEPS)
    assert (steps.visits, visits.events) == ([], [])


def test_timeline_in_stretches_is_the_whole_timeline(case: Petition, cast: Cast) -> None:
    whole = timeline(Dossier.of(case), Directory.current(), most=100).entries
    shown, text = [], ""
    while True:
        cursor = Cursor.read(text)
        part = timeline(
            Dossier.of(case, cursor=cursor, most=3), Directory.current(), cursor, most=3
        )
        shown += part.entries
        if not (text := part.older):
            break

    assert shown == whole


def test_cursor_tampered_with_begins_at_the_newest() -> None:
    assert Cursor.read("x.1") == Cursor.read("") == Cursor()


def test_latest_visits_do_not_depend_on_the_cursor(
    cast: Cast, now: datetime, case: Petition
) -> None:
    visit = VisitData(at=now - timedelta(days=1), kind=Visit.Kind.REPEAT)
    log_visit(visit, actor=cast.actor("clerk", now), now=now, petition=case)

    earlier = Dossier.of(case, cursor=Cursor(1, 1))

    assert (len(earlier.latest_visits), earlier.visits) == (2, [])


def test_case_made_anew_has_an_almost_empty_file(cast: Cast, now: datetime) -> None:
    file = Dossier.of(new_case(cast, now))

    assert (file.documents, file.answers, file.requests) == ([], [], [])
    assert [event.name for event in file.events] == ["register"]
