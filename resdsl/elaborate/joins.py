"""Where flows meet: sums, products, concatenations, and why they cannot."""

from __future__ import annotations

from resdsl import arithmetic, graph, syntax
from resdsl.diagnostics import Fix, Label, error
from resdsl.elaborate.meanings import LET_THROUGH
from resdsl.elaborate.numbers import Numbers
from resdsl.graph import AnyNode
from resdsl.ops import Type, is_list, shapes, show


class Joins(Numbers):
    """The joins of flows that ran."""

    def join(
        self, expr: syntax.Infix, operator: str, left: AnyNode | graph.Constant | None,
        right: AnyNode | graph.Constant | None, first: syntax.Expr, item: syntax.Expr, x: Type,
    ) -> AnyNode | graph.Constant | None:  # fmt: skip
        if operator in ("//", "%"):
            fix = Fix("flows take `+ - * /` and `++`")
            raise error("E0302", f"`{operator}` works on numbers, and this is a flow", Label(first.span), fixes=[fix])
        if isinstance(left, graph.Constant) and isinstance(right, graph.Constant):
            with self.worked_out(expr):
                value = arithmetic.infix([left.value, right.value], (operator,))
            assert isinstance(value, int | float)
            return graph.Constant(value=value)
        if left is None or right is None:
            if operator in ("-", "/") and left is None and right is not None:
                fix = Fix("write `0 - flow` for the flow with its sign turned" if operator == "-" else LET_THROUGH)
                raise error("E0302", f"`none` cannot stand before `{operator}`", Label(first.span), fixes=[fix])
            return right if left is None else left
        types = [n.output for n in (left, right) if not isinstance(n, graph.Constant)]
        for n in types:
            if is_list(n):
                raise error(
                    "E0302",
                    f"`{operator}` joins two flows, and one of these is a list of {len(n)}",
                    Label(expr.span),
                    fixes=[Fix("write `-> sum` to add the items of a list, or index it")],
                )
        output = types[0] if len(types) == 1 else self.meet(operator, left, right, first, item)
        same = (
            operator == "+"
            and isinstance(left, graph.Join)
            and left.operator == "+"
            and left.label is None
            and left.at == self.at(expr.span)
        )
        items = (*left.items, right) if same and isinstance(left, graph.Join) else (left, right)
        return graph.Join(operator=operator, items=items, input=x, output=output, at=self.at(expr.span))  # type: ignore[arg-type]

    def meet(
        self,
        operator: str,
        left: AnyNode | graph.Constant,
        right: AnyNode | graph.Constant,
        first: syntax.Expr,
        item: syntax.Expr,
    ) -> Type:
        """The shape of a sum or product of two flows."""
        assert not isinstance(left, graph.Constant) and not isinstance(right, graph.Constant)
        a, b = shapes(left.output)[0], shapes(right.output)[0]
        if a == b:
            return a
        if operator in ("*", "/") and len(a) == len(b) and all(m == n or n == 1 for m, n in zip(a, b, strict=True)):
            return a  # size-1 axes of the right side broadcast
        wrong = {
            "+": f"add {show(a)} and {show(b)}",
            "-": f"subtract {show(b)} from {show(a)}",
            "*": f"multiply {show(a)} by {show(b)}",
            "/": f"divide {show(a)} by {show(b)}",
        }[operator]
        labels = [
            Label(first.span if left.at == self.at(first.span) else self.span(left.at), f"this is {show(a)}"),
            Label(item.span, f"and this is {show(b)}"),
        ]
        labels += self.origins(left, right)
        raise error("E0301", f"cannot {wrong}", *labels, fixes=self.mends(operator, a, b))

    def mends(self, operator: str, a: tuple[int, ...], b: tuple[int, ...]) -> list[Fix]:
        if operator in ("*", "/"):
            if len(a) == len(b) and all(m == n or m == 1 for m, n in zip(a, b, strict=True)):
                return [Fix("write the larger side first: only the right side of `*` spreads over axes of size 1")]
            return [Fix("make the right side as large as the left, or of size 1 along an axis")]
        if len(a) == len(b) and all(m == n or 1 in (m, n) for m, n in zip(a, b, strict=True)):
            return [Fix("only `*` and `/` spread over axes of size 1; a sum takes equal shapes")]
        if len(a) != len(b):
            return [Fix("bring both sides to one rank: `flatten`, or `globalpool`")]
        if a[1:] == b[1:]:
            wide = max(a[0], b[0])
            return [
                Fix(f"give both sides one width: project the shortcut, as with `conv({wide}, 1)`, or `zeropad({wide})`")
            ]
        if a[0] != b[0]:
            return [Fix("the shortcut must change its shape as the branch does: `conv(width, 1, stride)`")]
        near = all(abs(m - n) <= 1 for m, n in zip(a[1:], b[1:], strict=True))
        return [
            Fix("one side rounds an odd size down and the other up: `ceil = true` on a pool, or another padding")
            if near
            else Fix("give both sides one stride in all")
        ]

    def origins(self, left: AnyNode, right: AnyNode) -> list[Label]:
        """Where the shapes that do not meet came from: the op on each side that made the first differing axis."""
        labels = []
        for node, other in ((left, right), (right, left)):
            a, b = shapes(node.output)[0], shapes(other.output)[0]
            axis = next((i for i, (m, n) in enumerate(zip(a, b, strict=False)) if m != n), 0)
            at = self.origin(node, axis)
            if at is not None and at not in (left.at, right.at):
                what = f"{a[axis]} channels" if axis == 0 else f"{a[axis]} positions"
                labels.append(Label(self.span(at), f"{what} come from here"))
        return labels

    def origin(self, node: AnyNode, axis: int) -> graph.Place | None:
        """The text of the last op that changed an axis on the way through a node."""
        if is_list(node.output):
            return None

        def changed(n: AnyNode) -> bool:
            if is_list(n.input) or is_list(n.output):
                return True
            before, after = shapes(n.input)[0], shapes(n.output)[0]
            return len(before) != len(after) or (axis < len(before) and before[axis] != after[axis])

        match node:
            case graph.Step() | graph.Use():
                return node.at
            case graph.Call():
                return self.origin(self.instances[node.instance].body, axis) or node.at
            case graph.Chain() | graph.Body():
                for item in reversed(graph.children(node)):
                    if changed(item):
                        return self.origin(item, axis)
                return None
            case graph.Join() | graph.Repeat():
                for item in graph.children(node):
                    if changed(item):
                        return self.origin(item, axis)
                return None
            case _:
                return node.at
