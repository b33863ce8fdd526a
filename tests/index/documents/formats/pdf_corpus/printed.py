"""Prints documents to PDF with Chromium, LibreOffice and LaTeX."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import docx
from docx.oxml import OxmlElement
from playwright.sync_api import sync_playwright

from tests.index.documents.formats.pdf_corpus.documents import Document
from tests.index.files import saved

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_QUIET = ("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage")
_HEAD = '<div style="font-size:8px;width:100%;text-align:center">Annals of the Harbour Office, vol. 3</div>'
_FOOT = (
    '<div style="font-size:8px;width:100%;text-align:center"><span class="pageNumber"></span> / '
    '<span class="totalPages"></span></div>'
)


def browser() -> str | None:
    """Find a Chromium; None where none is installed."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def chromium(pages: Mapping[str, str], *, heads: bool = False, tagged: bool = False) -> dict[str, bytes]:
    """Print pages of HTML to A4, by name; with running heads and page numbers when `heads`."""
    options: dict[str, Any] = {"format": "A4", "tagged": tagged, "prefer_css_page_size": True}
    if heads:
        margin = dict.fromkeys(("top", "bottom", "left", "right"), "2cm")
        options |= {
            "display_header_footer": True,
            "header_template": _HEAD,
            "footer_template": _FOOT,
            "margin": margin,
        }
    found = {}
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=browser(), args=_QUIET)
        page = running.new_page()
        for name, content in pages.items():
            page.set_content(content)
            found[name] = page.pdf(**options)
        running.close()
    return found


def office(files: Mapping[str, bytes], folder: Path) -> dict[str, bytes]:
    """Convert files to PDF with LibreOffice, by their names without endings."""
    for name, data in files.items():
        (folder / name).write_bytes(data)
    command = ["soffice", "--headless", f"-env:UserInstallation=file://{folder}/profile", "--convert-to", "pdf"]
    subprocess.run(
        [*command, "--outdir", str(folder), *(str(folder / name) for name in files)], check=True, capture_output=True
    )
    return {Path(name).stem: (folder / name).with_suffix(".pdf").read_bytes() for name in files}


def word(document: Document) -> bytes:
    """Write a document as a Word file with its styles; footnotes are left out."""
    made = docx.Document()
    table: Any = None
    for block in document.blocks:
        if block.kind == "row":
            cells = block.text.split("\t")
            table = table or made.add_table(0, len(cells), "Table Grid")
            for cell, text in zip(table.add_row().cells, cells, strict=True):
                cell.text = text
            continue
        table = None
        match block.kind:
            case "h1" | "h2" | "h3":
                made.add_heading(block.text, int(block.kind[1]))
            case "li":
                made.add_paragraph(block.text, "List Bullet")
            case "p" | "code":
                made.add_paragraph(block.text)
    if document.language in ("he", "ar"):
        for each in made.tables:
            each._tbl.tblPr.append(OxmlElement("w:bidiVisual"))
        for paragraph in made.paragraphs:
            paragraph._p.get_or_add_pPr().append(OxmlElement("w:bidi"))
            for run in paragraph.runs:
                run.font.rtl = True
                run.font.name = "DejaVu Sans"
    return saved(made)


def latex(documents: Sequence[Document], preamble: str, folder: Path) -> dict[str, bytes]:
    """Set documents with pdflatex, by name; sections are numbered."""
    found = {}
    for document in documents:
        (folder / f"{document.name}.tex").write_text(_tex(document, preamble), encoding="utf-8")
        command = ["pdflatex", "-interaction=batchmode", f"{document.name}.tex"]
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
        found[document.name] = (folder / f"{document.name}.pdf").read_bytes()
    return found


def _tex(document: Document, preamble: str) -> str:
    lines: list[str] = []
    around = ""
    for block in document.blocks:
        wrapped = {"li": "itemize", "row": "tabular", "code": "verbatim"}.get(block.kind, "")
        if wrapped != around:
            if around:
                lines.append(f"\\end{{{around}}}" + ("\n\n" if around == "tabular" else ""))
            if wrapped:
                columns = "{" + "l" + "r" * block.text.count("\t") + "}" if wrapped == "tabular" else ""
                lines.append(("\n\n\\noindent" if columns else "") + f"\\begin{{{wrapped}}}{columns}")
            around = wrapped
        text = block.text if block.kind == "code" else _escaped(block.text)
        match block.kind:
            case "h1":
                lines.append(f"\\title{{{text}}}\\author{{}}\\date{{}}\\maketitle")
            case "h2" | "h3":
                lines.append(f"\\{'sub' * (block.kind == 'h3')}section{{{text}}}")
            case "li":
                lines.append(f"\\item {text}")
            case "row":
                lines.append(text.replace("\t", " & ") + "\\\\")
            case "note":
                while not lines[-1]:
                    lines.pop()
                lines[-1] += f"\\footnote{{{text}}}"
            case "code":
                lines.append(text)
            case _:
                lines += ["", text]
    if around:
        lines.append(f"\\end{{{around}}}")
    packages = "\\usepackage[T1]{fontenc}\\usepackage[utf8]{inputenc}"
    body = "\n".join(lines)
    return f"{preamble}{packages}\\begin{{document}}\n{body}\n\\end{{document}}\n"


def _escaped(text: str) -> str:
    for sign in "&%$#_":
        text = text.replace(sign, "\\" + sign)
    return text.replace("“", "``").replace("”", "''").replace("’", "'")
