"""What an admin is told when a mail server cannot be used."""

from __future__ import annotations

import socket

import pytest

from channels import registry
from channels.base import Channel, CheckStep
from channels.failures import TemporaryFailure
from tests.rigs.mailserver import MailServer
from tests.rigs.ports import free_ports


def channel(server: MailServer, address: str, security: str = "none", **changes: str) -> Channel:
    return registry.get("email")(address, server.settings(address, security, **changes))


def failure(inbox: Channel) -> TemporaryFailure:
    with pytest.raises(TemporaryFailure) as caught:
        inbox.open("INBOX")
    assert caught.value.whole_inbox
    return caught.value


def test_a_wrong_password_is_a_login_failure_without_the_password(mail_server: MailServer) -> None:
    found = failure(channel(mail_server, "pass@example.com", imap_password="hunter2-secret"))
    assert found.code == "login" and "Authentication failed" in found.detail
    assert "hunter2" not in str(found)


def test_a_missing_folder_is_named(mail_server: MailServer) -> None:
    inbox = channel(mail_server, "nofolder@example.com", imap_folder="Nirgends")
    with pytest.raises(TemporaryFailure) as caught:
        inbox.open("Nirgends")
    assert caught.value.code == "folder" and "exist" in caught.value.detail


def test_a_closed_port_is_unreachable(mail_server: MailServer) -> None:
    assert failure(channel(mail_server, "p@example.com", imap_port=str(free_ports(1)[0]))).code == "unreachable"


def test_an_unknown_name_is_a_dns_failure(mail_server: MailServer) -> None:
    assert failure(channel(mail_server, "d@example.com", imap_host="mail.invalid")).code == "dns"


def test_a_silent_server_is_a_timeout(mail_server: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("channels.mailbox.imap_connection.CONNECT_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = str(silent.getsockname()[1])
        assert failure(channel(mail_server, "t@example.com", imap_port=port)).code == "timeout"


@pytest.mark.parametrize("security", ["ssl", "starttls"])
@pytest.mark.parametrize(
    ("certificate", "said"),
    [("expired", "expired"), ("wrong_name", "not valid for"), ("unknown_issuer", "self-signed|unable to get|issuer")],
)
def test_a_bad_certificate_is_a_tls_failure(
    certificate: str, said: str, security: str, monkeypatch: pytest.MonkeyPatch, mail_server: MailServer
) -> None:
    with MailServer(certificate=certificate) as server:
        monkeypatch.setenv("SSL_CERT_FILE", str(server.ca_file))
        inbox = channel(server, "tls@example.com", security)
        found = failure(inbox)
        assert found.code == "tls"
        assert any(word in found.detail for word in said.split("|"))
        steps = {step.step: step for step in inbox.check()}
        assert steps["connect_out"].code == "tls"


def test_a_server_without_starttls_is_a_tls_failure(mail_server: MailServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as plain:
        import threading

        def serve() -> None:
            connection, _address = plain.accept()
            with connection, connection.makefile("rwb", buffering=0) as lines:
                lines.write(b"* OK [CAPABILITY IMAP4rev1] hello\r\n")
                while line := lines.readline():
                    tag = line.split()[0]
                    lines.write(b"* CAPABILITY IMAP4rev1\r\n" + tag + b" OK done\r\n")

        server = threading.Thread(target=serve)
        server.start()
        port = str(plain.getsockname()[1])
        assert failure(channel(mail_server, "s@example.com", "starttls", imap_port=port)).code == "tls"
        server.join()


def test_missing_settings_are_named() -> None:
    assert "imap_host" in failure(registry.get("email")("x@example.com", {})).detail


def steps(found: list[CheckStep]) -> dict[str, bool | None]:
    return {step.step: step.ok for step in found}


def test_a_check_of_a_good_inbox_passes_every_step_and_sends_a_test_mail(trusted_mail_server: MailServer) -> None:
    inbox = channel(trusted_mail_server, "check@example.com", "starttls")
    assert set(steps(list(inbox.check(send_to="me@customer.example"))).values()) == {True}
    assert len(trusted_mail_server.wait_for_mails("me@customer.example")) == 1


def test_a_check_says_at_which_step_it_broke_and_still_tries_the_other_direction(mail_server: MailServer) -> None:
    inbox = channel(mail_server, "broken@example.com", imap_password="wrong")
    found = list(inbox.check())
    assert steps(found) == {
        "resolve_in": True,
        "connect_in": True,
        "login_in": False,
        "folder": None,
        "resolve_out": True,
        "connect_out": True,
        "login_out": True,
        "send": True,
    }
    assert next(step.code for step in found if step.ok is False) == "login"
