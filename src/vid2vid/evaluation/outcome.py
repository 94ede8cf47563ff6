"""The files that an evaluation leaves beside its pictures."""

import json
from collections import Counter
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

from vid2vid.errors import ConfigError
from vid2vid.evaluation.measures import MEASURES
from vid2vid.evaluation.verdict import TAKEN, Verdict
from vid2vid.files import write_text
from vid2vid.visual.curves import Panel, save_curves


def check_names(names: Iterable[str]) -> None:
    """Refuse names of models that stand for something else, or for two models.

    Raises:
        ConfigError: There is such a name.
    """
    for name, times in Counter([*names]).items():
        if name in TAKEN or times > 1 or not name:
            raise ConfigError(f"{name!r} cannot be the name of a model, or not of two: give others with names=[...].")


def save_verdict(verdict: Verdict, output: Path) -> None:
    """Write ``metrics.json``, ``metrics.md`` and, if the extra ``plots`` is installed, ``curves.png``.

    Args:
        verdict: What was found.
        output: The folder to write into.
    """
    write_text(output / "metrics.json", json.dumps(verdict.content(), indent=1) + "\n")
    write_text(output / "metrics.md", verdict.markdown())
    if can_plot():
        save_curves(output / "curves.png", panels(verdict), verdict.first_frame)


def can_plot() -> bool:
    """Whether curves can be drawn; their values stand in ``metrics.json`` in any case."""
    return find_spec("matplotlib") is not None


def panels(verdict: Verdict) -> list[Panel]:
    """Return the curves that are drawn, those of the models in front of the others."""
    found = []
    for measure, curves in verdict.curves.items():
        if curves:
            front = {name: curves[name] for name in verdict.models if name in curves}
            behind = {name: curve for name, curve in curves.items() if name not in front}
            found.append(Panel(MEASURES[measure].heading, front, behind))
    return found
