"""The console command itself: usage, version, flags, and arguments as Hydra reads them."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from subprocess import PIPE, CompletedProcess

import pytest

from vid2vid.cli.composition import parse_overrides
from vid2vid.cli.main import spelt_out
from vid2vid.config.commands import COMMANDS
from vid2vid.errors import ConfigError

Run = Callable[..., CompletedProcess[str]]


def test_the_usage_lists_all_verbs(vid2vid: Run) -> None:
    usage = vid2vid("--help")
    assert usage.returncode == 0
    for verb, command in COMMANDS.items():
        assert re.search(rf"^  {verb} +{(command.__doc__ or '').splitlines()[0]}$", usage.stdout, re.MULTILINE)
    assert vid2vid().stdout == vid2vid("-h").stdout == usage.stdout


def test_the_version_is_that_of_the_package(vid2vid: Run) -> None:
    assert vid2vid("--version").stdout.strip() == version("vid2vid")


def test_the_configuration_can_be_shown_without_running(vid2vid: Run) -> None:
    shown = vid2vid("train", "trainer.max_epochs=7", "--cfg", "job")
    assert shown.returncode == 0
    assert "max_epochs: 7" in shown.stdout
    assert not list(Path.cwd().iterdir())


def test_unknown_flags_are_refused(vid2vid: Run) -> None:
    outcome = vid2vid("train", "--hlep")
    assert outcome.returncode == 2
    assert "vid2vid train='--hlep' is unknown. Did you mean '--help'?" in outcome.stderr


def test_a_whole_traceback_can_be_had(vid2vid: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HYDRA_FULL_ERROR", "1")
    with pytest.raises(ConfigError, match=r"generator\.depth"):
        vid2vid("train", "generator.depth=3")


def test_only_a_first_word_is_spelt_out() -> None:
    assert spelt_out("fetch", ["dancer", "output=clips"]) == ["name=dancer", "output=clips"]
    for verb, arguments in (("fetch", []), ("fetch", ["--help"]), ("fetch", ["output=a"]), ("train", ["fast"])):
        assert spelt_out(verb, arguments) == arguments


def test_hydra_sees_a_text() -> None:
    plain = ["edit=car->road", "source=a", "edit=remove car in 1,2,3,4", "edit="]
    assert spelt_out("synthesize", plain) == [
        'edit="car->road"', "source=a", 'edit="remove car in 1,2,3,4"', "edit="
    ]  # fmt: skip
    for kept in ('edit=["a->b"]', 'edit="a->b"', "edit={what: a}"):
        assert spelt_out("synthesize", [kept]) == [kept]


NAMES = [
    *("Müller.mp4", "take[1].mp4", "epoch=3.mp4", "a,b.mp4", "take (2).mp4", "it's.mp4", "日本.mp4", "#1 & 50%.mp4"),
    *('say "x".mp4', "back\\slash\\", 'a\\"b', "[x].mp4", '"q".mp4', "{a: b}.mp4", "1e5 "),
]


@pytest.mark.parametrize("name", NAMES)
def test_the_name_of_a_file_is_taken_as_it_is(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path(name).touch()
    for verb, key in (("synthesize", "source"), ("train", "data.path"), ("train", "+init_from")):
        (override,) = parse_overrides(spelt_out(verb, [f"{key}={name}"]))
        assert override.value() == name
    Path("plain.mp4").touch()
    if not set(name) & set(",: "):
        (override,) = parse_overrides(spelt_out("synthesize", [f"source=[plain.mp4,{name}]"]))
        assert override.value() == ["plain.mp4", name]


def test_the_home_folder_is_spelt_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/Zoë")
    monkeypatch.setenv("USERPROFILE", "/home/Zoë")
    given = ["source=~/a b.mp4", "source=[~/a.mp4,b.mp4]", "planes={depth:~/depth}"]
    assert [override.value() for override in parse_overrides(spelt_out("synthesize", given))] == [
        "/home/Zoë/a b.mp4", ["/home/Zoë/a.mp4", "b.mp4"], {"depth": "/home/Zoë/depth"}
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["Müller.mp4", "take (2).mp4", "epoch=3.mp4", "a~b.mp4", "~ann.mp4"])
def test_a_text_that_means_nothing_to_hydra_is_taken_as_it_is(name: str) -> None:
    (override,) = parse_overrides(spelt_out("synthesize", [f"output={name}"]))
    assert override.value() == name


def test_what_hydra_reads_stays() -> None:
    for kept in ("seed=0,1", "seed=range(1,3)", "data.crop=[0,1,2,3]", "a=", "a=null", "lr=1e-3", "x=${a.b}", "~x"):
        assert spelt_out("train", [kept]) == [kept]


@pytest.mark.parametrize(
    ("argument", "quoted"),
    [
        ("output=a,b.mp4", """'output="a,b.mp4"'"""),
        ("output=[a.mp4", """'output="[a.mp4"'"""),
        ("source=[Zoë.mp4,b.mp4]", """'source=["Zoë.mp4",b.mp4]'"""),
    ],
)
def test_what_cannot_be_taken_as_it_is_is_shown_in_quotes(vid2vid: Run, argument: str, quoted: str) -> None:
    done = vid2vid("synthesize", "checkpoint=m.ckpt", "source=a.mp4", argument)
    assert done.returncode == 2
    assert quoted in done.stderr
    assert not {"Lexer", "Traceback", "mismatched"} & set(done.stderr.split())


@pytest.mark.parametrize(
    ("error", "status", "message"),
    [
        (KeyboardInterrupt(), 130, "vid2vid: stopped by Ctrl-C\n"),
        (MemoryError("Unable to allocate 9 GiB"), 2, "vid2vid: out of memory (Unable to allocate 9 GiB)"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory"), 2, "vid2vid: out of memory"),
    ],
)
def test_ctrl_c_and_a_full_memory_end_with_a_sentence(
    vid2vid: Run, error: BaseException, status: int, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(settings: object) -> None:
        raise error

    monkeypatch.setattr("vid2vid.cli.fetch.run", run)
    done = vid2vid("fetch")
    assert done.returncode == status
    assert done.stderr.startswith(message)
    assert "Traceback" not in done.stderr


SYNTHESIS = ["synthesize", "checkpoint=a.ckpt", "source=b", "output=c.mp4"]


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for one process")
@pytest.mark.parametrize("seconds", [0.1, 0.4, 0.8, 1.2, 2])
def test_ctrl_c_in_the_first_seconds_leaves_no_traceback(seconds: float, tmp_path: Path) -> None:
    command = [sys.executable, "-c", "print(1, flush=True); from vid2vid.__main__ import main; main()"]
    with subprocess.Popen([*command, *SYNTHESIS], cwd=tmp_path, stdout=PIPE, stderr=PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(seconds)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert process.returncode in (-signal.SIGINT, 128 + signal.SIGINT, 2), errors
    assert "Traceback" not in errors


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for one process")
@pytest.mark.parametrize(
    ("module", "arguments"),
    [
        *((module, SYNTHESIS) for module in ("torch._C", "torch.autograd", "vid2vid.cli.sources")),
        # devices are counted before the first job
        ("torch._C", ["train", "-m", "seed=0,1", "trainer.devices=auto"]),
    ],
)
def test_ctrl_c_while_modules_are_imported_raises_nothing_in_them(
    module: str, arguments: list[str], tmp_path: Path
) -> None:
    # the start of torch is C++ that aborts on an exception, so that none may reach it
    code = f"""
import os, signal, sys

class Interrupting:
    def find_spec(self, name, path, target=None):
        if name == {module!r}:
            try:
                os.kill(os.getpid(), signal.SIGINT)
            except BaseException as error:
                print("raised", repr(error), file=sys.stderr)

sys.meta_path.insert(0, Interrupting())
from vid2vid.__main__ import main
main()
"""
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (128 + signal.SIGINT, "vid2vid: stopped by Ctrl-C\n")
