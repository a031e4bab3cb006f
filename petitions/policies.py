"""Policy texts: how they are kept with their words, and found by the words of a case.

A word counts the more the fewer texts have it. Both databases find words by the same index, which
is why texts carry their words in a table instead of a search engine of one database.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from math import log
from typing import Any

from django.db import transaction
from django.db.models import Count

from petitions.models import PolicyText, PolicyWord
from petitions.words import words_of

MOST_WORDS = 400
"""Words of a case that are looked up."""
TELLING = 80
"""Of these, the rarest go into the score."""
LEAST_SHARED = 2
"""One word in common is chance."""
EXCERPT = 160
_ARTICLE = re.compile(r"第[一二三四五六七八九十百零〇两\d]+条")


@dataclass(frozen=True)
class Found:
    """A policy text with the paragraph that fits best. `force`: why it does not hold, if so."""

    policy: PolicyText
    excerpt: str
    citation: str
    force: Any


def keep(policy: PolicyText) -> PolicyText:
    """Store the text with its words, new or changed."""
    words = words_of(f"{policy.title}\n{policy.number}\n{policy.text}")
    with transaction.atomic():
        policy.save()
        policy.words.all().delete()
        rows = [PolicyWord(policy=policy, word=word) for word in words]
        PolicyWord.objects.bulk_create(rows, batch_size=2000)
    return policy


def find(text: str, day: date, *, limit: int = 5, least: int = LEAST_SHARED) -> list[Found]:
    """The texts that share most with `text`; those that hold on that day come first.

    Four queries at most, whatever the number of texts.
    """
    weights = _weights(list(words_of(text))[:MOST_WORDS])
    telling = sorted(weights, key=lambda word: (-weights[word], word))[:TELLING]
    shared: dict[int, set[str]] = defaultdict(set)
    rows = PolicyWord.objects.filter(word__in=telling) if telling else PolicyWord.objects.none()
    for policy_id, word in rows.values_list("policy_id", "word"):
        shared[policy_id].add(word)
    needed = min(least, len(telling))
    scores = {
        pk: sum(weights[word] for word in words)
        for pk, words in shared.items()
        if len(words) >= needed
    }
    best = sorted(scores, key=lambda pk: (-scores[pk], -pk))[: limit * 2]
    policies = PolicyText.objects.in_bulk(best)
    found = [
        _found(policies[pk], {word: weights[word] for word in shared[pk]}, day)
        for pk in best
        if pk in policies
    ]
    return sorted(found, key=lambda one: bool(one.force))[:limit]


def _weights(words: Collection[str]) -> dict[str, float]:
    """Of each word that any text has: how much it tells. Two queries."""
    if not words:
        return {}
    having = PolicyWord.objects.filter(word__in=words).values_list("word").annotate(n=Count("id"))
    counted = dict(having.order_by())
    total = PolicyText.objects.count() if counted else 0
    return {word: log(1 + total / n) for word, n in counted.items()}


def _found(policy: PolicyText, weights: Mapping[str, float], day: date) -> Found:
    excerpt, article = passage(policy.paragraphs, weights)
    return Found(policy, excerpt, policy.citation + article, policy.force_on(day))


def passage(paragraphs: Iterable[str], weights: Mapping[str, float]) -> tuple[str, str]:
    """The paragraph with most of the words, shortened, and the article it belongs to ("": none)."""
    best, its_article, most, article = "", "", -1.0, ""
    for paragraph in paragraphs:
        if heading := _ARTICLE.match(paragraph.lstrip()):
            article = heading.group()
        score = sum(weight for word, weight in weights.items() if word in paragraph.casefold())
        if score > most:
            best, its_article, most = paragraph, article, score
    return (best if len(best) <= EXCERPT else f"{best[:EXCERPT]}…"), its_article
