"""The public surface: what the parts export, with its signatures, stands in public_surface.txt.

A change of the surface changes that file, so that it is seen in the diff:

    python tests/test_public_surface.py > tests/public_surface.txt
"""

import inspect
import re
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import FunctionType

import vid2vid
from vid2vid.config.commands import COMMANDS

FILE = Path(__file__).with_name("public_surface.txt")
SOURCES = Path(vid2vid.__file__).parent
PARTS = ["vid2vid", *sorted(f"vid2vid.{path.parent.name}" for path in SOURCES.glob("*/__init__.py"))]


def signature(thing: object) -> str:
    """Return the parameters of a callable and their defaults; types are left out, as versions of Python spell them."""
    if not callable(thing):
        return ""
    try:
        found = inspect.signature(thing)
    except (TypeError, ValueError):
        return ""
    plain = [one.replace(annotation=one.empty) for one in found.parameters.values()]
    text = str(found.replace(parameters=plain, return_annotation=found.empty))
    return re.sub(r"<function (\S+) at 0x\w+>", r"\1", text)


def described(name: str, thing: object) -> Iterator[str]:
    """Yield the line of a name, and those of the public methods and properties that a class defines itself."""
    yield name + signature(thing)
    for method, found in sorted(vars(thing).items()) if inspect.isclass(thing) else ():
        if isinstance(found, FunctionType | classmethod | staticmethod | property) and not method.startswith("_"):
            yield f"{name}.{method}{signature(getattr(thing, method))}"


def surface() -> list[str]:
    """Return a line for every public name, and for every verb of the command line with its settings."""
    lines: list[str] = []
    seen = set[int]()
    for part in PARTS:
        module = import_module(part)
        for name in sorted(getattr(module, "__all__", [])):
            thing = getattr(module, name)
            # what several parts export is described once; of a constant the name is public, not the value
            known = id(thing) in seen or not callable(thing)
            lines += [f"{part}.{name}"] if known else described(f"{part}.{name}", thing)
            seen.add(id(thing))
    errors = vars(import_module("vid2vid.errors")).items()
    lines += [f"vid2vid.errors.{name}" for name, thing in sorted(errors) if inspect.isclass(thing) and "Error" in name]
    return lines + [f"$ vid2vid {verb}{signature(settings)}" for verb, settings in COMMANDS.items()]


def test_the_public_surface_is_the_one_that_is_written_down() -> None:
    written, found = FILE.read_text(encoding="utf-8").splitlines(), surface()
    gone, new = sorted(set(written) - set(found)), sorted(set(found) - set(written))
    advice = "if this is meant: python tests/test_public_surface.py > tests/public_surface.txt, and see CONTRIBUTING.md"
    assert written == found, "\n".join(["no longer:", *gone, "new:", *new, advice])


def test_it_knows_a_changed_default_from_none() -> None:
    def before(frames: int, height: int = 2) -> None: ...

    def after(frames: int, height: int = 3) -> None: ...

    assert signature(before) == "(frames, height=2)"
    assert signature(after) == "(frames, height=3)"
    assert next(described("Clip", vid2vid.Clip)).startswith("Clip(source, real, instance=None, ")


if __name__ == "__main__":
    sys.stdout.write("\n".join(surface()) + "\n")
