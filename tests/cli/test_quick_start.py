"""What the program does not import when it starts; tests/cli/test_train.py sees it in a program of its own."""

import sys
from importlib import import_module
from pathlib import Path

import pytest

from vid2vid.cli.quick_start import LeanImport

GREEDY = """
from lightning_utilities.core.imports import RequirementCache, package_available

NONE, HIDDEN, SEEN = RequirementCache("yaml-like"), RequirementCache("PyYAML"), RequirementCache("numpy>=1")
AT_FIRST = bool(NONE), bool(HIDDEN), bool(SEEN), package_available("yaml"), package_available("numpy")
"""


def test_a_package_is_imported_as_if_others_were_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "greedy_package.py").write_text(GREEDY)
    monkeypatch.syspath_prepend(tmp_path)
    before = list(sys.meta_path)
    lean = LeanImport("greedy_package", frozenset({"PyYAML", "yaml"}))
    lean.install()
    try:
        module = import_module("greedy_package")
        assert module.AT_FIRST == (False, False, True, False, True)
        assert sys.meta_path == before
        # afterwards it finds them
        assert (bool(module.NONE), bool(module.HIDDEN), bool(module.SEEN)) == (False, True, True)
        assert module.package_available("yaml")
        assert module.__file__ == str(tmp_path / "greedy_package.py")
        lean.install()
        assert sys.meta_path == before
    finally:
        sys.modules.pop("greedy_package", None)
