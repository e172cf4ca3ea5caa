"""What a run begins and ends with: the batch copied in, the losses added up, a look at what is not finite."""

from typing import Any

from engine.compile.llvm_kernel import SLOTS, Kernel

CHAINS = 8
"""So many sums are added up side by side."""


def emit_given(kernel: Kernel) -> None:
    """Emit the copy of a batch to its rows; lanes beyond the batch repeat its last sample.

    Nothing else writes to these rows: the same batch need not be copied twice. Its arguments: how many
    numbers, the places of their rows and of which number each is; how many indices; the seed: whether there
    is one, its buffer, its row, whether it has lanes: there 1 / samples, 0 beyond.
    """
    b = kernel.builder
    kernel.slot("table")
    stride, size, values = kernel.slot("stride"), kernel.slot("size"), kernel.slot("V")
    given, given_stride = kernel.slot("given"), kernel.slot("given_stride")
    whole, whole_stride, indices = kernel.slot("whole"), kernel.slot("whole_stride"), kernel.slot("indices")
    share = kernel.slot("share")
    count, rows, numbers, index_count = (kernel.argument() for _ in range(4))
    has_seed, buffer, seed, laned = (kernel.argument() for _ in range(4))
    last = b.sub(size, kernel.whole(1))
    full = b.sub(size, b.srem(size, kernel.whole(kernel.width)))
    with kernel.loop(count) as k:
        target = b.mul(kernel.entry(b.add(rows, k)), stride)
        source = b.mul(kernel.entry(b.add(numbers, k)), given_stride)
        done = kernel.whole(0)
        for step in (CHAINS * kernel.width, kernel.width):
            end = b.sub(full, b.srem(full, kernel.whole(step)))
            with kernel.loop(end, done, step=step) as lane:
                places = [b.add(lane, kernel.whole(first)) for first in range(0, step, kernel.width)]
                found = [kernel.numbers(given, b.add(source, place)) for place in places]
                for place, x in zip(places, found, strict=True):
                    kernel.put(x, values, b.add(target, place))
            done = end
        with kernel.loop(stride, full) as lane:
            nearest = b.select(b.icmp_signed("<", lane, size), lane, last)
            kernel.put(kernel.number(given, b.add(source, nearest)), values, b.add(target, lane))
    with kernel.loop(index_count) as k:
        target, source = b.mul(k, stride), b.mul(k, whole_stride)
        with kernel.loop(stride) as lane:
            nearest = b.select(b.icmp_signed("<", lane, size), lane, last)
            x = b.load(kernel.at(whole, b.add(source, nearest), kernel.long), typ=kernel.long)
            b.store(x, kernel.at(indices, b.add(target, lane), kernel.long))
    with kernel.only_if(b.icmp_signed("!=", has_seed, kernel.whole(0))):
        place = kernel.at(kernel.function.args[0], buffer, kernel.long)
        held = b.load(place, typ=kernel.pointer)
        is_laned = b.icmp_signed("!=", laned, kernel.whole(0))
        lanes = b.select(is_laned, stride, kernel.whole(1))
        x = b.select(is_laned, share, kernel.ir.Constant(kernel.double, 1.0))
        with kernel.loop(lanes) as lane:
            one = b.select(b.icmp_signed("<", lane, size), x, kernel.ir.Constant(kernel.double, 0.0))
            kernel.put(one, held, b.add(b.mul(seed, lanes), lane))


def emit_result(kernel: Kernel) -> None:
    """Emit the sum of an output over the samples; its arguments: buffer, row, whether it has lanes."""
    b = kernel.builder
    stride, size, result = kernel.slot("stride"), kernel.slot("size"), kernel.slot("result")
    buffer, row, laned = (kernel.argument() for _ in range(3))
    held = b.load(kernel.at(kernel.function.args[0], buffer, kernel.long), typ=kernel.pointer)
    is_laned = b.icmp_signed("!=", laned, kernel.whole(0))
    first = b.select(is_laned, b.mul(row, stride), row)
    step = b.select(is_laned, kernel.whole(1), kernel.whole(0))
    many, room = kernel.room(kernel.vector), kernel.room(kernel.double)
    b.store(kernel.splat(0.0), many)
    full = b.select(is_laned, b.sub(size, b.srem(size, kernel.whole(kernel.width))), kernel.whole(0))
    with kernel.loop(full, step=kernel.width) as lane:
        x = kernel.numbers(held, b.add(first, lane))
        b.store(b.fadd(b.load(many, typ=kernel.vector), x), many)
    b.store(kernel.total(b.load(many, typ=kernel.vector)), room)
    with kernel.loop(size, full) as lane:
        x = kernel.number(held, b.add(first, b.mul(lane, step)))
        b.store(b.fadd(b.load(room, typ=kernel.double), x), room)
    kernel.put(b.load(room, typ=kernel.double), result, kernel.whole(0))


def emit_finite(kernel: Kernel) -> None:
    """Emit the sum of 0 * x over the gradient, nan where some x is not finite; its argument: how many."""
    b = kernel.builder
    gradient, result = kernel.slot("D"), kernel.slot("result")
    count = kernel.argument()
    rooms = [kernel.room(kernel.vector) for _ in range(CHAINS)]
    for room in rooms:
        b.store(kernel.splat(0.0), room)

    def more(x: Any, room: Any) -> None:
        total = b.load(room, typ=kernel.vector)
        b.store(kernel.fma(x, kernel.splat(0.0), total), room)

    done = kernel.whole(0)
    for step in (CHAINS * kernel.width, kernel.width):
        end = b.sub(count, b.srem(count, kernel.whole(step)))
        with kernel.loop(end, done, step=step) as i:
            for n in range(step // kernel.width):
                more(kernel.numbers(gradient, b.add(i, kernel.whole(n * kernel.width))), rooms[n])
        done = end
    with kernel.loop(count, done) as i:
        more(kernel.spread(kernel.number(gradient, i)), rooms[0])
    found = [b.load(room, typ=kernel.vector) for room in rooms]
    while len(found) > 1:
        found = [b.fadd(x, y) for x, y in zip(found[::2], found[1::2], strict=True)]
    kernel.put(kernel.total(found[0]), result, kernel.whole(1))


def seed_arguments(seed: tuple[str, int] | None) -> tuple[int, int, int, int]:
    """Return the arguments that say where the seed of the reverse pass goes."""
    if seed is None:
        return 0, 0, 0, 0
    return 1, SLOTS.index(seed[0]), seed[1], int(seed[0] == "G")
