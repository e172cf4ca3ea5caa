"""One trainer in a process of its own: it takes a step for every line `step`, and answers with the loss."""

import gc
import json
import sys
from contextlib import nullcontext
from typing import Any

from tests.benchmarks.workloads import moons, seeded, training


def main(library: str, explicit: bool, collector: str) -> None:
    """Serve steps of `library` ("ours" or "micrograd") with the collector "paused", "on" or "off"."""
    pause: Any = nullcontext
    if library == "ours":
        import engine
        import nn
        from engine import Value

        model = seeded(lambda: nn.MLP(2, [16, 16, 1], explicit=explicit))
        if collector == "paused":
            pause = engine.paused_gc
    else:
        from micrograd.engine import Value
        from micrograd.nn import MLP

        sys.setrecursionlimit(20_000)
        model = seeded(lambda: MLP(2, [16, 16, 1]))
    if collector == "off":
        gc.disable()
    steps = training(model, moons(), Value, pause)
    for order in sys.stdin:
        print(json.dumps(gc.collect() if order.strip() == "collect" else next(steps)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2] == "explicit", sys.argv[3])
