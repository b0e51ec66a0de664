"""Files of messages: under which type they are served, to whom, in pieces, and what their names may hide."""

from __future__ import annotations

from email.message import EmailMessage

import pytest
from flask.testing import FlaskClient

from helpdesk.file_names import danger, disposition, shown_name
from helpdesk.tickets.models import Attachment
from helpdesk.tickets.shown import attachment_url, message_view
from tests.cast import SUKRAN, Cast, messages, sign_in

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(200)) * 20
FILES = (
    ("çizim ığüş.png", "image/png", PNG),
    ("resim.png", "image/png", b"<script>alert(1)</script>"),
    ("sayfa.html", "text/html", b"<script>alert(1)</script>"),
    ("logo.svg", "image/svg+xml", b"<svg onload='alert(1)'/>"),
    ("fatura.pdf", "application/pdf", b"%PDF-1.7 x"),
    ("not.txt", "text/plain", b"merhaba"),
    ("fatura.pdf.exe", "application/pdf", b"MZ"),
)


@pytest.fixture
def stored(cast: Cast) -> list[Attachment]:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"], mail["Message-ID"] = SUKRAN, "destek@lodosev.example", "Dosyalar", "<f@x>"
    mail.set_content("ekte")
    for name, content_type, data in FILES:
        mail.add_attachment(data, *content_type.split("/"), filename=name)
    cast.receive(mail.as_bytes())
    return cast_files(cast)


def cast_files(cast: Cast) -> list[Attachment]:
    found: list[Attachment] = Attachment.query.order_by(Attachment.id).all()
    assert [file.filename for file in found] == [name for name, *_rest in FILES]
    return found


@pytest.mark.parametrize(
    ("number", "content_type", "disposition"),
    [
        (0, "image/png", "inline"),
        (1, "application/octet-stream", "attachment"),
        (2, "application/octet-stream", "attachment"),
        (3, "application/octet-stream", "attachment"),
        (4, "application/pdf", "inline"),
        (5, "text/plain", "inline"),
        (6, "application/octet-stream", "attachment"),
    ],
)
def test_a_browser_shows_only_what_cannot_run(
    client: FlaskClient, cast: Cast, stored: list[Attachment], number: int, content_type: str, disposition: str
) -> None:
    url = attachment_url(stored[number])
    sign_in(client, cast.burak)
    answer = client.get(url)
    assert (answer.mimetype, answer.headers["Content-Disposition"].split(";")[0]) == (content_type, disposition)
    assert answer.data == FILES[number][2]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_a_file_is_for_those_who_see_its_ticket(client: FlaskClient, cast: Cast, stored: list[Attachment]) -> None:
    url = attachment_url(stored[0])
    sign_in(client, cast.outsider)
    assert client.get(url).status_code == 404


def test_a_part_of_a_file_can_be_asked_for(client: FlaskClient, cast: Cast, stored: list[Attachment]) -> None:
    url = attachment_url(stored[0])
    sign_in(client, cast.burak)
    part = client.get(url, headers={"Range": "bytes=100-1999"})
    assert (part.status_code, part.data) == (206, PNG[100:2000])
    assert part.headers["Content-Range"] == f"bytes 100-1999/{len(PNG)}"
    assert client.get(url, headers={"Range": "bytes=-5"}).data == PNG[-5:]
    assert client.get(url, headers={"Range": "bytes=99999999-"}).status_code == 416
    assert client.get(url, headers={"If-None-Match": part.headers["ETag"]}).status_code == 304


def test_a_large_file_is_read_in_pieces(
    client: FlaskClient, cast: Cast, stored: list[Attachment], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("helpdesk.tickets.blobs.PIECE", 1_000)
    url = attachment_url(stored[0])
    sign_in(client, cast.burak)
    answer = client.get(url, buffered=False)
    sizes = [len(piece) for piece in answer.iter_encoded()]
    assert sizes == [1000, 1000, 1000, 1000, len(PNG) - 4000]


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("a.pdf", 'attachment; filename="a.pdf"'),
        ("ığ ş.pdf", "attachment; filename=\"ig s.pdf\"; filename*=UTF-8''%C4%B1%C4%9F%20%C5%9F.pdf"),
        ('a"b\\c\r\n.pdf', "attachment; filename=\"a_b_c.pdf\"; filename*=UTF-8''a%22b_c.pdf"),
        ("../../etc/passwd", 'attachment; filename="_.._etc_passwd"'),
        ("cod\u202efdp.exe", 'attachment; filename="codfdp.exe"'),
        ("日本.txt", "attachment; filename=\".txt\"; filename*=UTF-8''%E6%97%A5%E6%9C%AC.txt"),
    ],
)
def test_names_are_told_to_old_and_new_browsers(name: str, header: str) -> None:
    assert disposition(name, inline=False) == header


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        *(("fatura.pdf", ""), ("fotoğraf.JPG", ""), ("arşiv.tar.gz", ""), ("readme", ""), ("v1.2 son.docx", "")),
        *(("kurulum.exe", "runs"), ("SAYFA.HTML", "runs"), ("a.js ", "runs"), ("x.lnk", "runs"), ("KAYIT.Iso", "runs")),
        *(("fatura.pdf.exe", "disguised"), ("fatura.pdf            .scr", "disguised"), ("cod\u202efdp.exe", "disguised")),
        *(("foto\u202egnp.docx", "disguised"), ("bütçe.xlsm", "macros")),
    ],
)
def test_what_a_name_may_hide(name: str, expected: str) -> None:
    assert danger(name) == expected


def test_a_dangerous_file_is_marked_in_the_thread(cast: Cast, stored: list[Attachment]) -> None:
    shown = message_view(messages(stored[0].message.ticket)[0]).files  # type: ignore[union-attr]
    assert [bool(file.danger) for file in shown] == [False, False, True, True, False, False, True]
    assert shown_name("a\u202eb") == "ab"
