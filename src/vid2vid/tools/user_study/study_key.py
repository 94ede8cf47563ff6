"""The key of a user study: which model made each video. The page does not contain it."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from vid2vid.errors import DataError
from vid2vid.files import parse_json, write_text

FORMAT = "vid2vid-comparison-1"
INTACT, DAMAGED = "intact", "damaged"
"""The two sides of an attention check, instead of models."""


@dataclass(frozen=True)
class Match:
    """One pair of videos and the models that made them.

    Attributes:
        scene: Name of the scene that both videos show.
        models: The model by the name of its file, for both files.
        check: Whether it is an attention check: the files are those of `INTACT` and `DAMAGED`.
    """

    scene: str
    models: dict[str, str]
    check: bool = False

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> "Match":
        """Make a match of what `StudyKey.save` wrote.

        Raises:
            ValueError: It does not have two models.
        """
        models = {str(file): str(model) for file, model in content["models"].items()}
        if len(set(models.values())) != 2:
            raise ValueError(f"a pair needs two files of two models, but here are {models}")
        return cls(str(content["scene"]), models, bool(content.get("check", False)))


@dataclass(frozen=True)
class StudyKey:
    """The models that made the videos of a page.

    Attributes:
        question: What viewers are asked.
        models: Names of the models.
        matches: The pairs by the number that the page gives them.
    """

    question: str
    models: list[str]
    matches: dict[str, Match]

    @property
    def pairs(self) -> int:
        """Number of pairs that compare models."""
        return len(self.matches) - self.checks

    @property
    def checks(self) -> int:
        """Number of attention checks."""
        return sum(match.check for match in self.matches.values())

    def save(self, path: Path) -> None:
        """Write the key as JSON."""
        matches = {number: asdict(match) for number, match in self.matches.items()}
        content = {"format": FORMAT, "question": self.question, "models": self.models, "matches": matches}
        write_text(path, json.dumps(content, indent=1, ensure_ascii=False) + "\n")

    @classmethod
    def load(cls, path: Path) -> "StudyKey":
        """Read a key.

        Raises:
            DataError: There is no such file, or it is no key of a comparison.
        """
        try:
            content = parse_json(path.read_text(encoding="utf-8"))
            if content["format"] != FORMAT:
                raise ValueError(f"its format is {content['format']!r}, not {FORMAT!r}")
            matches = {str(number): Match.from_json(match) for number, match in content["matches"].items()}
            return cls(str(content["question"]), [str(model) for model in content["models"]], matches)
        except FileNotFoundError as error:
            raise DataError(f"{path}: there is no such file; `vid2vid compare` writes it beside its page.") from error
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            reason = f"it has no {error}" if isinstance(error, KeyError) else error
            raise DataError(f"{path}: is not the key of a comparison: {reason}.") from error
