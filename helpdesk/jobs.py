"""Every RQ entry point. Each takes ids, calls one verb, and is safe to run twice."""

from __future__ import annotations

from helpdesk import reactions
from helpdesk.api import idempotency
from helpdesk.scheduled import actions as scheduled
from helpdesk.tickets import cleaning
from helpdesk.tickets import push as pushing
from helpdesk.tickets.incoming import receive as receiving
from helpdesk.tickets.outgoing import deliver as delivering


def receive(inbox_id: int) -> None:
    receiving.drain(inbox_id)


def receive_due() -> None:
    for inbox_id in receiving.due_inboxes():
        receiving.drain(inbox_id)


def react() -> None:
    reactions.react()


def deliver_due() -> None:
    delivering.deliver_due()


def send_scheduled() -> None:
    scheduled.send_due()


def recover_deliveries() -> None:
    delivering.recover()


def push() -> None:
    pushing.push()


def clean_up() -> None:
    cleaning.clean_up()
    idempotency.forget_old()
