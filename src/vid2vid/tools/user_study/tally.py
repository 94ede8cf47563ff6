"""Counting votes: how often each model is preferred to each other one, and how sure that is."""

import json
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import NormalDist, median
from typing import Any

from vid2vid.tools.user_study.key import Key
from vid2vid.tools.user_study.votes import Vote

FORMAT = "vid2vid-tally-1"
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Rate:
    """A part of votes.

    Attributes:
        chosen: How many votes.
        votes: Of how many, above 0.
    """

    chosen: int
    votes: int

    @property
    def value(self) -> float:
        """The part, 0..1."""
        return self.chosen / self.votes

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval of the part, which unlike the usual one holds for few votes and near 0 and 1, too."""
        z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
        shrink = 1 + z**2 / self.votes
        middle = (self.value + z**2 / (2 * self.votes)) / shrink
        half = z * math.sqrt(self.value * (1 - self.value) / self.votes + z**2 / (4 * self.votes**2)) / shrink
        return max(0.0, middle - half), min(1.0, middle + half)

    def as_dict(self) -> dict[str, Any]:
        """Return part, interval and counts as plain values."""
        return {"rate": self.value, "interval": list(self.interval), "chosen": self.chosen, "votes": self.votes}

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.value:.2f} [{low:.2f}, {high:.2f}]"


@dataclass(frozen=True)
class Tally:
    """The votes of all viewers, counted.

    Args:
        key: Whose the videos are.
        votes: The votes, at least one.
    """

    key: Key
    votes: Sequence[Vote]

    def preferences(self) -> Iterator[tuple[str, str, Rate]]:
        """Yield for each two models that were voted on how often the first is preferred to the second."""
        won = Counter((vote.preferred, vote.rejected) for vote in self.votes)
        for model, rival in combinations(self.key.models, 2):
            for_it, against = won[model, rival], won[rival, model]
            if for_it + against:
                yield model, rival, Rate(for_it, for_it + against)

    @property
    def left(self) -> Rate:
        """How often the left video was chosen; far from a half, viewers did not look at what it shows."""
        return Rate(sum(vote.side == "left" for vote in self.votes), len(self.votes))

    @property
    def viewers(self) -> dict[str, int]:
        """Number of votes of each viewer."""
        return dict(Counter(vote.viewer for vote in self.votes))

    @property
    def seconds(self) -> float:
        """How long half of the choices took at most."""
        return median(vote.seconds for vote in self.votes)

    def json(self) -> str:
        """Return everything as JSON."""
        rows = [{"model": model, "over": rival, **rate.as_dict()} for model, rival, rate in self.preferences()]
        content = {
            "format": FORMAT,
            "question": self.key.question,
            "confidence": CONFIDENCE,
            "preferences": rows,
            "left": self.left.as_dict(),
            "median_seconds": self.seconds,
            "pairs": len(self.key.matches),
            "viewers": self.viewers,
        }
        return json.dumps(content, indent=1, ensure_ascii=False) + "\n"

    def markdown(self) -> str:
        """Return the table and what is to be known of it as Markdown, which also reads well as it is."""
        table = [("preferred", "to", "rate [95 % interval]", "votes")]
        for model, rival, rate in self.preferences():
            table.append((model, rival, str(rate), f"{rate.chosen} of {rate.votes}"))
        return "\n".join([self.key.question, "", *_aligned(table), "", *self._notes()]) + "\n"

    def _notes(self) -> Iterator[str]:
        pairs, people = len(self.key.matches), len(self.viewers)
        yield f"Viewers: {people}; pairs: {pairs}; votes: {len(self.votes)}, {self.seconds:.1f} s each (median)."
        yield f"The left video was chosen at a rate of {self.left}."
        for viewer, votes in self.viewers.items():
            if votes < pairs:
                yield f"{viewer} has voted on {votes} of {pairs} pairs only."
        yield "The intervals take each vote for itself; votes of one viewer or on one scene are more alike than that."


def _aligned(table: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """Yield the lines of a Markdown table whose columns stand below each other."""
    cells = [[cell.replace("|", "\\|") for cell in row] for row in table]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for i, row in enumerate(cells):
        yield "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        if i == 0:
            yield "|" + "|".join("-" * (width + 2) for width in widths) + "|"
