"""How often the suggestion is right, asked only about messages that it was not trained on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from petitions.suggesting.examples import Example
from petitions.suggesting.kept import CATEGORY
from petitions.suggesting.likeness import digest, groups
from petitions.suggesting.model import PLACES
from petitions.suggesting.teaching import terms
from petitions.suggesting.training import Corpus, train

FOLDS = 10


@dataclass(frozen=True)
class Evaluation:
    """`rows` were asked about; of them `first` had the right label in the first place, `among`
    in the first three. `same`: rows that are another one's message once more, and were never on
    the other side of it.
    """

    rows: int
    first: int
    among: int
    labels: int
    trained_on: int
    same: int
    folds: int

    def as_json(self) -> dict[str, Any]:
        """For the line that the command prints; shares to four places."""
        return {
            "rows": self.rows,
            "top1": round(self.first / self.rows, 4) if self.rows else None,
            "top3": round(self.among / self.rows, 4) if self.rows else None,
            "labels": self.labels,
            "trained_on": self.trained_on,
            "same": self.same,
            "folds": self.folds,
        }


def evaluate(
    asked: Sequence[Example],
    more: Sequence[Example] = (),
    *,
    kind: str = CATEGORY,
    folds: int = FOLDS,
) -> Evaluation:
    """Ask about each row of `asked` a model trained on the others, and on those of `more`.

    Rows are parted by what they say: whatever is the same message as one that is asked about,
    in either file, is kept from the model. Raises NothingToLearn.
    """
    asked = [one for one in asked if kind in one.labels]
    rows = [*asked, *(one for one in more if kind in one.labels)]
    same = groups([one.text for one in rows])
    part = [digest(rows[place].text) % folds for place in same]
    corpus = Corpus.of(terms(one, kind) for one in rows)
    first = among = most = 0
    for fold in range(folds):
        questions = [place for place in range(len(asked)) if part[place] == fold]
        if not questions:
            continue
        labels = {at: one.labels[kind] for at, one in enumerate(rows) if part[at] != fold}
        model, most = train(corpus, labels), max(most, len(labels))
        for place in questions:
            found = model.suggest(terms(rows[place], kind), most=PLACES)
            right = [one.label == rows[place].labels[kind] for one in found]
            first += right[:1] == [True]
            among += any(right)
    return Evaluation(
        rows=len(asked),
        first=first,
        among=among,
        labels=len({one.labels[kind] for one in rows}),
        trained_on=most,
        same=sum(place != at for at, place in enumerate(same)),
        folds=folds,
    )
