"""The size of the gradient in each layer."""

from typing import Any

from nn.module import Module
from nn.plot.axes import EDGE, INK, SOFT, captioned, dressed, logarithmic
from nn.sizes import gradient_sizes

DECADES = 100
"""From this ratio of the largest size to the smallest on, the scale is logarithmic."""


def gradients(model: Module, ax: Any = None) -> Any:
    """Draw the root mean square of the gradients, layer by layer, the first at the top, after a sweep.

    Sizes that lie two decades or more apart stand on a logarithmic scale, on which a 0 has no bar. Biases
    are hatched.

    Errors: ValueError where every gradient is 0, FloatingPointError naming one that is not finite, TypeError
    for what is no Module.

    >>> from nn import Neuron
    >>> model = Neuron(2, nonlin=False)
    >>> model([3.0, 4.0]).backward()
    >>> [text.get_text() for text in gradients(model).get_yticklabels()]
    ['w', 'b']
    """
    rows = gradient_sizes(model)
    present = [row.size for row in rows if row.size > 0]
    if not present:
        total = sum(row.parameters for row in rows)
        raise ValueError(
            f"there is no gradient to draw, all {total} are 0: call loss.backward() first; if that was done, "
            "no route leads from the loss to a parameter, which engine.why(loss, parameter) shows"
        )
    ax = dressed(ax, 6.4, 1.2 + 0.4 * len(rows))
    spread = max(present) >= DECADES * min(present)
    if spread:
        logarithmic(ax.xaxis, min(present), max(present))
        ax.set_xlim(min(present) / 3, max(present) * 3)
    else:
        ax.set_xlim(0, max(present) * 1.2)
        ax.ticklabel_format(axis="x", scilimits=(-3, 4), useMathText=True)
    for i, row in enumerate(rows):
        is_bias = row.name.split(".")[-1] == "b"
        ax.barh(
            i, row.size, height=0.62, facecolor="none" if is_bias else EDGE, edgecolor=SOFT,
            hatch="////" if is_bias else None,
        )  # fmt: skip
        end = row.size or ax.get_xlim()[0]
        ax.annotate(
            f"{row.size:.2g}", (end, i), xytext=(4, 0), textcoords="offset points", va="center",
            fontsize=9, color=INK,
        )  # fmt: skip
    ax.set_yticks(range(len(rows)), [row.name for row in rows])
    ax.invert_yaxis()
    ax.set_xlabel("root mean square of the gradients" + (" (logarithmic scale)" if spread else ""))
    captioned(ax, f"gradients of {model.describe()}")
    return ax
