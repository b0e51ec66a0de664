"""The mail server that other tests stand on."""

from __future__ import annotations

import smtplib
import ssl

import pytest
from imapclient import IMAPClient

from tests.rigs.mailserver import MailServer
from tests.rigs.wait import PATIENCE

MAIL = b"From: a@customer.example\r\nTo: rig@example.com\r\nSubject: hello\r\n\r\nbody\r\n"


def submit(server: MailServer, recipient: str, sender: str = "rig@example.com") -> None:
    with smtplib.SMTP("localhost", server.smtp_port, timeout=PATIENCE) as smtp:
        smtp.sendmail(sender, [recipient], MAIL)


def test_appended_mail_is_in_the_mailbox(mail_server: MailServer) -> None:
    mail_server.append("rig-append@example.com", MAIL, MAIL)
    assert mail_server.mails("rig-append@example.com") == [MAIL, MAIL]


def test_outbound_mail_lands_in_a_mailbox_per_recipient(mail_server: MailServer) -> None:
    submit(mail_server, "ayse@customer.example")
    submit(mail_server, "ali@customer.example")
    (mail,) = mail_server.wait_for_mails("ayse@customer.example")
    assert b"Envelope-to: ayse@customer.example" in mail


def test_plus_addressed_mail_reaches_the_mailbox_over_imap(mail_server: MailServer) -> None:
    mail_server.settings("rig-plus@example.com")
    submit(mail_server, "rig-plus+1042@example.com")
    mail_server.wait_for_mails("rig-plus@example.com")
    with mail_server.client("rig-plus@example.com") as client:
        assert client.select_folder("INBOX")[b"EXISTS"] == 1


def test_refused_recipients_and_genuine_bounces(mail_server: MailServer) -> None:
    mail_server.settings("rig-bounce@example.com")
    with pytest.raises(smtplib.SMTPRecipientsRefused, match="550"):
        submit(mail_server, "gone@customer.example")
    submit(mail_server, "bounce@customer.example", "rig-bounce@example.com")
    (bounce,) = mail_server.wait_for_mails("rig-bounce@example.com")
    assert b"message/delivery-status" in bounce


@pytest.mark.parametrize("certificate", ["expired", "wrong_name", "unknown_issuer"])
def test_bad_certificates_are_refused(certificate: str) -> None:
    with MailServer(certificate=certificate) as server:
        context = ssl.create_default_context(cafile=server.ca_file)
        with pytest.raises(ssl.SSLCertVerificationError):
            IMAPClient("localhost", server.imaps_port, ssl_context=context, timeout=PATIENCE)


def test_tls_and_starttls_work_with_the_authority_trusted(mail_server: MailServer) -> None:
    context = ssl.create_default_context(cafile=mail_server.ca_file)
    with IMAPClient("localhost", mail_server.imaps_port, ssl_context=context, timeout=PATIENCE) as client:
        client.login("rig-tls@example.com", mail_server.password)
    with smtplib.SMTP("localhost", mail_server.smtp_port, timeout=PATIENCE) as smtp:
        smtp.starttls(context=context)
        assert smtp.login("rig-tls@example.com", mail_server.password)[0] == 235
