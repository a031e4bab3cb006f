"""The shipped holiday table and its reader."""

from collections import Counter

import pytest

from workflow.reference.holidays import BadHolidayRow, read_holidays, shipped_calendar

HEAD = "date,name,is_off_day,year_file\n"
ROWS = read_holidays()


def table(tmp_path, text):
    path = tmp_path / "holidays.csv"
    path.write_text(HEAD + text, encoding="utf-8")
    return path


def test_read_holidays_shipped_table_names_each_day_once():
    assert max(Counter(day for day, *_ in ROWS).values()) == 1


def test_read_holidays_shipped_days_lie_in_or_just_before_their_year():
    odd = [row for row in ROWS if row[0].year != row[3]]
    assert {(day.month, year - day.year) for day, _, _, year in odd} == {(12, 1)}


def test_read_holidays_shipped_worked_days_are_weekends_but_the_shifted_return_of_2020():
    worked = [day for day, _, is_off, _ in ROWS if not is_off and day.weekday() < 5]
    assert [day.isoformat() for day in worked] == ["2020-02-03"]


@pytest.mark.parametrize(
    ("years", "free"), [(range(2007, 2008), 10), (range(2008, 2025), 11), (range(2025, 2027), 13)]
)
def test_read_holidays_shipped_years_give_the_statutory_days(years, free):
    extra = {2015: 1, 2020: 2}  # the victory parade; the longer Spring Festival of the epidemic
    for year in years:
        mine = [(day.weekday() < 5, off) for day, _, off, file in ROWS if file == year]
        net = mine.count((True, True)) - mine.count((False, False))
        assert net == free + extra.get(year, 0), year


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("2026-02-30,x,1,2026\n", "line 2.*day"),
        ("2026-02-03,x,yes,2026\n", "line 2.*yes"),
        ("2026-02-03,x,1,\n", "line 2"),
        ("2026-02-03\n", "line 2"),
    ],
)
def test_read_holidays_unclear_row_is_refused_with_its_line(tmp_path, row, why):
    with pytest.raises(BadHolidayRow, match=why):
        read_holidays(table(tmp_path, row))


def test_shipped_calendar_version_follows_the_content(tmp_path):
    one = shipped_calendar(table(tmp_path, "2026-01-01,元旦,1,2026\n")).version
    other = shipped_calendar(table(tmp_path, "2026-01-02,元旦,1,2026\n")).version
    assert one != other
