"""Bounces: delivery status notifications (RFC 3464), and the many that are not (flufl.bounce as second opinion)."""

from __future__ import annotations

import email
import logging
import re
from collections.abc import Set
from email.message import Message
from email.utils import getaddresses

from channels.messages import Address, Bounce, DeliveryUpdate
from channels.mime.addresses import read_addresses
from channels.mime.automatic import null_return_path
from channels.mime.bounce_words import failed_by_words, still_trying
from channels.mime.headers import Headers, message_ids, read_headers
from channels.mime.report import envelope_id, read_report, status_in
from channels.mime.tree import MESSAGE_TYPES, Part

DAEMON = re.compile(
    r"^(?:mailer-?daemon|postmaster|mail-?daemon|mdaemon|postoffice|bounces?|mailadmin|daemon)", re.IGNORECASE
)
SUBJECT = re.compile(
    r"undeliver|returned? (?:mail|to sender)|(?:non|not|error during|failed)[- ]?deliver|could not be delivered|"
    r"deliver[a-z]* (?:fail|error|status|report|problem)|mail delivery|failure notice|non[- ]remis|unzustellbar|"
    r"iletilemedi|teslim edilemedi|не доставлен|mail (?:system )?error|mail failure",
    re.IGNORECASE,
)
ANSWER = re.compile(r"\s*(?:re|ynt|yan|aw|sv|antw|odp|rv|rif)\s?:", re.IGNORECASE)
FORWARD = re.compile(r"\s*(?:fwd?|i̇?lt|wg|tr|enc|i|doorst)\s?:", re.IGNORECASE)
SYSTEM_NAME = re.compile(
    r"mail (?:delivery|system|administrator|router)|system administrator|daemon|postmaster|delivery subsystem", re.IGNORECASE
)
RETURNED_ID = re.compile(rb"^Message-ID:[ \t]*(?:\r?\n[ \t]+)?([^\r\n]+)", re.IGNORECASE | re.MULTILINE)
logging.getLogger("flufl.bounce").disabled = True  # what it would log is named in the defects
MAX_LOOKED_AT = 200_000


def read_bounce(raw: bytes, root: Part, sender: Address, subject: str) -> Bounce | None:
    """Failed and delayed recipients of a report, or None when this mail is none.

    Who failed for good is permanent; a delay, after which the server goes on trying, is not. A report of failure that
    names nobody is a bounce without recipients.
    """
    reports = _is_report(root, sender)
    if not reports and not _looks_like_one(root.headers, sender, subject):
        return None
    told = read_report(root)
    recipients = [(one.address, one.status, one.action == "failed") for one in told if one.action in {"failed", "delayed"}]
    if not told:
        recipients = _second_opinion(raw, root) or (failed_by_words(root, _own(root, sender)) if reports else [])
    if recipients or (not told and _names_nobody(root, subject)):
        return Bounce(tuple(recipients), original_id(raw, root), envelope_id(root))
    return None


def read_receipts(raw: bytes, root: Part) -> tuple[DeliveryUpdate, ...]:
    """What a report says arrived: at the mailbox, or at a server that reports no further (RFC 3464 §2.3.3)."""
    if root.kind != "multipart/report":
        return ()
    arrived = [one for one in read_report(root) if one.action in {"delivered", "relayed", "expanded"}]
    about = original_id(raw, root) if arrived else ""
    return tuple(DeliveryUpdate(about, "delivered", one.status, one.address.lower()) for one in arrived if about)


def _own(root: Part, sender: Address) -> set[str]:
    """Addresses that stand in a report because it was sent, and not because it is about them."""
    names = ("to", "from", "sender", "return-path", "delivered-to", "x-original-to", "reply-to")
    found = {one.address.lower() for name in names for one in read_addresses(root.headers.all(name))}
    return found | {sender.address.lower()}


def _is_report(root: Part, sender: Address) -> bool:
    """Whether a mail server sent it: its words are then about a delivery, which a person's need not be."""
    headers = root.headers
    return (
        root.kind == "multipart/report"
        or "x-failed-recipients" in headers
        or null_return_path(headers)
        or bool(DAEMON.match(sender.address.partition("@")[0]))
        or bool(SYSTEM_NAME.search(sender.name))
    )


def _looks_like_one(headers: Headers, sender: Address, subject: str) -> bool:
    """Gateways that report under an address of their own; people have a name, and answer or forward bounces."""
    return not sender.name and bool(SUBJECT.search(subject)) and not _answers(headers, subject)


def _names_nobody(root: Part, subject: str) -> bool:
    """A report of failure that was cut off, or whose addresses are illegible; the address it came to may tell more."""
    return root.parameters.get("report-type", "").lower() == "delivery-status" and not still_trying(root, subject)


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
    return [(one, _status_near(text, one), True) for one in failed] + [(one, "4.0.0", False) for one in delayed]


def _readable(addresses: Set[bytes]) -> list[str]:
    found = sorted(address.decode("ascii", "replace") for address in addresses)
    return [address for address in found if "@" in address and ".." not in address]


def _for_detectors(raw: bytes) -> Message:
    """The mail as the standard library reads it, with a sender, which some detectors take for granted."""
    message = email.message_from_string(raw[:MAX_LOOKED_AT].decode("ascii", "replace"))
    if not getaddresses([str(message.get("from", ""))]):
        del message["from"]
        message["From"] = "unknown@invalid"
    return message


def _status_near(text: str, address: str) -> str:
    start = max(text.find(address), 0)
    return status_in(text[start : start + 1_000])


def original_id(raw: bytes, root: Part) -> str:
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
