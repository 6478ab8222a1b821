"""``make mutants``: how many small mistakes in the ledger's rules and its writer the fast tests notice.

Each mutant is tried in a forked process of its own. Arguments name modules; without any, all are tried.
Fails when fewer than 85 % are noticed, or when docs/mutants.md does not name one that was not.
"""

import ast
import contextlib
import importlib.abc
import importlib.util
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

import asyncpg  # noqa: F401 - loaded once here, so that no child has to
import cryptography.fernet  # noqa: F401
import phonenumbers  # noqa: F401
import pytest
import tortoise.migrations.api  # noqa: F401
from hypothesis import HealthCheck, Phase, settings

from tests.mutants.mutate import Mutant, mutants

ELSEWHERE = {
    "account": ["account_undoing", "account"],
    "amounts": ["money"],
    "errors": ["cards"],
    "lots": ["account_undoing", "account"],
    "money": ["money", "quote"],
    "people": ["people", "cards"],
    "points": ["money", "quote"],
    "programme": ["programme_whole", "programme"],
    "promotions": ["promotions_bounds", "promotions"],
    "quote": ["quote_offers", "quote_payments", "quote"],
    "refund": ["refund_bounds", "refund"],
    "reminders": ["reminders_bounds", "reminders"],
    "settings": ["settings", "programme"],
    "typical": ["presets"],
}
"""The tests of those modules of the domain that have none of their own name, or several."""
OUTSIDE = {"effects": "tests/campaigns/test_effects.py", "sms_parts": "tests/sms/test_parts.py"}
"""Those whose tests stand beside others of their room."""
TRIED_BY: dict[str, list[str]] = {
    f"core.domain.{path.stem}": [f"tests/domain/test_{name}.py" for name in ELSEWHERE.get(path.stem, [path.stem])]
    for path in sorted(Path("core/domain").glob("[!_]*.py"))
} | {f"core.domain.{name}": [path] for name, path in OUTSIDE.items()}
TRIED_BY |= {"core.store.ledger": ["tests/core/test_ledger_writer.py", "-k", "sqlite"]}
EXPLAINED = Path("docs/mutants.md")
FLOOR = 0.85
LONGEST_S = 120
AT_ONCE = os.cpu_count() or 1


class _Loader(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives the mutant where its module is imported."""

    def __init__(self, module: str, mutant: Mutant) -> None:
        self.module, self.mutant = module, mutant

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        return importlib.util.spec_from_loader(name, self) if name == self.module else None

    def exec_module(self, module: ModuleType) -> None:
        exec(compile(self.mutant.make(), f"<{self.mutant.name}>", "exec"), module.__dict__)


def unnoticed(module: str, found: Sequence[Mutant]) -> list[str]:
    """The names of those with which no test fails, or hangs, which is as good. One is tried on each core."""
    left: list[str] = []
    running: dict[int, tuple[Mutant, float]] = {}
    waiting = deque(found)
    while waiting or running:
        while waiting and len(running) < AT_ONCE:
            mutant = waiting.popleft()
            running[_start(module, mutant)] = (mutant, time.monotonic() + LONGEST_S)
        for child, (mutant, until) in list(running.items()):
            done, status = os.waitpid(child, os.WNOHANG)
            if not done and time.monotonic() > until:
                os.kill(child, signal.SIGKILL)
                done, status = os.waitpid(child, 0)
            if done:
                del running[child]
                left += [mutant.name] * (status == 0)
        time.sleep(0.01)
    return [mutant.name for mutant in found if mutant.name in left]


def _start(module: str, mutant: Mutant) -> int:
    child = os.fork()
    if child == 0:
        code = 1
        try:
            code = _try(module, mutant)
        finally:
            os._exit(code)
    return child


def _try(module: str, mutant: Mutant) -> int:
    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
        sys.meta_path.insert(0, _Loader(module, mutant))
        settings.register_profile(
            "mutants",
            deadline=None,
            database=None,
            derandomize=True,
            max_examples=100,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        os.environ["HYPOTHESIS_PROFILE"] = "mutants"
        plugins = ["-p", "no:cacheprovider", "-p", "no:randomly", "-p", "no:xdist"]
        loaded = ["-W", "ignore::pytest.PytestAssertRewriteWarning"]
        return int(pytest.main(["-x", "-q", "-o", "addopts=", *plugins, *loaded, *TRIED_BY[module]]))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def survivors_of(module: str, source: str) -> tuple[int, list[str]]:
    """How many mutants the module has, and the names of those that no test notices."""
    name = module.rpartition(".")[2]
    if not unnoticed(module, [Mutant("unchanged", lambda: ast.parse(source))]):
        raise SystemExit(f"{module}: its tests fail without any change")
    found = list(mutants(source, name))
    return len(found), unnoticed(module, found)


def main(wanted: list[str]) -> int:
    explained = EXPLAINED.read_text()
    forgotten = [module for module in wanted or TRIED_BY if not Path(TRIED_BY[module][0]).exists()]
    if forgotten:
        raise SystemExit(f"No tests try the mutants of {', '.join(forgotten)}: see ELSEWHERE")
    tried, left = 0, []
    for module in wanted or TRIED_BY:
        number, survivors = survivors_of(module, Path(f"{module.replace('.', '/')}.py").read_text())
        tried, left = tried + number, left + survivors
        _say(f"{module}: {number - len(survivors)} of {number} noticed")
        for name in survivors:
            _say(f"    {name}{'' if f'`{name}`' in explained else '    (not explained)'}")
    unexplained = [name for name in left if f"`{name}`" not in explained]
    share = 1 - len(left) / tried
    _say(f"{tried - len(left)} of {tried} noticed ({share:.1%}), {len(unexplained)} not explained")
    return int(share < FLOOR or bool(unexplained))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
