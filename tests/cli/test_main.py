"""The console command itself: usage, version, flags, and arguments as Hydra reads them."""

import re
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from subprocess import CompletedProcess

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


@pytest.mark.parametrize("name", ["Müller.mp4", "take (2).mp4", "epoch=3.mp4"])
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
