"""Bytes of files, read from the database piece by piece: a file of 100 MB costs a reader one piece of memory."""

from __future__ import annotations

import io
from typing import IO, cast

from sqlalchemy import func, select
from werkzeug.wsgi import FileWrapper

from helpdesk.extensions import db
from helpdesk.tickets.models import Blob

PIECE = 1_000_000


def pieces(reader: BlobReader) -> FileWrapper:
    """The rest of a blob as the body of a response, of which a range may be sent."""
    return FileWrapper(cast("IO[bytes]", reader), PIECE)


class BlobReader(io.RawIOBase):
    """A blob as a file that can be read and sought. Holds no connection between two reads."""

    def __init__(self, sha256: bytes, size: int) -> None:
        self._sha256, self._size, self._at = sha256, size, 0
        self._engine = db.engine  # read after the request's context is gone

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = max(0, offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence])
        return self._at

    def tell(self) -> int:
        return self._at

    def read(self, size: int | None = -1) -> bytes:
        left = max(0, self._size - self._at)
        wanted = left if size is None or size < 0 else min(size, left)
        if not wanted:
            return b""
        piece = select(func.substring(Blob.data, self._at + 1, wanted)).where(Blob.sha256 == self._sha256)
        with self._engine.connect() as connection:
            data = bytes(connection.scalar(piece) or b"")
        self._at += len(data)
        return data
