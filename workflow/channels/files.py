"""Files for an intranet that fetches its messages itself (`FILE_CHANNEL=1`)."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from datetime import datetime

from django.conf import settings

from workflow.channels.base import ChannelError, Outward
from workflow.messages import Message


class FileChannel(Outward):
    """One file for each delivery, named by its id and whole from the first moment it is there.

    A second hand-over writes the same file again. Whoever fetches them removes them.
    """

    def post(self, message: Message, now: datetime) -> None:
        """`DATA_DIR/outbox/ID.json`."""
        folder = settings.OUTBOX_DIR
        begun = folder / f".{message.key}.{os.getpid()}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with begun.open("w", encoding="utf-8") as file:
                json.dump(asdict(message), file, ensure_ascii=False)
                file.flush()
                os.fsync(file.fileno())
            begun.replace(folder / f"{message.key}.json")
        except OSError as full:
            raise ChannelError(f"file: {type(full).__name__}") from full
