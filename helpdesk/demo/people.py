"""Who works at Lodos Ev, a shop for home goods in Istanbul that ships abroad, and who writes to it. All invented."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle

from helpdesk.folding import fold

COMPANY, DOMAIN = "Lodos Ev", "lodosev.example"
PASSWORD = "lodos-ev-demo"  # noqa: S105 - printed to everybody; a demo has nothing to protect

TEAMS = {"Destek": "Destek", "Kargo": "Kargo ve İade", "Kurumsal": "Kurumsal"}
INBOXES = (
    ("Lodos Ev Destek", "destek", "Destek"),
    ("Lodos Ev Kargo", "kargo", "Kargo"),
    ("Lodos Ev Kurumsal", "kurumsal", "Kurumsal"),
)

AGENTS = (
    ("elif", "Elif Çağlayan", "admin", ("Destek", "Kargo", "Kurumsal")),
    ("deniz", "Deniz Yıldız", "lead", ("Destek", "Kargo")),
    ("burak", "Burak Öztürk", "agent", ("Destek",)),
    ("gulsah", "Gülşah İnan", "agent", ("Destek",)),
    ("onur", "Onur Şimşek", "agent", ("Destek", "Kargo")),
    ("merve", "Merve Aydın", "agent", ("Kargo",)),
    ("kaan", "Kaan Ünal", "lead", ("Kurumsal",)),
    ("irem", "İrem Sönmez", "agent", ("Kurumsal", "Destek")),
)
"""(address before the @, name, role, keys of teams)."""

ACCOUNTS = tuple((f"{login}@{DOMAIN}", role) for login, _name, role, _teams in AGENTS[:3])

WRITERS = {
    "Fırın kapağı": "Hüseyin Ağaoğlu", "Karttan iki": "Çağrı Öğütçü", "Tencere seti": "Şükran Işıldak",
    "Keten masa": "İpek Güngör", "Kargo şubede": "Müge Şahinoğlu", "Duş başlığının": "Rıza Kılıç",
    "Kurumsal fatura": "Ayşegül Çöl", "Nevresim": "Tuğba Erdoğdu", "Ahşap sehpa": "Gökçe Yıldırım",
    "Pazaryeri": "İlker Bağcı", "Çaydanlığın": "Nazlı Uğurlu", "Aynanın": "Cem Karagöz", "Otelimiz": "Bülent Taşçı",
    "Hediye paketi": "Selin Ergün", "Perde boyu": "Hatice Gümüş", "İade paketi": "Engin Işık", "Avize": "Serkan Çetin",
    "Does the Poyraz": "Emily Hartwell", "Refund still": "Daniel Okafor", "Customs form": "Sophie Lindqvist",
    "Wholesale": "Lena Petersen", "Where is my": "Tom Ashworth", "Hotel order": "Samuel Okafor",
    "The table": "Ian McAllister", "Allergic": "Maria Conti",
}  # fmt: skip
"""Who tells which story: the beginning of its subject and a name."""

TURKISH = (
    "Ahmet Yalçın", "Ayla Demirtaş", "Barış Keskin", "Begüm Akın", "Burcu Şen", "Canan Tüfekçi", "Ceyda Özkan",
    "Cihan Doğan", "Defne Uçar", "Dilek Sarı", "Doruk Ateş", "Ebru Güler", "Ece Yavuz", "Emre Çakır",
    "Erdem Polat", "Esra Toprak", "Fatma Ünlü", "Ferhat Koç", "Filiz Aksoy", "Funda Bilgin", "Gamze Kurt",
    "Gizem Arslan", "Hakan Erdem", "Handan Özer", "İbrahim Çelik", "İdil Karaca", "Işıl Başaran", "Kemal Durmaz",
    "Kübra Aslan", "Levent Oğuz", "Melis Acar", "Mert Yüksel", "Mustafa Şahin", "Nalan Ekinci", "Nesrin Coşkun",
    "Nihat Bulut", "Oya Tekin", "Özge Kaplan", "Pelin Duman", "Ramazan Avcı", "Sevgi Bozkurt", "Sibel Karataş",
    "Suat Gürbüz", "Şebnem Alkan", "Tarık Güneş", "Turgut Eren", "Uğur Sezer", "Yasemin Ay", "Yiğit Korkmaz",
    "Zehra Özdemir", "Zeynep Çınar", "Volkan Işık",
)  # fmt: skip
ENGLISH = (
    "Alice Brennan", "Anna Kowalska", "Ben Whitfield", "Chloe Martin", "David Novak", "Elena Popescu",
    "Frank Becker", "Grace O'Connor", "Henrik Sorensen", "Isabel Duarte", "Jack Turner", "Julia Weber",
    "Karl Jansson", "Laura Bianchi", "Liam Doyle", "Marta Nowak", "Nina Horvat", "Oliver Grant", "Paul Lefebvre",
    "Rachel Stein", "Sara Lindholm", "Theo van Dijk", "Ursula Brandt", "Victor Hansen", "Wendy Clarke",
    "Yara Haddad", "Zoe Papadaki", "Peter Nagy", "Hannah Fischer", "Mark Sullivan", "Noor Rahman", "Clara Vidal",
    "Jonas Berg", "Lucy Palmer", "Matteo Ricci", "Ella Virtanen", "Sean Murphy", "Amelia Wood", "Dmitri Volkov",
    "Fiona Campbell",
)  # fmt: skip
PROVIDERS = ("posta.example", "mektup.example", "mail.example", "inbox.example", "ev.example")
PRODUCTS = {
    "tr": ("Poyraz çaydanlık", "Anadolu tencere seti", "Ege havlu seti", "Kavak sehpa", "Işıklı ayna", "Keten nevresim",
           "Bulut yastık", "Meltem abajur", "İmbat kilim", "Bakır cezve"),
    "en": ("the Poyraz kettle", "the Anadolu pan set", "the Ege towel set", "the Kavak side table", "the Meltem lamp",
           "the Bulut pillow", "the İmbat rug", "the copper coffee pot"),
}  # fmt: skip
CITIES = {
    "tr": ("Kadıköy", "İzmir", "Ankara", "Eskişehir", "Muğla", "Iğdır", "Trabzon"),
    "en": ("Hamburg", "Dublin", "Malmö", "Boston", "Porto", "Vienna"),
}


@dataclass(frozen=True)
class Person:
    """A customer as he writes: name, address, language."""

    name: str
    address: str
    language: str


def person(name: str, language: str) -> Person:
    """The one person of this name, with an address made of it."""
    provider = PROVIDERS[len(name) % len(PROVIDERS)]
    return Person(name, f"{fold(name).replace(' ', '.').replace(chr(39), '')}@{provider}", language)


def strangers(rng: random.Random) -> dict[str, Iterator[str]]:
    """The other customers' names in turn, by language."""
    names = {"tr": rng.sample(TURKISH, len(TURKISH)), "en": rng.sample(ENGLISH, len(ENGLISH))}
    return {language: cycle(of_language) for language, of_language in names.items()}


def writer(subject: str, language: str, others: dict[str, Iterator[str]]) -> Person:
    """Who tells the story with this subject: its own customer, or one of the others."""
    for beginning, name in WRITERS.items():
        if subject.startswith(beginning):
            return person(name, language)
    return person(next(others[language]), language)
