"""Numbers with a check digit, codes that can be dictated."""

import pytest

from petitions import numbering


def test_petition_number_is_year_sequence_check_digit():
    assert numbering.petition_number(2026, 123) == "2026-000123-7"


def test_petition_number_beyond_a_million_goes_on():
    assert numbering.is_valid_number(numbering.petition_number(2026, 12_345_678))


@pytest.mark.parametrize("shape", ["{0}", " {0} ", "{1}", "２０２６{2}"])
def test_read_number_other_spelling_becomes_one_form(shape):
    number = numbering.petition_number(2026, 123)

    read = numbering.read_number(shape.format(number, number.replace("-", ""), number[4:]))

    assert read == number


def test_read_number_each_mistyped_digit_is_caught():
    digits = numbering.petition_number(2026, 123).replace("-", "")
    wrong = [
        digits[:place] + other + digits[place + 1 :]
        for place in range(len(digits))
        for other in "0123456789"
        if other != digits[place]
    ]

    assert [number for number in wrong if numbering.read_number(number)] == []


@pytest.mark.parametrize("text", ["", "2026", "no number", "2026-000123"])
def test_read_number_of_something_else_is_none(text):
    assert numbering.read_number(text) is None


def test_petition_number_with_prefix_is_read_with_and_without(settings):
    settings.NUMBER_PREFIX = "SJS"
    number = numbering.petition_number(2026, 7)

    assert number.startswith("SJS2026-000007-")
    assert numbering.read_number(number.lower()) == number
    assert numbering.read_number(number[3:]) == number


def test_codes_have_no_ambiguous_characters_and_differ():
    codes = {numbering.new_query_code() for _draw in range(200)}

    assert len(codes) == 200
    assert not set("".join(codes)) & set("0O1IL2Z5S8BUV")
    assert {len(code) for code in codes} == {8}


def test_rating_code_is_longer_than_the_query_code():
    assert len(numbering.new_rating_code()) == 10
