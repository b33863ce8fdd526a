"""Style sheets that documents are printed with; the reader was made with half of them, and never saw the others."""

from __future__ import annotations

SEEN = {
    "plain": "",
    "justified": 'body{font:11pt/1.15 "DejaVu Sans";text-align:justify}',
    "indents": 'p{margin:0;text-indent:1.5em}body{text-align:justify;font:11pt/1.3 "DejaVu Serif"}',
    "two columns": "body{column-count:2;font:10pt/1.3 serif}",
    "three columns": "body{column-count:3;column-gap:1em;font:8pt/1.3 serif;text-align:justify}",
    "like Google Docs": (
        'body{font:11pt/1.38 Arial,"DejaVu Sans"}h1,h2,h3{font-weight:400}h1{font-size:20pt}h2{font-size:16pt}'
        "h3{font-size:14pt;color:#434343}p{margin:0 0 8pt}"
    ),
    "A5": '@page{size:A5;margin:1.2cm}body{font:9pt/1.2 "DejaVu Serif";text-align:justify}',
    "bold headings": "h2,h3{font-size:1em}table{border-collapse:collapse}td{border:1px solid;padding:1px 3px}",
    "initials": (
        "h2+p::first-letter{font-size:3.2em;float:left;line-height:.8;padding-right:2px}body{font:11pt/1.4 serif}"
    ),
    "narrow": "body{text-align:justify;width:9cm;hyphens:auto}",
}
UNSEEN = {
    "double spaced": '@page{size:Letter;margin:1in}body{font:12pt/2 "DejaVu Serif"}',
    "centred": "h1{text-align:center}h2{font:italic 1.3em serif}p{margin:.4em 0}",
    "ruled columns": (
        'body{columns:2;column-rule:1px solid;column-gap:3em;font:9.5pt/1.25 "DejaVu Sans";text-align:justify}'
    ),
    "dense": 'body{font:7.5pt/1.1 "DejaVu Sans Condensed"}p{margin:2pt 0}',
    "airy": 'body{font:13pt/1.9 "DejaVu Sans";width:14cm;margin:auto}h1,h2,h3{font-weight:300}',
    "typewriter": 'body{font:10pt/1.3 "DejaVu Sans Mono"}',
    "boxed": (
        "table,td{border:1px solid #888;border-collapse:collapse}td{padding:6px 14px;text-align:center}"
        "ul{list-style:square}"
    ),
    "ragged columns": 'body{columns:3;font:8.5pt/1.3 "DejaVu Serif"}',
    "landscape": "@page{size:A4 landscape}body{columns:2;column-gap:2em;font:10pt/1.35 serif;text-align:justify}",
    "spaced out": "h1,h2{letter-spacing:.15em}body{font:11pt/1.4 serif}h3{font-variant:small-caps;font-size:1.25em}",
}
# The beginnings of LaTeX documents.
SEEN_LATEX = {
    "article": "\\documentclass{article}\\usepackage{lmodern}",
    "two columns": "\\documentclass[twocolumn,10pt]{article}\\usepackage{lmodern}",
}
UNSEEN_LATEX = {
    "letter paper": "\\documentclass[11pt,letterpaper]{article}\\usepackage{mathptmx}\\usepackage{courier}",
    "two narrow columns": "\\documentclass[twocolumn,a4paper,11pt]{article}\\usepackage{charter}\\usepackage{courier}",
}
