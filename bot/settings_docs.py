"""docs/settings.md: every setting of the programme, made from its declaration."""

from typing import Any

from core.domain.presets import PRESETS
from core.domain.programme import Programme
from core.domain.settings import Section, Spec, Unit, plain, specs

HEAD = """# Settings of the programme

Made from `core/domain/programme.py` by `python -m bot programme --docs`; a test fails when this page is
stale.

They are changed in the staff bot: ⚙️ Управление → Программа. The owner chooses the whole network or a branch;
a manager changes what is marked “branch” for the own branch, and ↩️ Как у сети gives a branch's own value up.
Before anything is saved, the screen shows what changes, a receipt of 1 000 before and after, and on request
(🔮 Что если) the last 90 days replayed. A change holds for later quotes only: a purchase keeps the version
that priced it. Who changed what stands in 🕓 История изменений. From the command line: `python -m bot
programme accrual_percent=700`, with `--branch 2` for a branch; there percents are basis points (5 % is 500),
money and points are hundredths.

- Points (cashback, bonus) can't become a discount, nor the reverse, once a customer has a card. Cashback and
  bonus may change into each other at any time, and so may everything else.
- A programme that is switched off stops earning. Points can still be spent until “Paying by points” is
  switched off.
- Above 5 % earned the screen warns.
- Levels, rules and exclusions have parts of their own in ⚙️ Управление.
"""
SCALED = {Unit.PERCENT: " %", Unit.MONEY: "", Unit.POINTS: " points"}
COUNTED = {Unit.HOURS: " h", Unit.DAYS: " days", Unit.MINUTES: " min"}


def settings_page() -> str:
    """The whole page in Markdown."""
    found = specs(Programme).values()
    parts = [HEAD]
    for section in Section:
        lines = [_row(spec) for spec in found if spec.section is section]
        head = "| setting | in Russian | default | bounds | branch | what it does |\n|---|---|---|---|---|---|\n"
        parts.append(f"## {section.value.capitalize()}\n\n{head}{''.join(lines)}")
    parts.append(_presets())
    return "\n".join(parts)


def _row(spec: Spec) -> str:
    title, explanation = spec.en
    cells = (
        f"{title} `{spec.name}`",
        spec.ru[0],
        shown(spec, plain(spec.default)),
        _bounds(spec),
        "branch" if spec.branch else "",
        explanation,
    )
    return f"| {' | '.join(cells)} |\n"


def _bounds(spec: Spec) -> str:
    if spec.unit is Unit.CHOICE:
        return ", ".join(spec.choices)
    if spec.low is None or spec.high is None:
        return ""
    of = {Unit.TEXT: " characters", Unit.LIST: " items"}.get(spec.unit, "")
    empty = f"{shown(spec, None)}, or " if spec.nullable else ""
    if of:
        return f"{empty}{spec.low} to {spec.high:,}{of}"
    return f"{empty}{shown(spec, spec.low)} to {shown(spec, spec.high)}"


def shown(spec: Spec, value: Any) -> str:
    """A value as the page writes it."""
    if value is None:
        return "all" if spec.name == "eligible_pairs" else "none"
    if spec.unit is Unit.FLAG:
        return "on" if value else "off"
    if spec.unit in SCALED:
        whole, part = divmod(value, 100)
        return f"{whole:,}{f'.{part:02}' if part else ''}{SCALED[spec.unit]}"
    if spec.unit is Unit.LIST:
        return "; ".join(" ".join(str(part) for part in each.values()) for each in value) or "empty"
    if spec.unit is Unit.TEXT:
        return value or "empty"
    return str(value) if spec.unit is Unit.CHOICE else f"{value:,}{COUNTED.get(spec.unit, '')}"


def _presets() -> str:
    known = specs(Programme)
    names = list(next(iter(PRESETS.values())))
    head = f"| setting | {' | '.join(PRESETS)} |\n|---|{'---|' * len(PRESETS)}\n"
    rows = ""
    for name in names:
        values = (shown(known[name], preset[name]) for preset in PRESETS.values())
        rows += f"| {known[name].en[0]} | {' | '.join(values)} |\n"
    return f"## Presets\n\nValues to begin with, shown as a difference before they are applied.\n\n{head}{rows}"
