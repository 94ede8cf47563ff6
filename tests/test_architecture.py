"""Who may import whom: read from the source, and for what must stay light also from a fresh process."""

import ast
import json
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import vid2vid

ROOT = Path(vid2vid.__file__).parent
LAYERS = (
    {"errors"},
    {"files", "markdown"},
    {"digests", "locks"},
    {"types"},
    {"condition"},
    {"config"},
    {"models"},
    {"ops"},
    {"generator", "discriminator", "flow", "pretrained", "video"},
    {"keypoints", "losses", "metrics", "street"},
    {"data"},
    {"visual"},
    {"training"},
    {"baselines", "prediction", "export"},
    {"synthesis"},
    {"evaluation", "studio"},
    {"live"},
    {"tools"},
    {"cli"},
    {"__main__"},
)
"""Each part may import those of earlier layers and itself."""

HOMES = {
    "hydra": ("cli",),
    "omegaconf": ("cli", "config"),
    "wandb": ("training", "cli"),
    "decord": ("video",),
    "starlette": ("studio", "live"),
    "uvicorn": ("studio",),
    "pytorch_lightning": ("training", "data.data_module", "cli"),
}
"""The only places that may import a package."""


def module_name(path: Path) -> str:
    """Return a file's module, counted from the package: ``data.video.pool``; the package itself is empty."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(source: str) -> set[str]:
    """Return all that a file imports, wherever in it: for ``import a.b`` a.b, for ``from a.b import c`` a.b.c."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"line {node.lineno}: relative imports hide where a part lies"
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


FILES = {module_name(path): imports(path.read_text(encoding="utf-8")) for path in sorted(ROOT.rglob("*.py"))}


def own(module: str) -> set[str]:
    """Return the modules of this package that a module imports, each by its longest name that is a module."""
    found = set()
    for name in FILES[module]:
        package, *rest = name.split(".")
        if package == "vid2vid":
            while rest and ".".join(rest) not in FILES:
                rest.pop()
            found.add(".".join(rest))
    return found


def layer(part: str) -> int:
    """Return the place of a part in `LAYERS`."""
    for i, parts in enumerate(LAYERS):
        if part in parts:
            return i
    return pytest.fail(f"vid2vid.{part} has no place in LAYERS: say what it may import")


def test_the_reading_of_imports_misses_none() -> None:
    source = "import a.b as x\ndef f():\n    from c.d import e as g, h\nif TYPE_CHECKING:\n    import i\n"
    assert imports(source) == {"a.b", "c.d.e", "c.d.h", "i"}
    assert {name.split(".")[0] for name in own("generator.frame")} == {"generator", "config", "ops", "types"}
    assert len(FILES) > 50


def test_parts_import_only_those_before_them() -> None:
    wrong = []
    for module in filter(None, FILES):
        part = module.split(".")[0]
        for name in own(module):
            imported = name.split(".")[0]
            # the package itself, which imports everything, is for the command line only
            allowed = part == imported or (layer(imported) < layer(part) if imported else part == "cli")
            if not allowed:
                wrong.append(f"vid2vid.{module} imports vid2vid.{name}")
    assert not wrong


def test_no_modules_import_each_other_in_a_circle() -> None:
    # the package itself imports its parts only when asked for them
    graph = {module: own(module) - {"", module} for module in FILES if module}
    assert len(list(TopologicalSorter(graph).static_order())) >= len(graph)


@pytest.mark.parametrize("package", HOMES)
def test_heavy_packages_stay_at_home(package: str) -> None:
    importing = {module for module, names in FILES.items() if any(name.split(".")[0] == package for name in names)}
    strangers = {m for m in importing if not any(m == home or m.startswith(f"{home}.") for home in HOMES[package])}
    assert importing, f"nothing imports {package} any more: this test looks at nothing"
    assert not strangers


def modules_after(statement: str) -> set[str]:
    """Return the top-level packages that a fresh process has loaded after a statement."""
    report = "import json, sys; print(json.dumps(sorted({name.split('.')[0] for name in sys.modules})))"
    done = subprocess.run([sys.executable, "-c", f"{statement}\n{report}"], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


@pytest.mark.slow
def test_the_generator_needs_torch_and_little_else() -> None:
    loaded = modules_after("from vid2vid.generator import Generator")
    assert "torch" in loaded
    assert not loaded & {
        "pytorch_lightning",
        "lightning_fabric",
        "hydra",
        "decord",
        "cv2",
        "av",
        "wandb",
        "torchvision",
    }


def test_settings_conditions_and_errors_load_without_torch() -> None:
    loaded = modules_after("import vid2vid, vid2vid.config, vid2vid.condition, vid2vid.errors")
    assert "vid2vid" in loaded
    assert not loaded & {"torch", "numpy", "pytorch_lightning", "kornia", "cv2", "hydra"}


def test_video_loads_without_torch() -> None:
    loaded = modules_after("import vid2vid.video")
    assert {"decord", "av"} <= loaded
    assert not loaded & {"torch", "torchvision", "pytorch_lightning", "kornia", "hydra", "scenedetect"}


def test_rendering_streets_needs_no_torch() -> None:
    loaded = modules_after("import vid2vid.data.street_dataset")
    assert "numpy" in loaded
    assert not loaded & {"torch", "kornia", "pytorch_lightning", "hydra"}


def test_the_public_surface_is_there_and_each_name_has_a_home() -> None:
    for name in vid2vid.__all__:
        assert getattr(vid2vid, name) is not None
    assert set(dir(vid2vid)) == set(vid2vid.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = vid2vid.nonsense
