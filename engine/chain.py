"""The chain rule, as a walk from the output back to the inputs, one edge at a time."""

from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any, NamedTuple

from engine import ops
from engine.carrier import as_number
from engine.value import Value


class Step(NamedTuple):
    """One edge of the backward walk: upstream * partial is added to the input's gradient.

    `node` is the result z, whose gradient is `upstream`; `input` one of its operands; `partial` is ∂z/∂input.
    Both are floats, or carriers where `chain_rule` was asked for them.

    >>> step = next(chain_rule(2 * Value(3.0)))
    >>> step.upstream, step.partial, step.contribution
    (1.0, 2.0, 2.0)
    """

    node: Value
    input: Value
    upstream: Any
    partial: Any

    @property
    def contribution(self) -> Any:
        """What this edge adds: upstream * partial."""
        if type(self.upstream) is float and self.upstream == 1.0:
            return self.partial
        return self.upstream * self.partial


def interior(output: Value, *, detached: bool = False) -> list[Value]:
    """Return every recorded node that a sweep from output visits, operands before results; no recursion.

    The order depends on the graph alone. With `detached` what lies behind a detach is visited, too.
    """
    if type(output) is not Value:
        raise TypeError(f"the chain rule starts from a Value, got {output!r}")
    order: list[Value] = []
    seen: set[Value] = set()
    stack: list[Any] = [output]
    push, pop = stack.append, stack.pop
    while stack:
        v = pop()
        if v is None:  # all operands of the node below the mark are in
            order.append(pop())
        elif v.op is not None and v not in seen:
            seen.add(v)
            push(v)
            push(None)
            x, y = v.x, v.y
            if type(x) is Value:
                if detached or v.op.dx is not None:
                    push(x)
            elif type(x) is tuple:
                stack.extend(x)
            if type(y) is Value:
                push(y)
            elif type(y) is tuple:
                stack.extend(y)
    return order


def order(output: Value) -> list[Value]:
    """Return every node under output, leaves first, operands before results, detached ones included.

    >>> x = Value(2.0, label="x")
    >>> [v.label or v.op.name for v in order(x * x + x)]
    ['x', 'mul', 'add']
    """
    nodes = interior(output, detached=True)
    leaves = {v: None for node in nodes for v in node.inputs if v.op is None}
    return [*leaves, *nodes] if nodes else [output]


def _data(v: Value) -> Any:
    return v._data


def _edges(node: Value, carry: Callable[[Value], Any]) -> Iterator[tuple[Value, Any]]:
    """Yield (input, partial) for every operand of a node that is a Value and passes a gradient.

    The order is x, then y; of two lists x₁, y₁, x₂, y₂ and so on.
    """
    op = node.op
    if op is None:
        return
    raw = (node.x, node.y)[: op.arity]
    operands = tuple(
        carry(v) if type(v) is Value
        else tuple(map(carry, v)) if type(v) is tuple
        else v
        for v in raw
    )  # fmt: skip
    z = carry(node)
    slope = op.float_slope if carry is _data else op.slope
    walks = []
    for index, operand in enumerate(raw):
        if op.partials[index] is None:
            continue
        if type(operand) is Value:
            walks.append([(operand, slope(index, z, operands))])
        elif type(operand) is tuple:
            partials = slope(index, z, operands)
            if not isinstance(partials, (list, tuple)):
                partials = [partials] * len(operand)
            walks.append(list(zip(operand, partials, strict=True)))
    if len(walks) == 2 and len(walks[0]) == len(walks[1]):
        for pair in zip(*walks, strict=True):
            yield from pair
    else:
        yield from chain.from_iterable(walks)


def local_steps(node: Value) -> Iterator[Step]:
    """Yield the steps of one node, its own `grad` upstream.

    >>> x = Value(3.0)
    >>> y = x * x
    >>> y.backward()
    >>> [step.contribution for step in local_steps(y)]
    [3.0, 3.0]
    """
    for operand, partial in _edges(node, _data):
        yield Step(node, operand, node.grad, partial)


def chain_rule(output: Value, *, seed: Any = 1.0, carry: Callable[[Value], Any] = _data) -> Iterator[Step]:
    """Yield the steps of the sweep from output, whose own gradient is `seed`, and store nothing.

    It is reverse mode (Linnainmaa, 1970), edge by edge. `carry` gives the number that stands for a node, on
    which partials and products are formed: its data, or the node itself, to differentiate once more.

    Errors, at the steps: TypeError for an output that is no Value, a seed that is no number; TypeError and
    ArithmeticError where a partial of an op of one's own gives no number.

    >>> x = Value(3.0)
    >>> [(step.upstream, step.partial, step.contribution) for step in chain_rule(x * x)]
    [(1.0, 3.0, 3.0), (1.0, 3.0, 3.0)]
    """
    nodes = interior(output)
    gradients: dict[Value, Any] = {output: as_number(seed, "the seed of a sweep")}
    for node in reversed(nodes):
        upstream = gradients.pop(node)
        for operand, partial in _edges(node, carry):
            step = Step(node, operand, upstream, partial)
            yield step
            contribution = step.contribution
            before = gradients.get(operand)
            gradients[operand] = _first(contribution) if before is None else before + contribution


def _first(contribution: Any) -> Any:
    """Return what the first contribution makes of a gradient of 0.0: -0.0 becomes 0.0, as in the sweep."""
    return 0.0 + contribution if type(contribution) is float else contribution


def gradients(output: Value, inputs: list[Value], *, carry: Callable[[Value], Any] = _data) -> list[Any]:
    """Return ∂output/∂input for each input, 0.0 where output does not depend on it; store nothing."""
    found: dict[Value, Any] = {v: 1.0 if v is output else None for v in inputs}
    for step in chain_rule(output, carry=carry):
        if step.input in found:
            before = found[step.input]
            found[step.input] = _first(step.contribution) if before is None else before + step.contribution
    return [0.0 if found[v] is None else found[v] for v in inputs]


def sweep(output: Value) -> None:
    """Add ∂output/∂leaf to the grad of every leaf; give every recorded node its grad afresh.

    The same numbers as `chain_rule`, bit for bit, faster: no Step an edge, and the product rule written out.
    Errors: those of `chain_rule`.

    >>> x, y = Value(2.0), Value(3.0)
    >>> for _ in range(2):
    ...     (x * y).backward()
    >>> x.grad, y.grad
    (6.0, 4.0)
    """
    order = _zeroed(output)
    output.grad += 1.0
    second = ops.second
    for v in reversed(order):
        op: Any = v.op
        x, y, upstream, dx = v.x, v.y, v.grad, op.dx
        try:
            if type(x) is Value:
                if type(y) is Value:
                    if dx is second:
                        a = x._data
                        x.grad += upstream * y._data
                        y.grad += upstream * a
                        continue
                    dy = op.dy
                    if type(dx) is float and type(dy) is float:
                        x.grad += upstream * dx
                        y.grad += upstream * dy
                        continue
                    a, b, z = x._data, y._data, v._data
                    px = dx if type(dx) is float else dx(z, a, b)
                    py = dy if type(dy) is float else dy(z, a, b)
                    x.grad += upstream * px
                    y.grad += upstream * py
                    continue
                if type(y) is float:
                    px = y if dx is second else dx if type(dx) is float else dx(v._data, x._data, y)
                    x.grad += upstream * px
                    continue
                if y is None:
                    if dx is not None:
                        x.grad += upstream * (dx if type(dx) is float else dx(v._data, x._data))
                    continue
            elif type(y) is Value:
                dy = op.dy
                y.grad += upstream * (dy if type(dy) is float else dy(v._data, x, y._data))
                continue
            elif dx is second:
                if type(x) is tuple and type(y) is tuple:
                    for p, q in zip(x, y, strict=True):
                        a = p._data
                        p.grad += upstream * q._data
                        q.grad += upstream * a
                else:
                    operands, numbers = (x, y) if type(x) is tuple else (y, x)
                    for p, a in zip(operands, numbers, strict=True):
                        p.grad += upstream * a
                continue
        except (ArithmeticError, ValueError, TypeError):
            pass  # a partial met a pole, or gave no number: the walk of the chain rule knows what to do
        for operand, partial in _edges(v, _data):
            operand.grad += upstream * partial


def _zeroed(output: Value) -> list[Value]:
    """Return `interior(output)` with every grad set to 0.0; that very 0.0 marks the nodes already met.

    A node all of whose operands were met joins the order at once, without its turn on the stack. The neurons
    of a layer share one tuple of inputs: it is looked through once.
    """
    zero = float("0")  # an object of its own, unlike the constant 0.0
    met: tuple[Value, ...] = ()
    order: list[Value] = []
    stack: list[Any] = [output]
    push, pop, append = stack.append, stack.pop, order.append
    while stack:
        v = pop()
        if v is None:  # all operands of the node below the mark are in
            v = pop()
            append(v)
            if type(v.y) is tuple:
                met = v.y
            continue
        while v.grad is not zero and v.op is not None:
            v.grad = zero
            x, y = v.x, v.y
            pending: list[Value] = []
            if type(x) is Value:
                if x.op is not None and x.grad is not zero and v.op.dx is not None:
                    push(v)
                    push(None)
                    if type(y) is Value and y.op is not None:
                        push(x)
                        v = y
                    elif type(y) is tuple:
                        push(x)
                        stack.extend(y)
                    else:
                        v = x
                    continue
            elif type(x) is tuple:
                pending = [w for w in x if w.op is not None and w.grad is not zero]
            if type(y) is Value:
                if y.op is not None and y.grad is not zero:
                    pending.append(y)
            elif type(y) is tuple and y is not met:
                pending += [w for w in y if w.grad is not zero and w.op is not None]
            if not pending:
                append(v)
                break
            push(v)
            push(None)
            v = pending.pop()
            stack += pending
    return order


def pass_back(node: Value) -> None:
    """Add this one node's contributions to its operands, as micrograd's `_backward` does by hand."""
    for step in local_steps(node):
        step.input.grad += step.contribution


sweep.__qualname__ = "Value.backward"  # what Python's own errors call it
Value.backward = sweep  # type: ignore[assignment,method-assign]
Value._backward = pass_back  # type: ignore[assignment,method-assign]
