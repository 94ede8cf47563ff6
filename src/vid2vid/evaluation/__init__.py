"""Judging synthesised videos beside each other: measures, how sure they are, tables."""

from vid2vid.evaluation.folders import judge_folders
from vid2vid.evaluation.footage import Footage
from vid2vid.evaluation.held_out import compare, evaluate, performer
from vid2vid.evaluation.jury import Jury
from vid2vid.evaluation.measures import MEASURES, REAL
from vid2vid.evaluation.predictions import compare_predictions
from vid2vid.evaluation.verdict import Verdict

__all__ = [
    "MEASURES",
    "REAL",
    "Footage",
    "Jury",
    "Verdict",
    "compare",
    "compare_predictions",
    "evaluate",
    "judge_folders",
    "performer",
]
