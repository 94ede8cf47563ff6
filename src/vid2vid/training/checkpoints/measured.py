"""`Measured`: the figures of a model in the files of an evaluation, found by the fingerprint of its weights."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vid2vid.config.measures import measure_of, ordered_columns
from vid2vid.errors import CheckpointError
from vid2vid.files import parse_json
from vid2vid.markdown import markdown_table
from vid2vid.metrics.bootstrap import Figure
from vid2vid.training.checkpoints.model_folder import METRICS

SHEET = "sheet.png"


@dataclass(frozen=True)
class Measured:
    """The figures of a model that `vid2vid evaluate` has measured.

    Attributes:
        folder: The folder of the evaluation.
        name: The model's name in the evaluation.
        content: All of ``metrics.json``.
    """

    folder: Path
    name: str
    content: dict[str, Any]

    @classmethod
    def find(cls, folder: Path, weights: str) -> "Measured | None":
        """Return the evaluation in a folder, if these weights are among the evaluated ones.

        Args:
            folder: A folder that may hold a ``metrics.json``.
            weights: The fingerprint of the weights (`vid2vid.training.checkpoints.fingerprint.fingerprint`).

        Raises:
            CheckpointError: The file is damaged.
        """
        path = folder / METRICS
        if not path.is_file():
            return None
        try:
            content = parse_json(path.read_text(encoding="utf-8"))
            names = [name for name, known in content.get("weights", {}).items() if known == weights]
            found = cls(folder, names[0], content) if names else None
            # fails here if a figure is no number
            if found is not None:
                found.rows()
                found.table()
        except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
            raise CheckpointError(f"{path}: cannot be read as the figures of an evaluation: {error}") from error
        return found

    @classmethod
    def beside(cls, checkpoint: Path, weights: str) -> "Measured | None":
        """Return the evaluation of these weights in a model folder, or in the folder of a checkpoint's run.

        Args:
            checkpoint: A folder, or the file of a checkpoint.
            weights: As for `find`.

        Raises:
            CheckpointError: A file is damaged.
        """
        run = checkpoint.parent.parent if checkpoint.parent.name == "checkpoints" else checkpoint.parent
        run = checkpoint if checkpoint.is_dir() else run
        folders = [run / "evaluation", run / "comparison", run]
        return next(filter(None, (cls.find(folder, weights) for folder in folders)), None)

    def rows(self, name: str = "") -> dict[str, str]:
        """Return the figures of the model with their 95 % intervals, by the headings of the measures.

        Args:
            name: Another candidate of the evaluation than the model: a baseline, or ``real``.
        """
        name = name or self.name
        figures, intervals = self.content[name], self.content["intervals"].get(name, {})
        rows = {}
        for column in ordered_columns(figures):
            measure = measure_of(column)
            rows[measure.heading] = Figure(figures[column], intervals.get(column)).text(measure.digits)
        return rows

    def described(self) -> dict[str, str]:
        """Return `rows` below one that names the clips."""
        clips, data = self.content.get("clips", "some"), self.content.get("data")
        text = f"{clips} held-out clips{f' of {data}' if data else ''}; in brackets 95 % intervals"
        return {"measured": text, **{f"  {heading}": figure for heading, figure in self.rows().items()}}

    def table(self) -> str:
        """Return the figures of all candidates as a table in Markdown, with the notes below."""
        rows = {name: self.rows(name) for name in self.content["intervals"]}
        headings = list(dict.fromkeys(heading for row in rows.values() for heading in row))
        cells = ([name, *(row.get(heading, "") for heading in headings)] for name, row in rows.items())
        notes = [f"- {note}" for note in self.content.get("notes", [])]
        return "\n".join([*markdown_table(["", *headings], cells), *([""] if notes else []), *notes])
