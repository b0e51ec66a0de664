"""The lines that end a message: closing phrases, adverts of mobile programs, legal notices, in the customers' languages."""

from __future__ import annotations

import re

FLAGS = re.IGNORECASE

_DEVICE = (
    r"iphone|ipad|ipod|android|mobil|phone|handy|device|cell|black\s?berry|outlook|yahoo|mail|samsung|galaxy|"
    r"huawei|xiaomi|"
    r"redmi|oneplus|pixel|windows|tablet|nokia|motorola|alcatel|htc|hey|spark|proton|zimbra|telefon|cihaz|posta|"
    r"uygulama|"
    r"smartphone|watch|téléphone|teléfono|móvil|telemóvel|celular|mac\b|computer|bilgisayar|почт|яндекс|мобильн"
)
_BY = (
    r"from|with|via|using|by|on|von|vom|mit|aus|depuis|de|du|avec|par|à|desde|con|do|da|dal|dall|com|pelo|tramite|"
    r"vanaf|met|van|vanuit|op|z|ze|za|из|с|со|от|через|fra|från|med"
)
SENT_FROM = re.compile(
    r"^\W{0,4}(?:"
    r"(?:(?:sent|gesendet|envoyé|enviado|inviato|verzonden|verstuurd|wysłan[eoya]|отправлено|skickat|sendt)"
    rf"(?=(?:\s\S{{1,20}}){{0,2}}\s(?:{_BY})\b)|"
    r"from my|obtenez|télécharge[rz]?|obtener|obtén|ottieni|lähetetty|hanki|holen sie sich|laden sie|obtenha|pobierz|"
    r"скачать|загрузите|scarica|baixe|descarga|provenance|download|via)\b"
    rf"(?:\s[^\s,]+){{0,5}}?\s?[^\s,]{{0,12}}(?:{_DEVICE}).{{0,90}}|"
    r"sent from my(?: [^\s,]+){1,4}|get outlook for .{2,30}|"
    r"(?:diese nachricht wurde )?von meine[mr] .{2,60} gesendet|"
    rf"(?=.{{0,80}}(?:{_DEVICE})[^\s]{{0,12}}(?:dan|den|tan|ten|nden|ile| ile| üzerinden|'?yle) (?:g[öo]nderil(?:di|miştir)|"
    rf"iletildi|yazıldı))"
    r".{2,90}(?:g[öo]nderil(?:di|miştir)|iletildi|yazıldı)|"
    r".{0,40}outlook[’'ıiu]* (?:edinin|indirin)|.{0,40}outlook.{0,20} edinin|أُ?رسلت من .{2,40}|تم الإرسال من .{2,40}|"
    r"حصول على outlook.{0,40}|從我的.{1,20}傳送|发自我的.{1,20}|iPhoneから送信|"
    r"bu e-?posta(?:yı|nın|da)? .{0,60}(?:virüs|avast|avg|mcafee).{0,60}|virus-free\b.{0,60}|"
    r"this e-?mail has been checked for viruses.{0,60})"
    r"\W{0,4}(?:<?https?://\S{1,200})?$",
    FLAGS,
)
_PHRASES = (
    r"(?:many |kind |with )?thanks(?: (?:again|in advance|a lot|so much|and regards|& regards|and best regards))?|"
    r"thank you(?: (?:very much|in advance|again|so much))?|thx|tia|br|rgds|"
    r"(?:(?:with )?(?:my )?(?:kind(?:est)?|best|warm(?:est)?|many))?\s*regards|cheers|(?:all the )?best(?: wishes)?|"
    r"(?:yours )?sincerely(?: yours)?|yours (?:truly|faithfully)|respectfully|take care|"
    r"(?:en içten |en derin |içten )?saygı(?:lar|larımı|larımla|larımızla|larımızı)(?: sunar(?:ım|ız))?|saygılarımla|"
    r"sevgi(?:ler|lerle|lerimle)|sevgi ve saygı(?:lar|larımla|larımızla)|selam(?:lar|larımla)?|"
    r"hürmetler(?:imle)?|esenlikler|"
    r"(?:iyi|hayırlı) (?:çalışmalar|günler|akşamlar|haftalar|hafta sonları|geceler)(?: dilerim| dileriz|"
    r" dilerim saygılarımla)?|"
    r"(?:çok |şimdiden )?teşekkür(?:ler|\s?ederim|\s?ederiz)?|kolay gelsin|kolaylıklar(?: dilerim)?|görüşmek üzere|"
    r"bilgilerinize(?: sunar(?:ım|ız))?|bilginize|gereğini rica eder(?:im|iz)|arz ederim|"
    r"(?:mit )?(?:freundliche[nm]?|beste[nm]?|viele[nm]?|herzliche[nm]?|liebe|schöne) grü(?:ß|ss)en?|mfg|vg|lg|"
    r"gruß|hochachtungsvoll|"
    r"(?:bien )?cordialement|(?:bien )?à vous|merci(?: d[’']avance| beaucoup)?|(?:sincères )?salutations|amicalement|"
    r"bonne (?:journée|soirée)|"
    r"(?:un )?saludos?(?: cordial(?:es)?)?|atentamente|(?:muchas )?gracias|"
    r"cordiali saluti|(?:distinti )?saluti|cordialmente|grazie(?: mille)?|atenciosamente|"
    r"(?:com os melhores )?cumprimentos|"
    r"abraços?|obrigad[oa]|"
    r"(?:met )?vriendelijke groet(?:en)?|(?:hartelijke )?groet(?:en|jes|jens)?|mvg|bedankt|"
    r"(?:serdecznie )?pozdrawiam(?: serdecznie)?|z (?:poważaniem|powazaniem)|pozdrowienia|dziękuję|"
    r"с уважением|с наилучшими пожеланиями|спасибо|всего доброго|"
    r"مع (?:أطيب |خالص )?(?:التحيات|التحية|الشكر|تحياتي)|تحياتي|وتفضلوا بقبول .{0,40}|شكرا(?: لكم| جزيلا)?|"
    r"(?:med )?vänlig(?:a)? hälsning(?:ar)?|mvh|(?:med )?venlig hilsen|(?:de bedste |vennlig )?hilsen(?:er)?|kh|vh|"
    r"ystävällisin terveisin|s pozdravem|üdvözlettel"
)
CLOSING = re.compile(rf"^\W{{0,3}}(?:{_PHRASES})(?:\s*[/|&,·-]+\s*(?:{_PHRASES}))?\W{{0,3}}$", FLAGS)
LINK = re.compile(r"\s?<https?://[^<>\s]{1,500}>")
DASHES = re.compile(r"^\s*(?:--|—|__|–)\s*$")
DASH_NAME = re.compile(r"^\s*[-–—]{1,2}\s?[^\W\d_][\w.'’]*(?:\s[^\W\d_][\w.'’]*){0,2}\s*$")
CONTACT = re.compile(
    r"(?:\+|\b00)?\(?\d[\d ()./-]{7,18}\d\b|\bhttps?://|\bwww\.[\w-]+\.|[^\s<>@]{1,64}@[\w-]+\.[\w.-]+",
    FLAGS,
)
LEGAL_TITLE = re.compile(
    r"^\W{0,6}(?:yasal (?:uyarı|bildirim|not)|gizlilik (?:bildirimi|notu|uyarısı|beyanı)|sorumluluk reddi|hukuki uyarı|"
    r"kvkk|6698 sayılı|kişisel verilerin korunması|confidentiality (?:notice|note|statement)|disclaimer|"
    r"legal (?:notice|disclaimer)|"
    r"privileged (?:and|&|/) confidential|haftungsausschluss|vertraulichkeitshinweis|avis de confidentialité|"
    r"aviso (?:legal|de confidencialidade|de confidencialidad)|avviso di riservatezza|klauzula poufności|"
    r"уведомление о конфиденциальности|إخلاء مسؤولية)\b.{0,60}$",
    FLAGS,
)
LEGAL = re.compile(
    r"^\W{0,4}(?:"
    r"(?:işbu|bu) (?:elektronik )?(?:e-?posta|ileti|mesaj|mail|posta)\w{0,6}\s.{0,160}(?:gizli(?:dir|lik|"
    r"\s(?:bilgi|olup|ve))|"
    r"muhata[pb]|kişiye özel|yetkili kişi|alıcısı (?:değil|olma)|(?:sadece|yalnızca|yalnız) .{0,120}(?:alıcı|"
    r"gönderildiği|kullanım))|"
    r"yasal uyarı\s?:|6698 sayılı|"
    r"(?:this|the information (?:contained )?in this|the contents of this) (?:e-?mail|message|communication|"
    r"transmission)"
    r".{0,200}(?:confidential|privileged|intended (?:only|solely|for the|recipient))|"
    r"disclaimer\s?:|confidentiality notice\s?:|"
    r"diese (?:e-?mail|nachricht).{0,160}(?:vertraulich|ausschließlich|nur für)|"
    r"ce (?:message|courriel|courrier|mail).{0,160}(?:confidentiel|destinataire)|"
    r"este (?:mensaje|correo|e-?mail).{0,160}(?:confidencial|exclusiv|destinatari)|"
    r"esta mensagem.{0,160}(?:confidencia|destinat)|"
    r"(?:questo (?:messaggio|documento)|le informazioni contenute).{0,160}(?:riservat|confidenzial|destinatari)|"
    r"(?:dit bericht|deze e-?mail|de informatie).{0,160}(?:vertrouwelijk|geadresseerde)|"
    r"(?:ta|niniejsza) (?:wiadomość|korespondencja).{0,160}(?:poufn|adresat)|"
    r"(?:это|настоящее|данное) (?:сообщение|письмо).{0,160}конфиденциальн|هذه الرسالة.{0,160}سري)",
    FLAGS | re.DOTALL,
)
GREEN = re.compile(  # asks not to print the mail
    r"^(?=.*(?:print|yazdır|basma|çıktı|tree|druck|imprim|stampa|afdruk))\W{0,4}(?:"
    r"lütfen .{0,40}(?:yazdırmadan|basmadan|çıktısını almadan) önce .{0,40}(?:çevre|doğa|ağaç).{0,60}|"
    r"çevre(?:nizi|mizi|yi)? düşün.{0,80}|.{0,30}(?:consider|think (?:of|about)) (?:the|our) environment.{0,80}|"
    r".{0,30}save a tree.{0,60}|.{0,30}denken sie an die umwelt.{0,80}|.{0,30}pensez à l[’']environnement.{0,80}|"
    r".{0,40}piense en el medio ambiente.{0,80}|.{0,40}pensa all[’']ambiente.{0,80}|.{0,40}pense no meio ambiente.{0,80}|"
    r".{0,30}denk aan het milieu.{0,80})$",
    FLAGS,
)
