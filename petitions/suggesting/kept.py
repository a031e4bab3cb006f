"""The trained models on disk: one file under DATA_DIR, which every process reads when it is new.

Its terms are cut out of what people wrote, so it is encrypted like every other personal datum; and
a file that somebody changed does not open.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from agents.encryption import DecryptionError, decrypt, encrypt
from petitions.suggesting.model import Model

FORMAT = 1
"""What the file holds and how terms are cut: another number is not read."""
PLACE = "suggestions.model"
CATEGORY, UNIT = "category", "unit"
KINDS = (CATEGORY, UNIT)


@dataclass(frozen=True)
class Trained:
    """The models of one training, by kind; a kind of which there was too little is not there.

    `version` names the training, `source` says of what: "cases" or "sheet".
    """

    version: str
    trained_at: datetime
    source: str
    models: Mapping[str, Model]


@dataclass(frozen=True)
class Kept:
    """What a process has in memory: the training, or the sentence why there is none."""

    trained: Trained | None = None
    problem: Any = ""

    def model(self, kind: str) -> Model | None:
        """The model of that kind, if there is one."""
        return self.trained.models.get(kind) if self.trained else None

    def lack(self, kind: str) -> Any:
        """The sentence why nothing of that kind can be suggested; "" if it can."""
        return self.problem or ("" if self.model(kind) else TOO_FEW)


UNTRAINED = Kept(
    problem=_(
        "Nothing is suggested yet: no past cases have been learnt from. The system administrator "
        "runs “bin/manage train_suggestions” once the office has closed some cases."
    )
)
DAMAGED = Kept(
    problem=_(
        "Nothing is suggested: the file of what was learnt is damaged or was made with another "
        "key. The system administrator runs “bin/manage train_suggestions” again."
    )
)
STALE = Kept(
    problem=_(
        "Nothing is suggested: what was learnt is of another version of this program. The system "
        "administrator runs “bin/manage train_suggestions” again."
    )
)

TOO_FEW = _(
    "Nothing is suggested here yet: there are too few past cases of it. Suggestions begin when two "
    "categories, or two units, have three cases each."
)

_memory: tuple[tuple[Any, ...], Kept] | None = None


def path() -> Path:
    """Where the file lies."""
    return Path(settings.DATA_DIR) / "suggestions" / "model"


def current() -> Kept:
    """What was learnt last, read again only when the file is another. Never raises."""
    global _memory
    place = path()
    try:
        found = place.stat()
    except OSError:
        return UNTRAINED
    key = (str(place), found.st_mtime_ns, found.st_size, found.st_ino)
    if _memory is None or _memory[0] != key:
        _memory = (key, _read(place))
    return _memory[1]


def keep(trained: Trained) -> None:
    """Put the file in place whole: whoever reads meanwhile has the old one or the new one."""
    plain = {
        "format": FORMAT,
        "version": trained.version,
        "trained_at": trained.trained_at.isoformat(),
        "source": trained.source,
        "models": {kind: model.as_plain() for kind, model in trained.models.items()},
    }
    place = path()
    place.parent.mkdir(parents=True, exist_ok=True)
    sealed = encrypt(json.dumps(plain, ensure_ascii=False), PLACE)
    with tempfile.NamedTemporaryFile("w", dir=place.parent, delete=False) as draft:
        draft.write(sealed)
        draft.flush()
        os.fsync(draft.fileno())
    os.replace(draft.name, place)


def _read(place: Path) -> Kept:
    try:
        plain = json.loads(decrypt(place.read_text(encoding="ascii"), PLACE))
        if plain["format"] != FORMAT:
            return STALE
        models = {kind: Model.of_plain(one) for kind, one in plain["models"].items()}
        trained = Trained(
            plain["version"], datetime.fromisoformat(plain["trained_at"]), plain["source"], models
        )
    except (OSError, DecryptionError, ValueError, KeyError, TypeError, AttributeError):
        return DAMAGED
    return Kept(trained)
