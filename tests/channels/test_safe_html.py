"""Customers' HTML as agents may see it."""

from __future__ import annotations

import re

import pytest

from helpdesk.safe_html import NO_IMAGE, make_safe, sanitise


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<svg onload=alert(1)><script>alert(1)</script></svg>",
        "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
        "<a href='java&#10;script:alert(1)'>x</a>",
        "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
        "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
        "<form action='//evil.example'><input name=password><button>x</button></form>",
        "<base href='//evil.example'><link rel=stylesheet href=//evil.example>",
        "<meta http-equiv=refresh content='0;//evil.example'>",
        "<style>@import '//evil.example'</style><p style='background:url(//evil.example)'>x</p>",
        "<p style='background:u\\72l(//evil.example);width:expression(alert(1))'>x</p>",
        "<p style='position:fixed;top:0;left:0;z-index:9;width:100%'>x</p>",
        "<table background='//evil.example'><tr><td background='//evil.example'>x</td></tr></table>",
        "<video src=//evil.example poster=//evil.example></video><audio src=//evil.example></audio>",
        "<img srcset='//evil.example 2x' src='//evil.example'>",
        "<a href='/settings/delete'>x</a><img src='/logout'>",
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
        "<object data=//evil.example></object><embed src=//evil.example>",
        "<p style='background:src(&quot;//evil.example&quot;)'>x</p>",
    ],
)
def test_nothing_runs_and_nothing_is_fetched(hostile: str) -> None:
    safe = sanitise(hostile).lower()
    assert not re.search(
        r"evil|script|onerror|onload|url\(|position|expression|settings|logout|<(form|input|iframe|svg|base|meta|link|style)",
        safe,
    )


def test_links_open_elsewhere_and_tell_nothing() -> None:
    safe = sanitise('<a href="https://x.example/" target="_self" rel="opener">x</a>')
    assert safe == '<a href="https://x.example/" target="_blank" rel="noopener noreferrer nofollow">x</a>'


def test_remote_images_are_blocked_proxied_or_left_as_asked() -> None:
    html = '<img src="https://t.example/a.png" alt="A">'
    assert NO_IMAGE in sanitise(html) and "t.example" not in sanitise(html)
    assert 'src="/images?url=https%3A%2F%2Ft.example%2Fa.png"' in sanitise(html, images="proxied")
    assert 'src="https://t.example/a.png"' in sanitise(html, images="inline")


def test_inline_images_come_from_our_own_addresses() -> None:
    sources = ("cid:logo@x", "cid:unknown", "data:image/png;base64,AAAA", "data:image/svg+xml;base64,AAAA")
    html = "".join(f'<img src="{source}">' for source in sources)
    safe = sanitise(html, cid_urls={"logo@x": "/attachments/7"})
    assert re.findall(r'src="([^"]*)"', safe) == ["/attachments/7", NO_IMAGE, "data:image/png;base64,AAAA"]


def test_the_look_of_a_mail_is_kept() -> None:
    cell = '<td style="color:red;padding:4px" align="center"><b>x</b></td>'
    html = f'<table width="600" bgcolor="#fff"><tbody><tr>{cell}</tr></tbody></table>'
    assert sanitise(html) == html


@pytest.mark.parametrize(
    "monster",
    [
        "<div>" * 1_000_000,
        "<b>" * 500_000,
        "<a " + " ".join(f"x{n}" for n in range(200_000)) + ">",
        "<font size=1>" * 300_000 + "<p>x" * 9_999,
    ],
    ids=["divs", "bolds", "attributes", "fonts"],
)
def test_monsters_are_shown_as_their_text(monster: str) -> None:
    assert sanitise(f"Merhaba {monster} son").startswith("<pre>Merhaba ")


def test_text_is_never_turned_into_markup() -> None:
    assert "<script" not in sanitise("&lt;script&gt;" + "<div>" * 100_000 + "&lt;script&gt;<script>x</script>")


@pytest.mark.parametrize(
    "tracker",
    [
        '<img src="https://t.example/o.gif" width="1" height="1">',
        '<img src="https://t.example/o.gif" width=0>',
        '<img src="//t.example/o.gif" style="display:none">',
        '<img src="https://t.example/o.gif" style="max-height:0px;max-width:0">',
        '<div style="display:none"><p><img src="https://t.example/o.gif"></p></div>',
        '<img src="https://t.example/wf/open?upn=x">',
        '<a href="https://x.example"><img src="https://x.list-manage.com/track/open.php?u=1" alt="x"></a>',
    ],
)
def test_pictures_that_only_report_the_opening_are_removed(tracker: str) -> None:
    for images in ("blocked", "proxied", "inline"):
        safe = make_safe(tracker, images=images, proxy=str.upper)  # type: ignore[arg-type]
        assert "<img" not in safe.html
        assert (safe.pictures, safe.trackers) == (0, 1)


@pytest.mark.parametrize(
    "picture",
    [
        '<img src="https://t.example/line.png" width="600" height="1">',
        '<div style="display:none">x</div><img src="https://t.example/a.png" style="width:100%;max-width:20px">',
        '<p><img src="https://t.example/a.png"><br><img src="data:image/png;base64,AAAA" width=1></p>',
    ],
)
def test_other_pictures_stay_and_are_counted(picture: str) -> None:
    safe = make_safe(picture, images="proxied", proxy=lambda url: f"/images?{url}")
    assert 'src="/images?https://t.example/' in safe.html
    assert (safe.pictures, safe.trackers) == (1, 0)


def test_a_mail_cannot_name_our_own_pictures_or_number_its_own() -> None:
    html = '<img src="remote-picture:0"><img src="/images/1/2"><img src="https://t.example/a.png">'
    assert sanitise(html) == f'<img><img><img src="{NO_IMAGE}">'


def test_each_link_is_shown_to_who_marks_them_with_its_text() -> None:
    seen = []

    def anchor(href: str, text: str) -> tuple[dict[str, str], str]:
        seen.append((href, text))
        return {"href": '/links?"<', "title": "x"}, "<i>behind</i>"

    html = '<a href="https://x.example/?a=1&amp;b">A <b title="</a>">&lt;B&gt;</b></a><a>none</a>'
    nested = (
        '<table><tr><td><a href="https://o.example">o<table><tr><td><a href="https://i.example">i</a></table></a></table>'
    )
    safe = make_safe(html + nested, proxy=str, anchor=anchor).html
    assert seen == [("https://x.example/?a=1&b", "A <B>"), ("https://o.example", "o"), ("https://i.example", "i")]
    assert safe.startswith('<a href="/links?&quot;&lt;" target="_blank" rel="noopener noreferrer nofollow" title="x">A <b')
    assert "</a><i>behind</i><a target" in safe
