"""Writing files so that a reader never sees half of one."""

import secrets
from pathlib import Path


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file beside its place and rename it, making its folder if needed; an older file stays until then."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # a name of its own: two processes may write the same file
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}.partial")
    try:
        partial.write_bytes(data)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a UTF-8 text, as `write_bytes` does."""
    write_bytes(path, text.encode("utf-8"))
