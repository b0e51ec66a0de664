"""Bounces: delivery status notifications (RFC 3464), and the many that are not (flufl.bounce as second opinion)."""

from __future__ import annotations

import email
import logging
import re
from email.message import Message
from email.utils import getaddresses

from channels.base import Address, Bounce
from channels.mail_automatic import null_return_path
from channels.mime_addresses import clean_address
from channels.mime_headers import Headers, message_ids, read_headers
from channels.mime_tree import MESSAGE_TYPES, Part

STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
REPLY_CODE = re.compile(r"\b([45])\d\d[ -]")
DAEMON = re.compile(
    r"^(?:mailer-?daemon|postmaster|mail-?daemon|mdaemon|postoffice|bounces?|mailadmin|daemon)", re.IGNORECASE
)
SUBJECT = re.compile(
    r"undeliver|returned? (?:mail|to sender)|deliver(?:y|ed)|failure notice|nondeliver|non[- ]remis|"
    r"unzustellbar|bounce|"
    r"iletilemedi|teslim edilemedi|не доставлен|mail (?:system )?error|user unknown|mail failure|message status|dsn",
    re.IGNORECASE,
)
ANSWER = re.compile(r"\s*(?:re|ynt|yan|aw|sv|antw|odp|rv|rif)\s?:", re.IGNORECASE)
FORWARD = re.compile(r"\s*(?:fwd?|i̇?lt|wg|tr|enc|i|doorst)\s?:", re.IGNORECASE)
SYSTEM_NAME = re.compile(
    r"mail (?:delivery|system|administrator|router)|daemon|postmaster|delivery subsystem", re.IGNORECASE
)
RETURNED_ID = re.compile(rb"^Message-ID:[ \t]*(?:\r?\n[ \t]+)?([^\r\n]+)", re.IGNORECASE | re.MULTILINE)
logging.getLogger("flufl.bounce").disabled = True  # what it would log is named in the defects
MAX_LOOKED_AT = 200_000


def read_bounce(raw: bytes, root: Part, sender: Address, subject: str) -> Bounce | None:
    """Failed and delayed recipients of a report, or None when this mail is none."""
    recipients = _from_status(root)
    if not recipients and _suspicious(root, sender, subject):
        recipients = _second_opinion(raw, root)
    if not recipients:
        return None
    return Bounce(tuple(recipients), _original_id(raw, root))


def _from_status(root: Part) -> list[tuple[str, str, bool]]:
    found: dict[str, tuple[str, str, bool]] = {}
    for part in root.walk():
        if part.kind not in {"message/delivery-status", "message/global-delivery-status"}:
            continue
        data = part.data()
        position = 0
        while position < len(data):
            fields, after, _defects = read_headers(data, position, len(data))
            position = max(after, position + 1)
            if recipient := _recipient(fields):
                found.setdefault(recipient[0].lower(), recipient)
    return list(found.values())


def _recipient(fields: Headers) -> tuple[str, str, bool] | None:
    """(address, status, permanent) of one recipient's group of fields; None unless it failed or is delayed."""
    action = fields.first("action").lower()
    status = STATUS.search(fields.first("status"))
    code = status[0] if status else ""
    failed = action.startswith(("fail", "error")) or (not action and code[:1] == "5")
    delayed = action.startswith("delay") or (not action and code[:1] == "4")
    address = _first_address(fields)
    if not address or not (failed or delayed):
        return None
    return address, code or _status_in(fields.first("diagnostic-code"), failed), failed


def _first_address(fields: Headers) -> str:
    """The address that we wrote to; the final one, after aliases, only when the original is not told."""
    for name in ("original-recipient", "final-recipient", "x-actual-recipient"):
        value = fields.first(name)
        address = clean_address(value.rpartition(";")[2].partition("(")[0])
        if "@" in address and ".." not in address:
            return address
    return ""


def _status_in(text: str, failed: bool) -> str:
    if match := STATUS.search(text):
        return match[0]
    reply = REPLY_CODE.search(text + " ")
    return f"{reply[1]}.0.0" if reply else ("5.0.0" if failed else "4.0.0")


def _suspicious(root: Part, sender: Address, subject: str) -> bool:
    """Only what a machine may have sent is searched for a bounce: a person may quote one."""
    headers = root.headers
    return (
        root.kind == "multipart/report"
        or "x-failed-recipients" in headers
        or null_return_path(headers)
        or bool(DAEMON.match(sender.address.partition("@")[0]))
        or bool(SYSTEM_NAME.search(sender.name))
        or (bool(SUBJECT.search(subject)) and not _answers(headers, subject))
    )


def _answers(headers: Headers, subject: str) -> bool:
    """A person answers or forwards a bounce; some servers put "RE:" before a bounce's subject, but answer to nothing."""
    if ANSWER.match(subject):
        return "in-reply-to" in headers or "references" in headers
    return bool(FORWARD.match(subject))


def _second_opinion(raw: bytes, root: Part) -> list[tuple[str, str, bool]]:
    from flufl.bounce import all_failures  # needed for few mails

    try:
        temporary, permanent = all_failures(_for_detectors(raw))
    except Exception as error:  # the detectors were written for genuine bounces; on hostile bytes they raise anything
        root.defects.append(f"the search for a bounce failed: {type(error).__name__}")
        return []
    text = raw[:MAX_LOOKED_AT].decode("ascii", "replace")
    failed = _readable(permanent)
    delayed = _readable(temporary - permanent)
    return [(one, _status_near(text, one, True), True) for one in failed] + [(one, "4.0.0", False) for one in delayed]


def _readable(addresses: set[bytes]) -> list[str]:
    found = sorted(address.decode("ascii", "replace") for address in addresses)
    return [address for address in found if "@" in address and ".." not in address]


def _for_detectors(raw: bytes) -> Message:
    """The mail as the standard library reads it, with a sender, which some detectors take for granted."""
    message = email.message_from_string(raw[:MAX_LOOKED_AT].decode("ascii", "replace"))
    if not getaddresses([str(message.get("from", ""))]):
        del message["from"]
        message["From"] = "unknown@invalid"
    return message


def _status_near(text: str, address: str, failed: bool) -> str:
    start = max(text.find(address), 0)
    return _status_in(text[start : start + 1_000], failed)


def _original_id(raw: bytes, root: Part) -> str:
    """The Message-ID of the mail that came back, from its returned copy or headers, wherever they stand."""
    for part in root.walk():
        if part.kind in MESSAGE_TYPES or part.kind in {"text/rfc822-headers", "message/rfc822-headers"}:
            data = part.data()
            fields, _body, _defects = read_headers(data, 0, len(data))
            if ids := message_ids(fields.all("message-id")):
                return ids[0]
    own = set(message_ids(root.headers.all("message-id")))
    for match in RETURNED_ID.finditer(raw[:MAX_LOOKED_AT]):
        ids = message_ids([match[1].decode("ascii", "replace")])
        if ids and ids[0] not in own:
            return ids[0]
    return ""
