"""The pages of the site that docs/site/hooks.py makes; `make docs` builds all of it and refuses broken links."""

import importlib.util
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import NoReturn

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def hooks(absent: Callable[[str], NoReturn]) -> ModuleType:
    """The module, which MkDocs loads from its file."""
    if importlib.util.find_spec("mkdocs") is None:
        absent("mkdocs is not installed (the extra docs)")
    spec = importlib.util.spec_from_file_location("hooks", ROOT / "docs" / "site" / "hooks.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_public_object_has_its_place(hooks: ModuleType) -> None:
    pages = hooks.objects()
    for part in pages:
        module = import_module("vid2vid" if part == "vid2vid" else f"vid2vid.{part}")
        names = {name for name in module.__all__ if not name.startswith("__")}
        headings = {line.rpartition(".")[2].rstrip("}") for line in pages[part].splitlines() if "vid2vid." in line}
        assert names <= headings, part


def test_every_setting_of_every_kind_of_data_is_listed(hooks: ModuleType) -> None:
    pages = hooks.settings()
    assert "| `generator.blocks` | `4` | int; at least 2 " in pages["settings_train"]
    assert "| `data.crop` | `[]` |" in pages["settings_data_video"]
    assert {name for name in pages if "data" in name} == {
        f"settings_data_{path.stem}" for path in (ROOT / "conf" / "data").glob("*.yaml")
    }


@pytest.mark.parametrize(
    ("text", "source", "page", "wanted"),
    [
        ("[a](docs/data.md#x)", "README.md", "index.md", "[a](data.md#x)"),
        ("![a](docs/images/speed.png)", "README.md", "index.md", "![a](images/speed.png)"),
        ("[a](../README.md)", "docs/data.md", "data.md", "[a](index.md)"),
        ("[a](../src/vid2vid/files.py)", "docs/data.md", "data.md", "a"),
        ("[a](docs/data.md)", "CONTRIBUTING.md", "project/contributing.md", "[a](../data.md)"),
        ("[a](#b) [c](https://d.org)", "README.md", "index.md", "[a](#b) [c](https://d.org)"),
    ],
)
def test_links_lead_to_pages_of_the_site(hooks: ModuleType, text: str, source: str, page: str, wanted: str) -> None:
    assert hooks.relinked(text, source, page) == wanted


def test_a_notebook_shows_its_pictures(hooks: ModuleType) -> None:
    name = "02_your_own_video"
    text, pictures = hooks.notebook(ROOT / "notebooks" / f"{name}.ipynb")
    text = hooks.relinked(text, f"notebooks/{name}.ipynb", f"tutorials/{name}.md")
    assert len(pictures) >= 3
    assert all(
        data.startswith(b"\xff\xd8") and f"![Output of the cell above]({name})" in text
        for name, data in pictures.items()
    )


def test_a_page_that_asks_another_host_is_refused(hooks: ModuleType) -> None:
    page = type("Page", (), {"file": type("File", (), {"src_uri": "a.md"})})
    for text in ('<script src="https://a.org/b.js">', '<link rel="stylesheet" href="https://fonts.a.org">'):
        with pytest.raises(hooks.PluginError, match=r"a\.md asks another host for https://"):
            hooks.on_post_page(text, page)
    assert hooks.on_post_page('<a href="https://a.org">', page)
