"""Where the value of an expression comes from, and what it does with a person's identifier on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sqlglot import exp

from valfardsbrott.features_lint.origin import NOTHING, Origin, Relation, Scope
from valfardsbrott.features_lint.places import in_query

#: These answer a question about an identifier: how many, the same, any. What comes out is no identifier.
_ANSWERS = (exp.Count, exp.EQ, exp.NEQ, exp.NullSafeEQ, exp.NullSafeNEQ, exp.Is, exp.In, exp.Exists)
#: These hand an identifier on as it is, or only put rows in an order.
_HANDS_ON = (
    exp.Alias, exp.Paren, exp.Coalesce, exp.Case, exp.If, exp.Max, exp.Min, exp.ArgMax, exp.ArgMin, exp.Lag, exp.Lead,
    exp.Tuple, exp.Ordered, exp.Order, exp.Filter, exp.Window, exp.Distinct,
)  # fmt: skip
#: Of these only the first part is the value; the rest chooses or orders rows.
_FIRST_PART = (exp.ArgMax, exp.ArgMin, exp.Window, exp.Filter)
_COMPARES = (exp.EQ, exp.NEQ, exp.NullSafeEQ, exp.NullSafeNEQ)

Told = Callable[[str, exp.Expr], None]
Asked = Callable[[exp.Expr, Scope], tuple[Relation, Scope]]


class Expressions:
    """Follows expressions; ``told`` hears of each problem, ``asked`` reads a query inside an expression."""

    def __init__(self, told: Told, asked: Asked) -> None:
        self._told, self._asked = told, asked
        self.never_read: dict[str, str] = {}
        self.unknown: dict[str, str] = {}

    def origin(self, node: exp.Expr, scope: Scope) -> Origin:
        """The value's origin. What uses an identifier otherwise than to count or compare it is a problem."""
        if isinstance(node, exp.Column):
            return self._column(node, scope)
        if isinstance(node, exp.Query):
            return self._scalar(node, scope)
        if isinstance(node, exp.Exists) or (isinstance(node, exp.In) and node.args.get("query")):
            self._member(node, scope)
        parts = [(child, self.origin(child, scope)) for child in _parts(node)]
        never = frozenset[str]().union(*(part.never for _, part in parts))
        if any(part.person for _, part in parts):
            self._may(node)
        value = [part for child, part in parts if child is node.this or not isinstance(node, _FIRST_PART)]
        person = isinstance(node, _HANDS_ON) and any(part.person for part in value)
        return Origin(_keys(node, [part for _, part in parts]), person, never)

    def _column(self, node: exp.Column, scope: Scope) -> Origin:
        found = scope.find(node)
        if found is None:
            if scope.is_row(node):
                self._told("hands on a whole row (name the columns)", node)
            self.unknown.setdefault(node.name.lower(), in_query(node))
            return NOTHING
        self.never_read = dict.fromkeys(found.never, in_query(node)) | self.never_read
        return found

    def _may(self, node: exp.Expr) -> None:
        others = [node.this, *node.iter_expressions()]
        if not isinstance(node, (*_ANSWERS, *_HANDS_ON)):
            self._told("takes a person's identifier apart; only counts and joins may use it", node)
        elif isinstance(node, (*_COMPARES, exp.In)) and any(isinstance(each, exp.Literal) for each in others):
            self._told("compares a person's identifier with a constant", node)

    def _scalar(self, node: exp.Expr, scope: Scope) -> Origin:
        relation, _ = self._asked(node, scope)
        if relation.split:
            self._told("looks a value up in all rows", node)
        return next(iter(relation.columns.values()), NOTHING).without_keys()

    def _member(self, node: exp.Expr, scope: Scope) -> None:
        """``(a, b) in (select ...)`` and ``exists (select ...)``: semi joins."""
        query = node.this if isinstance(node, exp.Exists) else node.args["query"]
        relation, inner = self._asked(query, scope)
        if not relation.split:
            return
        if isinstance(node, exp.Exists):
            linked = _tied(query.unnest(), inner)
        else:
            sought = node.this.expressions if isinstance(node.this, exp.Tuple) else [node.this]
            mine = [self.origin(each, scope).keys for each in sought]
            linked = any(a & b.keys for a, b in zip(mine, relation.columns.values(), strict=False))
        if not (scope.split and linked):
            self._told("asks the rows of other parts", node)


def conjuncts(condition: exp.Expr | None) -> Iterator[exp.Expr]:
    """The conditions that all have to hold."""
    if isinstance(condition, (exp.And, exp.Paren, exp.Where)):
        for child in condition.iter_expressions():
            yield from conjuncts(child)
    elif condition is not None:
        yield condition


def equalities(condition: exp.Expr | None) -> list[tuple[exp.Column, exp.Column]]:
    """Pairs of columns that have to be equal."""
    return [
        (each.this, each.expression)
        for each in conjuncts(condition)
        if isinstance(each, (exp.EQ, exp.NullSafeEQ))
        and isinstance(each.this, exp.Column)
        and isinstance(each.expression, exp.Column)
    ]


def _parts(node: exp.Expr) -> Iterator[exp.Expr]:
    """What the expression is made of, without the query of a membership: that one is no value."""
    for child in node.iter_expressions():
        if not (isinstance(node, exp.Exists) or (isinstance(node, exp.In) and child is node.args.get("query"))):
            yield child


def _keys(node: exp.Expr, parts: list[Origin]) -> frozenset[str]:
    """The keys that the value is equal to, whichever of its parts it takes."""
    if isinstance(node, (exp.Alias, exp.Paren)):
        return parts[0].keys
    if isinstance(node, exp.Coalesce):
        return either([part.keys for part in parts])
    if isinstance(node, (exp.Case, exp.If)):
        return _of_branches(node, parts)
    return frozenset()


def _of_branches(node: exp.Expr, parts: list[Origin]) -> frozenset[str]:
    children = list(_parts(node))
    otherwise = node.args.get("default" if isinstance(node, exp.Case) else "false")
    condition = None if isinstance(node, exp.Case) else node.this
    inside_case = isinstance(node.parent, exp.Case)
    if otherwise is None and not inside_case:
        return frozenset()
    keys = [part.keys for child, part in zip(children, parts, strict=True) if child is not condition]
    return frozenset.intersection(*keys) if keys else frozenset()


def either(choices: list[frozenset[str]]) -> frozenset[str]:
    """The keys of a value that is one of several. The two sides of a full join make up a key between them."""
    everywhere = frozenset.intersection(*choices)
    found = frozenset[str]().union(*choices)
    whole = {each.split("?")[0] for each in found if each.endswith("<") and each[:-1] + ">" in found}
    return frozenset(each for each in everywhere if "?" not in each) | whole


def _tied(select: exp.Expr, inner: Scope) -> bool:
    """Whether the subquery's own conditions tie it to the row outside by a key."""
    return any(
        bool((inner.find(a) or NOTHING).keys & (inner.find(b) or NOTHING).keys)
        and (inner.holder(a) is None) != (inner.holder(b) is None)
        for a, b in equalities(select.args.get("where"))
    )
