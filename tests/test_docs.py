"""What the documents name is there: objects, files, links, pictures; of docs/paper.md also equations and settings."""

import ast
import re
from importlib import import_module
from pathlib import Path

import pytest

from vid2vid.config import DiscriminatorsConfig, GeneratorConfig, ObjectiveConfig

ROOT = Path(__file__).parents[1]
PAPER = (ROOT / "docs" / "paper.md").read_text(encoding="utf-8")
ROWS = [line for line in PAPER.splitlines() if line.startswith("| ") and "`vid2vid." in line]
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")),
    *sorted((ROOT / "docs").glob("*.md")),
]
SOURCES = [path for part in ("src", "benchmarks", "tests") for path in sorted((ROOT / part).rglob("*.py"))]
FOLDERS = ("src", "tests", "docs", "benchmarks", "notebooks", "conf")
SETTINGS = {"generator": GeneratorConfig(), "discriminators": DiscriminatorsConfig(), "objective": ObjectiveConfig()}


def found(name: str) -> object:
    """Import an object by its dotted name; its class or module may hold it, also as a field of a dataclass."""
    module, *rest = name.split(".")
    thing: object = import_module(module)
    for i, part in enumerate(rest):
        try:
            fields = getattr(thing, "__dataclass_fields__", {})
            thing = fields[part] if part in fields else getattr(thing, part)
        except AttributeError:
            thing = import_module(".".join([module, *rest[: i + 1]]))
    return thing


def test_every_equation_has_a_row() -> None:
    numbers = {number for row in ROWS for number in re.match(r"\| ([\d, ]*)", row)[1].split(", ")}  # type: ignore[index]
    assert numbers >= {str(i) for i in range(1, 10)}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[2:12])
def test_each_row_names_objects_and_tests_that_exist(row: str) -> None:
    objects, tests = re.findall(r"`(vid2vid\.[\w.]+)`", row), re.findall(r"`(tests/[\w/.]+)`", row)
    assert objects
    assert tests
    for name in objects:
        assert found(name) is not None
    for path in tests:
        source = (ROOT / path).read_text(encoding="utf-8")
        assert "def test_" in source, path


def test_the_settings_that_it_names_exist() -> None:
    named = re.findall(r"`(generator|discriminators|objective)\.([\w.]+)(?:=(\w+))?`", PAPER)
    assert len(named) > 5
    for part, path, value in named:
        setting: object = SETTINGS[part]
        for name in path.split("."):
            setting = getattr(setting, name)
        if value:
            type(SETTINGS[part])(**{path: value})


def anchors(page: Path) -> set[str]:
    """Return what links may name in a page: its headings, as GitHub spells them."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_and_pictures_of_a_page_are_there(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if target.startswith("https://"):
            continue
        name, _, anchor = target.partition("#")
        path = page.parent / name if name else page
        assert path.exists(), target
        assert not anchor or anchor in anchors(path), target


def test_every_picture_of_the_documents_is_shown() -> None:
    text = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    assert not [path.name for path in (ROOT / "docs" / "images").iterdir() if path.name not in text]


def missing_names(text: str) -> list[str]:
    """Return the objects ``vid2vid.a.b`` in backticks, and the files of this project, that a text names in vain."""
    missing = []
    for name in re.findall(r"`(vid2vid(?:\.[a-zA-Z_]\w*)+)(?:\(.*?\))?`", text):
        try:
            found(name)
        except (ImportError, AttributeError):
            missing.append(name)
    files = re.findall(rf"(?<![\w./-])(?:{'|'.join(FOLDERS)})/[\w./-]+\.(?:py|md|ipynb|yaml|csv|png|jpg)\b", text)
    return missing + [name for name in files if not (ROOT / name).exists()]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_names_objects_and_files_that_exist(page: Path) -> None:
    assert not missing_names(page.read_text(encoding="utf-8"))


def test_sources_name_objects_and_files_that_exist() -> None:
    named = {path: missing_names(path.read_text(encoding="utf-8")) for path in SOURCES if path != Path(__file__)}
    assert not {str(path.relative_to(ROOT)): names for path, names in named.items() if names}


def test_wrong_names_are_noticed() -> None:
    text = (
        "`vid2vid.load`, `vid2vid.data.nothing`, `vid2vid.generator.Generator(config)`, docs/paper.md, tests/test_no.py"
    )
    assert missing_names(text) == ["vid2vid.data.nothing", "tests/test_no.py"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_python_of_a_page_imports_what_exists(page: Path) -> None:
    for block in re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL):
        for node in ast.walk(ast.parse(block)):
            if isinstance(node, ast.ImportFrom):
                assert all(found(f"{node.module}.{alias.name}") for alias in node.names)
