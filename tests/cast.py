"""The small cast of the tests: an admin, a lead and an agent of Destek, one outsider; and customers' mails."""

from __future__ import annotations

from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import make_msgid

from flask.testing import FlaskClient

from channels.messages import Batch, RawItem
from helpdesk import reactions
from helpdesk.agents import actions as people
from helpdesk.agents.models import Agent, Team
from helpdesk.extensions import db
from helpdesk.inboxes import actions as inboxes
from helpdesk.inboxes import ledger
from helpdesk.inboxes.models import Inbox
from helpdesk.tickets.incoming import receive
from helpdesk.tickets.models import Message, Ticket

PASSWORD = "correct horse battery"
SUKRAN = "Şükran Işıldak <sukran@posta.example>"
DANIEL = "Daniel Okafor <daniel@mail.example>"


@dataclass
class Cast:
    """Who plays: ``ayse`` admin, ``elif_`` lead and ``burak`` agent of Destek, ``outsider`` agent of Muhasebe only."""

    ayse: Agent
    elif_: Agent
    burak: Agent
    outsider: Agent
    destek: Team
    muhasebe: Team
    inbox: Inbox
    _uid: int = 0

    @classmethod
    def gather(cls) -> Cast:
        destek, muhasebe = people.add_team("Destek"), people.add_team("Muhasebe")
        ayse = people.add_agent("ayse@lodosev.example", "Ayşe Yılmaz", "admin", [], PASSWORD)
        elif_ = people.add_agent("elif@lodosev.example", "Elif Çağlayan", "lead", ["Destek"], PASSWORD)
        burak = people.add_agent("burak@lodosev.example", "Burak Öztürk", "agent", ["Destek"], PASSWORD)
        outsider = people.add_agent("oya@lodosev.example", "Oya Yabancı", "agent", ["Muhasebe"], PASSWORD)
        inbox = inboxes.add(
            "email",
            "Lodos Ev Destek",
            "destek@lodosev.example",
            team_id=destek.id,
            values={"imap_host": "127.0.0.1", "imap_password": "pw", "smtp_host": "127.0.0.1", "smtp_password": "pw"},
            language="tr",
        )
        return cls(ayse, elif_, burak, outsider, destek, muhasebe, inbox)

    def token(self, agent: Agent) -> str:
        """An API token of the agent."""
        return people.add_token(agent, "test")

    def receive(self, *raws: bytes) -> None:
        """Let raw mails arrive in the inbox and become tickets, as the listener and the workers do it."""
        items = []
        for raw in raws:
            self._uid += 1
            items.append(RawItem(f"1:{self._uid}", raw))
        ledger.store(self.inbox, "INBOX", Batch(items, {"uidvalidity": 1, "uid": self._uid}))
        receive.drain(self.inbox.id)
        reactions.react()

    def ticket(self, subject: str = "Kapak yok", sender: str = SUKRAN, text: str = "Merhaba, kapak çıkmadı.") -> Ticket:
        """A ticket that a customer has just opened by mail."""
        self.receive(mail(subject=subject, sender=sender, text=text))
        return db.session.query(Ticket).order_by(Ticket.id.desc()).first()  # type: ignore[return-value]


def sign_in(client: FlaskClient, agent: Agent) -> None:
    """Sign in through the form, as he does."""
    response = client.post("/login", data={"email": agent.email, "password": PASSWORD})
    assert response.status_code in (302, 303), response.text


def mail(
    *,
    subject: str = "Kapak yok",
    sender: str = SUKRAN,
    to: str = "destek@lodosev.example",
    cc: str = "",
    text: str = "Merhaba, kapak çıkmadı.",
    html: str = "",
    message_id: str | None = None,
    in_reply_to: str = "",
    references: str = "",
    **headers: str,
) -> bytes:
    """A customer's mail. ``headers``: any others, with ``_`` for ``-``."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message["Message-ID"] = make_msgid(domain="posta.example") if message_id is None else message_id
    optional = {"Cc": cc, "In-Reply-To": in_reply_to, "References": references}
    for name, value in {**optional, **{key.replace("_", "-"): value for key, value in headers.items()}}.items():
        if value:
            message[name] = value
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    return message.as_bytes()


def messages(ticket: Ticket) -> list[Message]:
    """Everything said on the ticket, oldest first."""
    return db.session.query(Message).filter_by(ticket_id=ticket.id).order_by(Message.id).all()
