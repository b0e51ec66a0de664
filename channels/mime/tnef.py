"""What Outlook packs into winmail.dat (MS-OXTNEF): body and files, as far as they can be read; nothing is raised."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum

from channels.mime.charset import decode, meta_charset
from channels.mime.rtf import decompress, rtf_to_body

SIGNATURE = b"\x78\x9f\x3e\x22"
TYPES = {"application/ms-tnef", "application/vnd.ms-tnef"}
OBJECT, STRING8, UNICODE, BINARY = 0x000D, 0x001E, 0x001F, 0x0102
SIZES = {2: 2, 3: 4, 4: 4, 5: 8, 6: 8, 7: 8, 10: 4, 11: 2, 20: 8, 64: 8, 72: 16}  # bytes by property type
MAX_ATTRIBUTES, MAX_PROPERTIES, MAX_VALUES, MAX_FILES, MAX_DEPTH = 5_000, 5_000, 2_000, 200, 3


class Attribute(IntEnum):
    """Attributes of the stream (§2.1.3.3) that are read."""

    BODY = 0x800C
    FILE_DATA = 0x800F
    FILE_NAME = 0x8010
    FILE_BEGINS = 0x9002
    MESSAGE_PROPERTIES = 0x9003
    FILE_PROPERTIES = 0x9005
    CODE_PAGE = 0x9007


class Property(IntEnum):
    """Properties (MS-OXPROPS) that are read."""

    TEXT = 0x1000
    RTF = 0x1009
    HTML = 0x1013
    DATA = 0x3701
    SHORT_NAME = 0x3704
    LONG_NAME = 0x3707
    MIME_TYPE = 0x370E
    CONTENT_ID = 0x3712


@dataclass(slots=True)
class PackedFile:
    """A file as it was packed; fields may be empty."""

    name: str = ""
    data: bytes = b""
    content_type: str = ""
    content_id: str = ""


@dataclass(slots=True)
class Packed:
    """What was found; ``text`` and ``html`` are empty where the container has no such body."""

    text: str = ""
    html: str = ""
    files: list[PackedFile] = field(default_factory=list)
    defects: list[str] = field(default_factory=list)


def is_tnef(kind: str, data: bytes) -> bool:
    return data.startswith(SIGNATURE) and (kind in TYPES or kind == "application/octet-stream")


def unpack(data: bytes, depth: int = 0) -> Packed:
    """Body and files of a container; a message inside it gives its files too."""
    packed = Packed()
    reader = _Reader(packed, depth)
    try:
        for number, (attribute, value) in enumerate(_attributes(data)):
            if number >= MAX_ATTRIBUTES or len(packed.files) > MAX_FILES:
                packed.defects.append("winmail.dat has more than is read")
                break
            reader.take(attribute, value)
    except (struct.error, ValueError, IndexError):
        packed.defects.append("winmail.dat is damaged")
    packed.files = [file for file in packed.files if file.data or file.name]
    return packed


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    """(identifier, value) of each attribute (§2.1.3.2): level, identifier, type, length, value, checksum."""
    position = 6
    while position + 9 <= len(data):
        level, attribute, _kind, length = struct.unpack_from("<BHHI", data, position)
        if level not in {1, 2}:
            return  # what follows the last attribute is padding
        position += 9
        if position + length > len(data):
            raise ValueError("cut off")
        yield attribute, data[position : position + length]
        position += length + 2


class _Reader:
    def __init__(self, packed: Packed, depth: int) -> None:
        self._packed, self._depth = packed, depth
        self._charset = "cp1252"

    def take(self, attribute: int, value: bytes) -> None:
        files = self._packed.files
        match attribute:
            case Attribute.CODE_PAGE if len(value) >= 4:
                self._charset = f"cp{struct.unpack_from('<I', value)[0]}"
            case Attribute.BODY:
                self._packed.text = self._packed.text or self._words(value)
            case Attribute.MESSAGE_PROPERTIES:
                self._message(value)
            case Attribute.FILE_BEGINS:
                files.append(PackedFile())
            case Attribute.FILE_NAME if files:
                files[-1].name = files[-1].name or self._words(value)
            case Attribute.FILE_DATA if files:
                files[-1].data = value
            case Attribute.FILE_PROPERTIES if files:
                self._file(files[-1], value)

    def _words(self, value: bytes) -> str:
        return decode(value.rstrip(b"\0"), self._charset)[0]

    def _string(self, kind: int, value: bytes) -> str:
        if kind == UNICODE:
            return value.decode("utf-16-le", "replace").rstrip("\0").replace("\0", "")
        return self._words(value)

    def _message(self, value: bytes) -> None:
        packed, rtf = self._packed, b""
        for kind, identifier, content in _properties(value):
            match identifier:
                case Property.TEXT:
                    packed.text = self._string(kind, content) or packed.text
                case Property.HTML:
                    packed.html = (
                        self._string(kind, content) if kind == UNICODE else decode(content, meta_charset(content))[0]
                    )
                case Property.RTF:
                    rtf = decompress(content)
        if rtf and not packed.html:
            text, packed.html = rtf_to_body(rtf)
            packed.text = packed.text or text

    def _file(self, file: PackedFile, value: bytes) -> None:
        found = {identifier: (kind, content) for kind, identifier, content in _properties(value)}
        name = found.get(Property.LONG_NAME) or found.get(Property.SHORT_NAME)
        file.name = (self._string(*name) if name else "") or file.name
        file.content_type = self._string(*found[Property.MIME_TYPE]).lower() if Property.MIME_TYPE in found else ""
        file.content_id = self._string(*found[Property.CONTENT_ID]).strip("<>") if Property.CONTENT_ID in found else ""
        if Property.DATA not in found:
            return
        kind, content = found[Property.DATA]
        if kind == OBJECT and content[16:20] == SIGNATURE:
            self._embedded(file, content[16:])
        else:
            file.data = file.data or content[16 if kind == OBJECT else 0 :]

    def _embedded(self, file: PackedFile, data: bytes) -> None:
        """A message inside: kept as it stands, with its own files behind it."""
        file.data, file.content_type = data, "application/ms-tnef"
        file.name = f"{file.name or 'message'}.dat"
        if self._depth < MAX_DEPTH:
            self._packed.files += unpack(data, self._depth + 1).files


def _properties(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """(type, identifier, first value) of each property of a counted list (§2.1.3.4)."""
    count, position = struct.unpack_from("<I", data)[0], 4
    for _ in range(min(count, MAX_PROPERTIES)):
        kind, identifier = struct.unpack_from("<HH", data, position)
        position += 4
        if identifier >= 0x8000:
            position = _after_name(data, position)
        many, kind = bool(kind & 0x1000), kind & ~0x1000
        values, position = _values(data, position, kind, many)
        if values:
            yield kind, identifier, values[0]


def _after_name(data: bytes, position: int) -> int:
    """A named property has a GUID, then a number or a padded name."""
    named, length = struct.unpack_from("<II", data, position + 16)
    return position + 24 + (_padded(length) if named else 0)


def _values(data: bytes, position: int, kind: int, many: bool) -> tuple[list[bytes], int]:
    counted = many or kind in {OBJECT, STRING8, UNICODE, BINARY}
    count = struct.unpack_from("<I", data, position)[0] if counted else 1
    position += 4 if counted else 0
    if count > MAX_VALUES:
        raise ValueError("too many values")
    values = []
    for _ in range(count):
        if kind in SIZES:
            size, width = SIZES[kind], max(4, SIZES[kind])
        else:
            size = struct.unpack_from("<I", data, position)[0]
            width, position = _padded(size), position + 4
        if position + size > len(data):
            raise ValueError("cut off")
        values.append(data[position : position + size])
        position += width
    return values, position


def _padded(size: int) -> int:
    return size + -size % 4
