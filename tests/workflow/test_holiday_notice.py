"""A yearly notice as it is sent: what is read of it, and all that is refused with a reason."""

import json
from datetime import date

import pytest
from django.utils import translation

from workflow.holiday_notice import Unreadable, decoded, read_notice
from workflow.reference.holidays import read_holidays

SHIPPED = read_holidays()
YEARS = sorted({year for *_, year in SHIPPED})


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


def days(year=2026):
    return [
        {"name": name, "date": day.isoformat(), "isOffDay": off}
        for day, name, off, of in SHIPPED
        if of == year
    ]


def as_json(entries, year=2026):
    return json.dumps({"year": year, "papers": ["https://x"], "days": entries})


def with_entry(**changes):
    return as_json([*days(), {"name": "端午节", "date": "2026-06-22", "isOffDay": True, **changes}])


def errors(text, year=2026, **more):
    return " ".join(read_notice(text, year, **more).errors)


@pytest.mark.parametrize("year", YEARS)
def test_read_notice_official_year_is_taken_as_it_is(year):
    notice = read_notice(as_json(days(year), year), year)

    assert notice.errors == []
    assert notice.rows == [row for row in SHIPPED if row[3] == year]


def test_read_notice_csv_says_the_same_as_json():
    lines = "".join(f"{d['date']},{d['name']},{int(d['isOffDay'])},2026\n" for d in days())

    notice = read_notice("\ufeffdate,name,is_off_day,year_file\n" + lines, 2026)

    assert notice.rows == read_notice(as_json(days()), 2026).rows


def test_read_notice_plain_list_of_days_is_taken():
    assert len(read_notice(json.dumps(days()), 2026).days) == len(days())


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "column"),
        ("{", "line 1, column 2"),
        ('{"year": 2026}', "no list"),
        ('{"days": []}', "not a single day"),
        ('{"days": [1]}', "Entry 1: not a day"),
        ("name,date\n", "is_off_day"),
        ("[" * 100_000, "Not valid JSON"),
    ],
)
def test_read_notice_unreadable_text_is_told(text, why):
    assert why in errors(text)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"date": "2026-02-30"}, "2026-02-30"),
        ({"date": None}, "no date"),
        ({"isOffDay": "maybe"}, "maybe"),
        ({"name": ""}, "name"),
        ({"name": "节" * 41}, "40 characters"),
        ({"date": "2027-06-22"}, "does not lie in 2026"),
        ({"date": "2025-11-30"}, "does not lie in 2026"),
        ({"year": 2027}, "names the year 2027"),
        ({"date": "2026-06-19"}, "stands in it twice"),
        ({"date": "2026-06-19", "name": "中秋节"}, "overlaps"),
        ({"date": "2026-06-19", "isOffDay": False}, "both as off and as worked"),
    ],
)
def test_read_notice_bad_day_is_told_with_its_place(changes, why):
    told = errors(with_entry(**changes))

    assert why in told
    assert f"Entry {len(days()) + 1}: " in told


def test_read_notice_bad_csv_line_is_told_with_its_number():
    told = errors("date,name,is_off_day\n2026-01-01,元旦,1\n2026-01-1,元旦,1\n", whole=False)

    assert told.startswith("Line 3: ")


def test_read_notice_of_another_year_is_refused():
    assert "the notice of 2025, not of 2026" in errors(as_json(days(), 2025))


def test_read_notice_without_a_festival_is_refused():
    left = [day for day in days() if day["name"] != "中秋节"]

    assert "Missing: 中秋." in errors(as_json(left))


def test_read_notice_without_new_years_day_is_refused():
    left = [day for day in days() if day["date"] != "2026-01-01"]

    assert "2026-01-01 is a public holiday by law" in errors(as_json(left))


def test_read_notice_with_a_day_too_few_is_refused():
    left = [day for day in days() if day["date"] != "2026-02-18"]

    assert "make 12; the law gives 13" in errors(as_json(left))


def test_read_notice_amendment_may_name_few_days():
    notice = read_notice(
        '[{"name": "春节", "date": "2026-02-24", "isOffDay": true}]', 2026, whole=False
    )

    assert notice.errors == []
    assert notice.days == {date(2026, 2, 24): ("春节", True)}


def test_read_notice_worked_weekday_is_a_warning():
    notice = read_notice(with_entry(date="2026-06-24", isOffDay=False), 2026)

    assert notice.errors == []
    assert "2026-06-24 is a weekday" in " ".join(notice.warnings)


def test_read_notice_hole_in_a_holiday_is_a_warning():
    warned = " ".join(
        read_notice(as_json([d for d in days() if d["date"] != "2026-02-18"]), 2026).warnings
    )

    assert "2026-02-18 lies within “春节”" in warned


def test_read_notice_day_too_many_is_a_warning():
    assert "make 14" in " ".join(read_notice(with_entry(), 2026).warnings)


def test_read_notice_endless_list_is_cut():
    entries = [{"name": "x", "date": "2026-01-01", "isOffDay": True}] * 5_000

    assert errors(as_json(entries)) == "It names 5000 days: no year has so many."


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_decoded_chinese_file_is_read(encoding):
    assert decoded("元旦".encode(encoding)) == "元旦"


def test_decoded_binary_file_is_refused():
    with pytest.raises(Unreadable):
        decoded(b"\xff\xfe\x00\xd8\x80")
