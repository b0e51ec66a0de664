"""Typed readers of environment variables: a wrong value is a sentence that names its variable."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit


class StartError(Exception):
    """Temas cannot start; the text says in a sentence what is wrong and what to do."""


class ConfigError(StartError):
    """A setting cannot be used; the text is a sentence that names the variable and what would be right."""


@dataclass(frozen=True)
class Environment:
    """Reads variables of `values`; one that is empty or blank counts as absent."""

    values: Mapping[str, str]

    def text(self, name: str, default: str) -> str:
        """Return the variable without surrounding blanks, or `default`."""
        return self.values.get(name, "").strip() or default

    def choice(self, name: str, default: str, allowed: tuple[str, ...]) -> str:
        """Return the variable in lower case, which must be one of `allowed`."""
        value = self.text(name, default).lower()
        if value not in allowed:
            raise ConfigError(f"{name} is {value!r}, but must be one of: {', '.join(allowed)}.")
        return value

    def integer(self, name: str, default: int, low: int, high: int) -> int:
        """Return the variable as a whole number from `low` to `high`, both allowed."""
        text = self.text(name, str(default))
        if not text.isascii() or not text.removeprefix("-").isdigit():
            raise ConfigError(f"{name} is {text!r}, but must be a whole number from {low} to {high}.")
        value = int(text)
        if not low <= value <= high:
            raise ConfigError(f"{name} is {value}, but must be a whole number from {low} to {high}.")
        return value

    def url(self, name: str, default: str, schemes: tuple[str, ...], example: str) -> str:
        """Return the variable as a URL of one of `schemes`; never repeats its value, which may hold a password."""
        text = self.text(name, default)
        if not text:
            return text
        try:
            parts = urlsplit(text)
            _ = parts.port
        except ValueError as error:
            raise ConfigError(f"{name} is not a URL ({error}); it should look like {example}") from error
        if parts.scheme not in schemes or not (parts.netloc or parts.path.strip("/")):
            raise ConfigError(f"{name} is not a URL that Temas can use; it should look like {example}")
        return text


def with_scheme(url: str, scheme: str) -> str:
    """Return `url` with another scheme, everything else byte for byte (an empty host too: `postgresql:///t?host=…`)."""
    return f"{scheme}://{url.split('://', 1)[1]}"
