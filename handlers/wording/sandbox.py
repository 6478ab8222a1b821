"""Jinja for texts that the merchant wrote: fields, if and else, the project's filters, and nothing more.

What may stand in a text is a list of syntax nodes, checked before the text is compiled; there are no loops, calls,
attributes, indexes, macros, imports or arithmetic. The sandbox of Jinja stands behind that list, and is not
relied on alone.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jinja2 import StrictUndefined, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from handlers.wording.tags import is_balanced

DEPTH = 24
BRANCHES = 5
LARGEST = 10**12
_BORROWED = ("truncate", "upper", "lower", "default")
_TESTS = ("defined", "none")
_PLAIN: tuple[type[nodes.Node], ...] = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Const,
    nodes.If,
    nodes.CondExpr,
    nodes.Filter,
    nodes.Keyword,
    nodes.Test,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.Neg,
)


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that a text may not hold: ``what`` names it, ``word`` is the name or the line's number."""

    what: str
    word: str = ""


class _Environment(ImmutableSandboxedEnvironment):
    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        return False

    def is_safe_callable(self, obj: Any) -> bool:
        return False


def build_environment(filters: Mapping[str, Callable[..., Any]], *, plain: bool) -> _Environment:
    """An environment with these filters and a few of Jinja's; ``plain`` for SMS, where nothing is escaped."""
    environment = _Environment(
        autoescape=not plain,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=0,
        finalize=_said,
    )
    borrowed = {name: environment.filters[name] for name in _BORROWED}
    tests = {name: environment.tests[name] for name in _TESTS}
    environment.globals.clear()
    environment.filters = {**borrowed, **filters}
    environment.tests = tests
    return environment


def _said(value: Any) -> Any:
    """What is not known says nothing."""
    return "" if value is None else value


def parse(environment: _Environment, source: str) -> nodes.Template | Fault:
    """The syntax tree of a source, or what is wrong with it."""
    try:
        return environment.parse(source)
    except TemplateSyntaxError as error:
        return Fault("syntax", str(error.lineno))
    except RecursionError:
        return Fault("too_deep")


def faults(environment: _Environment, tree: nodes.Template, variables: frozenset[str]) -> Iterator[Fault]:
    """What a tree holds besides the given variables, conditions and filters."""
    todo: list[tuple[nodes.Node, int, int]] = [(tree, 0, 0)]
    while todo:
        node, depth, branches = todo.pop()
        branches += isinstance(node, nodes.If)
        if depth > DEPTH or branches > BRANCHES:
            yield Fault("too_deep")
            return
        fault = _fault_of(environment, node, variables)
        if fault is not None:
            yield fault
            continue
        if isinstance(node, (nodes.Template, nodes.If)):
            yield from _torn(node)
        todo += [(child, depth + 1, branches) for child in node.iter_child_nodes()]


def _fault_of(environment: _Environment, node: nodes.Node, variables: frozenset[str]) -> Fault | None:
    if not isinstance(node, _PLAIN):
        return Fault("not_allowed", type(node).__name__)
    if isinstance(node, nodes.Name) and (node.ctx != "load" or node.name not in variables):
        return Fault("unknown", node.name)
    if isinstance(node, nodes.Filter) and (node.name not in environment.filters or _spreads(node)):
        return Fault("filter", node.name)
    if isinstance(node, nodes.Test) and (node.name not in environment.tests or _spreads(node)):
        return Fault("not_allowed", node.name)
    if isinstance(node, nodes.Const) and not _is_small(node.value):
        return Fault("not_allowed", "Const")
    return None


def _spreads(node: nodes.Filter | nodes.Test) -> bool:
    return node.dyn_args is not None or node.dyn_kwargs is not None


def _is_small(value: Any) -> bool:
    if isinstance(value, int):
        return -LARGEST <= value <= LARGEST
    return value is None or isinstance(value, str)


def _torn(node: nodes.Template | nodes.If) -> Iterator[Fault]:
    """Tags that one part of the text opens and another one closes: left out, it would break the message."""
    for body in _bodies(node):
        if not is_balanced(_written(body)):
            yield Fault("torn")


def _bodies(node: nodes.Template | nodes.If) -> Iterator[Sequence[nodes.Node]]:
    yield node.body
    if isinstance(node, nodes.If) and node.else_:
        yield node.else_


def _written(body: Sequence[nodes.Node]) -> str:
    """The letters of a body, without those of the conditions in it."""
    outputs = (each for each in body if isinstance(each, nodes.Output))
    return "".join(part.data for each in outputs for part in each.nodes if isinstance(part, nodes.TemplateData))


def says_surely(environment: _Environment, tree: nodes.Template, expressions: Sequence[str]) -> bool:
    """Whether one of the expressions is said whatever the conditions come to."""
    wanted = [_only(environment.parse("{{ " + each + " }}")) for each in expressions]
    return _says(tree.body, wanted)


def _only(tree: nodes.Template) -> nodes.Node:
    output = tree.body[0]
    if not isinstance(output, nodes.Output):
        raise TypeError("an expression that says nothing")
    return output.nodes[0]


def _says(body: Sequence[nodes.Node], wanted: Sequence[nodes.Node]) -> bool:
    for node in body:
        if isinstance(node, nodes.Output) and any(part in wanted for part in node.nodes):
            return True
        if isinstance(node, nodes.If) and node.else_:
            branches = [node.body, node.else_, *(each.body for each in node.elif_)]
            if all(_says(branch, wanted) for branch in branches):
                return True
    return False
