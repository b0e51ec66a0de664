"""What machines say of themselves in a subject or in their first lines, where no header tells.

People use the same words: "out of office printer", "delivery notifications never arrive". A phrase therefore counts
where the subject ends with it or goes on as machines do, with a colon, a date or the subject that they answer.
"""

from __future__ import annotations

import re

_ENDS = r"(?=\s*(?:[:：\-–—|!.()\[\]]|$))"
_GOES_ON = (
    r"(?=\s+(?:from|to|for|of|by|re|aw|until|till|your|thank|out|regarding|e?-?mail|message|notice|reply|response|"
    r"auto-?(?:reply|response|matic reply)|notification|bis|vom|jusqu|hasta|tot|do|до)\b)"
)
ABSENT = [
    # English
    "(?:i am |i[’']m |currently )?out[- ]of[- ](?:the[- ])?office",
    "vacation (?:reply|response|notice)",
    "(?:i am )?on vacation",
    "away from (?:the |my )?office",
    "(?:i am )?on annual leave",
    # Turkish
    "ofis (?:dışında|dışı)(?:yım|nda)?(?: yanıtı)?",
    "(?:yıllık )?izindeyim",
    "ofiste değilim",
    # German, Dutch
    "abwesend",
    "abwesenheit(?:s(?:notiz|nachricht|assistent|benachrichtigung|meldung))?",
    "nicht im büro",
    "au(?:ß|ss)er haus",
    "afwezig(?:heids?(?:bericht|melding|assistent))?",
    "niet op kantoor",
    # French, Italian, Spanish, Portuguese
    "absent[e]?(?: du bureau)?",
    "absence du bureau",
    "message d[’']absence",
    "fuori (?:sede|ufficio)",
    "risposta non al computer",
    "fuera de(?: la)? oficina",
    "fora do escritório",
    "ausência temporária",
    "ausente do escritório",
    "ausente",
    # Scandinavian, Finnish
    "frånvarande",
    "frånvaro(?:meddelande)?",
    "fraværende",
    "fravær",
    "ikke til stede",
    "poissa(?: toimistosta)?",
    # Polish, Russian, Czech, Hungarian, Greek
    "nieobecność",
    "poza biurem",
    "нет на работе",
    "вне офиса",
    "нет на рабочем месте",
    "mimo kancelář",
    "házon kívül",
    "εκτός γραφείου",
]
ANSWERS = [
    "auto(?:mat(?:ic(?:ally)?|ed))?[- _]?(?:re(?:ply|sponse|sponder)|answer|acknowledge?ment|generated)",
    "this is an automated (?:reply|response|message)",
    "otomatik (?:yanıt|cevap)(?:la(?:ma|yıcı)?)?",
    "automatische (?:antwort|abwesenheit|rückantwort)",
    "automatisch antwoord",
    "réponse automatique",
    "message automatique",
    "respuesta automática",
    "risposta automatica",
    "resposta automática",
    "autosvar",
    "automatisk svar",
    "automatiskt svar",
    "automaattinen vastaus",
    "automatická odpověď",
    "automatikus válasz",
    "autoodpowiedź",
    "automatyczna odpowiedź",
    "odpowiedź automatyczna",
    "автоматический ответ",
    "автоответ",
    "αυτόματη απάντηση",
    "رد تلقائي",
    "自动回复",
    "自動回覆",
    "自動返信",
    "자동 회신",
    "자동회신",
    "不在通知",
    "răspuns automat",
    "automatski odgovor",
]
RETURNED = [
    "delivery status notification",
    "undeliverable",
    "undelivered mail(?: returned to sender)?",
    "mail delivery (?:failed|failure|subsystem)",
    "returned mail",
    "failure notice",
    "delivery (?:failure|notification)",
    "teslim edilem(?:edi|iyor)",
    "unzustellbar",
]
MARKED = ["auto", "ooo", "absence", "vacation", "abwesenheit", "urlaub", "away"]
"""Words that count before a colon alone: by themselves they stand in front of anything."""
SUBJECT = re.compile(
    r"^\s*(?:\[(?!auto|out of)[^\]]*\]\s*)?[\[(*]?\s*(?:"
    rf"(?:{'|'.join([*ABSENT, *ANSWERS])})(?:{_ENDS}|{_GOES_ON})|(?:{'|'.join(RETURNED)}){_ENDS}|"
    rf"(?:{'|'.join(MARKED)})\s?[:：])",
    re.IGNORECASE,
)
SAYS_SO = [
    r"this is an auto(?:mated|matic)(?:ally generated)? (?:response|reply|answer|(?:out[- ]of[- ]office )?message)"
    r"(?: to your (?:message|e-?mail)|\W*$|[.,;:!])",
    r"bu (?:mesaj|e-posta|ileti),? otomatik (?:olarak (?:gönderil|oluşturul)|bir (?:yanıt|cevap))",
    r"bu otomatik bir (?:yanıt|cevap|mesaj)",
    r"dies ist eine automatisch(?:e| generierte| erstellte) (?:antwort|nachricht|e-?mail)",
    r"ceci est (?:une réponse|un message) automatique",
    r"(?:este|esta) es (?:un mensaje|una respuesta) automátic[oa]",
    r"quest(?:o è un messaggio automatico|a è una risposta automatica)",
    r"esta é uma (?:resposta|mensagem) automática",
    r"dit is een automatisch (?:antwoord|bericht)",
    r"это автоматическ(?:ий ответ|ое сообщение)",
    r"(?:your message )?was (?:read|displayed|deleted without being read) on \w+,? ",
]
FIRST_LINES = re.compile(rf"^[^\w\n>|\"“„«]*(?:(?:please )?note:? )?(?:{'|'.join(SAYS_SO)})", re.IGNORECASE | re.MULTILINE)
MAX_TEXT = 4_000


def says_so(subject: str, visible: str) -> bool:
    """Whether the subject, or a line of what is said above any quotation, names itself an automatic answer."""
    return bool(SUBJECT.match(subject)) or bool(FIRST_LINES.search(visible[:MAX_TEXT]))
