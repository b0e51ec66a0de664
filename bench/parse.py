"""Raw bytes → a neutral message, alone: no database. Beside it what others read of the same mails, attachments in."""

from __future__ import annotations

import email
import email.policy
import time
from collections.abc import Callable, Iterator

from bench.corpus import SUPPORT, mails
from bench.results import Result, percentile

COUNT, OTHERS = 2_000, 500


def run() -> Iterator[Result]:
    """Parse the corpus once warm, then the first part of it by the standard library and by mail-parser."""
    from channels import registry
    from channels.messages import RawItem

    channel = registry.get("email")(SUPPORT, {})
    corpus = [mail.raw for mail in mails(COUNT)]

    def temas(raw: bytes) -> None:
        channel.parse(RawItem("1:1", raw))

    times = _timed(temas, corpus)
    plain = [seconds * 1000 for seconds, raw in zip(times, corpus, strict=True) if len(raw) < 4_000]
    megabytes = sum(map(len, corpus)) / 1e6
    yield Result("parse", COUNT / sum(times), "mails/s", {"mails": COUNT, "megabytes": round(megabytes)})
    yield Result("parse, a plain mail p50", percentile(plain, 50), "ms", {"mails": len(plain)}, "≤ 1.5")
    yield Result("parse, the first mails", OTHERS / sum(times[:OTHERS]), "mails/s", {"mails": OTHERS})
    yield from _others(corpus[:OTHERS])


def _others(corpus: list[bytes]) -> Iterator[Result]:
    """The same mails by others, as far as they go: theirs is no reply, no text of HTML, no bounce, no repaired charset."""
    import mailparser

    for name, read in (("standard library", _standard), ("mail-parser", mailparser.parse_from_bytes)):
        raised = sum(_raises(read, raw) for raw in corpus)
        times = _timed(lambda raw, read=read: _raises(read, raw), corpus)  # type: ignore[misc]
        yield Result(f"parse, {name}", len(corpus) / sum(times), "mails/s", {"mails": len(corpus), "raised": raised})


def _raises(read: Callable[[bytes], object], raw: bytes) -> bool:
    try:
        read(raw)
    except Exception:  # how many of them raise is part of the figure
        return True
    return False


def _timed(read: Callable[[bytes], object], corpus: list[bytes]) -> list[float]:
    """Seconds of each mail, after a hundred that warm up."""
    for raw in corpus[:100]:
        read(raw)
    times = []
    for raw in corpus:
        begun = time.perf_counter()
        read(raw)
        times.append(time.perf_counter() - begun)
    return times


def _standard(raw: bytes) -> None:
    """What a careful reader would ask of the standard library: headers, every text, every file."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    for name in ("from", "to", "cc", "subject", "date", "message-id", "references"):
        str(message[name])
    for part in message.walk():
        if not part.is_multipart():
            part.get_filename()
            part.get_content() if part.get_content_maintype() == "text" else part.get_payload(decode=True)
