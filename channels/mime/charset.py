"""Bytes of a mail to text: the declared charset where it is true, the likely one where it lies or is missing."""

from __future__ import annotations

import codecs
import contextlib
import re
from functools import lru_cache

# What mail programs write, and the codec that reads it (WHATWG Encoding Standard where it differs from the name).
ALIASES = {
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "iso-8859-9": "cp1254",
    "iso8859-9": "cp1254",
    "latin5": "cp1254",
    "iso-8859-8-i": "iso8859-8",
    "iso-8859-8-e": "iso8859-8",
    "iso-8859-6-i": "iso8859-6",
    "x-sjis": "cp932",
    "shift_jis": "cp932",
    "windows-31j": "cp932",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601": "cp949",
    "euc-kr": "cp949",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "x-mac-turkish": "mac_turkish",
    "macintosh": "mac_roman",
    "x-mac-roman": "mac_roman",
    "utf8mb4": "utf-8",
    "unicode-1-1-utf-7": "utf-7",
    "unicode-1-1-utf-8": "utf-8",
    "x-unicode-2-0-utf-8": "utf-8",
    "cp-850": "cp850",
    "windows-874": "cp874",
    "tis-620": "cp874",
    "ascii": "us-ascii",
    "ansi_x3.4-1968": "us-ascii",
}
NOT_TEXT = {"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "mbcs", "oem"}
TURKISH_AS_LATIN = frozenset("ýþðÝÞÐ")
WESTERN = frozenset("àáâãäåæçèéêëìíîïñòóôõöøùúûüÿœßÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜŒ’‘“”–—…•€«»°©®´·ªº¿¡ \xa0")
CENTRAL = frozenset("ąćęłńóśźżáčďéěíňřšťúůýžäöüőűôâăîșțşţđßĄĆĘŁŃÓŚŹŻÁČĎÉĚÍŇŘŠŤÚŮÝŽÄÖÜŐŰÔÂĂÎŞŢĐ’‘“”„–—…•€«»°§ \xa0")
KANA = re.compile("[\u3040-\u30ff]")
NOT_TURKISH = frozenset("áéíóúæãõèìòùñåøÁÉÍÓÚÆÃÕÈÌÒÙÑÅØ")
TURKISH = frozenset("çğıöşüâîûÇĞİÖŞÜÂÎÛ’‘“”–—…•€₺«»°©®´·\xa0")
# What statistics may choose from: mail in anything else names its charset, or is beyond guessing.
LIKELY = [
    *("cp1251", "koi8_r", "cp1250", "cp1253", "cp1254", "cp1255", "cp1256", "cp1252"),
    *("gb18030", "big5", "cp932", "euc_jp", "cp949"),
]
RUN = re.compile(rb"[\x80-\xff]+")
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
SAMPLE = 32_768
ENOUGH = 20  # 8-bit bytes on which statistics can say something
BYTE_ORDER_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
META = re.compile(rb"<meta\b[^>]{0,300}?charset\s*=(?:3D)?[\s\"']*([a-z0-9_:.-]{1,40})", re.IGNORECASE)
XML = re.compile(rb"\s*<\?xml[^>]{0,100}encoding=[\"']([a-z0-9_:.-]{1,40})", re.IGNORECASE)
WHERE_META_STANDS = 4_096


def decode(data: bytes, charset: str | None) -> tuple[str, str]:
    """Text of ``data`` and a defect, empty when the declared charset told the truth. Never raises."""
    text, defect = _decode(data, (charset or "").strip().strip("\"'").lower())
    harmless = "\x00" not in text and text.isascii()  # a hundred times faster than the pattern
    text = text.removeprefix("\ufeff")
    return (text if harmless else UNSTORABLE.sub("\ufffd", text)), defect


def _decode(data: bytes, charset: str) -> tuple[str, str]:
    codec = codec_of(charset)
    if data.isascii() and codec not in {"utf-7", "iso2022_jp", "hz", "iso2022_kr", "utf-16-be", "utf-16-le"}:
        return data.decode("ascii"), "" if codec or not charset else f"unknown charset {charset}"
    if codec in {None, "ascii"}:
        return guess(data), f"8-bit text without a usable charset ({charset or 'none'})"
    if codec != "utf-8" and not data.isascii() and _is_utf8(data):
        return data.decode("utf-8"), f"utf-8 labelled as {charset}"
    try:
        return _turkish_if_mislabelled(data, data.decode(codec), codec), ""
    except (UnicodeError, ValueError):
        return _damaged(data, codec), f"bytes that are not {charset}"


def meta_charset(html: bytes) -> str:
    """The charset that a document names in its own head, an empty string where it names none."""
    head = html[:WHERE_META_STANDS]
    found = META.search(head) or XML.match(head)
    return found[1].decode("ascii").lower() if found else ""


@lru_cache(maxsize=512)
def codec_of(charset: str) -> str | None:
    """Python's name of the codec for a declared charset, None when there is none that makes text."""
    name = ALIASES.get(charset.replace("cs", "", 1) if charset.startswith("cs") else charset, charset)
    try:
        info = codecs.lookup(name)
    except (LookupError, ValueError):
        return None
    is_text = getattr(info, "_is_text_encoding", True) and info.name not in NOT_TEXT
    return info.name if is_text else None


def guess(data: bytes) -> str:
    """The likeliest reading of 8-bit bytes that nothing reliable is said about: UTF-8, Turkish, then statistics."""
    for mark, codec in BYTE_ORDER_MARKS.items():
        if data.startswith(mark):
            return data.decode(codec, "replace")
    if _is_utf8(data):
        return data.decode("utf-8")
    if _mostly_utf8(data):
        return data.decode("utf-8", "replace")
    codec = _by_letters(data)
    if not codec and (mixed := _line_by_line(data)):
        return mixed
    return data.decode(codec or _by_statistics(data) or "cp1252", "replace")


def _by_letters(data: bytes) -> str:
    """A charset in which every 8-bit letter of the text belongs to languages that are written with it."""
    high = b"".join(RUN.findall(data[:SAMPLE]))
    if set(high.decode("cp1254", "replace")) <= TURKISH:
        return "cp1254"
    if _is_western(data):
        return "cp1252"
    for codec in ("cp1250", "iso8859-2"):
        if set(high.decode(codec, "replace")) <= CENTRAL:
            return codec
    return ""


def _is_western(data: bytes) -> bool:
    """Letters of western Europe that stand alone between others, as no other alphabet's do."""
    runs = RUN.findall(data[:SAMPLE])
    alone = sum(len(run) == 1 for run in runs)
    return alone * 10 >= len(runs) * 8 and set(b"".join(runs).decode("cp1252", "replace")) <= WESTERN


def _line_by_line(data: bytes) -> str:
    """Lines of several charsets put together by a list or a gateway; empty when it is not that."""
    lines = data.splitlines(keepends=True)
    other = [line for line in lines if not line.isascii() and not _is_utf8(line)]
    if len(other) == len([line for line in lines if not line.isascii()]):
        return ""
    codec = _by_letters(b"".join(other)) or "cp1252"
    return "".join(line.decode("utf-8") if _is_utf8(line) else line.decode(codec, "replace") for line in lines)


def _by_statistics(data: bytes) -> str | None:
    lines = b"\n".join(line for line in data.splitlines() if not line.isascii())[:SAMPLE]
    if sum(map(len, RUN.findall(lines))) < ENOUGH:
        return None
    for codec in ("cp932", "euc_jp"):
        text = lines.decode(codec, "replace")
        if len(KANA.findall(text)) * 4 > len(text) and "\ufffd" not in text[:-2]:
            return codec
    from charset_normalizer import from_bytes  # costs 20 ms to import, and is needed for few mails

    best = from_bytes(lines, cp_isolation=LIKELY).best()
    return best.encoding if best else None


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return b"\x1b" not in data


def _mostly_utf8(data: bytes) -> bool:
    """UTF-8 with some damage, or cut off within its last character."""
    with contextlib.suppress(UnicodeDecodeError):
        return not codecs.utf_8_decode(data, "strict", False)[0].isascii()
    text = data.decode("utf-8", "replace")
    return sum(letter > "\x7f" and letter != "\ufffd" for letter in text) > 4 * text.count("\ufffd")


def _turkish_if_mislabelled(data: bytes, text: str, codec: str) -> str:
    """Turkish mail labelled iso-8859-1 has ý þ ð for ı ş ğ; Icelandic has those too, but never without á é í ó ú æ."""
    if codec != "cp1252":
        return text
    letters = set(text)
    return data.decode("cp1254") if letters & TURKISH_AS_LATIN and not letters & NOT_TURKISH else text


def _damaged(data: bytes, codec: str) -> str:
    if codec == "utf-8" and not _mostly_utf8(data):
        return guess(data)
    return data.decode(codec, "replace")
