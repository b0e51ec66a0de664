"""What is new in a reply, in the forms that mail programs give it."""

from __future__ import annotations

from html import escape

import pytest

from channels.visible.reply import visible_html, visible_text
from tests.channels.reply_forms import ADVERTS, OTHERS, QUOTED, TURKISH


@pytest.mark.parametrize("history", TURKISH + OTHERS)
def test_the_history_below_a_reply_is_hidden(history: str) -> None:
    found = visible_text(f"Hâlâ gelmedi.\nNe yapayım?\n\n{history}")
    assert found.visible == "Hâlâ gelmedi.\nNe yapayım?"
    assert found.hidden.endswith(history.strip().splitlines()[-1].strip())


@pytest.mark.parametrize("history", [each for each in TURKISH + OTHERS if each.endswith(QUOTED)])
def test_a_reply_below_the_history_stays(history: str) -> None:
    assert visible_text(f"{history}\nHâlâ gelmedi.").visible == "Hâlâ gelmedi."


HEADER = "Kimden: Destek <d@x.example>\nGönderildi: 12 Ocak 2024\nKime: A\nKonu: S\n\n"


@pytest.mark.parametrize(
    "history",
    [
        f"{HEADER}Yola çıktı.\n\n{OTHERS[0]}",
        f"{HEADER}Yola çıktı.\n> soru?\neski yanıt\n> soru?\neski yanıt",
        f"{HEADER}Yola çıktı.\n> soru?\n\n--\nDestek",
        f"{HEADER}Yola çıktı.\n\n{HEADER}> soru?",
        "-----Original Message-----\nFrom: D\n\nYola çıktı.\n\n> soru?\n> soru?",
        f"D <d@x.example> yazdı:\n\nYola çıktı.\n\n{TURKISH[4]}",
    ],
)
def test_history_that_quotes_older_history_is_hidden_whole(history: str) -> None:
    assert visible_text(f"Hâlâ gelmedi.\n\n{history}").visible == "Hâlâ gelmedi."


@pytest.mark.parametrize("reply", ["Olmadı.", "14:05'te aradım, bilgi@example.com'a da yazdım"])
@pytest.mark.parametrize("history", [TURKISH[0], TURKISH[2], OTHERS[0], OTHERS[1], OTHERS[4]])
def test_a_reply_right_above_the_introduction_stays(reply: str, history: str) -> None:
    assert visible_text(f"{reply}\n{history}").visible == reply


@pytest.mark.parametrize(
    "history", [OTHERS[0], TURKISH[0].replace("Destek <destek@example.com> şunu", "D <d@x.example> şunu")]
)
def test_an_introduction_in_the_line_of_the_reply_is_cut_off(history: str) -> None:
    assert visible_text(f"Olmadı. {history}").visible == "Olmadı."


@pytest.mark.parametrize(
    "whole",
    [
        "Temsilciniz 14:05'te bana şunu yazdı:\nKargo yola çıktı\nama gelmedi",
        "In 2023 your agent said:\nit will arrive",
        "Merhaba,\n\nTeşekkürler,\nBu arada faturam da gelmedi, bakar mısınız?",
        "Merhaba.\n\nBu mesajı sadece faturam için yazıyorum, lütfen kontrol eder misiniz, dönüş bekliyorum.\nAyşe",
        "Hello.\n\nThis message is intended to complain about the delay of my order, which I need before Friday.",
        "Merhaba.\n\nAdresim:\n\nAyşe Yılmaz\nAtatürk Cad. 5\n0532 000 00 00",
        "Merhaba.\n\nListem:\n-----\n3 adet kalem\n2 adet defter",
        "Merhaba.\n\nTelefonum Ankara'dan gönderildi",
        "Hello.\n\nSent from my desk, is much easier than my mobile phone.",
        "Sent by me:\n\nGet back to me about the phone order please, it is urgent.",
        "> soru bir?\n\nEvet.\n\n> soru iki?\n\nHayır.",
        "On 1/1/2024 10:00, X wrote:\n> a?\nyes\n> b?\nno",
        "> hepsi\n> alıntı\n> yalnızca",
        "Bilginize.\n\n---------- Forwarded message ---------\nFrom: A <a@x>\nDate: b\nSubject: c\nTo: d\n\nmetin",
        "Fiyat > 100 ise\n> olmaz",
        "To do:\n- ara\nFrom: İzmir\nama başlık değil",
        "Ürünüm dün Ankara'dan gönderildi",
        "Size şunu yazdım: gelmedi",
        "12.01.2024 tarihinde temsilciniz dedi ki:\nKargo yola çıktı\nama gelmedi",
        "Olmadı.\n\n-----Original Message-----\nFrom: D\n\n> soru?\nevet\n> soru?\nhayır",
        "Birinci kısım.\n\n____________________________________\n\nBu da ikinci kısım.",
        "Metin.\ndisclaimer",
        "Merhaba.\n\nSent you the phone yesterday",
        "Hello.\n\nWe should think about the environment of our servers first.",
        "Merhaba.\n\nLütfen faturayı yazdırmadan önce tutarı kontrol edin, geçen ay yanlıştı, düzeltilmesini bekliyorum.",
        "",
    ],
)
def test_in_doubt_everything_stays(whole: str) -> None:
    assert visible_text(whole).visible == whole.strip()


@pytest.mark.parametrize(
    "signature",
    [
        "-- \nAyşe Yılmaz\n0532 000 00 00",
        "--\nAyşe",
        "Saygılarımla,\nAyşe Yılmaz\nÖrnek A.Ş.",
        "Best regards,\nBob\nCEO",
        "-Ayşe Yılmaz",
        "-Ayşe.\n\nSent from my phone",
        "---\nAyşe Yılmaz",
        "Ayşe Yılmaz\nSatın Alma Müdürü\nTel: 0212 000 00 00\nwww.ornek.example",
        "Ayşe Yılmaz\nYandex.Mail mobil uygulamasından gönderildi",
        "Get Outlook for iOS<https://aka.ms/o0ukef>",
        "Ayşe Yılmaz\n0532 000 00 00\n\nYASAL UYARI: Bu e-posta gizlidir.\nAlıcısı değilseniz siliniz.",
        "Lütfen bu e-postayı yazdırmadan önce çevreyi düşünün.",
        "Please consider the environment before printing this email.",
        "Bu mesaj ve ekleri gizlidir ve yalnızca muhatabına gönderilmiştir; muhatabı değilseniz siliniz.",
        "This message is confidential and intended for the addressee only. If it is not you, delete it.",
    ],
)
def test_signatures_are_told_apart(signature: str) -> None:
    found = visible_text(f"Hâlâ gelmedi.\n\n{signature}\n\n{TURKISH[0]}")
    assert (found.visible, found.signature) == ("Hâlâ gelmedi.", signature.replace("-- ", "--"))


@pytest.mark.parametrize("advert", ADVERTS)
def test_the_adverts_of_programs_are_signatures(advert: str) -> None:
    found = visible_text(f"Hâlâ gelmedi.\n\n{advert}")
    assert (found.visible, found.signature) == ("Hâlâ gelmedi.", advert)


@pytest.mark.parametrize(
    "farewell", ["Thanks,\nAlex", "Saygılarımla / Best Regards\nAyşe Yılmaz", "Mit freundlichen Grüßen\nBob"]
)
def test_a_plain_farewell_is_said_to_the_reader_and_stays(farewell: str) -> None:
    found = visible_text(f"Hâlâ gelmedi.\n\n{farewell}\n\n{TURKISH[0]}")
    assert (found.visible, found.signature) == (f"Hâlâ gelmedi.\n\n{farewell}", farewell)


REPLY = "<div>Hâlâ gelmedi.</div>"


@pytest.mark.parametrize(
    "history",
    [
        '<br><div class="gmail_quote gmail_quote_container"><div class="gmail_attr">x yazdı:</div>eski</div>',
        '<div class="moz-cite-prefix">1.1.2024 10:00, X yazdı:</div><blockquote type="cite">eski</blockquote>',
        '<br><blockquote type="cite"><div>12 Oca 2024 tarihinde X şunları yazdı:</div><div>eski</div></blockquote>',
        '<div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm"><p>Kimden: x</p></div><p>eski</p>',
        '<div id="appendonsend"></div><hr><div id="divRplyFwdMsg"><b>Kimden:</b> x</div><div>eski</div>',
        '<hr id="stopSpelling">eski',
        '<div class="yahoo_quoted"><div>12 Ocak 2024 tarihinde X yazdı:</div>eski</div>',
        "<div>12.01.2024, 14:05, &quot;X&quot; &lt;x@x.example&gt;:</div><blockquote>eski</blockquote>",
        "<hr><b>Kimden: </b>x<br><b>Kime: </b>y<br><b>Gönderilenler: </b>12 Ocak<br><b>Konu: </b>z<br><br>eski",
        '<div class="protonmail_quote">On Friday, X wrote:<br><blockquote>eski</blockquote></div>',
        '<hr id="zwchr" data-marker="__DIVIDER__"><div data-marker="__QUOTED_TEXT__">eski</div>',
        '<div name="quote"><b>Von:</b> x<br>eski</div>',
        '<p><a name="_MailOriginal"><b>Kimden:</b> x</a></p><p>eski</p>',
        "<blockquote>eski</blockquote>",
    ],
)
def test_the_history_in_html_is_hidden(history: str) -> None:
    found = visible_html(f"<html><body>{REPLY}{history}</body></html>")
    assert found.visible.removesuffix("---").strip() == "Hâlâ gelmedi." and "eski" in found.hidden


PROGRAMS = [
    '<br><div class="gmail_extra"><div class="gmail_quote">{}<blockquote class="gmail_quote">eski</blockquote></div></div>',
    '<br><blockquote type="cite"><div>{}</div><br class="Apple-interchange-newline"><div>eski</div></blockquote>',
    '<blockquote type="cite">{}<br></blockquote><blockquote type="cite"><div>eski</div></blockquote>',
    '<div class="moz-cite-prefix">{}<br></div><blockquote type="cite" cite="mid:x">eski</blockquote>',
    '<div id="yahoo_quoted_1" class="yahoo_quoted"><div>{}</div><div>eski</div></div>',
    '<div class="zmail_extra"><div>{}</div><blockquote>eski</blockquote></div>',
    "<div>{}</div><div>&nbsp;</div><div>eski</div>",
    "<br>{}<br><blockquote>eski</blockquote>",
]


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_language_is_known_inside_the_html_of_every_program(program: str) -> None:
    for introduction in [form.removesuffix(QUOTED) for form in TURKISH + OTHERS if form.endswith(f"x.example>:{QUOTED}")]:
        history = program.format(escape(introduction).replace("\n", "<br>"))
        assert visible_html(REPLY + history).visible == "Hâlâ gelmedi.", introduction


def test_answers_between_html_quotes_and_html_forwards_stay() -> None:
    inline = '<blockquote type="cite">a?</blockquote>evet<blockquote type="cite">b?</blockquote>hayır'
    assert "evet" in visible_html(inline).visible and "a?" in visible_html(inline).visible
    forward = '<p>Bilginize</p><div class="gmail_quote">---------- Forwarded message ---------<br>From: a<br>metin</div>'
    assert "metin" in visible_html(forward).visible


@pytest.mark.parametrize(
    "signature",
    [
        '<span class="gmail_signature_prefix">-- </span><br><div class="gmail_signature">Ayşe</div>',
        '<div id="Signature"><p>Ayşe</p></div>',
        '<div class="moz-signature">-- <br>Ayşe</div>',
        '<div data-marker="__SIG_POST__">Ayşe</div>',
    ],
)
def test_signatures_that_programs_mark_are_told_apart(signature: str) -> None:
    history = '<div class="gmail_quote"><blockquote class="gmail_quote">eski</blockquote></div>'
    found = visible_html(REPLY + signature + history)
    assert found.visible == "Hâlâ gelmedi." and found.signature.endswith("Ayşe") and "eski" in found.hidden


def test_answers_inside_gmails_container_stay() -> None:
    start = '<div class="gmail_quote"><div class="gmail_attr">X yazdı:</div>'
    quote = '<blockquote class="gmail_quote">{}</blockquote>'
    below = visible_html(f"{start}{quote.format('a?')}<div>evet</div></div>")
    assert below.visible == "evet" and "a?" in below.hidden
    between = visible_html(f"{start}{quote.format('a?')}<div>evet</div>{quote.format('b?')}<div>hayır</div></div>")
    assert all(word in between.visible for word in ("a?", "evet", "b?", "hayır"))


def test_what_a_person_quotes_on_purpose_stays() -> None:
    chosen = '<p>Şunu diyorum:</p><blockquote class="gmail_quote">kural 5</blockquote>'
    assert "kural 5" in visible_html(chosen).visible
