"""How long the server takes for its two main pages, through the real gunicorn, one request after the other."""

from __future__ import annotations

import http.client
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

from bench import bulk
from bench.house import EMAIL, House, house
from bench.processes import cookies, signed_in, web
from bench.results import Result, percentile

SIZES = ((1_000, bulk.WORKING), (100_000, bulk.WORKING), (1_000_000, bulk.WORKING), (100_000, 1.0))
"""(tickets, share of them that is worked on)."""
VIEWS = ("open", "unassigned", "mine", "late", "closed")
WARM_UP, REQUESTS = 10, 100
MESSAGES = 200


def queue() -> Iterator[Result]:
    """The queue page: first the view that opens, then the slowest of all views."""
    for tickets, working in SIZES:
        with house() as place:
            bulk.tickets(place.inbox_id, tickets, working=working, said=False)
            with web(place) as address:
                cookie = cookies(signed_in(address))
                params = {"tickets": tickets, "working": f"{working:.0%}"}
                yield from _figures("queue", timings(address, "/inbox", cookie), params, "p95 ≤ 30")
                slowest = max((timings(address, f"/inbox?view={view}", cookie) for view in VIEWS[1:]), key=p95)
                yield Result("queue, slowest view p95", p95(slowest), "ms", params)


def ticket() -> Iterator[Result]:
    """The ticket page with 200 messages, half of them replies."""
    with house() as place:
        bulk.tickets(place.inbox_id, 1_000)
        number = _long_ticket(place)
        with web(place) as address:
            cookie = cookies(signed_in(address))
            params = {"messages": MESSAGES}
            yield from _figures("ticket", timings(address, f"/tickets/{number}", cookie), params, "p95 ≤ 60")
            yield from _figures("inbox with ticket", timings(address, f"/inbox?ticket={number}", cookie), params)


def timings(address: str, path: str, cookie: str) -> list[float]:
    """Milliseconds from the request to the last byte of its answer, over one kept connection."""
    line = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
    found: list[float] = []
    for turn in range(WARM_UP + REQUESTS):
        started = time.perf_counter()
        line.request("GET", path, headers={"Cookie": cookie})
        answer = line.getresponse()
        answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path} was answered with {answer.status}.")
        if turn >= WARM_UP:
            found.append((time.perf_counter() - started) * 1000)
    line.close()
    return found


def p95(values: list[float]) -> float:
    return percentile(values, 95)


def _figures(name: str, values: list[float], params: dict[str, object], aim: str = "") -> Iterator[Result]:
    yield Result(f"{name} p50", percentile(values, 50), "ms", params)
    yield Result(f"{name} p95", p95(values), "ms", params, aim)


def _long_ticket(place: House) -> int:
    """A customer and an agent who do not stop, by the verbs of life; returns its number."""
    from bench.corpus import SUPPORT, mails
    from helpdesk import reactions
    from helpdesk.agents.actions import agent_by_email
    from helpdesk.extensions import db
    from helpdesk.tickets.models import Ticket
    from helpdesk.tickets.outgoing import reply
    from helpdesk.tickets.outgoing.writing import Writing

    agent = agent_by_email(EMAIL)
    first = next(mail for mail in mails(50) if not mail.dirty and not mail.attachments)
    number, answered = 0, ""
    for turn in range(MESSAGES // 2):
        head = f"In-Reply-To: <{answered}>\r\nMessage-ID: <turn{turn}@mail.example>\r\n" if answered else ""
        raw = head.encode() + (first.raw.replace(b"Message-ID", b"X-First-ID") if answered else first.raw)
        _take_in(place, turn, raw)
        if not number:
            number = db.session.query(Ticket.id).order_by(Ticket.id.desc()).limit(1).scalar()
        assert agent is not None
        html = f"<p>Merhaba, {turn}. yanıtımız: <b>kontrol ettik</b>.</p><ul><li>{SUPPORT}</li></ul>"
        entry = reply.reply(agent, number, Writing(html=html), undo_seconds=300)
        answered = entry.message.message_id if entry.message else ""
    reactions.react()
    return number


def _take_in(place: House, turn: int, raw: bytes) -> None:
    from channels.messages import Batch, RawItem
    from helpdesk.extensions import db
    from helpdesk.inboxes import ledger
    from helpdesk.inboxes.models import Inbox
    from helpdesk.tickets.incoming import receive

    batch = Batch([RawItem(f"9:{turn + 1}", raw)], {"uidvalidity": 9, "uid": turn + 1})
    ledger.store(db.session.get_one(Inbox, place.inbox_id), "INBOX", batch)
    receive.drain(place.inbox_id)
