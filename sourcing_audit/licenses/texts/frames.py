"""Messages between processes: JSON behind its length."""

from __future__ import annotations

import json
import struct
from typing import IO, Any

_LENGTH = struct.Struct("!I")


def write(stream: IO[bytes], message: dict[str, Any]) -> None:
    """Send a message at once.

    Raises:
        OSError: nobody reads any more.

    """
    body = json.dumps(message).encode("ascii")
    stream.write(_LENGTH.pack(len(body)) + body)
    stream.flush()


def read(stream: IO[bytes]) -> dict[str, Any] | None:
    """The next message; None where there will be none, or only a part of one arrived."""
    head = _exactly(stream, _LENGTH.size)
    if head is None:
        return None
    body = _exactly(stream, _LENGTH.unpack(head)[0])
    if body is None:
        return None
    message: dict[str, Any] = json.loads(body)
    return message


def _exactly(stream: IO[bytes], length: int) -> bytes | None:
    """So many bytes, however few come at a time; None if the stream ends before."""
    pieces = []
    while length:
        piece = stream.read(length)
        if not piece:
            return None
        pieces.append(piece)
        length -= len(piece)
    return b"".join(pieces)
