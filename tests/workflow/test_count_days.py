"""The command `count_days`."""

import csv
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from workflow.management.commands import count_days

DURATIONS = Path(__file__).parents[3] / "shared/data/tipdm_att4_reply_durations.csv"


def run(path, start="a", end="b"):
    out, err = StringIO(), StringIO()
    call_command("count_days", str(path), "--from", start, "--to", end, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def written(tmp_path, *rows):
    path = tmp_path / "pairs.csv"
    path.write_text("\n".join(("a,b", *rows)) + "\n", encoding="utf-8")
    return path


def test_count_days_dates_prints_a_row_a_pair(tmp_path):
    out, err = run(written(tmp_path, "2019-04-25,2019-05-10", "2026-03-02,2026-03-02"))
    assert (out, err) == ("calendar_days,working_days\n15,10\n0,0\n", "")


@pytest.mark.parametrize(
    "pair",
    [
        "2019/4/5 9:32:09,2019/4/8",
        "2019-04-05T23:59,2019-04-08 00:00:00.5",
        "2019-04-05 15:59:00Z,2019-04-07T16:00:00+00:00",
        " 2019-4-5 ,2019-04-08T00:00:00+0800",
    ],
)
def test_count_days_ways_to_write_a_moment_count_alike(tmp_path, pair):
    assert run(written(tmp_path, pair))[0].splitlines()[1:] == ["3,1"]


@pytest.mark.parametrize(
    "text", ["2019-4-31", "", "soon", "2019-04/05", "2019-04-05 25:00", "05.04.2019"]
)
def test_count_days_bad_date_is_refused_with_its_row(tmp_path, text):
    with pytest.raises(CommandError, match=r"row 2 \(line 3\): not a date"):
        run(written(tmp_path, "2019-04-05,2019-04-08", f"2019-04-05,{text}"))


def test_count_days_missing_cell_is_refused_with_its_row(tmp_path):
    with pytest.raises(CommandError, match=r"row 1 \(line 2\): not a date: None"):
        run(written(tmp_path, "2019-04-05"))


def test_count_days_reply_before_receipt_is_refused_with_its_row(tmp_path):
    with pytest.raises(CommandError, match=r"row 1 .*2019-04-04 is before 2019-04-05"):
        run(written(tmp_path, "2019-04-05,2019-04-04"))


def test_count_days_bad_row_prints_nothing_and_exits_1(tmp_path, capsys):
    path = written(tmp_path, "2019-04-05,2019-04-08", "x,y")
    with pytest.raises(SystemExit, match="1"):
        count_days.Command().run_from_argv(
            ["manage", "count_days", str(path), "--from", "a", "--to", "b"]
        )
    out, err = capsys.readouterr()
    assert (out, "row 2" in err) == ("", True)


def test_count_days_unknown_column_names_the_columns(tmp_path):
    with pytest.raises(CommandError, match="no column 'c', but: a, b"):
        run(written(tmp_path, "1,2"), end="c")


def test_count_days_empty_file_says_so(tmp_path):
    path = tmp_path / "empty.csv"
    path.touch()
    with pytest.raises(CommandError, match="no column 'a', but: nothing"):
        run(path)


@pytest.mark.parametrize("content", [None, b"PK\x03\x04\xc7\xff"])
def test_count_days_unreadable_file_says_so(tmp_path, content):
    path = tmp_path / "pairs.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CommandError, match="can't read"):
        run(path)


def test_count_days_year_not_loaded_is_loud_but_counted(tmp_path):
    out, err = run(written(tmp_path, "2026-12-30,2027-01-09", "2026-12-30,2028-01-02"))
    assert err.splitlines() == [
        "2027 calendar not loaded: weekdays assumed; 2028 calendar not loaded: weekdays assumed"
    ]
    assert out.splitlines()[1] == "10,7"


def test_count_days_needs_no_database(tmp_path):
    # No django_db mark here: a query would be refused by pytest-django.
    assert run(written(tmp_path, "2026-03-02,2026-03-03"))[0].endswith("1,1\n")


def test_count_days_all_real_replies_agree_with_counted_table():
    if not DURATIONS.exists():
        pytest.skip(f"the counted replies are not beside this clone: {DURATIONS}")
    with DURATIONS.open(encoding="utf-8-sig") as file:
        expected = [(r["calendar_days"], r["working_days"]) for r in csv.DictReader(file)]
    found = list(csv.reader(StringIO(run(DURATIONS, "received", "replied")[0])))
    assert [tuple(row) for row in found[1:]] == expected
