"""Who wrote what a mail only passes on: from the header block that mail programs put above a forwarded text."""

from __future__ import annotations

import re

from channels.html.text import html_to_text
from channels.messages import Address, IncomingMessage
from channels.mime.addresses import read_addresses
from channels.mime.headers import read_headers

SUBJECT = re.compile(
    r"^\s*(?:\[[^\]]{1,40}\]\s*)?(?:fwd?|fw|i̇?lt|ilt|wg|tr|rv|enc|i|doorst|pd|ynl|пересл)\s*:", re.IGNORECASE
)
MARKER = re.compile(
    r"^[>\s*_]*(?:-{2,}\s*)?(?:begin forwarded message|forwarded message|original message|yönlendirilmiş (?:mesaj|ileti)|"
    r"iletilmiş (?:mesaj|ileti)|iletilen (?:mesaj|ileti)(?: başlangıcı)?|(?:özgün|orijinal) (?:ileti|mesaj)|"
    r"weitergeleitete nachricht|(?:anfang der )?weitergeleitete[nr]? (?:nachricht|e-mail)|ursprüngliche nachricht|"
    r"message transféré|début du message (?:transféré|réexpédié)|message d'origine|mensaje reenviado|mensaje original|"
    r"inizio messaggio inoltrato|messaggio (?:inoltrato|originale)|mensagem (?:encaminhada|original)|"
    r"doorgestuurd bericht|oorspronkelijk bericht|przekazana wiadomość|пересылаемое сообщение|"
    r"исходное сообщение|رسالة (?:معاد توجيهها|محولة))\s*:?\s*(?:-{2,})?\s*$",
    re.IGNORECASE,
)
FROM = re.compile(r"^[>\s]*\*?(?:from|kimden|gönderen|von|de|da|van|od|от|от кого|من)\*?\s*:\s*\*?\s*(\S.*)$", re.IGNORECASE)
FIELD = re.compile(
    r"^[>\s]*\*?(?:to|date|sent|subject|cc|kime|tarih|gönderilme|gönderme tarihi|konu|bilgi|an|datum|gesendet|betreff|à|"
    r"date|envoyé|objet|para|fecha|enviado|asunto|a|data|inviato|oggetto|assunto|aan|verzonden|onderwerp|do|wysłano|temat|"
    r"кому|дата|тема|إلى|التاريخ|الموضوع)(?: el)?\*?\s*:",
    re.IGNORECASE,
)
MAILTO = re.compile(r"\[(?:mailto:)?\s*([^\s\[\]]+@[^\s\[\]]+)\]|<mailto:([^<>\s]+)>", re.IGNORECASE)
MAX_CHARS, MAX_LINES, BLOCK = 100_000, 400, 8


def forwarded_from(message: IncomingMessage) -> Address | None:
    """The writer of the mail that this one forwards; None when it forwards none, or does not say whose."""
    declared = bool(SUBJECT.match(message.subject))
    if declared and (found := _attached(message)) is not None:
        return found
    text = message.text or (html_to_text(message.html[:MAX_CHARS]) if declared else "")
    lines = text[:MAX_CHARS].split("\n")[:MAX_LINES]
    starts = [number for number, line in enumerate(lines) if len(line) < 200 and MARKER.match(line)]
    if not starts and not declared:
        return None
    if not declared and message.in_reply_to:
        return None  # an answer above a quoted original is no forward
    return _in_block(lines[starts[0] + 1 :] if starts else lines)


def _attached(message: IncomingMessage) -> Address | None:
    mails = [file for file in message.attachments if file.content_type == "message/rfc822"]
    if len(mails) != 1:
        return None
    headers, _body, _defects = read_headers(mails[0].data, 0, len(mails[0].data))
    return next(iter(read_addresses(headers.all("from"))), None)


def _in_block(lines: list[str]) -> Address | None:
    """The address of the first From line that stands among other fields of a header."""
    for number, line in enumerate(lines):
        found = FROM.match(line[:1_000])
        if found is None or not any(FIELD.match(one) for one in lines[number + 1 : number + BLOCK]):
            continue
        return next((one for one in read_addresses([_plain(found[1])]) if "@" in one.address), None)
    return None


def _plain(value: str) -> str:
    """``Name [mailto:a@b]`` and ``"Name" <a@b<mailto:a@b>>`` as other programs write them."""
    value = value.replace("*", "").strip()
    mailto = MAILTO.search(value)
    if mailto is None:
        return value
    address = mailto[1] or mailto[2]
    name = value[: mailto.start()].partition("<")[0].strip(' "')
    return f'"{name}" <{address}>' if name else address
