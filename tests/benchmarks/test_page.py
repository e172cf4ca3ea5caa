"""How long the page takes in a browser: until it is first painted, and for one step."""

import pytest

from tests.browser.conftest import chromium, opened, pages  # noqa: F401
from tests.see.computations import COMPUTATIONS

PAINTED = "performance.getEntriesByName('first-contentful-paint').length"
PAINT = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
STEP = """forward => {
  const start = performance.now();
  dispatchEvent(new KeyboardEvent("keydown", { key: forward ? "ArrowRight" : "ArrowLeft" }));
  document.body.getBoundingClientRect();
  return performance.now() - start;
}"""


@pytest.mark.parametrize("name", COMPUTATIONS)
def test_steps_of_a_page(benchmark, opened, capsys, name):  # noqa: F811
    """The benchmark's own time is that of a call to the browser; the page's is printed, in milliseconds."""
    shown = opened(name)
    shown.wait_for_function(PAINTED)
    times = []
    benchmark.pedantic(lambda: times.append(shown.evaluate(STEP, len(times) % 40 < 20)), rounds=60)
    times.sort()
    with capsys.disabled():
        paint = shown.evaluate(PAINT)
        print(f"\n{name}: first paint {paint:.0f} ms, step {times[30]:.1f} ms (95 %: {times[56]:.1f})")
