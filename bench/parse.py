"""Raw bytes → a neutral message, alone: no database."""

from __future__ import annotations

import time
from collections.abc import Iterator

from bench.corpus import SUPPORT, mails
from bench.results import Result, percentile

COUNT = 2000


def run() -> Iterator[Result]:
    """Parse the corpus once warm."""
    from channels import registry
    from channels.base import RawItem

    channel = registry.get("email")(SUPPORT, {})
    corpus = list(mails(COUNT))
    for mail in corpus[:100]:
        channel.parse(RawItem("1:1", mail.raw))
    plain: list[float] = []
    started = time.perf_counter()
    for mail in corpus:
        begun = time.perf_counter()
        channel.parse(RawItem("1:1", mail.raw))
        if len(mail.raw) < 4_000:
            plain.append((time.perf_counter() - begun) * 1000)
    seconds = time.perf_counter() - started
    megabytes = sum(len(mail.raw) for mail in corpus) / 1e6
    yield Result("parse", COUNT / seconds, "mails/s", {"mails": COUNT, "megabytes": round(megabytes)})
    yield Result("parse, a plain mail p50", percentile(plain, 50), "ms", {"mails": len(plain)}, "≤ 1.5")
