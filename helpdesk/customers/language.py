"""Which of our two languages a customer writes, judged by his words."""

from __future__ import annotations

import re
from typing import Literal

_TURKISH = frozenset(
    """ve bir bu için ile değil mi mı var yok çok ama gibi daha ben siz sizin merhaba selam sipariş ürün kargo iade
    teşekkürler teşekkür lütfen bey hanım saygılar iyi günler kolay gelsin nasıl neden ne zaman oldu olan rica ederim hala
    hâlâ gelmedi fatura acaba kadar sonra ise icin degil siparis tesekkurler lutfen urun""".split()
)
_ENGLISH = frozenset(
    """the and a an to of is are was were it this that i you your my we not have has with for on in please thanks thank
    hello hi dear order refund when how what where why can could would regards best been still""".split()
)
_TURKISH_LETTERS = re.compile(r"[ğışİĞŞ]")
_WORD = re.compile(r"\w+")
READ_CHARS = 4000


def guess(text: str) -> Literal["tr", "en"] | None:
    """``tr`` or ``en`` when the words clearly say so, else None."""
    start = text[:READ_CHARS]
    words = [word.replace("İ", "i").lower() for word in _WORD.findall(start)]
    turkish = sum(word in _TURKISH for word in words) + 2 * len(set(_TURKISH_LETTERS.findall(start)))
    english = sum(word in _ENGLISH for word in words)
    if turkish == english or max(turkish, english) < 2:
        return None
    return "tr" if turkish > english else "en"
