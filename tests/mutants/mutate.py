"""Making mutants: a module's syntax tree with one small thing changed."""

import ast
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import partial

Change = Callable[[ast.AST], ast.AST]

_COMPARISONS: dict[type[ast.cmpop], list[type[ast.cmpop]]] = {
    ast.Lt: [ast.LtE, ast.GtE],
    ast.LtE: [ast.Lt, ast.Gt],
    ast.Gt: [ast.GtE, ast.LtE],
    ast.GtE: [ast.Gt, ast.Lt],
    ast.Eq: [ast.NotEq],
    ast.NotEq: [ast.Eq],
    ast.Is: [ast.IsNot],
    ast.IsNot: [ast.Is],
    ast.In: [ast.NotIn],
    ast.NotIn: [ast.In],
}
_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
    ast.BitOr: ast.BitAnd,
}
_UNTOUCHED = ("annotation", "returns", "decorator_list", "bases")
_NEGATED = (ast.Compare, ast.BoolOp, ast.UnaryOp)  # a condition of these has its own changes


@dataclass(frozen=True)
class Mutant:
    """A changed module, made when it is asked for. ``name`` says where and what; it does not depend on lines."""

    name: str
    make: Callable[[], ast.Module]


def mutants(source: str, module: str) -> Iterator[Mutant]:
    """Every mutant of a module in the order of its text; docstrings, types and decorators are left alone."""
    tree = ast.parse(source)
    names: dict[str, int] = {}
    for number, (scope, node) in enumerate(_places(tree, module)):
        for change in _changes(node):
            name = f"{scope}: {_short(node)} → {_short(change(deepcopy(node)))}"
            names[name] = names.get(name, 0) + 1
            named = name if names[name] == 1 else f"{name} #{names[name]}"
            yield Mutant(named, partial(_mutated, tree, module, number, change))


def _mutated(tree: ast.Module, module: str, number: int, change: Change) -> ast.Module:
    copied = deepcopy(tree)
    old = list(_places(copied, module))[number][1]
    return ast.fix_missing_locations(_Swap(old, change(deepcopy(old))).visit(copied))


class _Swap(ast.NodeTransformer):
    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        return self.new if node is self.old else super().visit(node)


def _places(node: ast.AST, scope: str) -> Iterator[tuple[str, ast.AST]]:
    """All that may be changed, with the dotted name of where it stands."""
    for name, value in ast.iter_fields(node):
        for child in value if isinstance(value, list) else [value]:
            if name in _UNTOUCHED or not isinstance(child, ast.AST) or _is_text(child):
                continue
            named = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            inside = f"{scope}.{child.name}" if named else scope
            yield inside, child
            yield from _places(child, inside)


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _changes(node: ast.AST) -> list[Change]:
    match node:
        case ast.Compare():
            wanted = [(i, new) for i, op in enumerate(node.ops) for new in _COMPARISONS[type(op)]]
            return [lambda old, i=i, new=new: _with_operator(old, i, new()) for i, new in wanted]
        case ast.BinOp() | ast.AugAssign() if type(node.op) in _ARITHMETIC:
            return [lambda old: _with(old, op=_ARITHMETIC[type(old.op)]())]
        case ast.Constant(value=bool()):
            return [lambda old: ast.Constant(not old.value)]
        case ast.Constant(value=int() | float()):
            return [lambda old, by=by: ast.Constant(old.value + by) for by in (1, -1)]
        case ast.BoolOp():
            return [lambda old: _with(old, op=ast.Or() if isinstance(old.op, ast.And) else ast.And())]
        case ast.UnaryOp(op=ast.Not() | ast.USub()):
            return [lambda old: old.operand]
        case ast.If() | ast.IfExp() if not isinstance(node.test, _NEGATED):
            return [lambda old: _with(old, test=ast.UnaryOp(ast.Not(), old.test))]
        case ast.Return(value=ast.expr()) if ast.unparse(node.value) != "None":
            return [lambda old: ast.Return(ast.Constant(None))]
        case ast.Expr(value=ast.Call() | ast.Await()) | ast.Raise() | ast.Continue():
            return [lambda old: ast.Pass()]
    return []


def _with(node: ast.AST, **fields: ast.AST) -> ast.AST:
    for name, value in fields.items():
        setattr(node, name, value)
    return node


def _with_operator(node: ast.AST, index: int, operator: ast.cmpop) -> ast.AST:
    node.ops[index] = operator
    return node


def _short(node: ast.AST) -> str:
    text = ast.unparse(node).split("\n")[0].removesuffix(":")
    return text if len(text) <= 70 else f"{text[:69]}…"
