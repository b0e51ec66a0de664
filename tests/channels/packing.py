"""Writes what the reader of winmail.dat reads: just enough of MS-OXTNEF."""

from __future__ import annotations

import struct

TEXT, UNICODE, BINARY = 0x001E, 0x001F, 0x0102


def winmail(*attributes: tuple[int, bytes]) -> bytes:
    """A container of (identifier, value) attributes; identifiers from 0x9000 and below 0x8020 decide their level."""
    stream = b"\x78\x9f\x3e\x22\x01\x00"
    for identifier, value in attributes:
        level = 2 if identifier in {0x9002, 0x9005, 0x800F, 0x8010} else 1
        stream += struct.pack("<BHHI", level, identifier, 6, len(value)) + value + struct.pack("<H", sum(value) & 0xFFFF)
    return stream


def properties(*found: tuple[int, int, bytes]) -> bytes:
    """A counted list of (identifier, type, value) properties."""
    packed = struct.pack("<I", len(found))
    for identifier, kind, value in found:
        packed += struct.pack("<HHII", kind, identifier, 1, len(value)) + value + b"\0" * (-len(value) % 4)
    return packed


def packed_file(name: str, data: bytes) -> list[tuple[int, bytes]]:
    """The attributes of one file, its long name in Unicode as Outlook writes it."""
    long_name = properties((0x3707, UNICODE, (name + "\0").encode("utf-16-le")))
    return [(0x9002, b"\0" * 14), (0x8010, b"KISA~1.TXT\0"), (0x800F, data), (0x9005, long_name)]


def plain_rtf(rtf: bytes) -> bytes:
    """RTF in the container's uncompressed form (MS-OXRTFCP §2.1.3.1.1)."""
    return struct.pack("<II4sI", len(rtf) + 12, len(rtf), b"MELA", 0) + rtf
