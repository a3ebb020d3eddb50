"""Reads a query step by step: what each column comes from, and whether a part of the rows is enough to compute it.

A source is either *split* by the view's key, so that a part holds all rows of some keys, or *whole*: every part sees
all of it. A step of split rows may join, group, number and filter them as it likes, as long as the key is among the
columns that it joins, groups or numbers by; then no row needs one of another part, and the result is split too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from sqlglot import exp

from valfardsbrott.features_lint.expressions import Expressions, either, equalities
from valfardsbrott.features_lint.origin import NOTHING, Origin, Relation, Scope
from valfardsbrott.features_lint.places import in_query

Steps = Mapping[str, Relation]
#: Aggregates that the parser knows as mere functions.
_AGGREGATES = frozenset({"product", "histogram", "entropy", "bitstring_agg", "mad", "kurtosis_pop", "geomean"})


class Lineage:
    """One query over its ``sources``.

    ``problems``: where in the query, and what, in the order of reading. ``never_read``, as `Origin.never`, and
    ``unknown``, names that no source has: each with where it is read first.
    """

    def __init__(self, sources: Mapping[str, Relation]) -> None:
        self._sources = sources
        self._joins = 0
        self.problems: list[tuple[str, str]] = []
        self._expressions = Expressions(self._tell, self._asked)

    @property
    def never_read(self) -> dict[str, str]:
        return self._expressions.never_read

    @property
    def unknown(self) -> dict[str, str]:
        return self._expressions.unknown

    def read(self, query: exp.Expr) -> Relation:
        """What the query gives."""
        return self._query(query, {}, None)[0]

    def _tell(self, message: str, node: exp.Expr) -> None:
        text = " ".join(node.sql(dialect="duckdb").split())
        text = text if len(text) <= 90 else f"{text[:87]}..."
        if (problem := (in_query(node), f"{message}: {text}")) not in self.problems:
            self.problems.append(problem)

    def _asked(self, node: exp.Expr, scope: Scope) -> tuple[Relation, Scope]:
        return self._query(node, self._steps, scope)

    def _query(self, node: exp.Expr, steps: Steps, outer: Scope | None) -> tuple[Relation, Scope]:
        """What the query gives, and the tables of its (last) select."""
        steps = {**steps, **self._with(node, steps, outer)}
        if isinstance(node, exp.Subquery):
            return self._query(node.this, steps, outer)
        if isinstance(node, exp.SetOperation):
            return self._set(node, steps, outer)
        if not isinstance(node, exp.Select):
            return Relation({}), Scope(outer)
        before, self._steps = getattr(self, "_steps", {}), steps
        try:
            return self._select(node, steps, outer)
        finally:
            self._steps = before

    def _with(self, node: exp.Expr, steps: Steps, outer: Scope | None) -> dict[str, Relation]:
        found: dict[str, Relation] = {}
        with_ = node.args.get("with_")
        for step in with_.expressions if with_ else ():
            relation, _ = self._query(step.this, {**steps, **found}, outer)
            found[step.alias.lower()] = _renamed(relation, step)
        return found

    def _set(self, node: exp.SetOperation, steps: Steps, outer: Scope | None) -> tuple[Relation, Scope]:
        (left, _), (right, scope) = (self._query(side, steps, outer) for side in (node.this, node.expression))
        if left.split != right.split:
            self._tell("adds rows that every part sees to rows that are split", node.expression)
        if node.args.get("by_name"):
            names = dict.fromkeys([*left.columns, *right.columns])
            pairs = {name: (left.columns.get(name, NOTHING), right.columns.get(name, NOTHING)) for name in names}
        else:
            both = zip(left.columns.items(), right.columns.values(), strict=False)
            pairs = {name: (one, other) for (name, one), other in both}
        columns = {
            name: Origin(a.keys & b.keys, a.person or b.person, a.never | b.never) for name, (a, b) in pairs.items()
        }
        split = left.split or right.split
        if split and (node.args.get("distinct") or not isinstance(node, exp.Union)) and not _any_key(columns.values()):
            self._tell("compares rows of all parts", node.expression)
        return Relation(columns, split), scope

    def _select(self, node: exp.Select, steps: Steps, outer: Scope | None) -> tuple[Relation, Scope]:
        scope = Scope(outer)
        source = node.args.get("from_")
        if source is not None:
            alias, relation = self._item(source.this, steps, scope)
            scope.tables[alias], scope.split = dict(relation.columns), relation.split
        for join in node.args.get("joins") or ():
            self._join(join, node, steps, scope)
        for clause in ("where", "having", "qualify"):
            if node.args.get(clause) is not None:
                self._expressions.origin(node.args[clause].this, scope)
        columns = self._projections(node, scope)
        if scope.split:
            self._windows(node, scope)
            self._grouped(node, scope)
            self._distinct(node, columns, scope)
            if any(node.args.get(each) is not None for each in ("limit", "offset", "sample")):
                self._tell("takes some of all rows (limit)", node)
        return Relation(columns, scope.split), scope

    def _item(self, node: exp.Expr, steps: Steps, scope: Scope) -> tuple[str, Relation]:
        """A table in from or join: its alias and what it gives."""
        alias = node.alias_or_name.lower()
        if isinstance(node, exp.Table):
            name = node.name.lower()
            if name in steps:
                return alias, _renamed(steps[name], node)
            if node.alias_column_names:
                self._tell("renames a table's columns by their place", node)
            return alias, self._sources.get(name, Relation({}))
        if isinstance(node, exp.Lateral):
            return alias, _renamed(self._query(node.this, steps, scope)[0], node)
        if isinstance(node, exp.Subquery):
            relation = _renamed(self._query(node, steps, None)[0], node)
            return alias or f"#{len(scope.tables)}", relation
        return alias or f"#{len(scope.tables)}", Relation({})

    def _join(self, join: exp.Join, select: exp.Select, steps: Steps, scope: Scope) -> None:
        alias, right = self._item(join.this, steps, scope)
        side, kind = (join.args.get(each, "").upper() for each in ("side", "kind"))
        using = [each.name.lower() for each in join.args.get("using") or ()]
        left = {name: scope.find(exp.column(name)) or NOTHING for name in using}
        scope.tables[alias] = dict(right.columns)
        pairs = [(left[name], right.columns.get(name, NOTHING)) for name in using]
        condition = join.args.get("on")
        equal = equalities(condition) + (equalities(select.args.get("where")) if not side and not kind else [])
        equal = [each for each in equal if (scope.holder(each[0]) == alias) != (scope.holder(each[1]) == alias)]
        pairs += [(scope.find(a) or NOTHING, scope.find(b) or NOTHING) for a, b in equal]
        if condition is not None:
            self._expressions.origin(condition, scope)
        linked = any(a.keys & b.keys for a, b in pairs)
        to_key = any(a.keys or b.keys for a, b in pairs)
        problem = _reaches(side, kind, left=scope.split, right=right.split, linked=linked, to_key=to_key)
        if problem:
            self._tell(problem, join)
        if kind in {"SEMI", "ANTI"}:
            del scope.tables[alias]
        self._merge(side, alias, using, left, scope)
        if not side and kind != "ANTI":
            for (a, b), (one, other) in zip(equal, pairs[len(using) :], strict=True):
                scope.learn(a, other.keys)
                scope.learn(b, one.keys)
        scope.split = scope.split or (right.split and kind != "ANTI")

    def _merge(self, side: str, alias: str, using: list[str], left: dict[str, Origin], scope: Scope) -> None:
        """Which keys are left of the columns of either side, where a row may be without its partner."""
        right = scope.tables.get(alias, {})
        self._joins += 1
        halves = {}
        if side in {"FULL", "RIGHT"}:
            for name, columns in scope.tables.items():
                mark = f"?{self._joins}{'>' if name == alias else '<'}"
                halves[name] = {key: _half(value, mark) for key, value in columns.items()}
            merged = {
                name: _half(left[name], f"?{self._joins}<").with_keys(
                    either([_half(left[name], f"?{self._joins}<").keys, halves[alias].get(name, NOTHING).keys])
                )
                for name in using
            }
            scope.tables.update(halves)
        elif side == "LEFT":
            merged = left
            scope.tables[alias] = {name: value.without_keys() for name, value in right.items()}
        else:
            merged = {name: left[name].with_keys(right.get(name, NOTHING).keys) for name in using}
        scope.merged |= merged

    def _projections(self, node: exp.Select, scope: Scope) -> dict[str, Origin]:
        columns: dict[str, Origin] = {}
        for each in node.expressions:
            inner = each.this if isinstance(each, exp.Column) else each
            if isinstance(inner, exp.Star):
                columns |= scope.everything(each.table if isinstance(each, exp.Column) else "")
                continue
            name = each.alias_or_name.lower() or f"#{len(columns)}"
            columns[name] = scope.aliases[name] = self._expressions.origin(each, scope)
        return columns

    def _grouped(self, node: exp.Select, scope: Scope) -> None:
        group = node.args.get("group")
        if group is None:
            if any(True for each in node.expressions for _ in _aggregates(each)):
                self._tell("adds up the rows of all parts", node)
            return
        if group.args.get("all"):
            by = [each for each in node.expressions if not any(True for _ in _aggregates(each))]
        else:
            by = [_ordinal(each, node) for each in group.expressions]
        odd = any(group.args.get(each) for each in ("rollup", "cube", "grouping_sets"))
        if odd or not _any_key(self._expressions.origin(each, scope) for each in by):
            self._tell("groups rows of several parts", node)

    def _distinct(self, node: exp.Select, columns: Mapping[str, Origin], scope: Scope) -> None:
        """``distinct on (...)`` keeps a row for each value of what it names, ``distinct`` for each row."""
        distinct = node.args.get("distinct")
        on = distinct.args.get("on") if distinct is not None else None
        by = [self._expressions.origin(each, scope) for each in on.expressions] if on is not None else columns.values()
        if distinct is not None and not _any_key(by):
            self._tell("tells rows of all parts apart (distinct without the key)", node)

    def _windows(self, node: exp.Select, scope: Scope) -> None:
        named = {each.name.lower(): each for each in node.args.get("windows") or ()}
        parts = [*node.expressions, *(node.args[each] for each in ("qualify", "order") if node.args.get(each))]
        for each in (found for part in parts for found in _own(part) if isinstance(found, exp.Window)):
            by = each.args.get("partition_by") or []
            base = named.get(each.alias.lower()) if each.alias else None
            by = [*by, *(base.args.get("partition_by") or [] if base else [])]
            if not _any_key(self._expressions.origin(column, scope) for column in by):
                self._tell("looks over rows of several parts", each)


def _renamed(relation: Relation, node: exp.Expr) -> Relation:
    """The relation under the names that ``as step(a, b)`` gives its columns, in their order."""
    names = [name.lower() for name in node.alias_column_names]
    if not names:
        return relation
    values = [*relation.columns.values(), *([NOTHING] * len(names))]
    return Relation(dict(zip(names, values, strict=False)), relation.split)


def _reaches(side: str, kind: str, *, left: bool, right: bool, linked: bool, to_key: bool) -> str | None:
    """What is wrong with a join, given which sides are split and whether it is by the key."""
    if left and right:
        return None if linked else "joins rows of different parts (not by the key)"
    if not right:
        return "keeps, in every part, rows that every part sees" if left and side in {"FULL", "RIGHT"} else None
    if kind == "SEMI" and to_key:
        return None
    if left or side or kind in {"SEMI", "ANTI"}:
        return "keeps, in every part, rows that every part sees"
    return None


def _half(value: Origin, mark: str) -> Origin:
    keys = frozenset(each + mark for each in value.keys if "?" not in each)
    return Origin(keys, value.person, value.never)


def _any_key(origins: Iterable[Origin]) -> bool:
    return any("?" not in key for origin in origins for key in origin.keys)


def _ordinal(node: exp.Expr, select: exp.Select) -> exp.Expr:
    """``group by 1`` means the first column."""
    if isinstance(node, exp.Literal) and node.is_int:
        found = select.expressions[int(node.name) - 1]
        return found if isinstance(found, exp.Expr) else node
    return node


def _own(node: exp.Expr) -> Iterator[exp.Expr]:
    """The expression and its parts, without those of queries inside it."""
    return node.walk(prune=lambda each: isinstance(each, exp.Query) and each is not node)


def _aggregates(node: exp.Expr) -> Iterator[exp.Expr]:
    """Aggregates in the expression; those over a window add nothing up."""
    for each in _own(node):
        known = isinstance(each, exp.AggFunc) or (isinstance(each, exp.Anonymous) and each.name.lower() in _AGGREGATES)
        over = each.parent.parent if isinstance(each.parent, exp.Filter) else each.parent
        if known and not isinstance(over, exp.Window):
            yield each
