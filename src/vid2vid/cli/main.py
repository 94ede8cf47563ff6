"""The console command ``vid2vid VERB key=value ...``: one job, a sweep, or the help."""

import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import FrameType

import hydra
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf

import vid2vid
from vid2vid.cli import sweep
from vid2vid.cli.composition import check, conf_dir, parse_overrides, register
from vid2vid.cli.help import help_text
from vid2vid.cli.quick_start import LeanImport
from vid2vid.cli.quoting import quote_paths
from vid2vid.config.commands import COMMANDS
from vid2vid.errors import Vid2VidError, choose, why

USAGE = """\
vid2vid: video-to-video synthesis

usage: vid2vid VERB [key=value ...]

verbs:
{verbs}

Every setting can be overridden as key=value; `vid2vid VERB --help` lists them all.

examples:
  vid2vid fetch dancer
  vid2vid train experiment=street run_dir=runs/street
  vid2vid train -m experiment=street seed=0,1
  vid2vid train data=video data.path=clip.mp4 data.condition=edges
  vid2vid evaluate checkpoint=runs/street/checkpoints/last.ckpt
  vid2vid synthesize checkpoint=runs/street/checkpoints/last.ckpt source=labels.mkv output=out.mp4
"""


_POSITIONAL = {"fetch": "name"}
"""The setting of a verb that may be given as a positional argument, the first one."""
_QUOTED = {"synthesize": "edit", "live": "edit"}
"""The setting of a verb whose values contain characters of Hydra's grammar."""

_HELP = {"-h", "--help"}
_SHOW = {"-c", "--cfg", "-p", "--package", "-i", "--info", "--resolve"}
"""Flags of Hydra that show the configuration."""

_MODULES = {"import": "importing", "checks": "machine"}
"""Modules of the verbs whose names are Python keywords or already taken."""

_STOPPED = "vid2vid: stopped by Ctrl-C"
_importing = threading.Event()
"""Set while torch or the modules of a verb are imported."""


def main() -> None:
    """Run the command line; exit status 0 on success, 1 on a crash, 2 on a user error, 130 on Ctrl-C."""
    interrupted = False

    def interrupt(number: int, frame: FrameType | None) -> None:
        nonlocal interrupted
        interrupted = True
        if _importing.is_set():
            # torch's start is C++ that aborts when an exception reaches it; nothing is open yet that could be lost
            print(_STOPPED, file=sys.stderr, flush=True)  # noqa: T201
            os._exit(128 + signal.SIGINT)
        signal.default_int_handler(number, frame)

    before = signal.getsignal(signal.SIGINT)
    # Python handles signals in the main thread only; where Ctrl-C is ignored, as in the background, it stays so
    if before is signal.default_int_handler and threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, interrupt)
    try:
        _main()
        sys.stdout.flush()
    except BaseException as error:
        # an interrupted import may fail with any error, which would only mislead
        if interrupted or isinstance(error, KeyboardInterrupt):
            print(_STOPPED, file=sys.stderr)  # noqa: T201
            sys.exit(128 + signal.SIGINT)
        if isinstance(error, BrokenPipeError):
            # the reader of the pipe, such as head, has closed it; what is still buffered is dropped
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(1)
        raise
    finally:
        if signal.getsignal(signal.SIGINT) is interrupt:
            signal.signal(signal.SIGINT, before)


def _main() -> None:
    verb, *arguments = sys.argv[1:] or ["--help"]
    if verb in _HELP:
        print(usage())  # noqa: T201
        return
    if verb == "--version":
        print(vid2vid.__version__)  # noqa: T201
        return
    with _user_errors_explained():
        choose(verb, COMMANDS, "verb")
        arguments = spelt_out(verb, arguments)
        flags = {argument for argument in arguments if argument.startswith("-")}
        for flag in flags:
            choose(flag, sorted({*_HELP, *sweep.FLAGS, *_SHOW}), f"vid2vid {verb}")
        register()
        if flags & _HELP:
            print(help_text(verb, arguments))  # noqa: T201
            return
        if not flags:
            composed = arguments
            if verb == "train" and any(argument.startswith("resume=") for argument in arguments):
                with _imports():
                    resume = import_module("vid2vid.cli.resume")
                composed = [*resume.data_of_run(arguments), *arguments]
            _run_verb(verb, check(conf_dir(), verb, composed), arguments)
            return
        if flags <= set(sweep.FLAGS):
            # all jobs are checked before the first one starts
            overrides = parse_overrides([argument for argument in arguments if argument not in flags])
            for job in sweep.jobs(conf_dir(), overrides):
                config = check(conf_dir(), verb, job)
                # to count the devices it imports torch
                with _imports():
                    sweep.refuse_unsupported(verb, config)
    _run_hydra(verb, arguments)


def usage() -> str:
    """Return the text of ``vid2vid --help``."""
    titles = {verb: (command.__doc__ or "").partition("\n")[0] for verb, command in COMMANDS.items()}
    return USAGE.format(verbs="\n".join(f"  {verb:<11} {title}" for verb, title in titles.items()))


def spelt_out(verb: str, arguments: list[str]) -> list[str]:
    """Return the arguments in Hydra's grammar.

    A positional argument gets its key: ``vid2vid fetch dancer`` becomes ``name=dancer``. Values that contain characters
    of the grammar, as in ``edit=car->road`` or in the path of a file (`quote_paths`), are quoted.
    """
    if verb in _POSITIONAL and arguments and "=" not in arguments[0] and arguments[0][:1].isalnum():
        return [f"{_POSITIONAL[verb]}={arguments[0]}", *arguments[1:]]
    quoted = []
    for argument in arguments:
        key, _, value = argument.partition("=")
        # lists, mappings and quoted values are in Hydra's grammar already
        plain = value and key == _QUOTED.get(verb) and value[0] not in "[{\"'" and '"' not in value
        quoted.append(f'{key}="{value}"' if plain else quote_paths(argument))
    return quoted


def _run_verb(verb: str, config: DictConfig, overrides: list[str]) -> None:
    LeanImport().install()
    with _imports():
        command = import_module(f"vid2vid.cli.{_MODULES.get(verb, verb)}")
        # slow to import, and needed for this verb only
        resume = import_module("vid2vid.cli.resume") if verb == "train" else None
    command.run(resume.resumed_settings(config, overrides) if resume else OmegaConf.to_object(config))


@contextmanager
def _imports() -> Iterator[None]:
    """Let Ctrl-C end the process at once: an exception in the middle of an import would abort torch."""
    _importing.set()
    try:
        yield
    finally:
        _importing.clear()


def _run_hydra(verb: str, arguments: list[str]) -> None:
    """Run a sweep, or show the configuration, by Hydra's own flags."""

    def job(config: DictConfig) -> None:
        """Run one job of a sweep; its error must not end the other jobs."""
        name = sweep.job_name()
        try:
            # a launcher may have brought the job to a machine with more devices
            sweep.refuse_unsupported(verb, config)
            sweep.use_job_folder(config)
            print(f"vid2vid: {name}: {config.run_dir}", file=sys.stderr, flush=True)  # noqa: T201
            _run_verb(verb, config, list(HydraConfig.get().overrides.task))
        except Exception as error:
            if os.environ.get("HYDRA_FULL_ERROR"):
                raise
            message = _explanation(error)
            if not message:
                traceback.print_exc()
            failed = f"vid2vid: {name}: {message or f'{type(error).__name__}: {error}'}"
            print(failed, file=sys.stderr, flush=True)  # noqa: T201
            raise sweep.JobError(failed, 2 if message else 1) from error

    sys.argv = [sys.argv[0], *arguments]
    try:
        hydra.main(version_base="1.3", config_path=str(conf_dir()), config_name=verb)(job)()
    except SystemExit as leaving:
        # Hydra exits with 1 for any failed job
        if isinstance(leaving.__context__, sweep.JobError):
            sys.exit(leaving.__context__.status)
        raise


@contextmanager
def _user_errors_explained() -> Iterator[None]:
    """Exit with status 2 and a message, instead of a traceback, on an error that the user can mend."""
    try:
        yield
    except Exception as error:
        message = _explanation(error)
        if not message or os.environ.get("HYDRA_FULL_ERROR"):
            raise
        print(f"vid2vid: {message}", file=sys.stderr)  # noqa: T201
        sys.exit(2)


def _explanation(error: Exception) -> str:
    """Return the message of an error that the user can mend; empty for any other error."""
    if isinstance(error, Vid2VidError):
        return str(error)
    # a file or folder that cannot be read or written
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}"
    # of torch, which is not imported for this
    if (
        isinstance(error, MemoryError)
        or type(error).__name__ == "OutOfMemoryError"
        or (isinstance(error, RuntimeError) and "allocate memory" in str(error))
    ):
        return f"out of memory ({why(error)}). Use smaller frames, shorter clips or fewer of them at once."
    return ""
