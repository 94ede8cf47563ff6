"""Tables in Markdown."""

from collections.abc import Iterable


def markdown_table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    r"""Return the lines of a table; nothing in a cell can break out of it.

    Args:
        head: The headings of the columns.
        rows: The cells of each row, as many.

    Examples:
        >>> markdown_table(["", "PSNR"], [["a|b", "20.5"]])
        ['|  | PSNR |', '|---|---|', '| a\\|b | 20.5 |']
    """
    lines = [[" ".join(cell.replace("|", "\\|").replace("<", "&lt;").split()) for cell in row] for row in [head, *rows]]
    first, *others = ("| " + " | ".join(cells) + " |" for cells in lines)
    return [first, "|---" * len(lines[0]) + "|", *others]
