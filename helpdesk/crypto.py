"""Encryption of secrets at rest, and signatures of what we hand out, all from the installation's SECRET_KEY."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from helpdesk import settings


def seal(values: Mapping[str, str]) -> bytes:
    """Encrypt a small dictionary (Fernet: AES-128-CBC with HMAC-SHA256)."""
    return _fernet().encrypt(json.dumps(dict(values)).encode())


def unseal(sealed: bytes | None) -> dict[str, str]:
    """Decrypt what ``seal`` made. Raises cryptography.fernet.InvalidToken when SECRET_KEY has changed."""
    if sealed is None:
        return {}
    values: dict[str, str] = json.loads(_fernet().decrypt(sealed))
    return values


def sign(purpose: str, value: str, length: int = 20) -> str:
    """The first ``length`` hex digits of an HMAC-SHA256 over ``value``, bound to one purpose."""
    return hmac.new(_derive(purpose), value.encode(), hashlib.sha256).hexdigest()[:length]


def is_signed(purpose: str, value: str, signature: str, length: int = 20) -> bool:
    """Whether ``sign`` made this signature; compared in constant time."""
    return hmac.compare_digest(sign(purpose, value, length).encode(), signature.encode("utf-8", "replace"))


def _fernet() -> Fernet:
    return Fernet(base64.urlsafe_b64encode(_derive("secrets at rest")))


def _derive(purpose: str) -> bytes:
    key = settings.current().secret_key.encode()
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode()).derive(key)
