"""Learning from examples, and keeping what was learnt for every process."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from agents.directory import Directory
from petitions.suggesting.examples import Example, of_cases
from petitions.suggesting.kept import KINDS, UNIT, Trained, keep
from petitions.suggesting.text import terms_of
from petitions.suggesting.training import Corpus, NothingToLearn, train
from workflow.calendar import ZONE

FROM_CASES, FROM_SHEET = "cases", "sheet"


def terms(example: Example, kind: str) -> Counter[str]:
    """What is known when the question is asked: of the unit also the category and the place."""
    return terms_of(example.text, example.marks if kind == UNIT else ())


def learn(examples: Iterable[Example], source: str, now: datetime) -> Trained:
    """Train a model of each kind of which there are enough examples, and keep them.

    Raises NothingToLearn; then what was learnt before stays.
    """
    rows, models = list(examples), {}
    for kind in KINDS:
        labels = {at: one.labels[kind] for at, one in enumerate(rows) if kind in one.labels}
        corpus = Corpus.of(terms(one, kind) if kind in one.labels else {} for one in rows)
        try:
            models[kind] = train(corpus, labels)
        except NothingToLearn:
            continue
    if not models:
        raise NothingToLearn
    trained = Trained(f"{now.astimezone(ZONE):%Y%m%d%H%M%S}", now, source, models)
    keep(trained)
    return trained


def learn_from_cases(now: datetime) -> Trained:
    """The office's own cases. Raises NothingToLearn."""
    return learn(of_cases(Directory.current()), FROM_CASES, now)
