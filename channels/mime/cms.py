"""What an opaque S/MIME signature encloses (RFC 8551 §3.5.2): the content of CMS SignedData (RFC 5652 §5).

Read as BER, since programs that sign while they send know no lengths. No signature is checked.
"""

from __future__ import annotations

SIGNED_DATA = bytes.fromhex("2a864886f70d010702")  # object identifier 1.2.840.113549.1.7.2
DATA = bytes.fromhex("2a864886f70d010701")  # object identifier 1.2.840.113549.1.7.1
INTEGER, OCTETS, OID, SEQUENCE, SET = 0x02, 0x04, 0x06, 0x30, 0x31
OCTETS_IN_PIECES, EXPLICIT = 0x24, 0xA0
LONGEST_LENGTH = 8  # bytes of a length


def signed_content(data: bytes) -> bytes:
    """The signed bytes; empty when there are none, or when the structure is none of this kind or cannot be read."""
    try:
        return _content(data)
    except (ValueError, IndexError):
        return b""


def _content(data: bytes) -> bytes:
    position = _into(data, 0, SEQUENCE)
    position = _past_oid(data, position, SIGNED_DATA)
    position = _into(data, _into(data, position, EXPLICIT), SEQUENCE)
    position = _past_leaf(data, _expect(data, position, INTEGER))
    position = _into(data, _past(data, _expect(data, position, SET)), SEQUENCE)
    position = _past_oid(data, position, DATA)
    return _octets(data, _into(data, position, EXPLICIT))


def _header(data: bytes, position: int) -> tuple[int, int, int]:
    """Tag, length (-1: until the end mark) and where the content begins. Raises ValueError, IndexError."""
    tag, first = data[position], data[position + 1]
    if tag & 0x1F == 0x1F:
        raise ValueError("a tag of several bytes")
    position += 2
    if first == 0x80:
        return tag, -1, position
    if first < 0x80:
        return tag, first, position
    size = first & 0x7F
    if size > LONGEST_LENGTH:
        raise ValueError("a length of too many bytes")
    return tag, int.from_bytes(data[position : position + size], "big"), position + size


def _expect(data: bytes, position: int, tag: int) -> int:
    if data[position] != tag:
        raise ValueError("another structure")
    return position


def _into(data: bytes, position: int, tag: int) -> int:
    """Where the content of this element begins."""
    return _header(data, _expect(data, position, tag))[2]


def _past_leaf(data: bytes, position: int) -> int:
    _tag, length, begin = _header(data, position)
    if length < 0:
        raise ValueError("a value without a length")
    return begin + length


def _past_oid(data: bytes, position: int, wanted: bytes) -> int:
    begin, end = _into(data, position, OID), _past_leaf(data, position)
    if data[begin:end] != wanted:
        raise ValueError("another type")
    return end


def _past(data: bytes, position: int) -> int:
    """Where the next element begins; what has no length ends at its own end mark."""
    opened = 0
    while True:
        tag, length, begin = _header(data, position)
        position = begin + max(length, 0)
        opened += (length < 0) - (tag == 0 and length == 0)
        if opened <= 0:
            return position


def _octets(data: bytes, position: int) -> bytes:
    """An octet string, in one piece or in many; of one that is cut, what is there."""
    tag, length, begin = _header(data, position)
    if tag == OCTETS:
        return data[begin : begin + max(length, 0)]
    _expect(data, position, OCTETS_IN_PIECES)
    pieces: list[bytes] = []
    ends = [begin + length if length >= 0 else len(data)]
    position = begin
    while ends and position < len(data) - 1:
        if position >= ends[-1]:
            ends.pop()
            continue
        tag, length, begin = _header(data, position)
        position = begin
        if tag == OCTETS_IN_PIECES:
            ends.append(begin + length if length >= 0 else len(data))
        elif tag == OCTETS:
            pieces.append(data[begin : begin + max(length, 0)])
            position += max(length, 0)
        elif tag == 0 and length == 0:
            ends.pop()
        else:
            raise ValueError("something else among the pieces")
    return b"".join(pieces)
