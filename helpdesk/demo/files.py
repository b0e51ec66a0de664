"""The small pictures and documents that the demo's customers attach, made here so that none need be kept."""

from __future__ import annotations

import struct
import zlib

WIDTH, HEIGHT = 240, 160


def picture(seed: int) -> bytes:
    """A PNG that passes for a photograph from afar: soft light over a coloured thing, different for each seed."""
    base = [(seed * step) % 160 + 60 for step in (37, 71, 113)]
    rows = bytearray()
    for y in range(HEIGHT):
        rows.append(0)
        for x in range(WIDTH):
            near = (x - WIDTH * 0.45) ** 2 / 5_500 + (y - HEIGHT * 0.55) ** 2 / 2_250 < 1
            light = 255 - (x + 2 * y) * 90 // (WIDTH + 2 * HEIGHT)
            rows += bytes(colour * light // 255 if near else 232 * light // 255 for colour in base)
    head = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(bytes(rows), 6)) + _chunk(b"IEND", b"")
    )


def document(title: str) -> bytes:
    """A PDF of one page with one line (PDF 1.4, Helvetica; letters outside Latin-1 become question marks)."""
    line = title.encode("latin-1", "replace").replace(b"\\", b"").replace(b"(", b"[").replace(b")", b"]")
    content = b"BT /F1 18 Tf 72 770 Td (" + line + b") Tj ET"
    parts = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(content), content),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
    )
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, part in enumerate(parts, 1):
        places.append(len(out))
        out += b"%d 0 obj%s\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"xref\n0 6\n0000000000 65535 f \n%strailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (table, len(out))
    return bytes(out) + end


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
