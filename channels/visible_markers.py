"""The lines by which mail programs introduce what is being answered, in the languages that customers write."""

from __future__ import annotations

import re

FLAGS = re.IGNORECASE

WROTE = (
    r"wrote|writes|said|yazdı|yazdi|yazmış|yazıyor|a écrit|ecrit|schrieb|escribió|escribio|ha scritto|"
    r"escreveu|schreef|"
    r"geschreven|pisze|napisał(?:a|\(a\))?|пишет|написал(?:а|\(а\))?|писал(?:а|\(а\))?|skrev|kirjoitti|كتب|"
    r"كتبت|napsal(?:a)?|"
    r"írta|a scris|έγραψε|写道|寫道"
)
HAS_DATE = re.compile(r"\d{1,4}[./-]\d{1,2}|\b(?:19|20)\d\d\b|\d{1,2}:\d\d")
HAS_ADDRESS = re.compile(r"[^\s<>@]+@[^\s<>@]+")
ATTRIBUTION = re.compile(
    rf"(?:^|[\s>\"”»,)\u200e\u200f])(?:{WROTE})\b.{{0,160}}[:：]\s*$|(?:写道|寫道)\s*[:：]\s*$", FLAGS | re.DOTALL
)
NAMED_DATE = re.compile(  # 12.01.2024, 14:05, "Ali Veli" <ali@example.com>:
    r"^\W{0,3}(?=.*\d).{6,200}<[^\s<>@]+@[^\s<>@]+>\)?\s*:\s*$", FLAGS | re.DOTALL
)
STARTS = re.compile(
    r"^[\s*_\"“„«<\[(]*(?:on|le|am|el|il|em|op|w|dnia|den|в|at|a|les|om|du|von|no dia|\d|[\w.'’-]+[\s,@<])",
    FLAGS,
)

OPENS = re.compile(r"^[\s*_>]*(?:on|le|am|el|il|em|op|w dniu|den|в|at)\s", FLAGS)

ORIGINAL = re.compile(
    r"^[\s>]*[-_=*~–—]{2,}\s*(?:(?:start (?:of )?)?(?:original|forwarded|reply|replied) (?:message|e-?mail|"
    r"appointment)|"
    r"original|orijinal (?:mesaj|ileti|e-?posta)|özgün (?:mesaj|ileti)|asıl (?:mesaj|ileti)|"
    r"(?:ursprüngliche|original)[\s-]?(?:nachricht|mail)|message d[’']origine|message original|courriel original|"
    r"mensaje original|messaggio originale|mensagem original|oorspronkelijk bericht|oryginalna wiadomość|"
    r"wiadomość oryginalna|исходное сообщение|оригинальное сообщение|الرسالة الأصلية|الرسالة الاصلية|"
    r"ursprungligt meddelande|opprinnelig melding|alkuperäinen viesti|původní zpráva)\s*:?\s*[-_=*~–—]*\s*$",
    FLAGS,
)
FORWARD = re.compile(
    r"^[\s>]*[-_=*~–—]{2,}\s*(?:forwarded (?:message|e-?mail)|iletilen (?:ileti|mesaj|e-?posta)|"
    r"yönlendirilmiş (?:mesaj|ileti)|"
    r"yönlendirilen (?:ileti|mesaj)|weitergeleitete nachricht|message transféré|mensaje reenviado|"
    r"messaggio inoltrato|"
    r"mensagem encaminhada|doorgestuurd bericht|wiadomość przekazana|пересылаемое сообщение|пересланное сообщение|"
    r"رسالة معاد توجيهها)\b.{0,40}$|^\s*begin forwarded message\s*:|^\s*iletilmiş mesajın başlangıcı\s*:",
    FLAGS,
)
RULE = re.compile(r"^\s*(?:[_─—–-]{5,}|\*{5,})\s*$")

FROM_NAMES = r"from|kimden|gönderen|von|de|da|van|od|от|от кого|من|från|fra|lähettäjä"
OTHER_NAMES = (
    r"sent|date|to|cc|subject|reply-to|importance|gönderildi|gönderme tarihi|gönderilme tarihi|"
    r"gönderim tarihi|gönderilen|"
    r"gönderilenler|tarih|kime|alıcı|bilgi|konu|gesendet|datum|an|betreff|kopie|envoyé|à|objet|"
    r"enviado(?: el)?|fecha|para|"
    r"asunto|inviato|data|a|oggetto|enviada(?: em)?|assunto|verzonden|aan|onderwerp|wysłano|wysłane|do|dw|"
    r"temat|отправлено|"
    r"дата|кому|тема|копия|التاريخ|تاريخ|إلى|الى|الموضوع|تم الإرسال|skickat|till|ämne|sendt|til|emne"
)
FROM_LINE = re.compile(rf"^[\s>*_]*(?:{FROM_NAMES})\s*[:：]\**\s*\S", FLAGS)
HEADER_LINE = re.compile(rf"^[\s>*_]*(?:{FROM_NAMES}|{OTHER_NAMES})\s*[:：]", FLAGS)

SENT_FROM = re.compile(
    r"^\W{0,4}(?:(?:sent|get|gesendet|envoyé|enviado|inviato|verzonden|verstuurd|wysłan[eoy]|отправлено|"
    r"skickat|sendt)\b"
    r"(?=.{0,60}(?:iphone|ipad|android|mobil|phone|device|blackberry|outlook|yahoo|mail|samsung|galaxy|huawei|"
    r"windows|"
    r"handy|tablet|nokia|xiaomi|hey)).{0,80}|von meinem .{2,40} gesendet|"
    r"(?=.{0,60}(?:iphone|ipad|android|telefon|tablet|cihaz|samsung|galaxy|huawei|xiaomi|outlook|yahoo|posta|"
    r"mail|mobil))"
    r".{2,60}(?:dan|den|tan|ten|ile|üzerinden) gönderildi|"
    r".{0,40}outlook[’'ıiu]* (?:edinin|indirin)|.{0,40}outlook.{0,20} edinin|أُ?رسلت من .{2,40}|"
    r"حصول على outlook.{0,40})"
    r"\W{0,4}$",
    FLAGS,
)
CLOSING = re.compile(
    r"^\W{0,3}(?:thanks(?: (?:again|in advance|a lot|so much))?|thank you(?: (?:very much|in advance|again))?|"
    r"many thanks|"
    r"(?:kind(?:est)?|best|warm(?:est)?|with (?:best|kind))?\s*regards|cheers|best(?: wishes)?|"
    r"sincerely(?: yours)?|"
    r"yours (?:sincerely|truly|faithfully)|saygılar(?:ımla|ımızla)?|sevgiler(?:le)?|iyi (?:çalışmalar|"
    r"günler)(?: dilerim| dileriz)?|"
    r"(?:çok )?teşekkür(?:ler|\s?ederim|\s?ederiz)?|kolay gelsin|selamlar|"
    r"(?:mit )?(?:freundliche[nm]?|beste[nm]?|viele[nm]?|herzliche[nm]?|liebe) grü(?:ß|ss)en?|mfg|gruß|"
    r"(?:bien )?cordialement|(?:bien )?à vous|merci(?: d[’']avance)?|(?:un )?saludos?(?: cordiales)?|"
    r"atentamente|gracias|"
    r"cordiali saluti|distinti saluti|saluti|grazie|atenciosamente|cumprimentos|obrigad[oa]|"
    r"met vriendelijke groet(?:en)?|groet(?:en|jes)?|mvg|pozdrawiam|z poważaniem|с уважением|спасибо|"
    r"مع (?:أطيب )?التحيات|تحياتي|شكرا)\W{0,3}$",
    FLAGS,
)
DASHES = re.compile(r"^\s*(?:--|—|__)\s*$")
DASH_NAME = re.compile(r"^\s*[-–—]{1,2}\s?[^\W\d_][\w.'’]*(?:\s[^\W\d_][\w.'’]*){0,2}\s*$")
