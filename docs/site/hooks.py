"""Pages of the site that are made from elsewhere: README and other files of the project, notebooks, objects, settings.

MkDocs calls the functions whose names begin with ``on_``; mkdocs.yml names this file.
"""

import ast
import base64
import json
import posixpath
import re
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files

from vid2vid.cli.composition import compose_verb, conf_dir, options, register
from vid2vid.cli.help import describe
from vid2vid.config.commands import COMMANDS

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "vid2vid"
FILES = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "project/contributing.md",
    "CODE_OF_CONDUCT.md": "project/code_of_conduct.md",
    "SECURITY.md": "project/security.md",
    "CHANGELOG.md": "project/changelog.md",
    "src/vid2vid/pretrained/street/README.md": "models/street.md",
    **{f"notebooks/{path.name}": f"tutorials/{path.stem}.md" for path in (ROOT / "notebooks").glob("*.ipynb")},
}
"""Files outside of docs, and the pages that they become."""


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """List the pages of the reference."""
    pages = {
        "Objects": [f"reference/{name}.md" for name in objects()],
        "Settings": [f"reference/{name}.md" for name in settings()],
    }
    (entry,) = (entry for entry in config.nav or [] if "Reference" in entry)
    entry["Reference"] = [{title: names} for title, names in pages.items()]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that are made here."""
    for source, page in FILES.items():
        path = ROOT / source
        if path.suffix == ".ipynb":
            text, pictures = notebook(path)
            for name, data in pictures.items():
                files.append(File.generated(config, f"tutorials/{name}", content=data))
        else:
            text = _without_front_matter(path.read_text(encoding="utf-8"))
        files.append(File.generated(config, page, content=relinked(text, source, page)))
    # the names of settings stay in one line
    style = ".md-typeset td:first-child code { white-space: nowrap }\n"
    files.append(File.generated(config, "settings.css", content=style))
    for name, text in {**objects(), **settings()}.items():
        files.append(File.generated(config, f"reference/{name}.md", content=text))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:  # noqa: ANN401 - MkDocs' types
    """Let the links of a page of docs lead to pages of the site."""
    generated = page.file.generated_by
    return markdown if generated else relinked(markdown, f"docs/{page.file.src_uri}", page.file.src_uri)


def relinked(text: str, source: str, page: str) -> str:
    """Rewrite the links of a file of the project for the page that it becomes; those to sources become plain text."""

    def link(found: re.Match[str]) -> str:
        mark, label, target, anchor = found["mark"], found["label"], found["target"], found["anchor"] or ""
        path = posixpath.normpath(posixpath.join(posixpath.dirname(source), target))
        folder, _, name = path.partition("/")
        to = FILES.get(path) or {"docs": name, "notebooks": f"tutorials/{name}"}.get(folder)
        if to is None:
            return label
        return f"{mark}[{label}]({posixpath.relpath(to, posixpath.dirname(page) or '.')}{anchor})"

    pattern = r"(?P<mark>!?)\[(?P<label>[^\]]*)\]\((?!https?://|#)(?P<target>[^)#\s]+)(?P<anchor>#[^)\s]*)?\)"
    return re.sub(pattern, link, text)


def _without_front_matter(text: str) -> str:
    """Return a model card without the fields at its head, which are for huggingface's hub."""
    return re.sub(r"\A---\n.*?\n---\n", "", text, flags=re.DOTALL)


def notebook(path: Path) -> tuple[str, dict[str, bytes]]:
    """Return a notebook as Markdown, and its pictures by name."""
    parts, pictures = [], dict[str, bytes]()
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        source = "".join(cell["source"])
        parts.append(source if cell["cell_type"] == "markdown" else f"```python\n{source}\n```")
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            kind = next((kind for kind in ("png", "jpeg") if f"image/{kind}" in data), None)
            if kind:
                name = f"{path.stem}_{len(pictures)}.{kind}"
                pictures[name] = base64.b64decode("".join(data[f"image/{kind}"]))
                parts.append(f"![Output of the cell above]({name})")
                continue
            # what was printed, and the value of the last line; progress bars are on stderr
            text = "".join(output.get("text", []) if output.get("name") == "stdout" else data.get("text/plain", []))
            if text:
                parts.append(f"```text\n{text.rstrip()}\n```")
    return "\n\n".join(parts) + "\n", pictures


def exported(part: Path) -> dict[str, str]:
    """Return the names that a package imports for others, in their order, and what they stand for in full."""
    tree = ast.parse((part / "__init__.py").read_text(encoding="utf-8"))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    names = {alias.name: f"{node.module}.{alias.name}" for node in imports for alias in node.names}
    return {name: home for name, home in sorted(names.items()) if home.startswith("vid2vid.")}


def objects() -> dict[str, str]:
    """Return a page for each part, with every object that it exports; the package's own page refers to the others."""
    parts = {path.parent.name: exported(path.parent) for path in sorted(PACKAGE.glob("*/__init__.py"))}
    text = "# vid2vid\n\n"
    for name, home in exported(PACKAGE).items():
        part = home.split(".")[1]
        other = parts.get(part, {}).get(name)
        text += f"## vid2vid.{name}\n\nSee [vid2vid.{part}.{name}][{other}].\n\n" if other else shown(home, name)
    pages = {"vid2vid": text}
    for part, names in parts.items():
        doc = ast.get_docstring(ast.parse((PACKAGE / part / "__init__.py").read_text(encoding="utf-8"))) or ""
        if names:
            described = "".join(shown(home, f"{part}.{name}") for name, home in names.items())
            pages[part] = f"# vid2vid.{part}\n\n{doc}\n\n{described}"
    return pages


def shown(home: str, name: str) -> str:
    """Return what mkdocstrings replaces by the docstring of an object, under the name that is public."""
    return f"::: {home}\n    options: {{heading: vid2vid.{name}}}\n\n"


def settings() -> dict[str, str]:
    """Return a page for each verb of the command line, and for each kind of data, with every setting."""
    register()
    pages = {}
    for verb, cls in COMMANDS.items():
        config, choices = compose_verb(conf_dir(), verb, [])
        title, _, more = (cls.__doc__ or "").partition("Attributes:")[0].partition("\n")
        lines = [f"# vid2vid {verb}", title, " ".join(more.split())]
        for group, choice in choices.items():
            known = ", ".join(f"`{group}={option}`" for option in options(group))
            lines.append(f"Group `{group}`, by default {f'`{group}={choice}`' if choice else 'none'}: {known}.")
        pages[f"settings_{verb}"] = "\n\n".join(lines) + tables(dict(describe(cls, config)))
    for kind in options("data"):
        config, _ = compose_verb(conf_dir(), "prepare", [f"data={kind}"])
        found = {key: text for key, text in describe(COMMANDS["prepare"], config) if key.startswith("data")}
        pages[f"settings_data_{kind}"] = f"# data={kind}\n" + tables(found)
    return pages


def tables(described: dict[str, str]) -> str:
    """Return the texts of `vid2vid.cli.help.describe` as tables, one for each dataclass."""
    rows: list[str] = []
    for key, text in described.items():
        if text.startswith("\n"):
            rows += ["", f"## {key}", "", " ".join(text.partition(": ")[2].split())]
            continue
        first, _, explanation = text.partition("\n")
        found = re.fullmatch(r"[^=]*=(.*?)(?:  \((.*)\))?", first, re.DOTALL)
        value, kind = found.groups() if found else ("", "")
        if not rows or not rows[-1].startswith("|"):
            rows += ["", "| Setting | Default | Values | What it does |", "|---|---|---|---|"]
        cells = (f"`{key}`", f"`{value}`" if value else "", kind or "", " ".join(explanation.split()))
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(["", *rows, ""])


def on_post_page(output: str, page: Any, **_: Any) -> str:  # noqa: ANN401 - MkDocs' types
    """Refuse a page that asks another host for a script, a font, a style or a picture.

    Raises:
        PluginError: It does.
    """
    asked = re.findall(r'<(?:script|img|iframe|video)\b[^>]*\bsrc="?(https?:[^"\s>]+)', output)
    asked += re.findall(r'<link\b[^>]*rel="?(?:stylesheet|preload|preconnect)[^>]*href="?(https?:[^"\s>]+)', output)
    if asked or 'class="mermaid"' in output:
        raise PluginError(f"{page.file.src_uri} asks another host for {', '.join(asked) or 'mermaid'}")
    return output
