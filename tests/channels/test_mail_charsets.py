"""Bytes become the text that was meant, whatever is said or not said about their charset."""

from __future__ import annotations

import pytest

from channels.mime.charset import decode, meta_charset

TURKISH = "Şikâyetim var: siparişim gelmedi, çok üzgünüm. Iğdır'dan selamlar"
POLISH = "Dzień dobry, proszę o informację, gdzie jest moja przesyłka"
RUSSIAN = "Здравствуйте, где мой заказ? Я жду уже две недели, прошу вернуть деньги"
JAPANESE = "こんにちは、注文はどこですか？二週間待っています。よろしくお願いします"
CHINESE = "您好，请问我的订单在哪里？我已经等了两个星期了，谢谢您的帮助"


@pytest.mark.parametrize("label", [None, "us-ascii", "x-unknown", "undefined"])
@pytest.mark.parametrize(
    ("text", "codec"),
    [
        (TURKISH, "utf-8"), (TURKISH, "cp1254"), ("Domani e martedì la rimonta, città", "cp1252"), (POLISH, "cp1250"),
        (POLISH, "iso8859-2"), (RUSSIAN, "cp1251"), (RUSSIAN, "koi8_r"), (JAPANESE, "cp932"), (JAPANESE, "euc_jp"),
        (CHINESE, "gb18030"), (TURKISH, "utf-16"),
    ],
)  # fmt: skip
def test_unlabelled_text_is_read_by_likelihood(text: str, codec: str, label: str | None) -> None:
    assert decode(text.encode(codec), label)[0] == text


@pytest.mark.parametrize(
    ("data", "label", "expected"),
    [
        (TURKISH.encode(), "iso-8859-1", TURKISH),
        (TURKISH.encode("cp1254"), "iso-8859-1", TURKISH),
        (TURKISH.encode("cp1254"), "iso-8859-9", TURKISH),
        (TURKISH.encode("cp1254"), "utf-8", TURKISH),
        ("Þórður á Íslandi".encode("cp1252"), "iso-8859-1", "Þórður á Íslandi"),
        ("屄".encode("gb18030"), "gb2312", "屄"),
        ("똠".encode("cp949"), "ks_c_5601-1987", "똠"),
        ("€ “iyi”".encode("cp1254"), "iso-8859-9", "€ “iyi”"),
        (b"\xef\xbb\xbfMerhaba", "utf-8", "Merhaba"),
        (b"+AF4-x", "unicode-1-1-utf-7", "^x"),
        (TURKISH.encode() + b"\n" + TURKISH.encode("cp1254"), "utf-8", f"{TURKISH}\n{TURKISH}"),
        ("Şikâyet ş".encode()[:-1], "utf-8", "Şikâyet \ufffd"),
        (b"caf\xe9", "utf-8", "café"),
    ],
)
def test_a_label_that_lies_is_not_believed(data: bytes, label: str, expected: str) -> None:
    assert decode(data, label)[0] == expected


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b'<meta http-equiv=Content-Type content="text/html; charset=windows-1254">', "windows-1254"),
        (b"<META CHARSET='utf-8'>", "utf-8"),
        (b'<?xml version="1.0" encoding="iso-8859-9"?><html>', "iso-8859-9"),
        (b"<p>charset=utf-7</p>", ""),
    ],
)
def test_a_document_may_name_its_own_charset(head: bytes, expected: str) -> None:
    assert meta_charset(head) == expected
