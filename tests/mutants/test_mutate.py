"""The maker of mutants: what it changes, what it leaves alone, and that each mutant is one change."""

import ast
from pathlib import Path

import pytest

from tests.mutants.__main__ import TRIED_BY
from tests.mutants.mutate import mutants

CHANGES = {
    "a < b": {"a <= b", "a >= b"},
    "a <= b < c": {"a < b < c", "a > b < c", "a <= b <= c", "a <= b >= c"},
    "a == b": {"a != b"},
    "a is None": {"a is not None"},
    "a in b": {"a not in b"},
    "a + b": {"a - b"},
    "a // b": {"a * b"},
    "a | b": {"a & b"},
    "a += b": {"a -= b"},
    "a = 7": {"a = 8", "a = 6"},
    "a = True": {"a = False"},
    "a and b": {"a or b"},
    "not a": {"a"},
    "-a": {"a"},
    "a if b else c": {"a if not b else c"},
    "return a": {"return None"},
    "return None": set(),
    "f(a)": {"pass"},
    "raise a": {"pass"},
    "'text'": set(),
    "a: 'int | None' = b": set(),
    "a[b]": set(),
}


@pytest.mark.parametrize("statement", CHANGES)
def test_what_is_changed(statement: str) -> None:
    source = f"def inside():\n    {statement}"
    found = {ast.unparse(mutant.make()).split("\n")[1].strip() for mutant in mutants(source, "module")}
    assert found == CHANGES[statement]


def test_a_name_says_where_and_what() -> None:
    source = "class Lot:\n    def left(self):\n        return self.a + 1 - 1"
    names = [mutant.name for mutant in mutants(source, "account")]
    assert names[0] == "account.Lot.left: return self.a + 1 - 1 → return None"
    assert "account.Lot.left: 1 → 2" in names
    assert "account.Lot.left: 1 → 2 #2" in names


@pytest.mark.parametrize("module", TRIED_BY)
def test_each_mutant_of_the_product_is_another_module(module: str) -> None:
    source = Path(f"{module.replace('.', '/')}.py").read_text()
    whole = ast.unparse(ast.parse(source))
    found = list(mutants(source, module))
    assert found
    assert len({mutant.name for mutant in found}) == len(found)
    for mutant in found[::10]:  # a tenth is enough here: `make mutants` makes them all
        made = mutant.make()
        compile(made, mutant.name, "exec")
        assert ast.unparse(made) != whole
