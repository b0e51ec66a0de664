"""Forms of mail that programs write against the standards; each was once read wrong."""

from __future__ import annotations

import pytest

from channels.messages import IncomingMessage
from channels.mime.message import read_mail

HEAD = "From: Ali <a@b.example>\nSubject: Konu\n"


def read(source: str) -> IncomingMessage:
    return read_mail(source.replace("\n", "\r\n").encode())


def names(message: IncomingMessage) -> list[str]:
    return [each.filename for each in message.attachments]


def test_a_folded_line_without_its_blank_belongs_to_the_field_before() -> None:
    part = "--b\nContent-Type: application/zip;\nname=a.zip\nContent-Transfer-Encoding: base64\n\nQQ==\n--b--\n"
    message = read(f"{HEAD}Content-Type: multipart/mixed; boundary=b\n\n{part}")
    assert [(each.filename, each.data) for each in message.attachments] == [("a.zip", b"A")]


def test_a_first_field_that_is_indented_is_a_field() -> None:
    assert read(f" {HEAD}\nMerhaba").sender.address == "a@b.example"


def test_a_header_that_an_empty_line_tore_apart_goes_on() -> None:
    message = read(f"From ali@b Sun Nov 22 10:00:00 2026\nMIME-Version: 1.0\n\n   \n\n{HEAD}\nMerhaba")
    assert (message.sender.address, message.subject, message.text) == ("a@b.example", "Konu", "Merhaba")
    assert read(f"{HEAD}\nFrom: c@d.example\n\nyazdı").text == "From: c@d.example\n\nyazdı"


def test_the_first_of_two_content_types_counts() -> None:
    message = read(f"{HEAD}Content-Type: multipart/mixed; boundary=b\nContent-Type: text/plain\n\n--b\n\nMerhaba\n--b--\n")
    assert message.text == "Merhaba"


def test_parts_after_an_early_closing_delimiter_are_kept() -> None:
    file = "--b\nContent-Type: application/zip; name=a.zip\n\nPK\n--b--\n"
    assert names(read(f"{HEAD}Content-Type: multipart/mixed; boundary=b\n\n--b\n\nMerhaba\n--b--\n\n{file}")) == ["a.zip"]
    assert (
        names(read(f"{HEAD}Content-Type: multipart/mixed; boundary=b\n\n--b\n\nMerhaba\n--b--\n--b\nörnek\n--b--\n")) == []
    )


def test_a_nested_multipart_may_repeat_its_parents_boundary() -> None:
    said = "--b\n\nMerhaba\n--b\nContent-Type: text/html\n\n<p>Merhaba\n--b--\n"
    inner = f"--b\nContent-Type: multipart/alternative; boundary=b\n\n{said}"
    message = read(f"{HEAD}Content-Type: multipart/mixed; boundary=b\n\n{inner}--b\nContent-Type: image/png\n\nx\n--b--\n")
    assert (message.text, names(message)) == ("Merhaba", ["attachment-1.png"])


@pytest.mark.parametrize("encoding", ["7-bit", "8 bit", "8bits", "plain", '"binary"', "text/html"])
def test_an_encoding_that_is_none_is_no_defect(encoding: str) -> None:
    message = read(
        f"{HEAD}Date: Sun, 22 Nov 2026 10:00:00 +0300\nMessage-ID: <1@x>\nContent-Transfer-Encoding: {encoding}\n\nMerhaba"
    )
    assert (message.text, message.defects) == ("Merhaba", ())


@pytest.mark.parametrize(
    ("encoding", "body", "expected"),
    [
        ("quoted printable", "Sipari=C5=9F=20=  \nim", "Sipariş im"),
        ("base64", "TWVyaGFiYQ==\n-- \nListe: https://liste.example/a?b=c", "Merhaba"),
        ("base64", "TWVy\naGE=\nYmE=\n", "Merhaba"),
        ("base64", "TWVyaGFiYQ", "Merhaba"),
    ],
)
def test_damaged_encodings_give_what_was_encoded(encoding: str, body: str, expected: str) -> None:
    message = read(f"{HEAD}Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: {encoding}\n\n{body}")
    assert message.text == expected


@pytest.mark.parametrize(
    ("headers", "text", "files"),
    [
        ("Content-Type: text/plain\nContent-Disposition: inline; filename=not.txt", "Merhaba\n\nnot", ["not.txt"]),
        ("Content-Type: text/plain; name=not.txt", "Merhaba", ["not.txt"]),
        ("Content-Type: text/plain\nContent-Disposition: attachment", "Merhaba", ["attachment-1.txt"]),
        ("Content-Type: image/jpg\nContent-ID: <logo.png@01D>", "Merhaba", ["logo.png"]),
        ("Content-Type: image/png\nContent-Location: https://x.example/a/foto.png?s=1", "Merhaba", ["foto.png"]),
        ("Content-Type: message/rfc822\n\nSubject: =?utf-8?q?=C5=9Eik=C3=A2yet/1?=", "Merhaba", ["Şikâyet 1.eml"]),
    ],
)
def test_text_files_and_names(headers: str, text: str, files: list[str]) -> None:
    message = read(f"{HEAD}Content-Type: multipart/mixed; boundary=b\n\n--b\n\nMerhaba\n--b\n{headers}\n\nnot\n--b--\n")
    assert (message.text, names(message)) == (text, files)


def test_a_mail_without_words_speaks_through_the_message_in_it() -> None:
    message = read(f"{HEAD}Content-Type: message/rfc822\n\nSubject: Asıl\n\nMerhaba")
    assert (message.text, names(message)) == ("Merhaba", ["Asıl.eml"])


def test_text_inside_a_multipart_that_is_a_file_is_not_the_message() -> None:
    inner = "--c\n\niçerik\n--c--"
    file = f"Content-Type: multipart/mixed; boundary=c\nContent-Disposition: attachment\n\n{inner}"
    message = read(f"{HEAD}Content-Type: multipart/mixed; boundary=b\n\n--b\n\nMerhaba\n--b\n{file}\n--b--\n")
    assert (message.text, [each.data for each in message.attachments]) == ("Merhaba", ["içerik".encode()])


def test_a_multipart_without_boundary_may_hold_another() -> None:
    message = read(
        f"{HEAD}Content-Type: multipart/mixed\n\n--b\nContent-Type: multipart/mixed\n\n--b\nContent-Type: text/plain\n\nx"
    )
    assert message.text == "x"


def test_words_that_are_labelled_base64_stay_as_they_were_written() -> None:
    text = "Merhaba, faturam gelmedi.\nBakar mısınız?"
    assert read(f"{HEAD}Content-Transfer-Encoding: base64\n\n{text}").text == text
    assert read(f"{HEAD}Content-Transfer-Encoding: base64\n\nTWVyaGFiYQ==").text == "Merhaba"


def test_a_signed_text_without_any_header_loses_no_line() -> None:
    armour = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\nMerhaba\n"
    assert read(armour).text == armour


def test_a_field_without_a_name_ends_no_header() -> None:
    message = read(f"{HEAD}: Bozuk\nTo: destek@x.example\n: son\n\nMerhaba")
    assert (message.text, [each.address for each in message.to]) == ("Merhaba", ["destek@x.example"])


def test_a_text_a_hundred_containers_deep_is_still_found() -> None:
    nested = "".join(f"Content-Type: multipart/mixed; boundary=b{n}x\n\n--b{n}x\n" for n in range(100))
    assert read(f"{HEAD}{nested}\nMerhaba\n").text.strip() == "Merhaba"
