"""Making happen what the plan says, by the same verbs and the same path as in life."""

from __future__ import annotations

import random
from collections.abc import Callable
from html import escape

from sqlalchemy import select

from channels.messages import RawItem
from helpdesk import clock, reactions
from helpdesk.agents.models import Agent
from helpdesk.demo import people
from helpdesk.demo.mails import mail
from helpdesk.demo.plan import SCORES, Case, Event
from helpdesk.extensions import db
from helpdesk.folding import storable
from helpdesk.inboxes import ledger
from helpdesk.inboxes.models import Inbox, Received
from helpdesk.surveys import answer, tokens
from helpdesk.surveys.models import Invitation
from helpdesk.tickets import actions
from helpdesk.tickets.incoming import receive
from helpdesk.tickets.models import Delivery, Message
from helpdesk.tickets.outgoing import composing, deliveries, reply
from helpdesk.tickets.outgoing.writing import Writing

DRAFTS = {"tr": "<p>Merhaba, kontrol ettik ve", "en": "<p>Hello, we have checked and"}
REFUSED = "550 5.1.1 Mailbox unavailable"


class Telling:
    """Who answers where, and one verb for each kind of event."""

    def __init__(self, inboxes: dict[str, Inbox], agents: dict[str, list[Agent]], rng: random.Random) -> None:
        self.inboxes = {key: inbox.id for key, inbox in inboxes.items()}
        self.addresses = {key: inbox.address for key, inbox in inboxes.items()}
        self.agents, self.rng = agents, rng
        self.received = 0
        self.verbs: dict[str, Callable[[Case, str], None]] = {
            "in": self._write, "out": self._reply, "note": self._note, "label": self._label, "answer": self._answer,
            "draft": self._draft, "fail": self._fail,
        }  # fmt: skip

    def tell(self, event: Event) -> None:
        """Make it happen at its time."""
        with clock.at(event.at):
            if event.act in self.verbs:
                self.verbs[event.act](event.case, event.text)
            else:
                self._settle(event.case, event.act)

    def _write(self, case: Case, text: str) -> None:
        flags = case.story.flags if not case.answers else frozenset()
        if self.rng.random() < 0.3:
            flags |= {"html"}
        subject = case.say(case.story.subject)
        subject = f"Re: {subject}" if case.answers else subject
        message_id, raw = mail(
            case.person, self.addresses[case.story.team], subject, text, clock.now(), answers=case.answers, flags=flags
        )
        received_id = self._store(case.story.team, raw)
        receive.interpret(self.inboxes[case.story.team], [received_id])
        case.number = db.session.scalars(select(Message.ticket_id).where(Message.received_id == received_id)).one()
        case.answers.append(message_id)

    def _store(self, team: str, raw: bytes) -> int:
        self.received += 1
        inbox = db.session.get_one(Inbox, self.inboxes[team])
        ledger.add(inbox, [RawItem(f"demo:{self.received}", raw)])
        newest = select(Received).where(Received.inbox_id == inbox.id).order_by(Received.id.desc()).limit(1)
        row = db.session.scalars(newest).one()
        row.received_at = clock.now()
        return row.id

    def _reply(self, case: Case, text: str) -> None:
        entry = reply.reply(self._agent(case), case.number, Writing(html=f"<p>{escape(storable(text))}</p>"))
        if entry.message is not None:
            case.answers.append(entry.message.message_id)

    def _note(self, case: Case, text: str) -> None:
        reply.note(self._agent(case), case.number, Writing(text=text))

    def _label(self, case: Case, _text: str) -> None:
        agent = self.agents[case.story.team][0]
        if case.story.tags:
            actions.set_tags(agent, case.number, case.story.tags)
        if case.story.priority != "normal":
            actions.set_priority(agent, case.number, case.story.priority)

    def _settle(self, case: Case, status: str) -> None:
        agent = self._agent(case)
        if status == "open":
            actions.assign(agent, case.number, agent.id)
        actions.set_status(agent, case.number, status)
        if status in ("solved", "closed") and case.is_rated:
            reactions.react()  # the invitation that he will answer is of this moment

    def _answer(self, case: Case, text: str) -> None:
        invitation = db.session.scalar(select(Invitation).where(Invitation.ticket_id == case.number))
        if invitation is None:  # he was asked about another ticket lately
            return
        token = tokens.make(invitation.id)
        answer.score(token, case.story.score or self.rng.choice(SCORES))
        if text:
            answer.comment(token, text)

    def _draft(self, case: Case, _text: str) -> None:
        composing.keep_draft(self._agent(case), case.number, "reply", DRAFTS[case.story.language], 1)

    def _fail(self, case: Case, _text: str) -> None:
        delivery = db.session.scalars(
            select(Delivery).join(Message).where(Message.ticket_id == case.number).order_by(Delivery.id.desc())
        ).first()
        if delivery is not None:
            delivery.status, delivery.code, delivery.detail = "failed", "recipient", REFUSED
            deliveries.show(delivery)
            db.session.commit()

    def _agent(self, case: Case) -> Agent:
        """The same person for the whole case."""
        team = self.agents[case.story.team]
        return team[sum(map(ord, case.story.subject + case.person.name)) % len(team)]


def accounts() -> str:
    """How to sign in, for the person at the console."""
    lines = [f"  {email}  ({role})" for email, role in people.ACCOUNTS]
    return "\n".join([f"Sign in with the password {people.PASSWORD} as", *lines])
