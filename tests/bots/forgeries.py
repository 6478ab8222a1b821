"""Callback data that was never shown to who presses it: seeded, and at most 64 bytes of UTF-8 as all buttons'."""

import random
from collections.abc import Iterator, Sequence

LONGEST = 64
EDGES = tuple(str(edge) for power in (31, 32, 63, 64) for edge in (2**power - 1, 2**power, -(2**power) - 1))
NUMBERS = (
    *EDGES,
    *("0", "-1", "1", "9" * 40, "1e9", "1.0", "0x1", "1_0", "+1", " 1", "١٢", "１", "½", "²", "1\n", "NaN"),
    *("", "None", "true", "null", "1;--", "' OR 1=1", "1 OR 1", "%s", "{}", "\x00"),
)
WORDS = (
    *("owner", "cashier", "dismiss_sure", "accrue", "undo", "agree", "resend", "ru\x00", "to", "do"),
    *("__class__", "*", "😀", "І", "\u202e", "\x00", "\ud7ff", "кассир", "a" * 60, "../..", "<b>", ":", "{{7*7}}"),
)
ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789:-_. \x00\x7f\u00a0жЖ١😀\u200d\u202e\uffff\U0010ffff"


def forged(genuine: Sequence[str], seed: int) -> Iterator[str]:
    """Endless forgeries on the pattern of ``genuine`` data."""
    dice = random.Random(seed)
    prefixes = sorted({data.partition(":")[0] for data in genuine})
    ways = (_noise, _genuine, _numbers, _fields, _typo, _strange)
    while True:
        made = dice.choice(ways)(dice, genuine, prefixes)
        yield fitted(made)


def fitted(data: str) -> str:
    """As much of it as a button can carry, and never nothing."""
    return data.encode(errors="ignore")[:LONGEST].decode(errors="ignore") or ":"


def _noise(dice: random.Random, genuine: Sequence[str], prefixes: Sequence[str]) -> str:
    """Random bytes, as Unicode would show them."""
    noise = dice.randbytes(dice.randint(1, LONGEST))
    return noise.decode(dice.choice(("utf-8", "latin-1")), "replace")


def _genuine(dice: random.Random, genuine: Sequence[str], prefixes: Sequence[str]) -> str:
    """Somebody else's button as it is."""
    return dice.choice(genuine)


def _numbers(dice: random.Random, genuine: Sequence[str], prefixes: Sequence[str]) -> str:
    """A button with other numbers: near ones, foreign ones, and such as are none."""
    fields = dice.choice(genuine).split(":")
    for at, field in enumerate(fields[1:], start=1):
        if field.lstrip("-").isdigit() and dice.random() < 0.8:
            fields[at] = dice.choice((str(dice.randint(0, 12)), str(dice.getrandbits(70)), dice.choice(NUMBERS)))
    return ":".join(fields)


def _fields(dice: random.Random, genuine: Sequence[str], prefixes: Sequence[str]) -> str:
    """Too few fields, too many, or in another order."""
    fields = dice.choice(genuine).split(":")
    change = dice.randrange(4)
    if change == 0:
        return ":".join(fields[: dice.randint(0, len(fields) - 1)])
    if change == 1:
        return ":".join([*fields, *dice.choices(NUMBERS, k=dice.randint(1, 4))])
    if change == 2:
        return ":".join([fields[0], *dice.sample(fields[1:], len(fields) - 1)])
    return ":".join([dice.choice(prefixes), *fields[1:]])


def _typo(dice: random.Random, genuine: Sequence[str], prefixes: Sequence[str]) -> str:
    """Some characters put in, left out or changed."""
    data = list(dice.choice(genuine))
    for _ in range(dice.randint(1, 3)):
        at = dice.randint(0, len(data))
        data[at : at + dice.randint(0, 1)] = dice.choices(ALPHABET, k=dice.randint(0, 1))
    return "".join(data)


def _strange(dice: random.Random, genuine: Sequence[str], prefixes: Sequence[str]) -> str:
    """A good prefix, and after it anything."""
    return ":".join([dice.choice(prefixes), *dice.choices((*WORDS, *NUMBERS), k=dice.randint(1, 4))])
