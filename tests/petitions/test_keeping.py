"""Files kept for a refused form, and files on the disk that no row names."""

import json
import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from petitions import keeping
from petitions.models import Attachment, KeptFile, Petition
from petitions.tasks import clean_files
from tests.cast import Cast
from tests.driving import new_case
from tests.petitions.sending import PDF, form_body, upload

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    """Where the files of this test lie."""
    settings.MEDIA_ROOT = tmp_path
    return tmp_path / "attachments"


def lying(folder: Path) -> int:
    """How many files lie there."""
    return len([path for path in folder.glob("*/*") if path.is_file()])


def kept_by(cast: Cast, now: datetime, place: str = "/register/") -> KeptFile:
    return keeping.keep([upload()], cadre_id=cast.clerk.pk, place=place, now=now)[0]


# On the register page -----------------------------------------------------------------------


@pytest.fixture
def desk(client: Client, cast: Cast) -> Client:
    client.cookies["xinfang_language"] = "en"
    client.force_login(cast.clerk)
    return client


def register(desk: Client, cast: Cast, **sent: Any) -> Any:
    sound = {
        "channel": "VISIT", "name": "王建国", "demand": "路灯坏了", "problem_area": cast.area.code,
    }  # fmt: skip
    return desk.post(reverse("register"), {**sound, **sent})


def test_register_refused_keeps_the_files_and_the_text(desk: Client, cast: Cast) -> None:
    answer = register(desk, cast, name="", files=upload())

    kept, page = KeptFile.objects.get(), answer.content.decode()
    assert answer.status_code == 400
    assert f'name="kept" value="{kept.token}"' in page
    assert ("证据.pdf" in page, "路灯坏了" in page) == (True, True)


def test_register_with_kept_files_attaches_them(desk: Client, cast: Cast) -> None:
    register(desk, cast, name="", files=upload())
    token = KeptFile.objects.get().token

    register(desk, cast, kept=token, files=upload("二.pdf", PDF + b"2"))

    rows = Attachment.objects.order_by("id")
    assert sorted(row.name for row in rows) == ["二.pdf", "证据.pdf"]
    assert sorted(row.file.open().read() for row in rows) == [PDF, PDF + b"2"]


def test_register_with_kept_files_forgets_them(
    desk: Client, cast: Cast, folder: Path, django_capture_on_commit_callbacks: Any
) -> None:
    register(desk, cast, name="", files=upload())

    with django_capture_on_commit_callbacks(execute=True):
        register(desk, cast, kept=KeptFile.objects.get().token)

    assert (KeptFile.objects.count(), lying(folder)) == (0, 1)


def test_register_refused_twice_keeps_each_file_once(desk: Client, cast: Cast) -> None:
    register(desk, cast, name="", files=upload())

    answer = register(desk, cast, name="", kept=KeptFile.objects.get().token)

    assert [row.name for row in answer.context["kept"]] == ["证据.pdf"]
    assert KeptFile.objects.count() == 1


def test_register_leaves_out_a_kept_file_whose_box_was_cleared(desk: Client, cast: Cast) -> None:
    register(desk, cast, name="", files=upload())

    register(desk, cast)

    assert (Petition.objects.count(), Attachment.objects.count()) == (1, 0)


def test_register_refused_for_a_file_keeps_the_others(desk: Client, cast: Cast) -> None:
    answer = register(desk, cast, files=[upload(), upload("virus.pdf", b"MZ\x90\x00")])

    assert answer.status_code == 400
    assert [row.name for row in answer.context["kept"]] == ["证据.pdf"]
    assert "virus.pdf: This kind of file" in answer.content.decode()


@pytest.mark.parametrize("whose", ["another cadre", "another form", "yesterday"])
def test_register_takes_only_files_kept_for_this_person_and_form(
    desk: Client, cast: Cast, now: datetime, whose: str
) -> None:
    kept = kept_by(cast, now)
    if whose == "another cadre":
        desk.force_login(cast.street_clerk)
    changes = {"another form": {"place": "/x/"}, "yesterday": {"created_at": now - DAY}}
    KeptFile.objects.update(**changes.get(whose, {"size": kept.size}))

    register(desk, cast, kept=kept.token)

    assert (Petition.objects.count(), Attachment.objects.count()) == (1, 0)


def test_register_without_a_kept_file_on_the_disk_goes_on(
    desk: Client, cast: Cast, now: datetime
) -> None:
    kept = kept_by(cast, now)
    kept.file.storage.delete(kept.file.name)

    register(desk, cast, kept=kept.token)

    assert (Petition.objects.count(), Attachment.objects.count()) == (1, 0)


# On a step's page ---------------------------------------------------------------------------


def do(client: Client, case: Petition, **sent: Any) -> Any:
    return client.post(reverse("step", args=[case.number, "attach"]), sent)


def test_step_refused_keeps_files_and_text(desk: Client, cast: Cast, now: datetime) -> None:
    case = new_case(cast, now)

    stale = do(desk, case, seen="99", remark="照片两张", files=upload())

    assert (stale.status_code, "照片两张" in stale.content.decode()) == (409, True)
    assert do(desk, case, remark="照片", kept=KeptFile.objects.get().token).status_code == 302
    assert Attachment.objects.get().petition == case


def test_step_refused_for_a_file_loses_no_text(desk: Client, cast: Cast, now: datetime) -> None:
    answer = do(desk, new_case(cast, now), remark="照片两张", files=upload("a.pdf", b"MZ\x90"))

    page = answer.content.decode()
    assert (answer.status_code, "照片两张" in page) == (400, True)
    assert "a.pdf: This kind of file isn&#x27;t taken." in page
    assert (Attachment.objects.count(), KeptFile.objects.count()) == (0, 0)


# Limits -------------------------------------------------------------------------------------


def test_step_tells_its_limits_before_and_after(
    desk: Client, cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = new_case(cast, now)
    before = desk.get(reverse("step", args=[case.number, "attach"])).content.decode()
    monkeypatch.setattr("petitions.forms.fields.MAX_TOTAL", len(PDF))

    after = do(desk, case, files=[upload(), upload("b.pdf")]).content.decode()

    assert "At most 20 files, 20 MB each, 100 MB together." in before
    assert "The files together have more than" in after


def test_request_that_is_too_large_is_refused_unread(
    desk: Client, cast: Cast, now: datetime, settings: Any
) -> None:
    settings.UPLOAD_MOST_BYTES = 100

    answer = do(desk, new_case(cast, now), files=upload())

    assert answer.status_code == 413
    assert "send the files in parts" in answer.content.decode()


def test_request_that_is_too_large_is_refused_by_the_api(
    desk: Client, cast: Cast, now: datetime, settings: Any
) -> None:
    settings.UPLOAD_MOST_BYTES = 100
    case = new_case(cast, now)

    answer = desk.post(
        f"/api/v1/cases/{case.number}/do/attach/", form_body("attach", case, cast, now)
    )

    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


# Cleaning -----------------------------------------------------------------------------------


def age(folder: Path, moment: datetime) -> None:
    """Make every file there as old as that."""
    for path in folder.glob("*/*"):
        os.utime(path, (moment.timestamp(), moment.timestamp()))


def orphan(folder: Path, moment: datetime) -> Path:
    """A file that a dead process left behind."""
    path = folder / "ab" / "abcdef"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"k1")
    age(folder, moment)
    return path


def test_clean_removes_files_that_no_row_names(folder: Path, now: datetime) -> None:
    path = orphan(folder, now - DAY)

    cleaned = keeping.clean(now)

    assert (cleaned.orphans, path.exists()) == (1, False)


def test_clean_leaves_alone_what_is_younger_than_a_day(folder: Path, now: datetime) -> None:
    path = orphan(folder, now - DAY + timedelta(minutes=1))

    assert (keeping.clean(now).orphans, path.exists()) == (0, True)


def test_clean_leaves_the_files_of_cases_alone(folder: Path, cast: Cast, now: datetime) -> None:
    Attachment.objects.create(
        petition=new_case(cast, now), name="a.pdf", content_type="application/pdf", size=1,
        sha256="0" * 64, file=upload(), created_at=now - 3 * DAY,
    )  # fmt: skip
    age(folder, now - 2 * DAY)

    assert (keeping.clean(now).orphans, lying(folder)) == (0, 1)


def test_clean_removes_kept_files_after_their_day(
    folder: Path, cast: Cast, now: datetime, django_capture_on_commit_callbacks: Any
) -> None:
    kept_by(cast, now - DAY)
    kept_by(cast, now)
    age(folder, now)

    with django_capture_on_commit_callbacks(execute=True):
        cleaned = keeping.clean(now)

    assert (cleaned.kept, KeptFile.objects.count(), lying(folder)) == (1, 1, 1)


def test_clean_dry_run_only_counts(
    folder: Path, cast: Cast, now: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    path = orphan(folder, now - DAY)
    kept_by(cast, now - DAY)

    call_command("clean_files", "--dry-run")

    assert json.loads(capsys.readouterr().out) == {"kept": 1, "orphans": 1}
    assert (path.exists(), KeptFile.objects.count()) == (True, 1)


def test_clean_runs_by_the_worker_too(folder: Path, now: datetime) -> None:
    path = orphan(folder, now - DAY)

    clean_files()

    assert not path.exists()
