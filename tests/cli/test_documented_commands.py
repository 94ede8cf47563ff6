"""Each command and each setting that documents, notebooks, benchmarks and messages name composes as written."""

import ast
import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from omegaconf import OmegaConf

from vid2vid.cli import sweep
from vid2vid.cli.composition import compose_verb, conf_dir, parse_overrides, register
from vid2vid.cli.help import describe
from vid2vid.cli.main import spelt_out
from vid2vid.config.commands import COMMANDS
from vid2vid.config.data import DATA
from vid2vid.errors import ConfigError

ROOT = Path(__file__).parents[2]
CONF = conf_dir()
GROUPS = {path.name for path in CONF.iterdir() if path.is_dir()}
SETTINGS = {verb: {key for key, _ in describe(cls, None)} for verb, cls in COMMANDS.items()}
"""The settings of each verb, those of all kinds of data among them."""
for verb, keys in SETTINGS.items():
    if "data" in keys:
        SETTINGS[verb] = keys | {key for cls in DATA.values() for key, _ in describe(cls, None, "data.")}
PARTS = {key.partition(".")[0] for key in SETTINGS["train"] if "." in key}
PLACEHOLDERS = {"models": {"a": "x"}, "votes": ["x"], "height": 1, "width": 1}
"""Values of settings that must be given, where a text leaves them out; else ``x``."""
NO_SETTINGS = {"objective.perceptual", "trainer.global_step", "trainer.predict", "align_corners", "transforms"}
"""Attributes and arguments in Python that look like settings."""

_COMMAND = re.compile(rf"\bvid2vid ({'|'.join(COMMANDS)})(?![\w-])([^\n`|;]*)")
_SETTING = re.compile(rf"(?<![\w./-])((?:{'|'.join(PARTS)})(?:\.(?:\d+|[a-z][a-z_0-9]*))+)")


def texts(path: Path) -> Iterator[str]:
    """Yield what a file tells people: Markdown, or strings of Python, with ``X`` for what is filled in."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".ipynb":
        cells = (cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "markdown")
        yield from ("".join(cell["source"]) for cell in cells)
    elif path.suffix == ".py":
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.JoinedStr):
                yield "".join(str(part.value) if isinstance(part, ast.Constant) else "X" for part in node.values)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value
    else:
        yield text


def commands(text: str) -> Iterator[tuple[str, ...]]:
    """Yield the arguments of each ``vid2vid VERB key=value ...`` in a text; what is left out (``...``) is skipped."""
    # a command goes on behind a backslash, and over the end of a line inside backticks
    text = re.sub(r"\\\n\s*", " ", text)
    text = re.sub(r"(?<!`)`[^`\n]+\n[^`\n]+`(?!`)", lambda span: " ".join(span[0].split()), text)
    for verb, rest in _COMMAND.findall(text):
        lexer = shlex.shlex(rest.replace("…", "..."), posix=True, punctuation_chars=False)
        lexer.whitespace_split, lexer.commenters = True, "#"
        found: list[str] = []
        try:
            for word in lexer:
                word = re.sub(r"(?<!\.)\.$|[:,)]+$", "", word)
                # optional ones stand in brackets
                word = word.removesuffix("]") if word.count("[") < word.count("]") else word
                word = word.removeprefix("[").removesuffix("]") if word.startswith("[") else word
                if re.match(r"-m$|--help$|[\w./]+=", word) or (verb == "fetch" and not found and word.islower()):
                    found.append(word.replace("...", "x"))
                elif word != "...":
                    break
        except ValueError:
            # an apostrophe of the prose behind the command
            pass
        yield (verb, *found)


FILES = [
    *(ROOT / "README.md", ROOT / "Makefile"),
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "notebooks").glob("*.ipynb")),
    *sorted(CONF.rglob("*.yaml")),
    *sorted((ROOT / ".ci").iterdir()),
    *sorted((ROOT / "benchmarks").rglob("*.py")),
    *sorted((ROOT / "src").rglob("*.py")),
]
FOUND = {
    command: path.relative_to(ROOT) for path in reversed(FILES) for text in texts(path) for command in commands(text)
}


def refuse_mistakes(command: tuple[str, ...]) -> None:
    """Compose a command as the command line does, and build its settings; what it leaves out is filled in.

    Raises:
        ConfigError: There is no such setting or option, or its value is not allowed.
    """
    verb, *arguments = command
    register()
    # launchers are plugins that need not be installed
    given = [argument for argument in arguments if not argument.startswith(("-", "hydra"))]
    parsed = parse_overrides(spelt_out(verb, given))
    jobs = sweep.jobs(CONF, parsed) if "-m" in arguments else [[override.input_line or "" for override in parsed]]
    for job in jobs:
        config, _ = compose_verb(CONF, verb, job)
        for key in OmegaConf.missing_keys(config):
            OmegaConf.update(config, key, PLACEHOLDERS.get(key, "x.onnx" if command[0] == "export" else "x"))
        OmegaConf.to_object(config)


@pytest.mark.parametrize("command", sorted(FOUND), ids=" ".join)
def test_a_documented_command_composes(command: tuple[str, ...]) -> None:
    try:
        refuse_mistakes(command)
    except ConfigError as error:
        pytest.fail(f"{FOUND[command]}: vid2vid {' '.join(command)}\n{error}")


def test_commands_are_found_in_each_kind_of_file() -> None:
    assert len(FOUND) > 60
    assert {path.suffix for path in FOUND.values()} >= {".md", ".py", ".yaml", ".ipynb", ""}
    assert {command[0] for command in FOUND} == set(COMMANDS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("run `vid2vid train experiment=street` first", ("train", "experiment=street")),
        ("vid2vid train a.b=[1,2] \\\n    seed=0,1 -m  # a sweep", ("train", "a.b=[1,2]", "seed=0,1", "-m")),
        ("as `vid2vid train\nexperiment=street` does", ("train", "experiment=street")),
        ("vid2vid synthesize … edit='remove car' | less", ("synthesize", "edit=remove car")),
        ("vid2vid predict source=... [first=...]: somebody's frames", ("predict", "source=x", "first=x")),
        ("vid2vid fetch dancer: a clip", ("fetch", "dancer")),
        ("see `vid2vid prepare`.", ("prepare",)),
    ],
)
def test_a_command_is_read_off_its_text(text: str, expected: tuple[str, ...]) -> None:
    assert list(commands(text)) == [expected]


@pytest.mark.parametrize(
    "command",
    [
        ("train", "critics.image.layers=2"),
        ("train", "experiment=streets"),
        ("train", "data=video", "data.train_sequences=3"),
        ("train", "rollout.first_frame=nothing"),
        ("train", "-m", "seed=0,1", "optimizer.rate=1"),
        ("synthesize", "sources=a.mkv"),
    ],
    ids=" ".join,
)
def test_a_wrong_command_is_noticed(command: tuple[str, ...]) -> None:
    with pytest.raises(ConfigError):
        refuse_mistakes(command)


def unknown(text: str) -> list[str]:
    """Return the settings ``group.name`` that a text names although no verb has them."""
    named = {re.sub(r"\.\d+(?=\.|$)", ".N", name) for name in _SETTING.findall(text)}
    known = [f"{key}." for keys in SETTINGS.values() for key in keys]
    return sorted(name for name in named - NO_SETTINGS if not any(key.startswith(f"{name}.") for key in known))


def test_settings_that_a_text_names_exist() -> None:
    mistakes = {}
    for path in FILES:
        if path.suffix == ".md":
            # of Markdown what stands between backticks; blocks of Python are code
            prose = re.sub(r"```python.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
            found = re.findall(r"`([^`]+)`", prose.replace("```", "`"))
        else:
            found = list(texts(path)) if path.suffix == ".py" else []
        mistakes[str(path.relative_to(ROOT))] = [name for text in found for name in unknown(text)]
    assert not {path: names for path, names in mistakes.items() if names}


@pytest.mark.parametrize("page", [path for path in FILES if path.suffix == ".md"], ids=lambda path: path.name)
def test_overrides_without_a_verb_belong_to_one(page: Path) -> None:
    prose = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for span in re.findall(r"`([^`]+)`", prose):
        words = span.strip("'\"").split()
        if not all(re.match(r"[a-z_]+(\.\w+)*=", word) for word in words):
            continue
        keys = {re.sub(r"\.\d+(?=\.)", ".N", word.partition("=")[0]) for word in words}
        assert any(keys <= known | GROUPS | NO_SETTINGS for known in SETTINGS.values()), span


def test_an_unknown_setting_is_noticed() -> None:
    assert unknown("set data.clip_frames=3, stages.0.epochs=2 and rollout.gradient_frames=1.") == [
        "rollout.gradient_frames"
    ]
