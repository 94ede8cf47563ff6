"""Judging synthesised videos beside each other: measures, how sure they are, tables."""

from vid2vid.synthesis.judging.footage import Footage
from vid2vid.synthesis.judging.jury import Jury
from vid2vid.synthesis.judging.measures import MEASURES, REAL
from vid2vid.synthesis.judging.verdict import Verdict

__all__ = ["MEASURES", "REAL", "Footage", "Jury", "Verdict"]
