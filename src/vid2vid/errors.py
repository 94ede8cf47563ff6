"""Errors that a user can cause; each names the file, frame or key at fault and what to do."""

import importlib
import os
import pickle
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from pathlib import Path
from types import ModuleType

NOT_WEIGHTS = (
    OSError,
    RuntimeError,
    EOFError,
    LookupError,
    TypeError,
    ValueError,
    struct.error,
    pickle.UnpicklingError,
)
"""What ``torch.load`` and ``load_state_dict`` raise for a file without the expected weights."""

NOT_ARRAYS = (
    OSError,
    RuntimeError,
    EOFError,
    LookupError,
    MemoryError,
    TypeError,
    ValueError,
    OverflowError,
    SyntaxError,
    struct.error,
    tokenize.TokenError,
    zipfile.BadZipFile,
    zlib.error,
)
"""What ``numpy.load`` raises for a file that is damaged, or claims to hold more than it can."""


class Vid2VidError(Exception):
    """Base of all errors raised on purpose; the command line prints its message without a traceback."""


class ConfigError(Vid2VidError, ValueError):
    """A setting has a value that cannot work."""


class DataError(Vid2VidError, ValueError):
    """A data set or a file in it cannot be used."""


class VideoError(DataError):
    """A video file or frame folder cannot be read or written."""


class CheckpointError(Vid2VidError, ValueError):
    """A checkpoint cannot be loaded."""


class TrainingError(Vid2VidError, ArithmeticError):
    """A training diverged and was stopped."""


class MissingExtraError(Vid2VidError, ImportError):
    """An optional dependency is not installed."""


def why(error: Exception) -> str:
    """Return the first line of another library's error, for a message of ours.

    torch's refusal to unpickle a file is replaced, because it advises to unpickle it all the same.
    """
    if isinstance(error, pickle.UnpicklingError):
        return "it is not a file of weights only"
    return str(error).splitlines()[0] if str(error) else type(error).__name__


def file_at_fault(error: Exception, paths: Iterable[Path]) -> tuple[Path | None, str]:
    """Take the message of an error apart into the file that it is about and what is wrong with it.

    Args:
        error: An error of ours. If it is about a file, its message begins with the path and a colon.
        paths: Files and folders that it may be about; files in the folders are recognised, too. With them a colon in a
            path or in the message does no harm.

    Returns:
        The path, and the message without it; None and the whole message if it is about none of ``paths``.
    """
    message = str(error)
    for path in sorted(paths, key=lambda path: len(str(path)), reverse=True):
        if message.startswith(f"{path}: "):
            return path, message.removeprefix(f"{path}: ")
        if message.startswith(f"{path}{os.sep}"):
            name, _, reason = message.removeprefix(f"{path}{os.sep}").partition(": ")
            return path / name, reason
    return None, message


def listed(names: Sequence[str], most: int) -> str:
    """Return the first ``most`` names, and how many more there are, for a message."""
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def require(module: str, extra: str) -> ModuleType:
    """Import an optional dependency.

    Args:
        module: Dotted name of the module to import.
        extra: Name of the optional-dependency group that installs it.

    Raises:
        MissingExtraError: The module is not installed; the message names the extra.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        message = f"{module} is not installed; install it with: pip install 'vid2vid[{extra}]'"
        raise MissingExtraError(message) from error


def choose(value: str, choices: Iterable[str], key: str) -> str:
    """Return ``value`` if it is one of ``choices``.

    Raises:
        ConfigError: It is not; the message names ``key``, the nearest match and all the choices.
    """
    known = list(choices)
    if value in known:
        return value
    near = get_close_matches(value, known, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise ConfigError(f"{key}={value!r} is unknown.{hint} Choose one of: {', '.join(known)}.")
