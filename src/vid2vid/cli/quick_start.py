"""A quick start: torchmetrics is imported without the packages of metrics that nothing here uses."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import Loader
from importlib.machinery import ModuleSpec
from importlib.metadata import PackageNotFoundError
from importlib.util import find_spec
from types import ModuleType
from typing import Any

_UNUSED = frozenset({"matplotlib", "scipy", "torchvision", "transformers"})
"""What torchmetrics imports, where it is installed, as soon as it is imported itself, as it is by Lightning."""


class LeanImport:
    """A finder of `sys.meta_path`: it imports one package as if some others were not installed.

    Once the package is imported, it finds them as well: its metrics that need them work then.

    Args:
        package: The package.
        unused: What is not to be imported with it.
    """

    def __init__(self, package: str = "torchmetrics", unused: frozenset[str] = _UNUSED) -> None:
        self._package, self._unused = package, unused

    def install(self) -> None:
        """Wait for the package to be imported; if it is already, nothing happens."""
        if self._package not in sys.modules:
            sys.meta_path.insert(0, self)

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Return how the package is imported; of any other module None, for which the other finders are asked."""
        if name != self._package:
            return None
        sys.meta_path.remove(self)
        spec = find_spec(name)
        if spec is not None and spec.loader is not None:
            spec.loader = _LeanLoader(spec.loader, self._unused)
        return spec


class _LeanLoader(Loader):
    """Loads a package by its own loader while others look as if they were not installed."""

    def __init__(self, loader: Loader, unused: frozenset[str]) -> None:
        self._loader, self._unused = loader, unused

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever else the loader has
        return getattr(self._loader, name)

    def exec_module(self, module: ModuleType) -> None:
        with _not_installed(self._unused):
            self._loader.exec_module(module)
        parts = [part for name, part in list(sys.modules.items()) if f"{name}.".startswith(f"{module.__name__}.")]
        for found in (value for part in parts for value in list(vars(part).values())):
            if type(found).__name__ == "RequirementCache":
                # what was missing is looked for again
                vars(found).pop("available", None)


@contextmanager
def _not_installed(packages: frozenset[str]) -> Iterator[None]:
    """Let packages be missing to whoever looks for them by Lightning's utilities, as torchmetrics does.

    Where a version of these looks in another way, nothing is hidden, and the start takes longer.
    """
    from lightning_utilities.core import imports

    lightning: Any = imports
    caches: list[Any] = [getattr(lightning, name, None) for name in ("package_available", "module_available")]
    known = all(hasattr(lightning, name) for name in ("_version", "find_spec"))
    if not known or not all(hasattr(cache, "cache_clear") for cache in caches):
        yield
        return
    version, spec = lightning._version, lightning.find_spec

    def version_of(name: str) -> str:
        if name in packages:
            raise PackageNotFoundError(name)
        return str(version(name))

    lightning._version, lightning.find_spec = version_of, lambda name: None if name in packages else spec(name)
    try:
        yield
    finally:
        lightning._version, lightning.find_spec = version, spec
        for cache in caches:
            cache.cache_clear()
