"""The worst that a body can be costs no more than a long one."""

from __future__ import annotations

import pytest

from channels.visible.reply import visible_html, visible_text


@pytest.mark.timeout(60)  # work that grows with the square would be hours
@pytest.mark.parametrize(
    "body",
    [
        "On " * 200_000,
        "> " * 300_000,
        ">\n" * 1_000_000,
        "> x\n" * 19_990,
        "\n> a\nb" * 9_990,
        "-" * 500_000,
        "Kimden: x\n" * 19_990,
        "a:\n" * 19_990,
        "On 1/1/2024 x\n" * 19_990,
        "On 1/1/2024 x\n\n" * 9_900,
        "1 a@b.c <a@b.c\n" * 19_990,
        "hi\n" + "regards\n" * 19_900,
        "Ali <a@b.c> yazdı:\nx\n" * 9_900,
        "Kimden: a\nTarih: 1.1.2024\nKime: b\n> x\n" * 4_900,
        "-----Original Message-----\nAli <a@b.c> yazdı:\n" * 9_900,
        "Tarih: 1 " + "1 \u200e" * 400 + "\n",
        ("On Mon 1 " * 100 + "wrote:\n> x\n") * 900,
        "hi\n\n" + ("A" * 140 + "\n") * 14,
        ("bu mesaj " + "a " * 70 + "\n") * 5_000,
    ],
)
def test_monstrous_bodies_take_no_monstrous_time(body: str) -> None:
    assert visible_text(body).visible


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "body",
    [
        "<div>" * 1_000_000,
        "<blockquote>x</blockquote>" * 20_000,
        '<div class="gmail_quote"><blockquote class="gmail_quote">x' * 4_000,
        "<span class='gmail_signature'>a</span>" * 20_000,
        f'<div style="{"border-top:" * 200_000}">x',
        f'<div class="{"x_x_gmail " * 50_000}">x',
    ],
)
def test_monstrous_pages_take_no_monstrous_time(body: str) -> None:
    visible_html(body)
