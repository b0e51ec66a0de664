"""Date fields as programs write them (RFC 5322 §3.3, §4.3)."""

from __future__ import annotations

import pytest

from channels.mime.dates import date


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Thu, 01 Oct 2026 12:00:00 +0300", "2026-10-01T12:00:00+03:00"),
        ("Thu, 01 Oct 2026 12:00:00 +0300 (GMT+03:00)", "2026-10-01T12:00:00+03:00"),
        ("Thu, 01 Oct 2026 12:00:00 +03:00", "2026-10-01T12:00:00+03:00"),
        ("Thu, 01 Oct 2026 12:00:00 GMT+0300", "2026-10-01T12:00:00+03:00"),
        ("Thu, 01 Oct 2026 12:00:00 UTC+3", "2026-10-01T12:00:00+03:00"),
        ("Thu Oct 01 2026 12:00:00 GMT+0300 (Türkiye)", "2026-10-01T12:00:00+03:00"),
        ("Thu, 01 Oct 126 12:00GMT", "2026-10-01T12:00:00+00:00"),
        ("(a (b)) Thu (day), 01 Oct 2026 12 (h): 00 (m) : 00 EST", "2026-10-01T12:00:00-05:00"),
        ("Thu, 1 Oct 2026 1:05:00 PM +0300", "2026-10-01T13:05:00+03:00"),
        ("Thu, 1 Oct 2026 12:05 am -0530", "2026-10-01T00:05:00-05:30"),
        ("Thu, 1 Oct 2026 15:04 PM +0300", "2026-10-01T15:04:00+03:00"),
        ("Per, 01 Eki 2026 12:00:00 +0300", "2026-10-01T12:00:00+03:00"),
        ("Cmt, 01 Ağustos 2026 12:00:00 +0300", "2026-08-01T12:00:00+03:00"),
        ("2026-10-01 12:00:00 +0300", "2026-10-01T12:00:00+03:00"),
        ("2026-10-01T12:00:00.5+03:00", "2026-10-01T12:00:00.500000+03:00"),
        ("Thu, 31 Feb 2026 12:00:00 +0000", None),
        ("Thu, 01 Oct 2026 12:60:00 +0000", None),
        ("1 N\u0131s 2026 12:00:00 +0300", None),  # case folding takes the dotless i for an i
        ("(" * 200, None),
    ],
)
def test_an_instant_is_read_in_its_own_offset_or_not_at_all(written: str, meant: str | None) -> None:
    found = date(written)
    assert (found.isoformat() if found else None) == meant
