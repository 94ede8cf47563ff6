"""The page itself: HTML, style and script in one file that asks nothing of anybody."""

import json
from collections.abc import Sequence
from hashlib import sha256
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

from vid2vid.files import write_text


def render(path: Path, question: str, pairs: Sequence[dict[str, Any]]) -> None:
    """Write the page.

    Args:
        path: The HTML file; ``videos/`` lies beside it.
        question: What viewers are asked.
        pairs: For each pair its number (``pair``), the files of both sides (``left``, ``right``), of what is shown
            beside them by caption (``beside``), and ``fps``, ``width``, ``height``.
    """
    parts = files("vid2vid.tools.user_study") / "page"
    text = {name: (parts / f"page.{name}").read_text(encoding="utf-8") for name in ("html", "css", "js")}
    # under which the browser keeps the votes: pages that lie in one place must not mix theirs
    study = sha256(json.dumps([question, *pairs]).encode()).hexdigest()[:10]
    data = json.dumps({"study": study, "pairs": pairs}, ensure_ascii=False).replace("<", "\\u003c")
    page = Template(text["html"]).substitute(question=escape(question), style=text["css"], script=text["js"], data=data)
    write_text(path, page)
