"""Compressed RTF (MS-OXRTFCP) and what it says: the HTML inside it (MS-OXRTFEX), else its words."""

from __future__ import annotations

import re

from channels.mime.charset import decode

DICTIONARY = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans Serif"
    rb"SymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0" b"\r\n"
    rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)  # fmt: skip
WINDOW = 4_096
COMPRESSED, PLAIN = b"LZFu", b"MELA"
MAX_INPUT, MAX_OUTPUT = 300_000, 1_500_000
TOKEN = re.compile(rb"\\'([0-9a-fA-F]{2})|\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\([^a-zA-Z])|([{}])|[\r\n]+|([^\\{}\r\n]+)")
UNSEEN = {
    *("fonttbl", "colortbl", "stylesheet", "info", "pict", "object", "themedata", "datastore", "listtable", "filetbl"),
    *("listoverridetable", "rsidtbl", "generator", "header", "footer", "fldinst", "xmlnstbl", "latentstyles", "pntext"),
}
WORDS = {"par": "\n", "line": "\n", "tab": "\t", "row": "\n", "cell": "\t", "emdash": "—", "endash": "–", "bullet": "•"}
WORDS |= {"lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”"}
MAX_DEPTH = 500


def decompress(data: bytes) -> bytes:
    """RTF out of PidTagRtfCompressed, as far as it goes; empty when it is none."""
    kind, body = data[8:12], data[16:MAX_INPUT]
    if kind == PLAIN:
        return body
    return _unpacked(body) if kind == COMPRESSED else b""


def _unpacked(body: bytes) -> bytes:
    """MS-OXRTFCP §2.2: runs of eight flags, each for a literal byte or for two bytes that point into the window."""
    window = bytearray(DICTIONARY.ljust(WINDOW, b"\0"))
    write, position = len(DICTIONARY), 0
    out = bytearray()
    while position < len(body) and len(out) < MAX_OUTPUT:
        flags = body[position]
        position += 1
        for bit in range(8):
            if position >= len(body):
                break
            if flags >> bit & 1:
                pair = int.from_bytes(body[position : position + 2], "big")
                position += 2
                if pair >> 4 == write:  # a reference to the place of writing ends it
                    return bytes(out)
                run = [(pair >> 4) + step for step in range((pair & 15) + 2)]
            else:
                window[write] = body[position]
                position += 1
                run = [write]
            for place in run:
                window[write] = window[place % WINDOW]
                out.append(window[write])
                write = (write + 1) % WINDOW
    return bytes(out)


def rtf_to_body(rtf: bytes) -> tuple[str, str]:
    """(text, html) of an RTF document: HTML where one was wrapped in it, else its words."""
    is_html = rb"\fromhtml" in rtf[:1_000]
    said = _Speaker(is_html).read(rtf[:MAX_OUTPUT].rstrip(b"\0"))
    return ("", said) if is_html else (said.strip("\n"), "")


class _Speaker:
    """Follows groups: ``unseen`` what is not for reading, ``raw`` the tags that wrapped HTML keeps aside."""

    def __init__(self, is_html: bool) -> None:
        self._is_html = is_html
        self._stack: list[tuple[bool, int]] = []
        self._unseen, self._skip = False, 1  # \uN is followed by so many characters for readers without Unicode
        self._off = False  # \htmlrtf: what follows is for RTF readers only
        self._owed = 0
        self._charset = "cp1252"
        self._star = False
        self._out: list[str] = []
        self._pending = b""  # a character may be several \\'xx

    def read(self, rtf: bytes) -> str:
        for token in TOKEN.finditer(rtf):
            code, word, number, symbol, brace, text = token.groups()
            if brace:
                self._brace(brace)
            elif word:
                self._word(word.decode("ascii"), int(number) if number else None)
            elif symbol:
                self._symbol(symbol)
            elif code:
                self._bytes(bytes.fromhex(code.decode("ascii")))
            elif text:
                self._bytes(text)
            if word or text:
                self._star = False
        self._flush()
        return "".join(self._out).encode("utf-16", "surrogatepass").decode("utf-16", "replace")

    def _brace(self, brace: bytes) -> None:
        if brace == b"{":
            if len(self._stack) < MAX_DEPTH:
                self._stack.append((self._unseen, self._skip))
        elif self._stack:
            self._unseen, self._skip = self._stack.pop()
        self._star = False

    def _word(self, word: str, number: int | None) -> None:
        if self._star and word not in {"htmltag", "mhtmltag"}:
            self._unseen = True
        elif word == "htmltag":
            self._unseen = not self._is_html
        elif word in UNSEEN or word == "mhtmltag":
            self._unseen = True
        elif word == "htmlrtf":
            self._off = number != 0
        elif word == "ansicpg" and number:
            self._charset = f"cp{number}" if number != 65001 else "utf-8"
        elif word == "uc" and number is not None:
            self._skip = min(max(number, 0), 8)
        elif word == "u" and number is not None:
            self._say(chr(number & 0xFFFF))
            self._owed = self._skip
        elif word in WORDS:
            self._say(WORDS[word])

    def _symbol(self, symbol: bytes) -> None:
        if symbol == b"*":
            self._star = True
        elif symbol == b"~":
            self._say("\xa0")
        elif symbol in b"\\{}":
            self._say(symbol.decode("ascii"))
        elif symbol in b"\r\n":
            self._say("\n")

    def _bytes(self, data: bytes) -> None:
        owed, self._owed = self._owed, max(0, self._owed - len(data))
        if not (self._unseen or self._off):
            self._pending += data[owed:]

    def _flush(self) -> None:
        if self._pending:
            self._out.append(decode(self._pending, self._charset)[0])
            self._pending = b""

    def _say(self, text: str) -> None:
        self._flush()
        if not (self._unseen or self._off):
            self._out.append(text)
