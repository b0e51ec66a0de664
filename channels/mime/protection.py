"""How a mail says that it is signed or encrypted: S/MIME (RFC 8551), PGP/MIME (RFC 3156), PGP among the words."""

from __future__ import annotations

import re

from channels.mime.cms import SIGNED_DATA
from channels.mime.kinds import Protection, Scheme
from channels.mime.tree import CMS_TYPES, Part

SMIME_SIGNATURE = {"application/pkcs7-signature", "application/x-pkcs7-signature"}
ARMOUR = re.compile(r"^-----BEGIN PGP (SIGNED )?MESSAGE-----[ \t]*$", re.MULTILINE)
WHERE_TYPE_STANDS = 64  # bytes from the start in which a CMS structure names its type


def read_protection(root: Part, text: str) -> Protection | None:
    """What the outermost parts and the words claim; None when they claim nothing."""
    signed: Scheme = ""
    encrypted: Scheme = ""
    for part in root.walk():
        found = _of_part(part)
        signed, encrypted = signed or found.signed, encrypted or found.encrypted
    if not (signed or encrypted) and "-----BEGIN PGP " in text and (armour := ARMOUR.search(text)):
        signed, encrypted = ("pgp", "") if armour[1] else ("", "pgp")
    return Protection(signed, encrypted) if signed or encrypted else None


def _of_part(part: Part) -> Protection:
    protocol = part.parameters.get("protocol", "").lower()
    kinds = {part.kind, protocol, *(child.kind for child in part.children)}
    if part.kind == "multipart/signed":
        return Protection(
            signed="pgp" if "application/pgp-signature" in kinds else "smime" if kinds & SMIME_SIGNATURE else ""
        )
    if part.kind == "multipart/encrypted" or part.kind == "application/pgp-encrypted":
        return Protection(encrypted="pgp")
    if part.kind in CMS_TYPES:
        return _of_cms(part)
    return Protection()


def _of_cms(part: Part) -> Protection:
    """Signed or enveloped, by the parameter, else by the structure's own type, else by the file's name."""
    declared = part.parameters.get("smime-type", "").lower()
    if declared == "certs-only":
        return Protection()
    if declared == "signed-data" or part.filename.lower().endswith(".p7s"):
        return Protection(signed="smime")
    if not declared and SIGNED_DATA in part.data()[:WHERE_TYPE_STANDS]:
        return Protection(signed="smime")
    return Protection(encrypted="smime")
