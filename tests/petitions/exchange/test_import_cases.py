"""The command prints one line and tells by its exit whether the file could be read."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from petitions.models import Petition
from tests.petitions.exchange.sheets import MESSAGE, message, write_csv, write_xlsx

pytestmark = pytest.mark.usefixtures("office")


def run(path: Path, *options: str) -> dict[str, Any]:
    out = StringIO()
    call_command("import_cases", str(path), *options, stdout=out)
    [line] = out.getvalue().splitlines()
    said: dict[str, Any] = json.loads(line)
    return said


def test_import_cases_prints_one_line_of_json(tmp_path: Path):
    path = write_xlsx(tmp_path / "m.xlsx", MESSAGE, message(1), message(2), message(1))

    assert run(path, "--as", "history") == {
        "file": str(path),
        "format": "tipdm_messages",
        "as": "history",
        "read": 3,
        "created": 2,
        "known": 1,
        "rejected": 0,
        "rejects_file": None,
        "changed": 0,
        "changes_file": None,
    }


def test_import_cases_names_the_file_of_rejects(tmp_path: Path):
    path = write_csv(tmp_path / "m.csv", MESSAGE, message(留言时间="昨天"))
    said = run(path, "--as", "history")

    assert said["rejected"] == 1
    assert Path(said["rejects_file"]).exists()


def test_import_cases_unless_told_otherwise_makes_new_cases(tmp_path: Path):
    run(write_csv(tmp_path / "m.csv", MESSAGE, message()))

    assert Petition.objects.get().is_history is False


def test_import_cases_takes_format_source_and_part(tmp_path: Path):
    path = write_csv(tmp_path / "m.csv", MESSAGE, *(message(n) for n in range(1, 6)))
    options = ("--format", "tipdm_messages", "--source", "旧平台", "--offset", "3", "--limit", "9")

    assert run(path, *options)["created"] == 2
    assert set(Petition.objects.values_list("source", flat=True)) == {"旧平台"}


def test_import_cases_dry_run_adds_nothing(tmp_path: Path):
    path = write_csv(tmp_path / "m.csv", MESSAGE, message())

    assert run(path, "--dry-run")["created"] == 1
    assert not Petition.objects.exists()


def test_import_cases_unreadable_file_fails_with_its_name(tmp_path: Path):
    (tmp_path / "m.xlsx").write_bytes(b"PK\x03\x04")

    with pytest.raises(CommandError, match=r"m\.xlsx: \S+") as failure:
        run(tmp_path / "m.xlsx")
    assert failure.value.returncode == 1


@pytest.mark.parametrize(
    "options",
    [
        ("--as", "old"),
        ("--format", "x"),
        ("--limit", "-1"),
        ("--source", " "),
        ("--source", "x" * 41),
    ],
)
def test_import_cases_refuses_options_that_make_no_sense(tmp_path: Path, options: tuple[str, str]):
    with pytest.raises(CommandError):
        run(write_csv(tmp_path / "m.csv", MESSAGE, message()), *options)
