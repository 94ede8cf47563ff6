"""The results of a user study: how often each model is preferred to each other one, with confidence intervals."""

import json
import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from statistics import NormalDist, median
from typing import Any

from vid2vid.errors import DataError
from vid2vid.tools.user_study.study_key import DAMAGED, StudyKey
from vid2vid.tools.user_study.study_statistics import POWER, PREFERENCE, krippendorff_alpha, votes_needed
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
        votes: The votes, at least one on a pair of models.
        leave_out_failed: Whether the votes of those who have failed an attention check do not count.

    Raises:
        DataError: No vote is left.
    """

    key: StudyKey
    votes: Sequence[Vote]
    leave_out_failed: bool = False

    def __post_init__(self) -> None:
        """Refuse votes of which none counts."""
        if not self.counted:
            left_out = ": all viewers failed an attention check" if self.left_out else ""
            raise DataError(f"there is no vote on a pair of models{left_out}; collect more votes.")

    @cached_property
    def attention(self) -> dict[str, tuple[int, int]]:
        """For each viewer who has seen attention checks, how many were failed, and how many there were."""
        seen: dict[str, tuple[int, int]] = {}
        for vote in self.votes:
            if vote.check:
                failed, checks = seen.get(vote.viewer, (0, 0))
                seen[vote.viewer] = failed + (vote.preferred == DAMAGED), checks + 1
        return seen

    @property
    def left_out(self) -> list[str]:
        """The viewers whose votes do not count."""
        return [viewer for viewer, (failed, _) in self.attention.items() if failed and self.leave_out_failed]

    @cached_property
    def counted(self) -> list[Vote]:
        """The votes on pairs of models that count."""
        return [vote for vote in self.votes if not vote.check and vote.viewer not in self.left_out]

    def preferences(self) -> Iterator[tuple[str, str, Rate]]:
        """Yield for each pair of models that was voted on the rate at which the first is preferred to the second."""
        won = Counter((vote.preferred, vote.rejected) for vote in self.counted)
        for model, rival in combinations(self.key.models, 2):
            for_it, against = won[model, rival], won[rival, model]
            if for_it + against:
                yield model, rival, Rate(for_it, for_it + against)

    def agreement(self, model: str, rival: str) -> float | None:
        """Return how far viewers agree on the pairs of two models, as Krippendorff's alpha; None if it is unknown."""
        choices: defaultdict[str, list[str]] = defaultdict(list)
        for vote in self.counted:
            if {vote.preferred, vote.rejected} == {model, rival}:
                choices[vote.pair].append(vote.preferred)
        return krippendorff_alpha(choices.values())

    @property
    def left(self) -> Rate:
        """How often the left video was chosen; a rate far from 0.5 means that viewers did not compare the videos."""
        return Rate(sum(vote.side == "left" for vote in self.counted), len(self.counted))

    @property
    def viewers(self) -> dict[str, int]:
        """Number of votes of each viewer."""
        return dict(Counter(vote.viewer for vote in self.counted))

    @property
    def seconds(self) -> float:
        """The median time of a choice, in seconds."""
        return median(vote.seconds for vote in self.counted)

    def json(self) -> str:
        """Return everything as JSON."""
        preferences = [
            {"model": model, "over": rival, **rate.as_dict(), "alpha": self.agreement(model, rival)}
            for model, rival, rate in self.preferences()
        ]
        content = {
            "format": FORMAT,
            "question": self.key.question,
            "confidence": CONFIDENCE,
            "preferences": preferences,
            "left": self.left.as_dict(),
            "median_seconds": self.seconds,
            "pairs": self.key.pairs,
            "viewers": self.viewers,
            "checks": {viewer: {"failed": failed, "of": of} for viewer, (failed, of) in self.attention.items()},
            "left_out": self.left_out,
            "votes_needed": votes_needed(),
        }
        return json.dumps(content, indent=1, ensure_ascii=False) + "\n"

    def markdown(self) -> str:
        """Return the table and notes on it as Markdown, aligned for reading as plain text."""
        rows: list[tuple[str, ...]] = [("preferred", "to", "rate [95 % interval]", "votes", "alpha")]
        for model, rival, rate in self.preferences():
            alpha = self.agreement(model, rival)
            known = "" if alpha is None else f"{alpha:.2f}"
            cells = (model, rival, str(rate), f"{rate.chosen} of {rate.votes}", known)
            rows.append(tuple(cell.replace("|", "\\|") for cell in cells))
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        table = ["| " + " | ".join(map(str.ljust, row, widths)) + " |" for row in rows]
        table.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
        pairs, votes = self.key.pairs, len(self.counted)
        notes = [
            f"Viewers: {len(self.viewers)}; pairs: {pairs}; votes: {votes}, {self.seconds:.1f} s each (median).",
            f"The left video was chosen at a rate of {self.left}.",
            *(
                f"{viewer} has voted on {number} of {pairs} pairs only."
                for viewer, number in self.viewers.items()
                if number < pairs
            ),
            *self._attention_notes(),
            "The intervals take votes as independent; those of one viewer or on one scene are more alike than that.",
            "Alpha (Krippendorff) tells whether viewers agree on which scenes: 1 all do, 0 as by chance.",
            needed_votes_note(),
        ]
        return "\n".join([self.key.question, "", *table, "", *notes]) + "\n"

    def _attention_notes(self) -> list[str]:
        if not self.key.checks:
            return ["There were no attention checks."]
        notes = [
            f"{viewer} has failed {failed} of {checks} attention checks"
            + (
                " and does not count."
                if viewer in self.left_out
                else "; leave_out_failed=true leaves such viewers out."
            )
            for viewer, (failed, checks) in self.attention.items()
            if failed
        ]
        return notes or ["All viewers have passed their attention checks."]


def needed_votes_note() -> str:
    """Say how many votes find a preference that is worth finding."""
    return (
        f"To find a preference of {PREFERENCE:.0%} with power {POWER:g} (exact binomial test, 5 %), each two models "
        f"need {votes_needed()} votes."
    )
