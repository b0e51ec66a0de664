"""How an inbox is let in by its owner's consent instead of a password: the contract between connectors and the helpdesk.

The connector knows the provider; the helpdesk keeps what he granted, renews it, and hands out what is good right now.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from channels.failures import TemporaryFailure


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a provider has granted. Times are seconds from now."""

    access: str
    seconds: float  # how long the access token is good
    refresh: str = ""  # empty: the one used before stays good
    refresh_seconds: float | None = None  # after so long consent must be given again, as far as the provider told
    idle_seconds: float | None = None  # after so long without use it must be given again, as far as that is known
    accounts: tuple[str, ...] = ()  # the names of the account that consented, as far as the provider told


class TokenSource(Protocol):
    """Where a connector gets its access token from, each time that it signs in."""

    def token(self, refused: str = "") -> str:
        """An access token that is good for some minutes; another one when the server ``refused`` the last.

        Raises TemporaryFailure (``whole_inbox``), with code consent when only the owner's consent helps.
        """


class Consent(Protocol):
    """The way to the consent of one inbox's owner, made from its settings (RFC 6749 §4.1, with PKCE, RFC 7636)."""

    @property
    def provider(self) -> str:
        """What people call the provider; empty when nobody knows."""

    @property
    def account(self) -> str:
        """The account that should consent."""

    @property
    def binding(self) -> str:
        """Everything that says whom the tokens are for and where they are sent: they are good for nothing else."""

    def url(self, redirect_uri: str, state: str, verifier: str) -> str:
        """Where the owner's browser goes to consent. Raises TemporaryFailure("settings")."""

    def exchange(self, code: str, redirect_uri: str, verifier: str) -> Tokens:
        """The first tokens, for the code that the browser brought back. Raises TemporaryFailure."""

    def refresh(self, token: str) -> Tokens:
        """New tokens for a refresh token. Raises TemporaryFailure, with code consent when it is no longer good."""

    def refused(self, error: str, description: str) -> TemporaryFailure:
        """The failure that a provider's refusal means, by the names that he gave it."""
