"""``vid2vid synthesize retarget=…``: the settings of a video that drives become those of what was made of it."""

from pathlib import Path
from typing import Any

from vid2vid.cli.sources import Output, Source
from vid2vid.condition import Condition
from vid2vid.errors import ConfigError
from vid2vid.synthesis.driving import drive
from vid2vid.synthesis.sound import own_sound

Settings = dict[str, Any]


def driven(source: Source, output: Output, settings: Settings, condition: Condition) -> tuple[Source, Settings]:
    """Return a source and settings, those of what is made of them with the model's own person if ``retarget`` is set.

    What the user gives goes before what would be made: ``foreground``, ``background`` and ``sound``.

    Raises:
        ConfigError: The condition cannot be retargeted, or the source is a pipe.
        DataError: A file cannot be read, or shows too little of a person.
    """
    if not settings["retarget"]:
        return source, settings
    if not isinstance(source, Path):
        raise ConfigError("retarget: a person is measured over all frames before the first is made: give a file.")
    made = drive(condition, source, Path(settings["retarget"]))
    sound = own_sound(source, output, settings["fps"])
    beside = {"foreground": made.foreground, "background": made.background, "sound": sound}
    return made.source, {**settings, **{name: settings[name] or str(path or "") for name, path in beside.items()}}
