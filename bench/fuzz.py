"""Mutated mails through everything that reads them: none may raise, hang, or cost more than two seconds.

``bin/bench fuzz`` reads 20,000; ``python -m bench.fuzz 100000 7`` that many with another seed, and says which failed.
"""

from __future__ import annotations

import random
import sys
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field

from bench.corpus import mails
from bench.dirt import soiled
from bench.results import Result
from bench.worst import bombs, winmail

COUNT, SEED = 20_000, 1
LIMIT = 2.0  # CPU seconds that one mail may cost
MAX_SEED_BYTES, MAX_BYTES = 30_000, 120_000
TOKENS = (
    b"--|--b--\r\n|=\r\n|=3D|%|From: |Subject: |To: |=?utf-8?Q?|=?utf-8?B?|?=|<|>|<div>|<!--|"
    b"<![CDATA[|&#x|\"|'|(|)|\\|,|;|:|@|"
    b"Content-Type: multipart/mixed; boundary=b\r\n|Content-Type: message/rfc822\r\n\r\n|Content-Type: text/html\r\n|"
    b"Content-Transfer-Encoding: base64\r\n|Content-Transfer-Encoding: x-uuencode\r\n|begin 644 a\r\n|charset=utf-16|"
    b"Content-Type: application/ms-tnef\r\n\r\n\x78\x9f\x3e\x22\x00\x00|BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n|END:VEVENT\r\n|"
    b"DTSTART;TZID=X:|RRULE:FREQ=|filename*0*=utf-8''|> |-- \r\n|On x wrote:|<blockquote>|<table>|</|style='|charset=x|"
    b"-----BEGIN PGP |format=flowed|\r\n|\n|\r|\r\n\r\n|\x00|\xff|\xef\xbb\xbf|\t| "
).split(b"|")


@dataclass
class Failures:
    """What went wrong, by the number of the mail."""

    raised: list[int] = field(default_factory=list)
    slow: list[int] = field(default_factory=list)
    slowest: float = 0.0


def seeds() -> list[bytes]:
    """The mails that are mutated: plain, dirty, and the beginnings of the worst."""
    chance = random.Random(SEED)
    plain = [mail.raw for mail in mails(60) if len(mail.raw) <= MAX_SEED_BYTES]
    return plain + [soiled(chance, raw) for raw in plain] + [raw[:2_000] for raw in bombs().values()] + _containers()


def _containers() -> list[bytes]:
    """A mail with a calendar and a winmail.dat of every property that is read."""
    calendar = b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\n%bEND:VCALENDAR\r\n" % (
        b"BEGIN:VEVENT\r\nUID:1\r\nDTSTART;TZID=Europe/Istanbul:20261123T100000\r\nDURATION:PT1H\r\nRRULE:FREQ=DAILY\r\n"
        b"ORGANIZER;CN=A:mailto:a@b\r\nATTENDEE;PARTSTAT=ACCEPTED:mailto:c@d\r\nSEQUENCE:1\r\nEND:VEVENT\r\n"
    )
    head = b"From: a@b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
    packed = b"Content-Type: application/ms-tnef\r\nContent-Transfer-Encoding: binary\r\n\r\n" + winmail()
    return [head + b"Content-Type: text/calendar\r\n\r\n" + calendar + b"--b--", head + packed + b"\r\n--b--"] * 10


def mutated(chance: random.Random, corpus: list[bytes]) -> bytes:
    """One mail of the corpus with one to twenty mutations."""
    raw = bytearray(chance.choice(corpus))
    for _ in range(chance.randint(1, 20)):
        at = chance.randrange(len(raw) + 1)
        match chance.randrange(7):
            case 0 if raw:
                raw[at % len(raw)] = chance.randrange(256)
            case 1:
                raw[at:at] = chance.choice(TOKENS) * chance.choice([1, 1, 1, 2, 50])
            case 2:
                del raw[at : at + chance.choice([1, 5, 80, 1_000])]
            case 3:
                raw[at:at] = raw[at : at + chance.choice([10, 200, 2_000])] * chance.choice([1, 3])
            case 4:
                other = chance.choice(corpus)
                start = chance.randrange(len(other) + 1)
                raw[at:at] = other[start : start + chance.choice([50, 1_000, 5_000])]
            case 5:
                raw[at:at] = chance.randbytes(chance.choice([1, 4, 100]))
            case 6 if chance.random() < 0.1:
                del raw[at:]
    return bytes(raw[:MAX_BYTES])


def fuzz(count: int, seed: int) -> Failures:
    """Read ``count`` mutated mails; the same seed gives the same mails."""
    from channels.mime.message import read_mail
    from helpdesk.safe_html import sanitise

    corpus, failures = seeds(), Failures()
    for number in range(count):
        raw = mutated(random.Random(f"{seed}:{number}"), corpus)
        begun = time.process_time()
        try:
            message = read_mail(raw)
            sanitise(message.html)
        except Exception:
            traceback.print_exc()
            failures.raised.append(number)
        seconds = time.process_time() - begun
        failures.slowest = max(failures.slowest, seconds)
        failures.slow += [number] if seconds > LIMIT else []
    return failures


def run() -> Iterator[Result]:
    """Fuzz once; a failure shows in its figure, whose aim is 0."""
    found = fuzz(COUNT, SEED)
    params = {"mails": COUNT, "seed": SEED}
    yield Result("fuzz, raised", len(found.raised), "mails", params, "0")
    yield Result("fuzz, more than 2 s", len(found.slow), "mails", params, "0")
    yield Result("fuzz, slowest", found.slowest * 1000, "ms", params, "≤ 2,000")


if __name__ == "__main__":
    count, seed = (int(each) for each in [*sys.argv[1:], "1"][:2])
    failed = fuzz(count, seed)
    print(f"{count} mails, seed {seed}: raised {failed.raised}, slow {failed.slow}, slowest {failed.slowest:.3f} s")
    sys.exit(bool(failed.raised or failed.slow))
