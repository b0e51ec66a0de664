"""Sending: a delivery is claimed, handed over once, and its outcome written down, whatever dies when.

Dead before the hand-over: sent again by the next sweep. Dead after it: `unknown`, and an agent decides.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import timedelta

import structlog
from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import joinedload

from channels.base import Channel
from channels.failures import PermanentFailure, TemporaryFailure, UnknownOutcome
from channels.messages import OutgoingMessage, Receipt
from helpdesk import clock, locks
from helpdesk.extensions import db
from helpdesk.folding import storable
from helpdesk.inboxes import health
from helpdesk.inboxes.models import Inbox
from helpdesk.tickets.models import Delivery, Message
from helpdesk.tickets.outgoing import deliveries
from helpdesk.tickets.outgoing.message import outgoing
from helpdesk.tickets.outgoing.outboxes import Outboxes

log = structlog.get_logger()

AT_ONCE = 50
ATTEMPTS = 8
FIRST_RETRY, LAST_RETRY = timedelta(seconds=30), timedelta(hours=2)
FIRST_WAIT, LAST_WAIT = 0.2, 5.0  # seconds between two tries to write an outcome down


class Overtaken(Exception):
    """Somebody else has taken this delivery over: it must not be sent by who noticed that."""


def deliver_due() -> int:
    """Send everything due; returns how many were tried. An inbox that cannot send is left alone until its next try."""
    tried = 0
    while ids := _due():
        with Outboxes() as outboxes:
            for delivery_id in ids:
                deliver(delivery_id, outboxes)
        tried += len(ids)
    return tried


def deliver(delivery_id: int, outboxes: Outboxes) -> None:
    """Send one delivery if it is due and nobody else is at it."""
    with locks.lease(locks.Lock.DELIVER, delivery_id) as ours:
        if ours and _claim(delivery_id):
            _send(delivery_id, outboxes)


def recover() -> int:
    """Settle deliveries whose sender died: nobody holds their lease any more. Returns how many."""
    settled = 0
    for delivery_id in db.session.scalars(select(Delivery.id).where(Delivery.status == "sending")).all():
        db.session.rollback()
        with locks.lease(locks.Lock.DELIVER, delivery_id) as ours:
            settled += ours and _settle(delivery_id)
    return settled


def _due() -> list[int]:
    statement = (
        select(Delivery.id)
        .join(Inbox, Inbox.id == Delivery.inbox_id)
        .where(_is_due())
        .order_by(Delivery.next_attempt_at, Delivery.id)
        .limit(AT_ONCE)
    )
    ids = list(db.session.scalars(statement))
    db.session.rollback()
    return ids


def _claim(delivery_id: int) -> bool:
    claimed = db.session.scalar(
        update(Delivery)
        .where(Delivery.id == delivery_id, Inbox.id == Delivery.inbox_id, _is_due())
        .values(status="sending", attempts=Delivery.attempts + 1, handed_over_at=None)
        .returning(Delivery.id)
        .execution_options(synchronize_session=False)
    )
    db.session.commit()
    return claimed is not None


def _is_due() -> ColumnElement[bool]:
    """Queued, its time has come, and its inbox is not known to be broken."""
    return and_(
        Delivery.status == "queued",
        Delivery.next_attempt_at <= clock.now(),
        or_(Inbox.send_retry_at.is_(None), Inbox.send_retry_at <= clock.now()),
        Inbox.enabled,
    )


def _send(delivery_id: int, outboxes: Outboxes) -> None:
    delivery = _load(delivery_id)
    message = outgoing(delivery)
    channel, outbox = outboxes.of(delivery.inbox)
    is_first, attempt = not any(one.sent_at for one in delivery.message.deliveries), delivery.attempts
    db.session.commit()  # no transaction stays open while the network decides
    try:
        receipt = outbox.send(message, lambda: _hand_over(delivery_id, attempt))
    except Overtaken:
        log.warning("delivery_overtaken", delivery=delivery_id)
    except TemporaryFailure as failure:
        _try_later(delivery_id, failure)
    except PermanentFailure as failure:
        _settle_as(delivery_id, "failed", failure)
    except UnknownOutcome as failure:
        _settle_as(delivery_id, "unknown", failure)
    else:
        _once_the_database_answers(lambda: _sent(delivery_id, receipt))
        if is_first:
            _keep_copy(channel, message)


def _hand_over(delivery_id: int, attempt: int) -> None:
    """Note that the provider becomes responsible. Raises Overtaken when this attempt was given up for dead meanwhile.

    A lease ends with its connection, so with the database, while who held it may live on.
    """
    ours = update(Delivery).where(Delivery.id == delivery_id, Delivery.status == "sending", Delivery.attempts == attempt)
    noted = ours.where(Delivery.handed_over_at.is_(None)).values(handed_over_at=clock.now()).returning(Delivery.id)
    found = db.session.scalar(noted.execution_options(synchronize_session=False))
    db.session.commit()
    if found is None:
        raise Overtaken


def _once_the_database_answers(write: Callable[[], None]) -> None:
    """Write down what only this process knows, however long the database is away; the job's own limit ends it."""
    wait = FIRST_WAIT
    while True:
        try:
            write()
        except (OperationalError, InterfaceError) as error:
            log.warning("outcome_waits_for_database", reason=type(error).__name__)
            db.session.rollback()
            time.sleep(wait)  # nobody tells us when it is back
            wait = min(wait * 2, LAST_WAIT)
        else:
            return


def _keep_copy(channel: Channel, message: OutgoingMessage) -> None:
    """One copy for all recipients, if the inbox wants one. The message is sent whatever becomes of its copy."""
    try:
        channel.keep_copy(message)
    except TemporaryFailure as failure:
        log.warning("copy_not_kept", message=message.message_id, code=failure.code)


def _sent(delivery_id: int, receipt: Receipt) -> None:
    delivery = _load(delivery_id)
    delivery.status, delivery.sent_at, delivery.code = "sent", clock.now(), ""
    delivery.provider_id = receipt.provider_id or delivery.provider_id
    delivery.detail = storable(receipt.detail, 1000)
    inbox_id = delivery.inbox_id
    delivery.inbox.last_out_at, delivery.inbox.send_retry_at = clock.now(), None
    deliveries.show(delivery)
    db.session.commit()
    health.working(inbox_id, "send")


def _try_later(delivery_id: int, failure: TemporaryFailure) -> None:
    delivery = _load(delivery_id)
    wait = _wait(delivery.attempts, failure)
    if failure.whole_inbox:  # the inbox is broken, not this message: it keeps its tries
        delivery.attempts -= 1
        delivery.inbox.send_retry_at = clock.now() + wait
    elif delivery.attempts >= ATTEMPTS:
        _settle_as(delivery_id, "failed", failure)
        return
    delivery.status, delivery.handed_over_at = "queued", None
    delivery.code, delivery.detail = failure.code, storable(failure.detail, 1000)
    delivery.next_attempt_at = clock.now() + (timedelta(0) if failure.whole_inbox else wait)
    inbox_id = delivery.inbox_id
    deliveries.show(delivery)
    db.session.commit()
    log.warning("delivery_postponed", delivery=delivery_id, code=failure.code)
    if failure.whole_inbox:
        health.failing(inbox_id, "send", failure)


def _wait(attempts: int, failure: TemporaryFailure) -> timedelta:
    if failure.retry_after is not None:
        return timedelta(seconds=failure.retry_after)
    doubled: timedelta = FIRST_RETRY * 2.0 ** min(max(attempts - 1, 0), 10)
    return min(doubled, LAST_RETRY) * random.uniform(0.75, 1.0)  # noqa: S311


def _settle_as(delivery_id: int, status: str, failure: PermanentFailure | TemporaryFailure | UnknownOutcome) -> None:
    delivery = _load(delivery_id)
    delivery.status, delivery.code, delivery.detail = status, failure.code, storable(failure.detail, 1000)
    deliveries.show(delivery)
    db.session.commit()
    log.warning("delivery_settled", delivery=delivery_id, status=status, code=failure.code)


def _settle(delivery_id: int) -> bool:
    """Decide about one delivery whose sender is dead."""
    delivery = _load(delivery_id)
    if delivery.status != "sending":
        db.session.rollback()
        return False
    if delivery.handed_over_at is None:
        delivery.status, delivery.next_attempt_at = "queued", clock.now()
    else:
        delivery.status, delivery.code = "unknown", "timeout"
    deliveries.show(delivery)
    db.session.commit()
    return True


def _load(delivery_id: int) -> Delivery:
    statement = (
        select(Delivery)
        .options(joinedload(Delivery.inbox), joinedload(Delivery.message).joinedload(Message.ticket))
        .where(Delivery.id == delivery_id)
        .with_for_update(of=Delivery)
        .execution_options(populate_existing=True)
    )
    return db.session.scalars(statement).one()
