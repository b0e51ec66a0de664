"""The lines by which mail programs introduce what is being answered, in the languages that customers write.

Python's IGNORECASE takes i, I, ı and İ for one letter, so that Turkish capitals need no forms of their own. Every
pattern is anchored or bounded: its work grows with the length of the line, and callers give it no line above
``MAX_LINE`` characters.
"""

from __future__ import annotations

import re

FLAGS = re.IGNORECASE
MAX_LINE = 1_000

WROTE = (
    r"wrote|writes|said|sent|yazdı|yazmış|yazıyor|yazmıştı|yazıldı|g[öo]nderdi|g[öo]nderildi|gelen (?:ileti|mesaj|e-?posta)|"
    r"a écrit|ecrit|schrieb|escribió|escribio|ha scritto|"
    r"escreveu|schreef|geschreven|geschrieben|pisze|napisał(?:a|\(a\))?|пишет|пише|написала?|написал\(а\)|писала?|"
    r"skrev|kirjoitti|"
    r"كتبت?|napsala?|írta|a scris|έγραψε|đã viết|написав|написала|menulis"
)
WROTE_ASIAN = r"写道|寫道|작성|のメッセージ|が書きました|さんは書きました"
HAS_DATE = re.compile(r"\d{1,4}[./-]\d{1,2}|\b(?:19|20)\d\d\b|\d{1,2}:\d\d|\d\s?[年日]")
WHOLE_DATE = re.compile(
    r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}|\b(?:19|20)\d\d\b.*\d{1,2}[:.]\d\d|\d年.*\d\s?日|\btarihinde\b", FLAGS
)
FULL_DATE = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}|\b(?:19|20)\d\d\b")
BEGINS_DATED = re.compile(r"^\W{0,3}(?:[^\W\d]{2,12}[.,]{0,2}\s){0,2}\d{1,4}(?:[./-]\d|\.?\s(?:de\s)?[^\W\d]{3,})")
HAS_ADDRESS = re.compile(r"[^\s<>@]@[^\s<>@]")
ENDS_TELLING = re.compile(
    rf"(?:^|[\s>\"”»,)\u200e\u200f])(?:{WROTE})\b.{{0,160}}[:：]$|(?:{WROTE_ASIAN})\s*[:：]$", FLAGS | re.DOTALL
)
NAMED_DATE = re.compile(  # 12.01.2024, 14:05, "Ali Veli" <ali@example.com>:
    r"^\W{0,3}(?=.*\d).{6,200}[<(]\s*[^\s<>@]+@[^\s<>@]+[>)]{1,2}\s*[:：]$", FLAGS | re.DOTALL
)
DATE_NAME = re.compile(  # 2011/4/7 Ali Veli <ali@example.com>
    r"^\W{0,3}\d{4}[/.-]\d{1,2}[/.-]\d{1,2}\s.{2,120}<\s*[^\s<>@]+@[^\s<>@]+>$", FLAGS
)
DASHED = re.compile(rf"^\s*-{{2,}}\s*\S.{{1,200}}\s(?:{WROTE})\s*:?\s*-{{2,}}$", FLAGS)
ENDS_BARE = re.compile(rf"@[^\s<>@]{{1,200}}>?\s(?:{WROTE})$", FLAGS)
SPOKEN = re.compile(  # Ali demiş ki: or 12.01.2024 tarihli iletisi: – too near to ordinary words to stand for themselves
    r"^[^\W_].{1,120}\s(?:dedi ki|demiş ki|(?:şun(?:u|ları) )?söyledi|"
    r"tarihli (?:ileti|mesaj|e-?posta|yazı)sı(?:nda)?|alıntı)\s*:$",
    FLAGS,
)
BARE_TELLING = re.compile(rf"^[^\W\d_].{{1,60}}\s(?:{WROTE})\s*[:：]$", FLAGS)
STARTS = re.compile(
    r"^[\s*_\"“„«<\[(-]*(?:\d|在|於|[\w.'’-]+[\s,@<，:])",
    FLAGS,
)
OPENS = re.compile(
    r"^[\s*_>-]*(?:on|le|am|el|il|em|op|w dniu|dnia|den|в|at|på|vào|a|no dia|in data|il giorno|tarih)\s", FLAGS
)
OPENS_DAY = re.compile(r"^[\s*_]*(?:on|le|am|el|il|em|op|den|w dniu)\s(?:[^\W\d]{2,12}[.,]{0,2}\s){1,2}\d{1,2}\b", FLAGS)
SHARED = re.compile(  # an introduction in the same line as the words before it
    r"(?:\b(?:On|Am|Le|El|Il|Em|Op|W dniu|Den)\s(?:[^\W\d]{2,12}[.,]{0,2}\s)?(?:\w{3,9}[.,]?\s)?\d{1,4}\b"
    r"|\b(?:(?:Pzt|Paz|Sal|Çar|Per|Cum|Cmt)\w{0,8},\s)?\b\d{1,2}\s[^\W\d]{3,8}\s\d{4}\b.{0,60}\starihinde\b(?=.{0,150}@))"
)

TITLES = (
    r"(?:start (?:of )?)?(?:original|reply|replied) (?:message|e-?mail|appointment)|original|"
    r"(?:[öo]zg[üu]n|orijinal|orjinal|asıl|ilk|önceki|yanıtlanan|alıntılanan) (?:mesaj|ileti|e-?posta|mail|posta|"
    r"randevu)(?:\w{1,4})?|"
    r"(?:ursprüngliche|original|antwort)[\s-]?(?:nachricht|mail)|message d[’']origine|message (?:original|initial)|"
    r"courriel original|mensaje original|messaggio originale|mensagem original|oorspronkelijk bericht|"
    r"oryginalna wiadomość|wiadomość oryginalna|исходное (?:сообщение|письмо)|оригинальное сообщение|"
    r"الرسالة الأصلية|الرسالة الاصلية|ursprungligt meddelande|opprinnelig melding|oprindelig (?:meddelelse|besked)|"
    r"alkuperäinen viesti|původní zpráva|eredeti üzenet|mesaj original|оригінальне повідомлення|原始邮件|原始郵件|"
    r"邮件原件|元のメッセージ|원본 메시지"
)
ORIGINAL = re.compile(
    rf"^[\s>*]*[-_=*~–—]{{2,}}\s*(?:{TITLES})\s*:?[\s*]*[-_=*~–—]*\**$|"
    r"^\W{0,9}(?:please )?(?:type|write|enter|add) your (?:reply|response|answer) above this line\W{0,9}$|"
    r"^\W{0,9}(?:lütfen )?(?:yanıtınızı|cevabınızı) bu (?:satırın|çizginin) (?:üstüne|üzerine|"
    r"yukarısına) yazın(?:ız)?\W{0,9}$",
    FLAGS,
)
FORWARD = re.compile(
    r"^[\s>*]*[-_=*~–—]{2,}\s*(?:forwarded (?:message|e-?mail)|"
    r"(?:iletilen|iletilmiş|yönlendirilen|yönlendirilmiş) (?:ileti|mesaj|e-?posta|posta)|weitergeleitete nachricht|"
    r"message transféré|mensaje reenviado|messaggio inoltrato|mensagem (?:encaminhada|reencaminhada)|"
    r"doorgestuurd bericht|wiadomość przekazana|przekazana wiadomość|пересылаемое сообщение|пересланное сообщение|"
    r"пересылаемое письмо|رسالة معاد توجيهها|vidarebefordrat meddelande|videresendt (?:melding|meddelelse)|"
    r"välitetty viesti|přeposlaná zpráva|转发邮件|轉寄郵件|转发的邮件)\b.{0,40}$|"
    r"^\s*(?:begin forwarded message|(?:iletilmiş|iletilen|yönlendirilen|yönlendirilmiş) (?:mesaj|ileti|"
    r"e-?posta)(?:ın|nin)?"
    r" başlangıcı|anfang der weitergeleiteten (?:nachricht|e-?mail)|début du message (?:transféré|réexpédié)|"
    r"inicio del mensaje reenviado|inizio messaggio inoltrato|início da mensagem (?:re)?encaminhada|"
    r"begin doorgestuurd bericht|początek przekazywanej wiadomości|начало переадресованного сообщения)\s*:",
    FLAGS,
)
RULE = re.compile(r"^\s*(?:[_─—–=-]{3,}|\*{5,})\s*$")

FROM_NAMES = r"from|kimden|gönderen|gönderici|von|de|da|van|od|от|от кого|من|från|fra|lähettäjä|feladó|发件人|寄件者|差出人"
DATE_NAMES = (
    r"sent|date|g[öo]nderil(?:di|me|miş|en|enler)|g[öo]nder(?:me|ilme|im) tarihi|g[öo]nderim|tarih|"
    r"gesendet|datum|"
    r"envoyé|enviado(?: el)?|fecha|inviato|data|enviada(?: em)?|verzonden|wysłano|wysłane|отправлено|дата|"
    r"التاريخ|تاريخ|"
    r"تم الإرسال|skickat|sendt|lähetetty|päiväys|odesláno|elküldve|发送时间|日期|送信日時"
)
TO_NAMES = r"to|kime|alıcı|an|à|para|a|aan|do|кому|إلى|الى|till|til|vastaanottaja|komu|címzett|收件人|宛先"
OTHER_NAMES = (
    r"cc|bcc|subject|reply-to|importance|attachments|bilgi|konu|önem|ekler|yanıt adresi|betreff|kopie|wichtigkeit|"
    r"objet|asunto|oggetto|assunto|onderwerp|dw|temat|копия|тема|الموضوع|نسخة|ämne|emne|kopia|aihe|předmět|"
    r"tárgy|主题|主旨|件名"
)
_MARGIN, _COLON = r"^[\s>*_•]*", r"\**\s{0,2}\**[:：]"
FROM_LINE = re.compile(rf"{_MARGIN}(?:{FROM_NAMES}){_COLON}\**\s*\S", FLAGS)
DATE_LINE = re.compile(rf"{_MARGIN}(?:{DATE_NAMES}){_COLON}", FLAGS)
PERSON_LINE = re.compile(rf"{_MARGIN}(?:{FROM_NAMES}|{TO_NAMES}){_COLON}.{{0,200}}@", FLAGS)
HEADER_LINE = re.compile(rf"{_MARGIN}(?:{FROM_NAMES}|{DATE_NAMES}|{TO_NAMES}|{OTHER_NAMES}){_COLON}", FLAGS)
ONE_LINE_HEADER = re.compile(
    rf"{_MARGIN}(?:(?:{FROM_NAMES}){_COLON}.{{3,150}}\s\**(?:{DATE_NAMES}){_COLON}.{{0,60}}\d|"
    rf"(?:{DATE_NAMES}){_COLON}.{{0,60}}\d.{{0,60}}\s\**(?:{FROM_NAMES}){_COLON}.{{0,60}}@)",
    FLAGS,
)
