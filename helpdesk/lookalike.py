"""Host names that pretend to be others: foreign letters that look like ours (after UTS #39), and names one slip away.

https://www.unicode.org/reports/tr39/ is the source of the idea; the table below holds the letters that matter in
names that Latin readers know, Turkish ones included.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Collection

_TWINS = {
    ord(pair[0]): pair[1]
    for pair in (
        "аa вb гr еe һh іi јj кk ӏl мm нh оo рp ԛq сc ѕs тt уy ԝw хx ԁd "
        "αa βb εe γy ηn ιi κk νv οo ρp τt υu χx ωw "
        "ıi ɑa ɡg ɩi łl øo đd ħh ʟl"
    ).split()
}
"""Cyrillic, Greek and Latin letters to the ASCII letter they are taken for."""
_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"))
_DIGITS = str.maketrans("015", "ols")
_SCRIPTS = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "HEBREW", "ARABIC")
_NUMBER = re.compile(r"(?:0x[0-9a-f]*|\d+)(?:\.(?:0x[0-9a-f]*|\d+)){0,3}\.?", re.IGNORECASE)
_SECOND_LEVEL = re.compile(r"(?:com|net|org|gov|edu|gen|web|k12|co|ac|or|ne|bel|pol|av|info|biz)\.[a-z]{2}", re.IGNORECASE)


def readable(host: str) -> str:
    """The host with its punycode labels (RFC 3492) written as the letters they stand for; lower case."""
    return ".".join(_decoded(label) for label in host.lower().rstrip(".").split("."))


def punycode(host: str) -> str:
    """The (readable) host in ASCII, as the name system knows it."""
    labels = host.split(".")
    return ".".join(each if each.isascii() else f"xn--{each.encode('punycode').decode()}" for each in labels)


def registered(host: str) -> str:
    """The part of a host that somebody registered: two labels, three below such as com.tr. A guess without a list."""
    labels = host.lower().rstrip(".").split(".")
    return ".".join(labels[-3:] if _SECOND_LEVEL.fullmatch(".".join(labels[-2:])) else labels[-2:])


def is_number(host: str) -> bool:
    """Whether the host is an IP address in any of the forms that browsers take, instead of a name."""
    if _NUMBER.fullmatch(host):
        return True
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def mixes_scripts(host: str) -> bool:
    """Whether one label of the (readable) host has letters of two scripts, which no honest name has."""
    return any(len({_script(letter) for letter in label if letter.isalpha()}) > 1 for label in host.split("."))


def plain_twin(host: str) -> str:
    """The ASCII host that a (readable) one is taken for, or "" when it looks like itself only."""
    twin = unicodedata.normalize("NFKC", host).translate(_TWINS)
    return twin if twin != host and twin.isascii() else ""


def imitated(host: str, known: Collection[str]) -> str:
    """Which of the ``known`` domains a (readable) host pretends to be without belonging to it, or ""."""
    mine = registered(host)
    for domain in known:
        if host == domain or host.endswith(f".{domain}") or mine == registered(domain):
            continue
        if f".{domain}." in f".{host}." or _alike(mine, registered(domain)):
            return domain
    return ""


def _alike(one: str, other: str) -> bool:
    if _shape(one) == _shape(other):
        return True
    return min(len(one), len(other)) >= 8 and _is_one_slip(one, other)


def _shape(domain: str) -> str:
    shape = (plain_twin(domain) or domain).translate(_DIGITS)
    for pair, letter in _PAIRS:
        shape = shape.replace(pair, letter)
    return shape.replace("-", "")


def _is_one_slip(one: str, other: str) -> bool:
    """Whether one letter was added, left out, replaced or swapped with its neighbour."""
    if abs(len(one) - len(other)) > 1:
        return False
    start = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    rest, others = one[start:], other[start:]
    return (
        rest[1:] == others[1:]
        or rest[1:] == others
        or rest == others[1:]
        or (rest[:2] == others[1::-1] and rest[2:] == others[2:])
    )


def _decoded(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        letters = label[4:].encode("ascii").decode("punycode")
        letters.encode()  # half a character, which punycode can spell, is none
        return letters
    except UnicodeError:
        return label


def _script(letter: str) -> str:
    name = unicodedata.name(letter, "")
    return next((script for script in _SCRIPTS if name.startswith(script)), "OTHER")
