"""How conditions and their values are said in one line, for texts and buttons."""

from collections.abc import Sequence
from typing import Any

from core.campaign_views import CampaignView
from core.domain.segments import NOBODYS, Rfm, Span
from handlers.ui import Ui


def condition_words(ui: Ui, view: CampaignView) -> list[tuple[str, str]]:
    """The conditions that are set: what each is called, and its values."""
    return [
        (ui.label(f"office.campaigns.if.{name}"), value_words(ui, name, getattr(view.segment, name), view))
        for name in view.segment.conditions
    ]


def value_words(ui: Ui, name: str, value: Any, view: CampaignView) -> str:
    """A condition's values in one line."""
    if isinstance(value, Span):
        return span_words(ui, name, value, view)
    if isinstance(value, Rfm):
        return rfm_words(ui, value)
    if name == "telegram":
        return ui.label(f"office.campaigns.telegram.{'yes' if value else 'no'}")
    return ", ".join(choice_words(ui, name, each, view) for each in value)


def choice_words(ui: Ui, name: str, value: Any, view: CampaignView) -> str:
    """One choice of a condition."""
    if value == NOBODYS or name == "classes":
        return ui.label(f"office.campaigns.{name}.{value or 'none'}")
    if name == "languages":
        return ui.renderer.label(value, "language.name")
    if name == "birthday_months":
        return ui.label(f"office.campaigns.month.{value}")
    if name == "branches":
        return view.branches.get(value, str(value))
    return str(value)


def span_words(ui: Ui, name: str, span: Span, view: CampaignView) -> str:
    """``31–90 дней назад``, ``от 5``, ``до 1 000,00 ₽``."""
    formats = ui.renderer.formats(ui.language)

    def side(value: int | None) -> str:
        if value is None:
            return ""
        if name == "sold":
            return formats.money(value)
        return formats.number(value) if name == "balance" else formats.count(value)

    low, high = side(span.low), side(span.high)
    open_sided = "from" if low else "to"
    both = "exactly" if span.low == span.high else "between"
    kind = both if low and high else open_sided
    said = ui.label(f"office.campaigns.span.{kind}", low=low, high=high)
    return ui.label(f"office.campaigns.unit.{name}", span=said)


def rfm_words(ui: Ui, rfm: Rfm) -> str:
    """The cells, part by part."""

    def part(name: str, scores: Sequence[int]) -> list[str]:
        said = [ui.label(f"office.campaigns.{name}.{score}").lower() for score in scores]
        return [f"{ui.label(f'office.campaigns.rfm.{name}').lower()}: {', '.join(said)}"] if said else []

    return "; ".join(part("recency", rfm.recency) + part("frequency", rfm.frequency) + part("money", rfm.money))
