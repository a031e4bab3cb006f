"""A query whose statement is kept gives what its queryset gives."""

import pytest
from rest_framework.authtoken.models import Token

from agents.kept_queries import MARK, MARK_ID, MARK_IDS, KeptQuery
from agents.models import Cadre
from agents.models.stamp import AllStamps, Stamp
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def test_kept_query_with_a_join_and_an_annotation_gives_them_along(cast: Cast) -> None:
    key = Token.objects.create(user=cast.clerk).key
    tokens = Token.objects.select_related("user").annotate(stamps=AllStamps())
    found = KeptQuery(tokens.filter(key=MARK)).get(key)
    assert found is not None
    assert (found.user, found.stamps) == (cast.clerk, Stamp.versions())
    assert found.created == Token.objects.get().created


def test_kept_query_asked_again_gives_the_other_row(cast: Cast) -> None:
    kept = KeptQuery(Cadre.objects.filter(pk=MARK_ID))
    assert [kept.get(one.pk) for one in (cast.clerk, cast.leader)] == [cast.clerk, cast.leader]


def test_kept_query_without_such_a_row_gives_none(cast: Cast) -> None:
    assert KeptQuery(Cadre.objects.filter(pk=MARK_ID)).get(0) is None


def test_kept_query_of_nothing_asks_nothing(django_assert_num_queries: object) -> None:
    with django_assert_num_queries(0):  # type: ignore[operator]
        assert KeptQuery(Cadre.objects.none().filter(pk=MARK_ID)).get(1) is None


def test_kept_query_with_nothing_left_open_is_refused() -> None:
    with pytest.raises(ValueError, match="left open"):
        KeptQuery(Cadre.objects.filter(pk=1))


def test_kept_query_with_several_ids_puts_each_in_its_place(cast: Cast) -> None:
    one, other = MARK_IDS[:2]
    kept = KeptQuery(Cadre.objects.filter(pk__in=[one, other]).exclude(pk=other))
    assert kept.all(cast.clerk.pk, cast.leader.pk) == [cast.clerk]
