"""The results of a user study: how often each model is preferred to each other one, with confidence intervals."""

import json
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import NormalDist, median
from typing import Any

from vid2vid.tools.user_study.study_key import StudyKey
from vid2vid.tools.user_study.votes import Vote

FORMAT = "vid2vid-tally-1"
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Rate:
    """A share of votes.

    Attributes:
        chosen: The number of votes for something.
        votes: The number of all votes, above 0.
    """

    chosen: int
    votes: int

    @property
    def value(self) -> float:
        """The share, 0..1."""
        return self.chosen / self.votes

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % score interval of the share, which also holds for few votes and near 0 and 1."""
        z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
        shrink = 1 + z**2 / self.votes
        middle = (self.value + z**2 / (2 * self.votes)) / shrink
        half = z * math.sqrt(self.value * (1 - self.value) / self.votes + z**2 / (4 * self.votes**2)) / shrink
        return max(0.0, middle - half), min(1.0, middle + half)

    def as_dict(self) -> dict[str, Any]:
        """Return share, interval and counts as plain values."""
        return {"rate": self.value, "interval": list(self.interval), "chosen": self.chosen, "votes": self.votes}

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.value:.2f} [{low:.2f}, {high:.2f}]"


@dataclass(frozen=True)
class StudyResults:
    """The counted votes of all viewers.

    Args:
        key: The key of the study.
        votes: The votes, at least one.
    """

    key: StudyKey
    votes: Sequence[Vote]

    def preferences(self) -> Iterator[tuple[str, str, Rate]]:
        """Yield for each pair of models that was voted on the rate at which the first is preferred to the second."""
        won = Counter((vote.preferred, vote.rejected) for vote in self.votes)
        for model, rival in combinations(self.key.models, 2):
            for_it, against = won[model, rival], won[rival, model]
            if for_it + against:
                yield model, rival, Rate(for_it, for_it + against)

    @property
    def left(self) -> Rate:
        """How often the left video was chosen; a rate far from 0.5 means that viewers did not compare the videos."""
        return Rate(sum(vote.side == "left" for vote in self.votes), len(self.votes))

    @property
    def viewers(self) -> dict[str, int]:
        """Number of votes of each viewer."""
        return dict(Counter(vote.viewer for vote in self.votes))

    @property
    def seconds(self) -> float:
        """The median time of a choice, in seconds."""
        return median(vote.seconds for vote in self.votes)

    def json(self) -> str:
        """Return everything as JSON."""
        preferences = [{"model": model, "over": rival, **rate.as_dict()} for model, rival, rate in self.preferences()]
        content = {
            "format": FORMAT,
            "question": self.key.question,
            "confidence": CONFIDENCE,
            "preferences": preferences,
            "left": self.left.as_dict(),
            "median_seconds": self.seconds,
            "pairs": len(self.key.matches),
            "viewers": self.viewers,
        }
        return json.dumps(content, indent=1, ensure_ascii=False) + "\n"

    def markdown(self) -> str:
        """Return the table and notes on it as Markdown, aligned for reading as plain text."""
        rows: list[tuple[str, ...]] = [("preferred", "to", "rate [95 % interval]", "votes")]
        for model, rival, rate in self.preferences():
            cells = (model, rival, str(rate), f"{rate.chosen} of {rate.votes}")
            rows.append(tuple(cell.replace("|", "\\|") for cell in cells))
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        table = ["| " + " | ".join(map(str.ljust, row, widths)) + " |" for row in rows]
        table.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
        pairs, votes = len(self.key.matches), len(self.votes)
        notes = [
            f"Viewers: {len(self.viewers)}; pairs: {pairs}; votes: {votes}, {self.seconds:.1f} s each (median).",
            f"The left video was chosen at a rate of {self.left}.",
            *(
                f"{viewer} has voted on {number} of {pairs} pairs only."
                for viewer, number in self.viewers.items()
                if number < pairs
            ),
            "The intervals take votes as independent; those of one viewer or on one scene are more alike than that.",
        ]
        return "\n".join([self.key.question, "", *table, "", *notes]) + "\n"
