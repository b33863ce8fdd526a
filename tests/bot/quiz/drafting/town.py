"""Three documents about an invented town, with enough people, years and numbers to draft from."""

from __future__ import annotations

from pathlib import Path

from index.generations.texts import Texts
from tests.index.fakes import library

HARBOUR = """The harbour of Veldmar

Captain Simon Talbeek laid the first stone of the harbour of Veldmar in 1612. Master Hans Oosting drew the \
plans of the northern mole in 1619. The northern mole of the harbour cost 4,200 guilders and kept 37 masons \
at work.

Governor Peter Lammers opened the great lock of Veldmar in 1631. He had paid for it out of his own purse. \
Admiral William Brandsma wintered there with 46 ships in 1644. A storm in the winter of 1652 sank 52 fishing \
boats off the coast of Veldmar.

Engineer Martin Duyvis rebuilt the eastern quay with granite from Halland in 1688. The eastern quay has \
stood on 3,100 oak piles since the spring of 1689. Baron Gerhard Haverman gave the pilots of Veldmar a house \
of their own in 1695."""

MILLS = """The windmills of Veldmar

Miller Jacob Steenwijk built the first windmill on the dike of Veldmar in 1604. The windmills of Veldmar \
drained 6,300 acres of marsh within the lifetime of Jacob Steenwijk. Widow Agnes Romkes ran the oil mill \
near the Brede canal from 1627 to 1641.

Carpenter Klaus Noordhof made a turning cap for the tallest windmill of Veldmar in 1635. Unlike sawmills, \
oil mills were working through the night. While stone mills were grinding barley, paper mills were pressing \
rags.

Lightning burned down 23 windmills along the Brede canal on 14 August 1667. Count Edgar Lichtenvoort forbade \
thatched caps in Veldmar on 2 March 1668. Miller Stephen Tolsma counted 58 working windmills in Veldmar in \
1673."""

SCHOOL = """The school of Veldmar

Rector Adrian Velthuis taught Greek and Latin at the school of Veldmar from 1616. Printer Felix Baltus sold \
730 copies of his grammar to the school in 1622. Rector Thomas Wiarda moved the school into the old weigh \
house in 1648.

Professor Leo Sixma measured the height of the tides at Veldmar for 19 years. The tables of Leo Sixma were \
printed in Leeuw on 5 May 1657. Doctor Anna Feitsma left 8,500 guilders to the school in 1671.

The school burned twice. This was a great loss. It happened again in 1699, and nobody knew why?"""


def town(folder: Path, *documents: str) -> Texts:
    """Give the texts of a library of these documents; by default of all three."""
    folder.mkdir(parents=True, exist_ok=True)
    return library(folder, *(documents or (HARBOUR, MILLS, SCHOOL))).texts
