"""Quoted history of HTML is folded where that of the text is, and never with a new word in it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.html_fold import fold
from helpdesk.safe_html import sanitise

ELSE = "<blockquote>eski yazı</blockquote>"


@pytest.mark.parametrize(
    ("html", "visible", "folded"),
    [
        (f'<div>Yeni.</div><br><div class="gmail_quote">Ali yazdı:{ELSE}</div>', "Yeni.", ["Ali yazdı: eski yazı"]),
        (f"<div>Yeni.<br><br>Ali yazdı:<br>{ELSE}</div>", "Yeni.", ["Ali yazdı: eski yazı"]),
        (
            f"<div><p>Yeni <b>söz</b>.</p><div><div>Kimden: Ali</div></div><p>eski</p>{ELSE}</div>",
            "Yeni söz.",
            ["Kimden: Ali eski eski yazı"],
        ),
        (f"<p>Yeni.</p><p>-- <br>Ali</p><hr>{ELSE}", "Yeni.", ["-- Ali eski yazı"]),
        (f"<div><div>Yeni.<br>Ali yazdı:</div>{ELSE}</div>", "Yeni.", ["Ali yazdı:", "eski yazı"]),
        ('<p style="display:none">gizli</p><p>Yeni.</p><p>eski</p>', "Yeni.", ["eski"]),
        ("<p>Tom &amp; Jerry</p><p>eski</p>", "Tom & Jerry", ["eski"]),
        ("<p>Yeni.</p><p><img></p><p>eski</p>", "Yeni.", ["eski"]),
    ],
)
def test_what_follows_the_new_text_is_folded(html: str, visible: str, folded: list[str]) -> None:
    found = fold(html, visible, "Alıntı")
    inside = re.findall(r"•••</summary>(.*?)</details>", found)
    assert [" ".join(re.sub(r"<[^>]*>", " ", part).split()) for part in inside] == folded
    assert re.sub(r"<details[^>]*><summary[^>]*>•••</summary>|</details>", "", found) == html


@pytest.mark.parametrize(
    ("html", "visible"),
    [
        ("<p>Yeni.</p>", "Yeni."),
        (f"<p>Başka.</p>{ELSE}", "Yeni."),
        (f"{ELSE}<p>Yeni.</p>", "Yeni."),
        (f"{ELSE}<p>Bir.</p>{ELSE}<p>İki.</p>", "eski yazı Bir. eski yazı İki."),
        ("<pre>Yeni.\n&gt; eski</pre>", "Yeni."),
        ("<table><tbody><tr><td>Yeni.</td><td>eski</td></tr></tbody></table>", "Yeni."),
        (f"<p>Yeni.</p>{ELSE}", ""),
        (f"<p>Yeni.</p>{ELSE}", "Yeni. Ve daha fazlası, HTML'de olmayan"),
    ],
)
def test_where_it_cannot_be_told_nothing_is_folded(html: str, visible: str) -> None:
    assert fold(html, visible, "Alıntı") == html


@given(st.text(alphabet="<>/divpbrtable =\"'abc&;", max_size=200), st.text(alphabet="abc ", max_size=6))
def test_folding_never_hides_a_new_word_or_breaks_the_html(html: str, visible: str) -> None:
    clean = sanitise(html)
    found = fold(clean, visible, "x")
    before = found.split("<details", 1)[0]
    assert found == clean or re.sub(r"<[^>]*>|&\w+;|[\W_]", "", before).endswith(visible.replace(" ", ""))
    assert sanitise(found).count("</details>") == found.count("</details>")
