"""``vid2vid synthesize retarget=…``: the settings of a video that drives become those of what was made of it."""

from pathlib import Path
from typing import Any

from vid2vid.condition import Condition
from vid2vid.data.driving import drive

Settings = dict[str, Any]


def driven(settings: Settings, condition: Condition) -> Settings:
    """Return the settings of ``vid2vid synthesize``, with conditions of the model's own person, if ``retarget`` is set.

    What the user gives goes before what would be made: ``foreground`` and ``background``.

    Raises:
        ConfigError: The condition cannot be retargeted.
        DataError: A file cannot be read, or shows too little of a person.
    """
    if not settings["retarget"]:
        return settings
    made = drive(condition, Path(settings["source"]), Path(settings["retarget"]))
    beside = {"foreground": made.foreground, "background": made.background}
    given = {name: settings[name] or str(path or "") for name, path in beside.items()}
    return {**settings, **given, "source": str(made.source)}
