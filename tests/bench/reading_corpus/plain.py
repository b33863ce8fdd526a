"""Plain text: a standard in pages, questions and answers, papers, a chat, columns, reStructuredText."""

from __future__ import annotations

from tests.bench.reading_corpus import File

# ruff: noqa: E501
_STANDARD = """



Harbour Working Group                                         J. Bakker
Request for Comments: 99999                          Harbour of Ostend
Category: Best Current Practice                               March 1997


              Key Words for Use in Harbours

Status of this Memo

   This document specifies a practice for the harbour community, and
   asks for suggestions.  Distribution of this memo is unlimited.

Table of Contents

   1.  Introduction  . . . . . . . . . . . . . . . . . . . . . . . .   1
   2.  Conventions . . . . . . . . . . . . . . . . . . . . . . . . .   2
     2.1.  Making Fast . . . . . . . . . . . . . . . . . . . . . . .   2

1.  Introduction

   A captain MUST NOT ignore the tide, for the tide turns twice a day
   in this harbour, and whoever ignores it (see [2], Sect. 4) loses the



Bakker                   Best Current Practice                  [Page 1]
\f
RFC 99999                      Key Words                      March 1997


   ship.  Salt keeps meat at sea.

2.  Conventions

   The head of a report has these fields:

    0                   1
    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   |      Ship     |     Berth     |
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+

2.1.  Making Fast

   Ropes are made fast in this order:

   o  the bow line,

   o  the stern line, and

   o  the spring lines.



Bakker                   Best Current Practice                  [Page 2]
\f
RFC 99999                      Key Words                      March 1997


2.2.  MUST

   This word means that the definition is an absolute requirement.



Bakker                   Best Current Practice                  [Page 3]
"""
_STANDARD_WANTED = """
| Harbour Working Group J. Bakker
| Request for Comments: 99999 Harbour of Ostend
| Category: Best Current Practice March 1997
# Key Words for Use in Harbours
# Status of this Memo
This document specifies a practice for the harbour community, and asks for suggestions.
Distribution of this memo is unlimited.
# Table of Contents
# 1. Introduction
A captain MUST NOT ignore the tide, for the tide turns twice a day in this harbour, and whoever ignores it (see [2], Sect. 4) loses the ship.
Salt keeps meat at sea.
# 2. Conventions
The head of a report has these fields: 0 1 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+ | Ship | Berth | +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
# 2.1. Making Fast
Ropes are made fast in this order: o the bow line, o the stern line, and o the spring lines.
# 2.2. MUST
This word means that the definition is an absolute requirement.
"""
_QUESTIONS = """HARBOUR FAQ

Q: Who owns the harbour?
A: The town owns it. The monastery owns the pier.

Q: Can I moor at night?
A: Yes, but call the watch first.

What does a berth cost?

It costs 12 marks a night, e.g. 84 marks a week.

Where do I pay?

At the office.

Is there water on the pier?

No.
"""
_QUESTIONS_WANTED = """
# HARBOUR FAQ
# Q: Who owns the harbour?
The town owns it.
The monastery owns the pier.
# Q: Can I moor at night?
Yes, but call the watch first.
# What does a berth cost?
It costs 12 marks a night, e.g. 84 marks a week.
# Where do I pay?
At the office.
# Is there water on the pier?
No.
"""
_PAPER = """Tides of Small Harbours

Z. Shen, J. Bakker and L. Moreau

1 Introduction

The tide of a small harbour has been measured since the year 1712, and the tables of

2 Z. Shen et al.

the monks are still in use (11). Others found the same in the north (Moreau et al. 2010; cf.
Bakker 2011). As Fig. 2 shows, it rises by approx. 3.5 m at full moon. Shen et al.

3 Z. Shen et al.

measured it again in Oct. 2019. The mosquito Ae. aegypti breeds in the basin, but An. gambiae
does not.12 Neither was found in winter.

2 Methods

We used a float of oak wood, two ropes and a clock that was set every morning, at

4 Z. Shen et al.

the sound of the bell. (3) The float weighed 2 lb. and was painted red.
"""
_PAPER_WANTED = """
# Tides of Small Harbours
Z. Shen, J. Bakker and L. Moreau
# 1 Introduction
The tide of a small harbour has been measured since the year 1712, and the tables of the monks are still in use (11).
Others found the same in the north (Moreau et al. 2010; cf. Bakker 2011).
As Fig. 2 shows, it rises by approx. 3.5 m at full moon.
Shen et al. measured it again in Oct. 2019.
The mosquito Ae. aegypti breeds in the basin, but An. gambiae does not.12
Neither was found in winter.
# 2 Methods
We used a float of oak wood, two ropes and a clock that was set every morning, at the sound of the bell.
The float weighed 2 lb. and was painted red.
"""
_CHAT = """i tried to moor at night. it did not work. the watch was asleep! what can i do?

call them first. then wait. i did so in may, and they came.
"""
_CHAT_WANTED = """
i tried to moor at night.
it did not work.
the watch was asleep!
what can i do?
call them first.
then wait.
i did so in may, and they came.
"""
_COLUMNS = """Depths of the wells

The depths were measured in autumn, after a wet summer, by two monks with a rope.

Well          Depth      Water
North         12 m       sweet
South         30 m       salt

All of them are open: nobody has to pay. But if you ask "May I?" they are pleased.
"""
_COLUMNS_WANTED = """
# Depths of the wells
The depths were measured in autumn, after a wet summer, by two monks with a rope.
| Well Depth Water
| North 12 m sweet
| South 30 m salt
All of them are open: nobody has to pay.
But if you ask "May I?" they are pleased.
"""
_RST = """.. _kilns:

Firing a kiln
=============

A kiln is fed with pine.  It burns for nine days, i.e. more than a week.

.. image:: /images/kiln.jpg
    :alt: a kiln

Lighting
--------

Light it with this command::

    $ kiln light --now
    It burns. Good.

Nobody sleeps then.
"""
_RST_WANTED = """
# Firing a kiln
A kiln is fed with pine.
It burns for nine days, i.e. more than a week.
# Lighting
Light it with this command:: $ kiln light --now It burns. Good.
Nobody sleeps then.
"""
_MIXED = """The tide turns twice a day. Salt keeps meat at sea.

潮水每天漲落兩次。港口在早晨裝滿了水。

يتغير المد مرتين في اليوم. الملح يحفظ اللحم في البحر.

Прилив меняется дважды в день. Соль сохраняет мясо, т. е. еду.
"""
_MIXED_WANTED = """
The tide turns twice a day.
Salt keeps meat at sea.
潮水每天漲落兩次。
港口在早晨裝滿了水。
يتغير المد مرتين في اليوم.
الملح يحفظ اللحم في البحر.
Прилив меняется дважды в день.
Соль сохраняет мясо, т. е. еду.
"""
_SPEECH = """The Ferryman

“Come back before the rain,” said the ferryman, “or stay on the other side.” Mr. Bakker laughed. “I know the tide of this
harbour better than any of the monks, and I know what a rope is worth. Last year I came home in the fog. Nobody saw me,
and nobody helped me. Why should I be afraid of a little rain? It is only water, and there is more of it below me than above.” He went.
"""
_SPEECH_WANTED = """
# The Ferryman
“Come back before the rain,” said the ferryman, “or stay on the other side.”
Mr. Bakker laughed.
“I know the tide of this harbour better than any of the monks, and I know what a rope is worth.
Last year I came home in the fog.
Nobody saw me, and nobody helped me.
Why should I be afraid of a little rain?
It is only water, and there is more of it below me than above.”
He went.
"""
_GLYPHS = "/g3/g24/g25/g26/g3/g17/g12\n/g4/g24/g31/g26/g9/g17/g12\n(cid:3)(cid:14)(cid:15)(cid:92)\n"


def files() -> list[File]:
    """Return the files and what is to be read of each."""
    made = [
        ("standard.txt", _STANDARD, _STANDARD_WANTED),
        ("questions.txt", _QUESTIONS, _QUESTIONS_WANTED),
        ("paper.txt", _PAPER, _PAPER_WANTED),
        ("chat.txt", _CHAT, _CHAT_WANTED),
        ("columns.txt", _COLUMNS, _COLUMNS_WANTED),
        ("kiln.rst", _RST, _RST_WANTED),
        ("languages.txt", _MIXED, _MIXED_WANTED),
        ("speech.txt", _SPEECH, _SPEECH_WANTED),
        ("glyphs.txt", _GLYPHS, ""),
    ]
    return [File(name, text.encode(), wanted) for name, text, wanted in made]
