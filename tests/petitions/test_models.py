"""What the tables themselves refuse, and the petition's side of the machine."""

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction

from agents.roles import Role
from petitions.models import Attachment, Petition, Representative, Visit
from petitions.people import PersonData
from petitions.storage import UnreadableFile
from tests.factories import CadreFactory, PetitionerFactory, make_case
from workflow import engine
from workflow.actors import Actor
from workflow.errors import InvalidData
from workflow.models import Clock, Note

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk(db):
    return CadreFactory(roles=[Role.CLERK])


def amend(case, clerk, now, **changes) -> Petition:
    return engine.perform(
        case.pk, "amend", actor=Actor.of(clerk, now), now=now, reason="笔误", changes=changes
    )


def test_petition_is_unreadable_in_the_database(now, clerk):
    case = make_case(now, demand="楼前路灯坏了", accused_name="张三")

    stored = str(
        Petition.objects.filter(pk=case.pk)
        .extra(select={"raw": "demand || accused_name || query_code"})
        .values("raw")
    )

    assert "k1:" in stored
    assert "路灯" not in stored
    assert "张三" not in stored


def test_representative_sixth_place_is_refused_by_the_table(now):
    case = make_case(now)

    with pytest.raises(IntegrityError), transaction.atomic():
        Representative.objects.create(petition=case, petitioner=PetitionerFactory(), position=6)


def test_visit_without_case_must_be_a_question(now, clerk):
    with pytest.raises(IntegrityError), transaction.atomic():
        Visit.objects.create(kind=Visit.Kind.REPEAT, at=now, unit=clerk.unit, received_by=clerk)


def test_visits_without_case_are_seen_by_their_own_office(now, clerk):
    visit = Visit.objects.create(
        kind=Visit.Kind.INQUIRY, at=now, unit=clerk.unit, received_by=clerk
    )
    leader = CadreFactory(unit=clerk.unit, roles=[Role.LEADER])
    others = [
        CadreFactory(roles=[Role.LEADER]),
        CadreFactory(unit=clerk.unit, roles=[Role.AUDITOR]),
        CadreFactory(unit=clerk.unit, roles=[Role.HANDLER]),
    ]

    assert Visit.objects.visible_to(leader, now).get() == visit
    assert not any(Visit.objects.visible_to(other, now).exists() for other in others)


def test_same_record_of_one_source_twice_is_refused(now):
    make_case(now, source="letters", source_key="7")

    with pytest.raises(IntegrityError), transaction.atomic():
        make_case(now, source="letters", source_key="7")


def test_amend_keeps_old_and_new_and_moves_the_clock(now, clerk):
    case = make_case(now, clerk=clerk)
    earlier = now - timedelta(days=2)

    amend(case, clerk, now, received_at=earlier, problem_place="1号楼前")

    assert Clock.objects.get(case=case).started_at == earlier
    assert Note.objects.get(key="amended:problem_place").text == " → 1号楼前"


@pytest.mark.parametrize("name", ["unit_l1", "sealed", "number", "rating", "handler"])
def test_amend_of_what_a_step_decides_is_refused(now, clerk, name):
    case = make_case(now, clerk=clerk)

    with pytest.raises(InvalidData) as refused:
        amend(case, clerk, now, **{name: 1})

    assert refused.value.field == name


def test_points_next_edition_leaves_the_first_as_it_was(now, clerk):
    case = make_case(now, points=("修好路灯",))

    rows = case.points(["修好路灯", " ", "道歉"])

    assert [(row.edition, row.position, row.text) for row in rows] == [
        (2, 1, "修好路灯"),
        (2, 2, "道歉"),
    ]


def test_points_more_than_twenty_are_refused(now):
    with pytest.raises(InvalidData):
        make_case(now, points=tuple(f"第{n}点" for n in range(21)))


def test_document_facts_of_an_anonymous_petitioner_name_nobody(now):
    case = make_case(now, person=PersonData(is_anonymous=True))
    facts = Petition.objects.with_document_facts().get(pk=case.pk).document_facts()

    assert facts["petitioner"]
    assert facts["points"]() == ["修好路灯"]


# Attachments --------------------------------------------------------------------------------


@pytest.fixture
def attachment(now, clerk, settings, tmp_path) -> Attachment:
    settings.MEDIA_ROOT = tmp_path
    paper = Attachment(
        petition=make_case(now), uploaded_by=clerk, name="身份证.pdf", size=4, created_at=now
    )
    paper.file.save("身份证.pdf", ContentFile(b"%PDF-1.7 secret"))
    return paper


def test_attachment_reads_back_what_was_stored(attachment):
    with Attachment.objects.get(pk=attachment.pk).file.open() as file:
        assert file.read() == b"%PDF-1.7 secret"


def test_attachment_on_disk_tells_neither_name_nor_contents(attachment, tmp_path):
    [stored] = [path for path in tmp_path.rglob("*") if path.is_file()]

    assert b"secret" not in stored.read_bytes()
    assert "身份证" not in str(stored)
    assert stored.suffix == ""


def test_attachment_has_no_address(attachment):
    with pytest.raises(ValueError, match="no address"):
        _ = attachment.file.url


def test_attachment_altered_on_disk_does_not_open(attachment, tmp_path):
    [stored] = [path for path in tmp_path.rglob("*") if path.is_file()]
    stored.write_bytes(stored.read_bytes()[:-1] + b"?")

    with pytest.raises(UnreadableFile):
        Attachment.objects.get(pk=attachment.pk).file.open()
