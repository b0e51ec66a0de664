"""Mails that are signed as a whole, and text that is signed in place: their words are read, and no signature is checked."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7Options, PKCS7SignatureBuilder

from channels.mime.cms import DATA, SIGNED_DATA, signed_content
from channels.mime.kinds import Protection
from channels.mime.message import read_mail
from channels.visible.reply import visible_text

ENTITY = (
    b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    b"Kapak k\xc4\xb1r\xc4\xb1k geldi.\r\n--b\r\nContent-Type: image/png; name=foto.png\r\n\r\nPNG\r\n--b--\r\n"
)
TYPE = "Content-Type: application/{}; smime-type=signed-data; name=smime.p7m\r\nContent-Transfer-Encoding: base64\r\n\r\n"


def signed(content: bytes) -> bytes:
    """An opaque signature with definite lengths (DER)."""
    key, name, now = ec.generate_private_key(ec.SECP256R1()), x509.Name([]), datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1))
    certificate = builder.sign(key, hashes.SHA256())
    signer = PKCS7SignatureBuilder().set_data(content).add_signer(certificate, key, hashes.SHA256())
    return signer.sign(Encoding.DER, [PKCS7Options.Binary])


def streamed(content: bytes) -> bytes:
    """The same with no lengths and in pieces (BER), as by who signs while he sends, and cut before its signatures."""
    pieces = b"".join(
        b"\x04" + bytes([len(part)]) + part for part in (content[at : at + 50] for at in range(0, len(content), 50))
    )
    octets = b"\x24\x80\x24\x80" + pieces + b"\0\0\0\0"
    inner = b"\x30\x80\x06\x09" + DATA + b"\xa0\x80" + octets + b"\0\0\0\0"
    return b"\x30\x80\x06\x09" + SIGNED_DATA + b"\xa0\x80\x30\x80\x02\x01\x01\x31\x80\x30\x80\0\0\0\0" + inner


def mail(kind: str, data: bytes) -> bytes:
    return b"From: a@b.example\r\nSubject: x\r\n" + TYPE.format(kind).encode() + base64.encodebytes(data)


@pytest.mark.parametrize("kind", ["pkcs7-mime", "x-pkcs7-mime"])
@pytest.mark.parametrize("sign", [signed, streamed])
def test_a_mail_that_is_signed_as_a_whole_is_read_and_kept(kind: str, sign) -> None:
    data = sign(ENTITY)
    message = read_mail(mail(kind, data))
    assert (message.text, message.protection) == ("Kapak kırık geldi.", Protection(signed="smime"))
    assert [(file.filename, file.data) for file in message.attachments] == [("foto.png", b"PNG"), ("smime.p7m", data)]


def test_a_file_that_is_signed_as_a_whole_stays_a_file() -> None:
    message = read_mail(mail("pkcs7-mime", signed(b"%PDF-1.7 fatura")))
    assert message.text == "" and len(message.attachments) == 1


def test_a_mail_that_is_signed_over_and_over_ends() -> None:
    data = ENTITY
    for _ in range(60):
        data = b"Content-Type: application/pkcs7-mime\r\n\r\n" + streamed_wide(data)
    assert read_mail(b"From: a@b.example\r\n" + data).attachments


def streamed_wide(content: bytes) -> bytes:
    """One piece of any size."""
    octets = b"\x04\x84" + len(content).to_bytes(4, "big") + content
    inner = b"\x30\x80\x06\x09" + DATA + b"\xa0\x80" + octets
    return b"\x30\x80\x06\x09" + SIGNED_DATA + b"\xa0\x80\x30\x80\x02\x01\x01\x31\x00" + inner


@pytest.mark.parametrize("cut", range(0, 120, 7))
def test_what_is_damaged_gives_what_is_there_or_nothing(cut: int) -> None:
    whole = streamed(ENTITY)
    assert ENTITY.startswith(signed_content(whole[:cut]))
    assert signed_content(b"\x24" * cut) == b"" and signed_content(b"\xa0\x80" * cut) == b""


ARMOURED = """-----BEGIN PGP SIGNED MESSAGE-----
Hash: SHA256

Kapak kırık geldi.
- -- 
Ayşe
-----BEGIN PGP SIGNATURE-----

iQEzBAEBCAAdFiEE
-----END PGP SIGNATURE-----
"""


def test_the_armour_around_signed_words_folds_away() -> None:
    assert visible_text(ARMOURED).visible == "Kapak kırık geldi."
    assert visible_text(ARMOURED).signature.endswith("\nAyşe")
    assert visible_text(f"Bakın:\n{ARMOURED}Selam").visible.startswith("Bakın:\nKapak kırık geldi.")


def test_an_armour_that_is_cut_stays() -> None:
    cut = ARMOURED[: ARMOURED.index("-----END")]
    assert "BEGIN PGP SIGNED" in visible_text(cut).visible
