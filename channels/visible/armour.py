"""Text signed in place (RFC 9580 §7): the words without the armour around them."""

from __future__ import annotations

from collections.abc import Sequence

MESSAGE, SIGNATURE = "-----BEGIN PGP SIGNED MESSAGE-----", "-----BEGIN PGP SIGNATURE-----"
END = "-----END PGP SIGNATURE-----"
DASH = "- "  # before every line that begins with a dash


def without_armour(lines: Sequence[str]) -> list[str]:
    """The lines, those of every complete signed block as they were before signing. An armour that is cut stays."""
    bare = [line.rstrip() for line in lines]
    kept: list[str] = []
    position = 0
    while MESSAGE in bare[position:]:
        begin = bare.index(MESSAGE, position)
        try:
            words = bare.index("", begin) + 1
            signature = bare.index(SIGNATURE, words)
            end = bare.index(END, signature)
        except ValueError:
            break
        kept += [*lines[position:begin], *(line.removeprefix(DASH) for line in lines[words:signature])]
        position = end + 1
    return [*kept, *lines[position:]]
