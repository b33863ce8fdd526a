"""Documents with known text, generated out of sentences, and how each is written in HTML."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

ENGLISH = (
    "The office keeps five flags in a shelf, and each of them is difficult to fold.",
    "A kiln in Jingdezhen burned for nine days in 1712, and the potters fed it with pine.",
    "Pine burns evenly; oak burns long, but nobody in that valley could afford it.",
    "The tide turns twice a day in this harbour, and a captain who ignores it loses the ship.",
    "Nothing in the well-known charts explains why the water of the inner basin flows first.",
    "Salt keeps meat at sea.",
    "Her efficient workflow satisfied the first official, who offered a significant fee of 12.50 marks.",
    "In 1867 the commission measured 3,214 wells between the river and the northern railway embankment.",
    "Clay remembers the hand that shaped it, and glass forgets the fire at once.",
    "Is it true that a map is drawn by somebody who has never been there?",
    "They answered that responsibility, understanding and extraordinary patience were required of everybody.",
    "“Come back before the rain,” said the ferryman, “or stay on the other side.”",
    "The inscription was copied by three travellers, of whom only the second could read it.",
    "Whoever buys a lamp pays for the oil as well, so the price of a lamp says little.",
    "It did not.",
    "Each autumn the inhabitants repair the embankment with stones from the abandoned quarry.",
)
GERMAN = (
    "Die Donaudampfschifffahrtsgesellschaft veröffentlichte im Jahre 1871 einen außergewöhnlichen Jahresbericht.",
    "Während der Überschwemmung standen die Häuser der Fährleute bis zu den Fensterbänken im Wasser.",
    "Geschwindigkeitsbegrenzungen gelten auf der Landstraße auch für Fuhrwerke mit zwei Pferden.",
    "Niemand weiß, weshalb die Töpfer das Fichtenholz der Eiche vorzogen.",
    "Verantwortungsbewusstsein und Aufmerksamkeit werden von allen Beteiligten vorausgesetzt.",
    "Das Salz hält sich.",
    "Die Übersetzung der Handschrift wurde von drei Reisenden unabhängig voneinander angefertigt.",
)
HEBREW = (
    "הגאות מתחלפת פעמיים ביום בנמל הזה, ורב חובל שמתעלם ממנה מאבד את ספינתו.",
    "בשנת 1712 בער הכבשן תשעה ימים, והקדרים הזינו אותו בעצי אורן.",
    "המלח שומר על הבשר בים.",
    "המחיר היה 12.50 מארק, ואיש לא ידע מדוע.",
    "החימר זוכר את היד שעיצבה אותו, והזכוכית שוכחת את האש מיד.",
    "שלושה נוסעים העתיקו את הכתובת, ורק השני ידע לקרוא אותה.",
)
ARABIC = (
    "يتغير المد مرتين في اليوم في هذا الميناء، والقبطان الذي يتجاهله يفقد سفينته.",
    "في عام 1712 اشتعل الفرن تسعة أيام، وكان الخزافون يغذونه بخشب الصنوبر.",
    "الملح يحفظ اللحم في البحر.",
    "كان السعر 250 ماركا ولم يعرف أحد السبب.",
    "الطين يتذكر اليد التي شكلته، والزجاج ينسى النار على الفور.",
    "نسخ ثلاثة مسافرين النقش، ولم يستطع قراءته إلا الثاني.",
)
_SEE = {"en": "See volume", "de": "Siehe Band", "he": "ראו כרך", "ar": "انظر المجلد"}
_SENTENCES = {"en": ENGLISH, "de": GERMAN, "he": HEBREW, "ar": ARABIC}


@dataclass(frozen=True, slots=True)
class Block:
    """A block of text of one kind.

    Kinds: heading (`h1` to `h3`), paragraph (`p`), list item (`li`), line of code (`code`), table row (`row`, its
    cells parted by tabs), footnote (`note`, to the paragraph before).
    """

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Document:
    """What a PDF is made of, in reading order."""

    name: str
    language: str
    blocks: tuple[Block, ...]


def generated(seed: int, *, language: str = "en", sentences: Sequence[str] = (), sections: int = 4) -> Document:
    """Make a document of sections with paragraphs, lists, tables, code and footnotes."""
    chance = random.Random(f"{language}{seed}")
    pool = sentences or _SENTENCES[language]
    blocks = [Block("h1", _heading(chance, pool)), Block("p", _paragraph(chance, pool))]
    for number in range(sections):
        blocks += [Block("h2", _heading(chance, pool)), *(Block("p", _paragraph(chance, pool)) for _ in range(2))]
        if number % 2:
            blocks += [Block("h3", _heading(chance, pool)), Block("p", _paragraph(chance, pool))]
        match (number + seed) % 4:
            case 0:
                blocks += [Block("li", chance.choice(pool)) for _ in range(chance.randint(3, 5))]
            case 1:
                blocks += [Block("row", row) for row in _table(chance, pool)]
            case 2 if language == "en":
                blocks += [
                    Block("code", line) for line in ("def fill(kiln, wood):", "    kiln.burn(wood)", "    return kiln")
                ]
            case 3:
                blocks.append(Block("note", f"{_SEE[language]} {seed + number}: {chance.choice(pool)}"))
        blocks.append(Block("p", _paragraph(chance, pool)))
    return Document(f"{language}{seed}", language, tuple(blocks))


def _heading(chance: random.Random, pool: Sequence[str]) -> str:
    words = re.findall(r"[^\W\d_]{2,}", chance.choice([each for each in pool if len(each.split()) > 4]))
    start = chance.randint(0, max(0, len(words) - 4))
    found = " ".join(words[start : start + chance.randint(2, 5)])
    return found[:1].upper() + found[1:]


def _paragraph(chance: random.Random, pool: Sequence[str]) -> str:
    return " ".join(chance.choice(pool) for _ in range(chance.choice((1, 3, 4, 5, 6, 8))))


def _table(chance: random.Random, pool: Sequence[str]) -> list[str]:
    words = re.findall(r"[^\W\d_]{3,}", " ".join(pool))
    heads = [chance.choice(words).capitalize() for _ in range(chance.randint(3, 4))]
    rows = [
        [chance.choice(words), *(str(chance.randint(2, 9999)) for _ in heads[1:])] for _ in range(chance.randint(4, 7))
    ]
    return ["\t".join(row) for row in (heads, *rows)]


def html(document: Document, css: str, *, hyphenated: bool = False) -> str:
    """Write a document as a page; footnotes stand in small type after the paragraph they belong to."""
    parts: list[str] = []
    around = ""
    notes = 0
    for block in document.blocks:
        wrapped = {"li": "ul", "row": "table", "code": "pre"}.get(block.kind, "")
        if wrapped != around:
            parts.append((f"</{around}>" if around else "") + (f"<{wrapped}>" if wrapped else ""))
            around = wrapped
        text = escape(block.text)
        if hyphenated:
            text = re.sub(r"([^\W\d_]{4})(?=[^\W\d_]{4})", "\\1&shy;", text)
        match block.kind:
            case "row":
                parts.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in text.split("\t")) + "</tr>")
            case "code":
                parts.append(text + "\n")
            case "note":
                notes += 1
                parts[-1] = parts[-1].replace("</p>", f"<sup>{notes}</sup></p>")
                parts.append(f'<p class="note"><sup>{notes}</sup> {text}</p>')
            case kind:
                parts.append(f"<{kind}>{text}</{kind}>")
    parts.append(f"</{around}>" if around else "")
    direction = "rtl" if document.language in ("he", "ar") else "ltr"
    return (
        f'<!doctype html><html lang="{document.language}" dir="{direction}"><meta charset="utf-8">'
        f"<title>{document.name}</title><style>.note{{font-size:80%}}td{{padding:2px 8px}}{css}</style>"
        f"<body>{''.join(parts)}</body></html>"
    )
