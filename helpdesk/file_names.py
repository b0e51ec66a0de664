"""Names that other people gave to files: what is safe to show, and what they may hide."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal
from urllib.parse import quote

Danger = Literal["", "disguised", "runs", "macros"]
"""Nothing; another type than it looks; a program or a page that can run; a document that may carry programs."""

RUNS = frozenset(
    (
        "ace apk app appimage bat bin bash cab chm cmd com cpl deb desktop dll dmg exe gadget hta htm html img inf "
        "ins iso jar js jse jnlp ksh lnk mde mht mhtml msc msi msix msp mst one pif pkg ps1 ps1xml ps2 psc1 py pyw "
        "rdp reg rpm scf scr sct settingcontent-ms sh shb shtml svg svgz swf sys url vb vbe vbs vhd vhdx website ws "
        "wsc wsf wsh xhtml xht xll xml xsl "
    ).split()
)
"""Extensions that Outlook, Gmail or Exchange refuse, and pages that would run in a browser."""
MACROS = frozenset("docm dotm xlsm xltm xlam xlsb pptm potm ppsm ppam sldm accdb mdb".split())
HARMLESS = frozenset("pdf doc docx xls xlsx ppt pptx txt rtf csv jpg jpeg png gif webp heic mp3 mp4 zip ics eml".split())
_CONTROLS = re.compile("[\x00-\x1f\x7f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u200b-\u200d\ufeff]")
_REORDERS = re.compile("[\u202a-\u202e\u2066-\u2069]")


def shown_name(name: str) -> str:
    """The name without what changes its direction or hides in it, and without folders."""
    return _CONTROLS.sub("", name).replace("/", "_").replace("\\", "_").strip(" .") or "file"


def danger(name: str) -> Danger:
    """What an agent should know before he opens a file of this name."""
    shown = shown_name(name).casefold()
    _stem, *extensions = [part.strip() for part in shown.split(".")]
    last = extensions[-1] if extensions else ""
    hides = _REORDERS.search(name) is not None or re.search(r"\s{6,}", name) is not None
    if last in RUNS and (hides or any(each in HARMLESS for each in extensions[:-1])):
        return "disguised"
    if last in RUNS:
        return "runs"
    return "disguised" if hides else "macros" if last in MACROS else ""


def disposition(name: str, *, inline: bool) -> str:
    """A Content-Disposition with the name for old and new readers (RFC 6266, RFC 8187)."""
    shown = shown_name(name)
    plain = unicodedata.normalize("NFKD", shown.replace("ı", "i")).encode("ascii", "ignore").decode()
    plain = re.sub(r'["\\%]', "_", plain)
    kind = "inline" if inline else "attachment"
    exact = "" if plain == shown else f"; filename*=UTF-8''{quote(shown, safe='!#$&+-.^_`|~')}"
    return f'{kind}; filename="{plain}"{exact}'
