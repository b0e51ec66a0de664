from dataclasses import dataclass


@dataclass(frozen=True)
class Visible:
    visible: str
    signature: str = ""
    hidden: str = ""


def visible_text(t):
    return Visible(t)


def visible_html(t):
    return Visible(t)
