"""Servers of well-known mail providers, from their help pages (November 2026)."""

from __future__ import annotations

from channels.base import N_, Preset

APP_PASSWORD = N_("Needs an app password: the account's own password is refused.")
GOOGLE = N_(
    "Google: in Google Cloud, make a project, enable the Gmail API, and create an OAuth client of the type "
    "“Web application” with the redirect URI shown below. Copy its ID and secret here, save, and connect. "
    "Or sign in with an app password."
)
MICROSOFT = N_(
    "Microsoft: in Entra, under App registrations, register an application with the redirect URI shown below (Web). "
    "Add the delegated permissions IMAP.AccessAsUser.All and SMTP.Send and create a client secret. "
    "Copy ID and secret here, save, and connect."
)


def _preset(
    name: str,
    imap: str,
    smtp: str,
    smtp_port: str,
    smtp_security: str,
    help: str,
    *,
    size_mb: int,
    sent_folder: str = "",
    auth: str = "password",
) -> Preset:
    return Preset(
        name,
        {
            "auth": auth,
            "imap_host": imap,
            "imap_port": "993",
            "imap_security": "ssl",
            "smtp_host": smtp,
            "smtp_port": smtp_port,
            "smtp_security": smtp_security,
            "size_mb": str(size_mb),
            "sent_folder": sent_folder,
        },
        help,
    )


PRESETS = (
    _preset("Gmail", "imap.gmail.com", "smtp.gmail.com", "465", "ssl", GOOGLE, size_mb=25, auth="google"),
    _preset(
        "Microsoft 365",
        "outlook.office365.com",
        "smtp.office365.com",
        "587",
        "starttls",
        MICROSOFT,
        size_mb=25,
        auth="microsoft",
    ),
    _preset("Yandex", "imap.yandex.com", "smtp.yandex.com", "465", "ssl", APP_PASSWORD, size_mb=25),
    _preset("Yahoo", "imap.mail.yahoo.com", "smtp.mail.yahoo.com", "465", "ssl", APP_PASSWORD, size_mb=25),
    _preset(
        "iCloud",
        "imap.mail.me.com",
        "smtp.mail.me.com",
        "587",
        "starttls",
        APP_PASSWORD,
        size_mb=20,
        sent_folder="Sent Messages",
    ),
)
