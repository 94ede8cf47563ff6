"""The wheel: built from this checkout, it brings its configuration files and works on its own."""

import os
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("build")
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT), cwd=folder)
    (path,) = folder.glob("*.whl")
    return path


def run(*command: str, cwd: Path, path: Path | None = None) -> str:
    """Run a program that must succeed; ``path`` comes first among the places that it imports from."""
    environment = {**os.environ, **({"PYTHONPATH": str(path)} if path else {})}
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_wheel_holds_the_package_and_nothing_else(wheel: Path) -> None:
    names = set(ZipFile(wheel).namelist())
    assert {"vid2vid/py.typed", "vid2vid/conf/train.yaml", "vid2vid/conf/experiment/demo.yaml"} <= names
    files = [path for path in (ROOT / "src" / "vid2vid").rglob("*.*") if "__pycache__" not in path.parts]
    assert {f"vid2vid/{path.relative_to(ROOT / 'src' / 'vid2vid').as_posix()}" for path in files} <= names
    assert {f"vid2vid/{path.relative_to(ROOT).as_posix()}" for path in (ROOT / "conf").rglob("*.yaml")} <= names
    assert {name.split("/")[0] for name in names} == {"vid2vid", f"{wheel.name.rsplit('-', 3)[0]}.dist-info"}
    kinds = {Path(name).suffix for name in names if name.startswith("vid2vid/")}
    assert kinds == {".py", ".yaml", ".csv", ".typed", ".html", ".css", ".js", ".json", ".md", ".safetensors", ".svg"}


@pytest.mark.slow
def test_the_installed_wheel_works_elsewhere(wheel: Path, tmp_path: Path) -> None:
    site, cwd = tmp_path / "site", tmp_path / "cwd"
    cwd.mkdir()
    install = ["pip", "install", "--no-deps", "--no-index", "--quiet", "--target", str(site), str(wheel)]
    run(sys.executable, "-m", *install, cwd=cwd)
    ask = "import vid2vid, vid2vid.cli.composition as c; print(vid2vid.__file__, c.conf_dir())"
    assert run(sys.executable, "-c", ask, cwd=cwd, path=site).split() == [
        str(site / "vid2vid" / "__init__.py"),
        str(site / "vid2vid" / "conf"),
    ]
    assert "objective.flow_weight=10.0" in run(sys.executable, "-m", "vid2vid", "train", "--help", cwd=cwd, path=site)
    shown = run(sys.executable, "-m", "vid2vid", "train", "experiment=demo", "--cfg", "job", cwd=cwd, path=site)
    assert "run_dir: runs/demo" in shown
    assert not list(cwd.iterdir())
