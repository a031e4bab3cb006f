"""Which language a request is answered in."""

import pytest
from django.conf import settings
from django.test import RequestFactory

from config.language import chosen_language

ENGLISH = {"accept-language": "en-GB,en;q=0.9"}


def test_page_ignores_the_browser_s_language(rf: RequestFactory) -> None:
    assert chosen_language(rf.get("/", headers=ENGLISH)) == "zh-hans"


def test_page_follows_the_cookie(rf: RequestFactory) -> None:
    request = rf.get("/")
    request.COOKIES[settings.LANGUAGE_COOKIE_NAME] = "en"

    assert chosen_language(request) == "en"


@pytest.mark.parametrize("cookie", ["fr", "", "../etc"])
def test_unknown_cookie_means_the_office_s_language(rf: RequestFactory, cookie: str) -> None:
    request = rf.get("/")
    request.COOKIES[settings.LANGUAGE_COOKIE_NAME] = cookie

    assert chosen_language(request) == "zh-hans"


def test_api_follows_the_header(rf: RequestFactory) -> None:
    assert chosen_language(rf.get("/api/v1/petitions/", headers=ENGLISH)) == "en"


def test_api_without_header_speaks_the_office_s_language(rf: RequestFactory) -> None:
    assert chosen_language(rf.get("/api/v1/petitions/")) == "zh-hans"
