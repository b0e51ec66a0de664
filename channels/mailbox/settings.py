"""The settings of an email inbox, and what they mean once defaults are filled in."""

from __future__ import annotations

import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from channels.base import N_, Setting
from channels.consent import TokenSource
from channels.failures import TemporaryFailure

Security = Literal["ssl", "starttls", "none"]
SECURITIES: tuple[tuple[str, str], ...] = (("ssl", "TLS"), ("starttls", "STARTTLS"), ("none", N_("None")))
PORTS: dict[str, dict[str, int]] = {
    "imap": {"ssl": 993, "starttls": 143, "none": 143},
    "smtp": {"ssl": 465, "starttls": 587, "none": 25},
}
YES_NO = (("yes", N_("Yes")), ("no", N_("No")))
MEGABYTE = 1_000_000
DEFAULT_SIZE_MB = 25
CONSENTS = ("microsoft", "google", "oauth")
AUTHS: tuple[tuple[str, str], ...] = (
    ("password", N_("Password")),
    ("microsoft", "Microsoft 365"),
    ("google", "Google"),
    ("oauth", N_("OAuth 2.0, another provider")),
)
BY_PASSWORD, BY_CONSENT = ("auth", ("password",)), ("auth", CONSENTS)
GENERIC = ("auth", ("oauth",))
OWNERS = ("auth", "oauth_tenant", "oauth_token_url", "oauth_client_id")
SIGN_IN = (
    Setting("auth", N_("Sign-in"), "choice", AUTHS, default="password", required=False, group=N_("Sign-in")),
    Setting(
        "oauth_client_id", N_("Client ID"), group=N_("Sign-in"), when=BY_CONSENT,
        help=N_("Of the application that you have registered with the provider"),
    ),
    Setting(
        "oauth_client_secret", N_("Client secret"), "password", required=False, group=N_("Sign-in"), bound_to=OWNERS,
        when=BY_CONSENT,
    ),
    Setting(
        "oauth_tenant", N_("Tenant"), required=False, group=N_("Sign-in"), when=("auth", ("microsoft",)),
        help=N_("The directory's ID or domain; consumers for Outlook.com. Empty: any organisation"),
    ),
    Setting("oauth_authorize_url", N_("Authorisation URL"), group=N_("Sign-in"), when=GENERIC),
    Setting("oauth_token_url", N_("Token URL"), group=N_("Sign-in"), when=GENERIC),
    Setting("oauth_scopes", N_("Scopes"), required=False, group=N_("Sign-in"), when=GENERIC),
    Setting(
        "oauth_account", N_("Account that consents"), required=False, group=N_("Sign-in"), when=BY_CONSENT,
        help=N_("Empty: the address of the inbox. For a shared mailbox: an account that may open it and send as it"),
    ),
)  # fmt: skip
SETTINGS = (
    *SIGN_IN,
    Setting("imap_host", N_("IMAP server"), group=N_("Receiving")),
    Setting("imap_port", N_("Port"), "integer", default="993", required=False, group=N_("Receiving")),
    Setting("imap_security", N_("Encryption"), "choice", SECURITIES, default="ssl", required=False, group=N_("Receiving")),
    Setting("imap_user", N_("User"), required=False, group=N_("Receiving"), help=N_("Empty: the address of the inbox")),
    Setting(
        "imap_password",
        N_("Password"),
        "password",
        group=N_("Receiving"),
        bound_to=("imap_host", "imap_security"),
        when=BY_PASSWORD,
    ),
    Setting(
        "imap_folder",
        N_("Folders"),
        default="INBOX",
        required=False,
        group=N_("Receiving"),
        help=N_("Several are separated by commas, each as the server names it: INBOX, Gelen Kutusu, [Gmail]/Spam"),
    ),
    Setting(
        "imap_sent_folder",
        N_("Folder of sent mail"),
        required=False,
        group=N_("Receiving"),
        help=N_(
            "Answers that colleagues write in Outlook or Gmail lie there, and count as answers. Empty: it is not read. "
            "A test finds its name"
        ),
    ),
    Setting(
        "auth_server",
        N_("Server that checks senders"),
        required=False,
        group=N_("Receiving"),
        help=N_(
            "The name at the start of its Authentication-Results header, such as mx.example.com. Empty: nobody is believed"
        ),
    ),
    Setting("smtp_host", N_("SMTP server"), group=N_("Sending")),
    Setting("smtp_port", N_("Port"), "integer", default="587", required=False, group=N_("Sending")),
    Setting(
        "smtp_security", N_("Encryption"), "choice", SECURITIES, default="starttls", required=False, group=N_("Sending")
    ),
    Setting("smtp_user", N_("User"), required=False, group=N_("Sending"), help=N_("Empty: no login")),
    Setting(
        "smtp_password", N_("Password"), "password", required=False, group=N_("Sending"),
        bound_to=("smtp_host", "smtp_security"),
        when=BY_PASSWORD,
    ),
    Setting(
        "aliases", N_("Further addresses"), "addresses", required=False, group=N_("Addresses"),
        help=N_("Other addresses whose mail arrives here, separated by commas. An answer leaves from the one written to."),
    ),
    Setting(
        "bounce_address", N_("Address for bounces"), required=False, group=N_("Addresses"),
        help=N_("Empty: the inbox itself. In bounces+*@example.com the star names the message; its mail must arrive here."),
    ),
    Setting(
        "size_mb", N_("Largest mail (MB)"), "integer", default="25", required=False, group=N_("Addresses"),
        help=N_("Files count a third more."),
    ),
    Setting(
        "sent_folder", N_("Folder for copies"), required=False, group=N_("Addresses"),
        help=N_("Such as Sent. Leave it empty for Gmail and Microsoft 365: they keep a copy themselves."),
    ),
    Setting("signature_en", N_("Signature in English"), "template", required=False, group=N_("Below a reply")),
    Setting("signature_tr", N_("Signature in Turkish"), "template", required=False, group=N_("Below a reply")),
    Setting(
        "quote_history", N_("Earlier messages below a reply"), "choice", YES_NO, default="yes", required=False,
        group=N_("Below a reply"),
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where and how to reach one server of an inbox; an empty user means that no login is tried.

    ``tokens``: sign in with what they give instead of the password.
    """

    host: str
    port: int
    security: Security
    user: str
    password: str = field(repr=False)
    tokens: TokenSource | None = None

    def ready(self) -> Endpoint:
        """Itself, once it is known that there is a token to sign in with. Raises TemporaryFailure("consent")."""
        if self.tokens is not None:
            self.tokens.token()
        return self

    def tls(self) -> ssl.SSLContext:
        """A context that verifies certificate and name; SSL_CERT_FILE may name another authority."""
        return ssl.create_default_context()


def incoming(address: str, values: Mapping[str, str], tokens: TokenSource | None = None) -> Endpoint:
    """The IMAP server. Raises TemporaryFailure("settings") when a setting is missing or wrong."""
    endpoint = _endpoint("imap", values, default_security="ssl", default_user=address)
    return _signing_in(endpoint, address, values, tokens)


def outgoing(address: str, values: Mapping[str, str], tokens: TokenSource | None = None) -> Endpoint:
    """The SMTP server. Raises TemporaryFailure("settings") when a setting is missing or wrong."""
    endpoint = _endpoint("smtp", values, default_security="starttls", default_user="")
    return _signing_in(endpoint, address, values, tokens)


def _signing_in(endpoint: Endpoint, address: str, values: Mapping[str, str], tokens: TokenSource | None) -> Endpoint:
    """The endpoint with tokens where they are the way in: then no stored password is tried, even if there is one."""
    if values.get("auth", "") not in CONSENTS:
        return endpoint
    return replace(endpoint, user=endpoint.user or address, password="", tokens=tokens or NoTokens())


class NoTokens:
    """The tokens of an inbox that has not been saved yet."""

    def token(self, refused: str = "") -> str:  # noqa: ARG002
        raise TemporaryFailure("consent", "", whole_inbox=True)


def folders(values: Mapping[str, str]) -> tuple[str, ...]:
    """The folders to read, INBOX unless others are named, separated by commas or line ends."""
    return tuple(dict.fromkeys(listed(values.get("imap_folder", "")))) or ("INBOX",)


def size_bytes(values: Mapping[str, str]) -> int:
    """The largest mail that the inbox's provider accepts, in bytes as sent."""
    given = values.get("size_mb", "").strip()
    return (int(given) if given.isascii() and given.isdigit() and int(given) else DEFAULT_SIZE_MB) * MEGABYTE


def listed(value: str) -> tuple[str, ...]:
    """The parts of a setting that are separated by commas or line ends."""
    return tuple(filter(None, (part.strip() for part in re.split(r"[,\r\n]", value))))


def sent_folders(values: Mapping[str, str]) -> tuple[str, ...]:
    """The folders where mail lies that one of us has sent; none unless they are named."""
    return tuple(dict.fromkeys(listed(values.get("imap_sent_folder", ""))))


def _endpoint(protocol: str, values: Mapping[str, str], *, default_security: Security, default_user: str) -> Endpoint:
    host = values.get(f"{protocol}_host", "").strip()
    if not host:
        raise TemporaryFailure("settings", f"{protocol}_host is missing", whole_inbox=True)
    security = values.get(f"{protocol}_security", "").strip() or default_security
    if security not in PORTS[protocol]:
        raise TemporaryFailure("settings", f"{protocol}_security must be ssl, starttls or none", whole_inbox=True)
    port = values.get(f"{protocol}_port", "").strip() or str(PORTS[protocol][security])
    if not port.isascii() or not port.isdigit() or not 0 < int(port) < 65_536:
        raise TemporaryFailure("settings", f"{protocol}_port must be a number up to 65535", whole_inbox=True)
    user = values.get(f"{protocol}_user", "").strip() or default_user
    return Endpoint(host, int(port), security, user, values.get(f"{protocol}_password", ""))  # type: ignore[arg-type]
