"""Idempotency-Key: a write that is sent again is carried out once and answered the same.

The key is committed in the transaction of the write itself, so that neither exists without the other, whatever dies
when. A refused write leaves no key: it may be sent again. (draft-ietf-httpapi-idempotency-key-header)
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from zlib import crc32

from flask import Response, make_response, request
from flask_babel import gettext as _
from sqlalchemy import delete, update

from helpdesk import clock, locks
from helpdesk.api.models import IdempotentRequest
from helpdesk.api.tokens import acting
from helpdesk.errors import Conflict, Invalid
from helpdesk.extensions import db

HEADER = "Idempotency-Key"
LONGEST = 255
KEPT = timedelta(days=7)


class KeyReused(Invalid):
    """The key was used for another request."""

    code = "idempotency_key_reused"


class InProgress(Conflict):
    """The same request is being carried out at this moment, or its answer was lost."""

    code = "idempotency_key_in_use"


def once(work: Callable[[], Any]) -> Any:
    """Do ``work``, or give the answer that it had when the request's key was first used. Raises KeyReused, InProgress."""
    key = request.headers.get(HEADER, "").strip()
    if not key:
        return work()
    if len(key) > LONGEST or not key.isprintable():
        sentence = _("An Idempotency-Key has at most %(most)s printable characters.", most=LONGEST)
        raise Invalid(sentence, errors={HEADER: [sentence]})
    agent_id = acting().id
    with locks.lease(locks.Lock.IDEMPOTENT, crc32(f"{agent_id}:{key}".encode())) as ours:
        if not ours:
            raise InProgress(_("The same request is being carried out right now; ask again in a moment."))
        known = db.session.get(IdempotentRequest, (agent_id, key))
        return _replay(known) if known is not None else _first(agent_id, key, work)


def forget_old() -> None:
    """Delete keys so old that nobody repeats their requests any more, and commit."""
    db.session.execute(delete(IdempotentRequest).where(IdempotentRequest.created_at < clock.now() - KEPT))
    db.session.commit()


def _first(agent_id: int, key: str, work: Callable[[], Any]) -> Response:
    db.session.add(IdempotentRequest(agent_id=agent_id, key=key, fingerprint=_fingerprint(), created_at=clock.now()))
    try:
        db.session.flush()
        response = make_response(work())
    except Exception:
        db.session.rollback()  # before the lease ends, so that whoever comes next finds no half of it
        raise
    answer = {"status": response.status_code, "body": response.get_data(), "location": response.location or ""}
    this = (IdempotentRequest.agent_id == agent_id, IdempotentRequest.key == key)
    db.session.execute(update(IdempotentRequest).where(*this).values(**answer))
    db.session.commit()
    return response


def _replay(known: IdempotentRequest) -> Response:
    if known.fingerprint != _fingerprint():
        sentence = _("This Idempotency-Key was used for another request; take a new one.")
        raise KeyReused(sentence, errors={HEADER: [sentence]})
    if known.status is None or known.body is None:
        raise InProgress(_("This request was carried out, but its answer was lost; read what it changed."))
    response = make_response(known.body, known.status)
    response.mimetype = "application/json"
    response.headers["Idempotent-Replayed"] = "true"
    if known.location:
        response.headers["Location"] = known.location
    return response


def _fingerprint() -> bytes:
    parts = (request.method, request.full_path, request.get_data(cache=True))
    return hashlib.sha256(b"\n".join(part if isinstance(part, bytes) else part.encode() for part in parts)).digest()
