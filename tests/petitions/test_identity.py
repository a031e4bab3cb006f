"""Identity numbers, telephone numbers and text as typed."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from stdnum.cn import ric

from petitions import identity

TODAY = date(2026, 11, 23)


def with_check_digit(first_17: str) -> str:
    return first_17 + ric.calc_check_digit(first_17 + "0")


def code_of(call, *args, **kwargs) -> str:
    with pytest.raises(ValidationError) as refused:
        call(*args, **kwargs)
    return refused.value.code


def test_clean_resident_id_valid_gives_birth_date_and_sex():
    found = identity.clean_resident_id("11010519491231002X", on=TODAY)

    assert found == identity.ResidentId("11010519491231002X", date(1949, 12, 31), "F")


@pytest.mark.parametrize(
    "typed",
    ["11010519491231002x", "１１０１０５１９４９１２３１００２Ｘ", " 110105 19491231 002X "],
)
def test_clean_resident_id_other_spelling_becomes_one_form(typed):
    assert identity.clean_resident_id(typed, on=TODAY).number == "11010519491231002X"


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("110105491231002", "id_first_generation"),
        ("11010519491231002", "id_length"),
        ("1101051949123100ZX", "id_format"),
        ("110105194912310X21", "id_format"),
        ("110105194912310021", "check_digit"),
        (with_check_digit("11010519490230002"), "id_birth_date"),
        (with_check_digit("11010520270101002"), "id_birth_date"),
        (with_check_digit("11010517990101002"), "id_birth_date"),
        (with_check_digit("10010519491231002"), "id_province"),
        ("", "id_length"),
    ],
)
def test_clean_resident_id_wrong_says_what_is_wrong(typed, code):
    assert code_of(identity.clean_resident_id, typed, on=TODAY) == code


@pytest.mark.parametrize("place", ["810000", "710000", "110223", "930110"])
def test_clean_resident_id_of_other_holders_is_taken(place):
    number = with_check_digit(f"{place}19940823002")

    assert identity.clean_resident_id(number, on=TODAY).number == number


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("13812345678", "13812345678"),
        ("138-1234 5678", "13812345678"),
        ("+86 138 1234 5678", "13812345678"),
        ("8613812345678", "13812345678"),
        ("008613812345678", "13812345678"),
        ("１３８１２３４５６７８", "13812345678"),
        ("010-68607158", "010-68607158"),
        ("(010)68607158", "010-68607158"),
        ("01068607158转123", "010-68607158-123"),
        ("010-68607158-123", "010-68607158-123"),
        ("0311 6860715", "0311-6860715"),
        ("+85223456789", "+85223456789"),
        ("0085223456789", "+85223456789"),
    ],
)
def test_clean_phone_known_form_is_stored_one_way(typed, stored):
    assert identity.clean_phone(typed) == stored


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("12345", "phone_service_line"),
        ("110", "phone_service_line"),
        ("95588", "phone_service_line"),
        ("4008001234", "phone_service_line"),
        ("68607158", "phone_area_code"),
        ("1381234567", "phone_format"),
        ("12812345678", "phone_format"),
        ("nobody", "phone_format"),
        ("", "phone_format"),
    ],
)
def test_clean_phone_wrong_says_what_is_wrong(typed, code):
    assert code_of(identity.clean_phone, typed) == code


@pytest.mark.parametrize("typed", ["E1234 5678", "ｅ12345678"])
def test_clean_other_id_becomes_plain_capitals(typed):
    assert identity.clean_other_id(typed) == "E12345678"


def test_clean_other_id_with_signs_is_refused():
    assert code_of(identity.clean_other_id, "E12#45678") == "id_format"


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        (
            "\u3000\u3000您好，\xa0路灯\t坏了_x000D_\n_x000D_\n\n\n谢谢！ ",
            "您好， 路灯 坏了\n\n谢谢！",
        ),
        ("a\r\nb\rc", "a\nb\nc"),
        ("看\u200b不\x00见\ufeff", "看不见"),
        ("非 BMP：𠮷", "非 BMP：𠮷"),
    ],
)
def test_fold_prose_loses_dirt_and_keeps_words(typed, stored):
    assert identity.fold(typed) == stored


def test_fold_line_makes_full_width_plain():
    assert identity.fold_line(" ＵＵ００８１２１\u3000\n") == "UU008121"


def test_fold_key_two_spellings_of_a_name_agree():
    assert identity.fold_key("王 建国") == identity.fold_key("王建国\u3000")
    assert identity.fold_key("ＱＱ") == identity.fold_key("qq")


def test_phone_key_two_spellings_of_a_landline_agree():
    assert identity.phone_key("010-68607158") == identity.phone_key("(010) 6860 7158转3")
