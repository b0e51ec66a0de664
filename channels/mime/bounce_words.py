"""Bounces that follow no standard and that no detector knows: an address beside the words for "not delivered"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from channels.html.text import html_to_text
from channels.mime.charset import decode
from channels.mime.report import status_in
from channels.mime.tree import Part

MAX_TEXT = 20_000
BEFORE, AFTER = 300, 600
MAX_RECIPIENTS = 20
NOT_DELIVERED = re.compile(
    r"(?:could|can|was|were|has|have)(?: ?not|n[’']t)(?: be| been)? (?:delivered|sent)|undeliver(?:able|ed)|"
    r"delivery (?:has )?failed|(?:is )?not a (?:valid|known) (?:user|address|recipient)|"
    r"(?:no such|unknown) (?:user|recipient)|"
    r"(?:user|recipient|mailbox|address) (?:is )?(?:unknown|not found)|"
    r"(?:iletile|ulaştırıla|teslim edile|gönderile)m(?:edi|iyor|emiştir|emektedir|ez)|ulaşmadı|"
    r"(?:nicht|konnten? nicht) (?:zugestellt|übermittelt)|unzustellbar|n[’']a pas pu [eê]tre|"
    r"n[’']a pas été (?:remis|délivré|distribué)|"
    r"no (?:se )?(?:ha podido|pudo|fue) (?:ser )?entrega|non (?:è stato|è stata|può essere).{0,20}(?:recapitat|"
    r"consegnat)|"
    r"n[ãa]o (?:p[ôo]de|foi) (?:ser )?(?:entregue|possível)|kon(?:den)? niet worden (?:afgeleverd|bezorgd)|"
    r"nie (?:mogła|została) (?:zostać )?dostarczon|не (?:удалось доставить|доставлено|может быть доставлено)|"
    r"تعذر (?:تسليم|توصيل)",
    re.IGNORECASE,
)
STILL_TRYING = re.compile(
    r"(?:has been|is|was) delayed|will (?:be )?(?:retr|try again|keep trying)|still being retried|"
    r"not yet been delivered|"
    r"(?:gecik(?:ti|me|miş)|geciktiril)|(?:tekrar|yeniden) denen|verzögert|retardé|retrasad|ritardat|atrasad|"
    r"vertraagd|opóźnion|задержан",
    re.IGNORECASE,
)
RETURNED = re.compile(r"^(?:Received|Return-Path|From|Message-ID)\s*:|^-{3,}", re.IGNORECASE | re.MULTILINE)
ADDRESS = re.compile(r"(?<![\w.+/-])[\w.+=!#$%&'*/?^{}~-]{1,64}@(?:[\w-]{1,63}\.){1,8}[a-zA-Z]{2,24}(?![\w@])")


def failed_by_words(root: Part, own: set[str]) -> list[tuple[str, str, bool]]:
    """(address, status, permanent) of the addresses near the words; ``own`` are those of the report itself."""
    found: dict[str, tuple[str, str, bool]] = {}
    for text in _texts(root):
        match = NOT_DELIVERED.search(text) or STILL_TRYING.search(text)
        if match is None:
            continue
        near = (
            text[max(0, match.start() - BEFORE) : match.end()] + RETURNED.split(text[match.end() : match.end() + AFTER])[0]
        )
        delayed = bool(STILL_TRYING.search(near))
        for address in ADDRESS.findall(near)[:MAX_RECIPIENTS]:
            if address.lower() not in own and ".." not in address:
                status = status_in(near, "delayed" if delayed else "failed")
                found.setdefault(address.lower(), (address, status, not delayed and status[:1] != "4"))
        if found:
            break
    return list(found.values())


def still_trying(root: Part, subject: str) -> bool:
    """Whether a report is a warning: the server has not given up."""
    return any(STILL_TRYING.search(text) for text in (subject, *_texts(root)))


def _texts(root: Part) -> Iterator[str]:
    for part in root.walk():
        if part.kind in {"text/plain", "text/html"} and part.disposition != "attachment":
            text, _defect = decode(part.data()[: MAX_TEXT * 4], part.parameters.get("charset"))
            yield (html_to_text(text) if part.kind == "text/html" else text)[:MAX_TEXT]
