"""Raw mails → committed tickets with entries, by the code that the workers run; then checked mail by mail."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from bench import bulk, check
from bench.corpus import Mail, mails
from bench.house import House, house
from bench.results import Result

COUNT, WARM_UP, AT_ONCE = 3000, 300, 50
SIZES = (0, 100_000)


def run() -> Iterator[Result]:
    """Measure with nothing in the database and with 100,000 tickets."""
    for size in SIZES:
        with house() as place:
            if size:
                bulk.tickets(place.inbox_id, size)
            measure(place, WARM_UP, seed=7)
            yield from _figures(place, size)


def _figures(place: House, size: int) -> Iterator[Result]:
    corpus = list(mails(COUNT))
    before = check.totals()
    stored, drained, reacted = timings(place, corpus)
    check.everything(corpus, before)
    params = {"mails": COUNT, "tickets_before": size, "megabytes": sum(len(mail.raw) for mail in corpus) // 1_000_000}
    yield Result("intake", COUNT / drained, "mails/s", params, "≥ 200, goal 400")
    yield Result("intake with the ledger", COUNT / (stored + drained), "mails/s", params)
    yield Result("intake with ledger and reactions", COUNT / (stored + drained + reacted), "mails/s", params)


def measure(place: House, count: int, seed: int) -> None:
    """Take in some mails, to warm up."""
    timings(place, list(mails(count, seed)), generation=seed)


def timings(place: House, corpus: Sequence[Mail], generation: int = 1) -> tuple[float, float, float]:
    """Seconds for the ledger, for tickets and entries, and for the reactions."""
    from helpdesk import reactions
    from helpdesk.tickets.incoming import receive

    started = time.perf_counter()
    store(place.inbox_id, corpus, generation)
    stored = time.perf_counter()
    receive.drain(place.inbox_id)
    drained = time.perf_counter()
    reactions.react()
    return stored - started, drained - stored, time.perf_counter() - drained


def store(inbox_id: int, corpus: Sequence[Mail], generation: int) -> None:
    """Put the mails into the ledger in batches, as a listener does."""
    from channels.messages import Batch, RawItem
    from helpdesk.extensions import db
    from helpdesk.inboxes import ledger
    from helpdesk.inboxes.models import Inbox

    for start in range(0, len(corpus), AT_ONCE):
        items = [
            RawItem(f"{generation}:{number}", mail.raw)
            for number, mail in enumerate(corpus[start : start + AT_ONCE], start + 1)
        ]
        cursor = {"uidvalidity": generation, "uid": start + len(items)}
        ledger.store(db.session.get_one(Inbox, inbox_id), "INBOX", Batch(items, cursor))
