"""Any bytes give a message, with as much of what the sender meant as can be read."""

from __future__ import annotations

import base64
import quopri
from datetime import datetime, timedelta, timezone

import pytest

from channels.messages import Address, IncomingMessage
from channels.mime.message import read_mail
from tests.channels.mails import mail

PDF = b"%PDF-1.4 \x00\xff\r\n binary"


def read(*lines: str | bytes) -> IncomingMessage:
    return read_mail(b"\r\n".join(line if isinstance(line, bytes) else line.encode() for line in lines))


def part(header: str, body: bytes | str) -> list[str | bytes]:
    return ["--b", *header.split("\n"), "", body]


def multipart(kind: str, *parts: list[str | bytes]) -> IncomingMessage:
    head = ["From: a@x", f"Content-Type: multipart/{kind}; boundary=b", "", "preamble"]
    return read(*head, *(line for each in parts for line in each), "--b--", "epilogue")


def pdf(header: str) -> list[str | bytes]:
    return part(f"{header}\nContent-Transfer-Encoding: base64", base64.encodebytes(PDF))


def test_the_fields_of_a_plain_turkish_mail() -> None:
    message = read(
        "From: =?iso-8859-9?Q?Ay=FEe_Y=FDld=FDz?= <Ayse@Customer.Example>",
        'To: "Destek, Ekibi" <support@example.com>, Ali <ali@example.com>',
        "Cc: grup: bir@x.example, =?utf-8?B?xLBraQ==?= <iki@x.example>;",
        "Reply-To: baska@customer.example",
        "Subject: =?utf-8?Q?Sipari=C5=9F?= =?utf-8?Q?im_gelmedi?=",
        "Date: Fri, 12 Jan 2024 14:05:00 +0300 (TRT)",
        "Message-ID: <1@customer.example>",
        "In-Reply-To: <0@example.com>",
        "References: <a@example.com> <b@example.com>\r\n\t<0@example.com>",
        "",
        "Merhaba",
    )
    assert message.sender == Address("Ayse@Customer.Example", "Ayşe Yıldız")
    assert message.to == (Address("support@example.com", "Destek, Ekibi"), Address("ali@example.com", "Ali"))
    assert message.cc == (Address("bir@x.example"), Address("iki@x.example", "İki"))
    assert message.subject == "Siparişim gelmedi"
    assert message.sent_at == datetime(2024, 1, 12, 14, 5, tzinfo=timezone(timedelta(hours=3)))
    assert message.references == ("a@example.com", "b@example.com", "0@example.com")
    assert (message.message_id, message.in_reply_to, message.defects) == ("1@customer.example", ("0@example.com",), ())


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("=?utf-8?Q?hello world?=", "hello world"),
        ("=?utf-8?B?xLBzdGFuYnVs?=", "İstanbul"),
        ("=?utf-8?B?xLBzdGFuYnVs", "İstanbul"),
        ("=?utf-8?Q?=C4?= =?utf-8?Q?=B0zmir?=", "İzmir"),
        ("=?utf-8?B?xLBzdGFuYnVsIA?= tamam", "İstanbul tamam"),
        ("Re:=?iso-8859-9?Q?=DDade?=", "Re:İade"),
        ("=?unknown-8bit?Q?=DDade_iste=F0i?=", "İade isteği"),
        ("=?iso-8859-1?Q?sipari=FEim_nerede=3F_l=FCtfen_h=FDzl=FD?=", "siparişim nerede? lütfen hızlı"),
        ("=?utf-8*tr?Q?dil?=", "dil"),
        ("=?x?Q? broken", "broken"),
        ("a=?b", "a=?b"),
    ],
)
def test_encoded_words_are_read_also_when_broken(written: str, meant: str) -> None:
    assert read(f"Subject: {written}", "", "").subject == meant


@pytest.mark.parametrize(
    ("charset", "data"),
    [
        ("utf-8", "ğüşıöç İĞ ₺".encode()),
        ("iso-8859-9", "ğüşıöç İĞ".encode("iso-8859-9")),
        ("windows-1254", "ğüşıöç İĞ €".encode("cp1254")),
        ("iso-8859-1", "ğüşıöç İĞ".encode("iso-8859-9")),
        ("windows-1252", "ğüşıöç İĞ".encode("cp1254")),
        ("iso-8859-9", "ğüşıöç İĞ".encode()),
        ("us-ascii", "ğüşıöç İĞ".encode("cp1254")),
        ("us-ascii", "ğüşıöç İĞ".encode()),
        ("unknown-8bit", "ğüşıöç İĞ".encode("cp1254")),
        ("x-nonsense", "ğüşıöç İĞ".encode()),
        ("utf-8", "ğüşıöç İĞ".encode("cp1254")),
        ("", "ğüşıöç İĞ".encode("cp1254")),
    ],
)
def test_turkish_is_read_whatever_the_label_says(charset: str, data: bytes) -> None:
    message = read(f"Content-Type: text/plain; charset={charset}", "", data)
    assert message.text.startswith("ğüşıöç İĞ")


@pytest.mark.parametrize(
    ("charset", "text"),
    [
        ("iso-8859-1", "það er gott á Íslandi"),
        ("koi8-r", "Здравствуйте, где мой заказ"),
        ("gb2312", "你好"),
        ("iso-2022-jp", "こんにちは"),
        ("utf-7", "é+"),
        ("utf-16", "merhaba ş"),
    ],
)
def test_other_charsets_are_read_as_labelled(charset: str, text: str) -> None:
    encoded = base64.b64encode(text.encode(charset))
    message = read(f"Content-Type: text/plain; charset={charset}", "Content-Transfer-Encoding: base64", "", encoded)
    assert message.text == text


def test_unlabelled_8bit_headers_are_read() -> None:
    message = read("From: Ayşe <a@x>".encode("cp1254"), "Subject: Şikâyet", "", "")
    assert (message.sender.name, message.subject) == ("Ayşe", "Şikâyet")


def test_text_and_html_are_one_message_and_files_stay_as_they_were() -> None:
    message = multipart(
        "mixed",
        part(
            "Content-Type: multipart/alternative; boundary=c",
            "--c\r\n\r\ntext\r\n--c\r\nContent-Type: text/html\r\n\r\n<p>html</p>\r\n--c--",
        ),
        pdf("Content-Type: application/pdf\nContent-Disposition: attachment; filename*=UTF-8''%C4%B0ade%20formu.pdf"),
        pdf("Content-Type: application/pdf"),
        pdf("Content-Type: image/png\nContent-ID: <logo@x>\nContent-Disposition: inline"),
    )
    assert (message.text, message.html) == ("text", "<p>html</p>")
    assert [(a.filename, a.content_type, a.inline, a.content_id) for a in message.attachments] == [
        ("İade formu.pdf", "application/pdf", False, ""),
        ("attachment-2.pdf", "application/pdf", False, ""),
        ("attachment-3.png", "image/png", True, "logo@x"),
    ]
    assert {a.data for a in message.attachments} == {PDF} and message.defects == ("no date header", "no message-id header")


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ("attachment; filename=my file.pdf", "my file.pdf"),
        ("attachment; filename=my file (1).pdf (a comment); size=3", "my file (1).pdf"),
        ('attachment; filename="=?utf-8?B?xLBhZGUucGRm?="', "İade.pdf"),
        ("attachment; filename*0*=utf-8''%C4%B0; filename*1=ade; filename*2=.pdf", "İade.pdf"),
        ("attachment; filename=x.pdf; filename*=utf-8''%C5%9F.pdf", "ş.pdf"),
        ('attachment; filename="../../etc/passwd"', "passwd"),
        ('attachment; filename="C:\\\\dir\\\\a;b.pdf"', "a;b.pdf"),
        ('attachment; filename="sipariş.pdf"', "sipariş.pdf"),
        ('attachment; filename=".."', "attachment-1.pdf"),
        ('attachment; filename="evil\u202efdp.exe"', "evilfdp.exe"),
    ],
)
def test_attachment_names_are_read_and_made_harmless(disposition: str, name: str) -> None:
    message = multipart("mixed", pdf(f"Content-Type: application/pdf\nContent-Disposition: {disposition}"))
    assert [a.filename for a in message.attachments] == [name]


def test_html_alone_is_also_text() -> None:
    html = '<style>p{}</style><p>Merhaba</p><ul><li>bir</li><li><a href="https://x.example/">iki</a></li></ul>'
    assert read("Content-Type: text/html", "", html).text == "Merhaba\n\n- bir\n- iki <https://x.example/>"


def test_flowed_text_is_put_together() -> None:
    message = read(
        "Content-Type: text/plain; format=flowed; delsp=yes", "", "bir iki \r\nüç\r\n> alıntı \r\n> devam\r\n-- \r\nimza"
    )
    assert message.text == "bir ikiüç\n> alıntıdevam\n-- \nimza"


def test_uuencoded_files_are_taken_out_of_the_text() -> None:
    message = read("Content-Type: text/plain", "", "önce", "begin 644 a.txt", "#0V%T", "`", "end", "sonra")
    assert message.text == "önce\nsonra"
    assert [(a.filename, a.data) for a in message.attachments] == [("a.txt", b"Cat")]


def test_a_forwarded_mail_stays_a_closed_file() -> None:
    inner = mail("inner")
    message = multipart("mixed", part("Content-Type: text/plain", "see"), part("Content-Type: message/rfc822", inner))
    assert message.text == "see"
    assert [(a.filename, a.data) for a in message.attachments] == [("inner.eml", inner)]


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        (["Content-Type: multipart/mixed; boundary=b", "", "--b", "", "never closed"], "never closed"),
        (
            ["Content-Type: multipart/mixed", "", "--zz", "Content-Type: text/plain", "", "no boundary", "--zz--"],
            "no boundary",
        ),
        (["Content-Type: multipart/mixed; boundary=b", "", "no parts at all"], "no parts at all"),
        (["Content-Type: multipart/mixed; boundary=b", "", "--b", "header-less body", "--b--"], "header-less body"),
        (["Content-Transfer-Encoding: base64", "", "bWVya!GFiYQ"], "merhaba"),
        (["Content-Transfer-Encoding: x-new", "", "as it is"], "as it is"),
        (["Content-Type: nonsense", "", "still text"], "still text"),
        (["a line without a colon", "Subject: x", "", "body"], "body"),
        (["Subject: x", "this is no header"], "this is no header"),
        (["\ufeffSubject: x", "", "body"], "body"),
        (["From someone Mon Jan  1 00:00:00 2024", "Subject: x", "", "body"], "body"),
    ],
)
def test_broken_structure_is_read_as_far_as_possible_and_named(lines: list[str], text: str) -> None:
    message = read(*lines)
    assert message.text.strip() == text
    assert len(message.defects) > 3  # more than the missing sender, date and Message-ID


def test_a_message_id_with_brackets_and_an_unknown_charset_are_no_obstacle() -> None:
    message = read("Message-ID: <[abc]@x>", "Content-Type: text/plain; charset=unknown-8bit", "", "ok")
    assert (message.message_id, message.text) == ("[abc]@x", "ok")


def test_endless_references_and_recipients_are_bounded() -> None:
    references = "References:" + "".join(f"\r\n <{number}@x>" for number in range(10_000))
    to = "To: " + ", ".join(f"Kişi {number} <{number}@x.example>" for number in range(500))
    message = read(references, to, "", "body")
    assert len(message.references) == 1_000 and message.references[-1] == "9999@x" and message.references[0] == "0@x"
    assert len(message.to) == 500


def test_ten_thousand_parts_and_deep_nesting_are_cut_off_with_a_word() -> None:
    many = multipart("mixed", *(part("Content-Type: text/plain", f"{number}") for number in range(10_000)))
    assert any("more than 1000 parts" in defect for defect in many.defects)
    nested = "".join(f"Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n" for n in range(2_000))
    assert any("nested deeper" in defect for defect in read_mail(nested.encode()).defects)


def test_forty_megabytes_arrive_byte_for_byte() -> None:
    data = bytes(range(256)) * 117_000
    head = b"Content-Type: application/zip\r\nContent-Disposition: attachment\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    (attachment,) = read_mail(head + base64.encodebytes(data).replace(b"\n", b"\r\n")).attachments
    assert attachment.data == data


def test_quoted_printable_is_undone() -> None:
    body = quopri.encodestring("eşittir = işareti\r\n".encode())
    assert read("Content-Transfer-Encoding: quoted-printable", "", body).text.strip() == "eşittir = işareti"


def test_our_own_token_comes_back_with_the_reply() -> None:
    message = read("From: a@x", "In-Reply-To: <1f2e.tok-3.9ab@example.com>", "", "x")
    assert message.in_reply_to == ("1f2e.tok-3.9ab@example.com",)


def test_authentication_is_believed_only_from_the_last_server() -> None:
    message = read(
        "Authentication-Results: mx.example.com; spf=pass smtp.mailfrom=a@x; dkim=fail header.d=x",
        "Authentication-Results: mx.example.com; dmarc=fail header.from=x",
        "Authentication-Results: forged.example; dmarc=pass header.from=x",
        "",
        "",
    )
    assert message.authenticated_by == "mx.example.com"
    assert message.authentication == (("spf", "pass"), ("dkim", "fail"), ("dmarc", "fail"))
    nothing_said = read(
        "Authentication-Results: mx.example.com; none", "Authentication-Results: forged.example; spf=pass", "", "x"
    )
    assert nothing_said.authentication == () and nothing_said.authenticated_by == "mx.example.com"


@pytest.mark.parametrize(
    ("value", "results"),
    [
        (
            "spf=pass (sender IP is 192.0.2.1; x) smtp.mailfrom=a.example; dmarc=pass action=none header.from=a.example",
            (("spf", "pass"), ("dmarc", "pass")),
        ),
        (
            "mx.example; iprev=pass policy.iprev=2001:db8::2 (a); spf=none smtp.mailfrom=a@b",
            (("iprev", "pass"), ("spf", "none")),
        ),
        ('mx.example; dkim=fail reason="no; dmarc=pass" header.d=x header.ip=2001:db8::2;', (("dkim", "fail"),)),
        ("Hello, world", ()),
    ],
)
def test_results_that_break_the_grammar_are_read_all_the_same(value: str, results: tuple[tuple[str, str], ...]) -> None:
    forged = "Authentication-Results: forged.example; dmarc=pass header.from=x"
    assert read(f"Authentication-Results: {value}", forged, "", "body").authentication == results
