"""Result tables, written into docs/benchmarks.md between markers."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"


@dataclass(frozen=True, slots=True)
class Result:
    """A section's outcome: paragraphs before the table, and after it (aims reached and missed)."""

    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    before: Sequence[str] = ()
    after: Sequence[str] = ()

    def text(self) -> str:
        """As Markdown."""
        lines = [" | ".join(row) for row in (self.header, ["---"] * len(self.header), *self.rows)]
        table = "\n".join(f"| {line} |" for line in lines)
        return "\n\n".join([*self.before, table, *self.after])


def write(name: str, text: str, page: Path = PAGE) -> None:
    """Put a section's text between its markers. Raises ValueError when the page has none of that name."""
    begin, end = f"<!-- bench:{name} -->", f"<!-- /bench:{name} -->"
    whole = page.read_text("utf-8")
    head, found, rest = whole.partition(begin)
    _, closed, tail = rest.partition(end)
    if not found or not closed:
        raise ValueError(f"{page.name} has no place for {name}")
    page.write_text(f"{head}{begin}\n{text}\n{end}{tail}", "utf-8")


def verdict(value: float, aim: float, *, at_least: bool) -> str:
    """A ratio beside its aim, in words."""
    reached = value >= aim if at_least else value <= aim
    bound = "≥" if at_least else "≤"
    return f"**{value:.2f}** ({bound} {aim}: {'reached' if reached else 'missed'})"
