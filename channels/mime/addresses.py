"""Address lists (RFC 5322 §3.4), also as mail programs really write them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from channels.messages import Address
from channels.mime.headers import decode_words

TOKENS = re.compile(
    r"\s+"
    r"|=\?[^?\s]*\?[bBqQ]\?[^?]*\?="
    r'|"(?:[^"\\]|\\.)*(?:"|$)'
    r"|\((?:[^()\\]|\\.|\((?:[^()\\]|\\.)*\))*\)"
    r'|<(?:"(?:[^"\\]|\\.)*+"|[^<>"])*+(?:>|$)|<[^<>]*(?:>|$)'
    r"|[,;:]"
    r'|(?:\[[^\[\]\s<>"]*\]|[^\s",;:<>()\[])+|.',
    re.DOTALL,
)
COMMENT = re.compile(r"\((?:[^()\\]|\\.)*\)")
SOURCE_ROUTE = re.compile(r"^[,@](?:[^:\[\]]|\[[^\]]*\])*:")
QUOTED = re.compile(r'^"([^\s"<>@,;:\\]+@[^\s"<>@,;:\\]+)"$')
WHOLE = re.compile(r"^([^<>]*)<([^<>\s]+@[^<>\s]+)>$")
MAX_ADDRESSES, MAX_CHARS = 2_000, 300_000


def read_addresses(values: Iterable[str]) -> tuple[Address, ...]:
    """Every address of these fields, names decoded, groups flattened; what has no address at all is left out."""
    found: list[Address] = []
    for value in values:
        for words in _mailboxes(value[:MAX_CHARS]):
            if (address := _address(words)) is not None:
                found.append(address)
            if len(found) >= MAX_ADDRESSES:
                return tuple(found)
    return tuple(found)


def _mailboxes(value: str) -> Iterable[list[str]]:
    """The tokens of each mailbox; commas, semicolons and a group's name and colon stand between them."""
    words: list[str] = []
    surname: list[str] = []  # what stood before a comma that was not quoted: ``Yılmaz, Ayşe <a@b>``
    for each in TOKENS.findall(value):
        if each == "," and not surname and _is_name(words):
            surname, words = words, []
        elif each in {",", ";"}:
            yield from _completed(surname, words)
            surname, words = [], []
        elif each == ":":
            words = [*words, each] if any("@" in word for word in words) else []
            surname = []
        else:
            if _is_route(each) and any(map(_is_route, words)):  # the comma between two was forgotten
                end = next(index for index, word in enumerate(words) if _is_route(word)) + 1
                yield from _completed(surname, words[:end])
                surname, words = [], words[end:]
            words.append(each)
    yield from _completed(surname, words)


def _is_route(word: str) -> bool:
    return word.startswith("<") and "@" in word


def _is_name(words: list[str]) -> bool:
    bare = [word for word in words if not word.startswith("(")]
    return any(word.strip() for word in bare) and not any("@" in word or word[0] in '<"' for word in bare)


def _completed(surname: list[str], words: list[str]) -> Iterable[list[str]]:
    if surname and any(word.startswith("<") for word in words):
        yield [*surname, ",", *words]
        return
    if surname:
        yield surname
    yield words


def _address(words: list[str]) -> Address | None:
    route = next((word for word in reversed(words) if word.startswith("<") and len(word) > 1), None)
    if route is not None:
        name = _name([word for word in words if word is not route])
        address = clean_address(route[1:].removesuffix(">"))
        return Address(address, name) if address else None
    bare = "".join(word for word in words if not word.startswith("(")).strip()
    comments = [decode_words(word[1:-1]) for word in words if word.startswith("(")]
    if quoted := QUOTED.match(bare):
        return Address(quoted[1], " ".join(comments))
    if "@" in bare and not bare.startswith("@"):
        return _bare(words, comments)
    if whole := WHOLE.match(decode_words(bare)) if bare.startswith("=?") else None:
        return Address(clean_address(whole[2]), " ".join(whole[1].split()))
    return Address(clean_address(bare), " ".join(comments)) if bare and not bare.startswith('"') else None


def _bare(words: list[str], comments: list[str]) -> Address:
    """An address without brackets: ``a@b``, ``a@b (Name)``, ``Name a@b``, ``"Name" a@b``, ``"a".b@c``, ``a @ b``."""
    with_at = [word for word in words if "@" in word and word[0] not in '("']
    whole = next((word for word in with_at if not word.startswith("@") and not word.endswith("@")), None)
    if whole is None or (words[0] is not whole and words[words.index(whole) - 1].startswith('"')):
        joined = "".join(word for word in words if not word.startswith("(")).strip()
        return Address(clean_address(joined), " ".join(comments))
    rest = [word for word in words if word is not whole and not word.startswith("(")]
    return Address(clean_address(whole), _name(rest) or " ".join(comments))


def _name(words: list[str]) -> str:
    """The display name of its tokens: quotes taken off, encoded words decoded, comments dropped."""
    text = "".join(_unquote(word) for word in words if not word.startswith("(") and word not in {"<", ">"})
    name = " ".join(decode_words(text).split())
    if not name:
        name = " ".join(decode_words(word[1:-1]) for word in words if word.startswith("("))
    return name[1:-1] if len(name) > 1 and name[0] == name[-1] and name[0] in "'\"" else name


def _unquote(word: str) -> str:
    if not word.startswith('"'):
        return word
    return re.sub(r"\\(.)", r"\1", word[1:-1] if len(word) > 1 and word.endswith('"') else word[1:])


def clean_address(text: str) -> str:
    """An address without white space, ``mailto:`` and a source route (RFC 5322 §4.4)."""
    address = decode_words(text)
    address = address.strip() if '"' in address else "".join(address.split())
    address = COMMENT.sub("", address) if "(" in address and '"' not in address else address
    address = address.strip("<>'").removeprefix("[").removeprefix("mailto:")
    address = SOURCE_ROUTE.sub("", address).rstrip(".,;")
    return address if address.count("[") == address.count("]") else address.rstrip("]")
