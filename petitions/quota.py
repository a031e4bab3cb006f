"""How much one request may send: more would only fill the disk before it is refused."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler


class UploadQuota(FileUploadHandler):
    """Refuses by the announced length, before anything is read; stores nothing itself."""

    def handle_raw_input(
        self, input_data: Any, META: Any, content_length: int, boundary: Any, encoding: Any = None
    ) -> None:
        """RequestDataTooBig, which pages show as 400 and the API as 413."""
        if content_length > settings.UPLOAD_MOST_BYTES:
            raise RequestDataTooBig("The request sends more than may be sent at once.")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """On to the handlers behind this one."""
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """The handlers behind this one have the file."""
