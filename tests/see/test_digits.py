import math

import pytest
from hypothesis import given, strategies as st

from engine.see.digits import FIGURE_SPACE, MINUS, aligned, short, signed


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.70710678, "0.7071"),
        (2.0, "2.0"),
        (-6.0, "−6.0"),
        (6.88137358, "6.8814"),
        (1.23e-7, "1.23e−7"),
        (-1e-7, "−1.0e−7"),
        (4.9999e-4, "5.0e−4"),
        (5e-4, "0.0005"),
        (99999.0, "99999.0"),
        (99999.99999, "1.0e5"),
        (123456.0, "1.23e5"),
        (0.0, "0.0"),
        (-0.0, "−0.0"),
        (math.nan, "nan"),
        (math.inf, "inf"),
        (-math.inf, "−inf"),
        (5e-324, "4.94e−324"),
    ],
)
def test_text_of_a_number(number: float, text: str) -> None:
    assert short(number) == text


@given(st.floats(-1e308, 1e308))
def test_a_short_number_is_near_the_number_and_keeps_its_sign(number: float) -> None:
    text = short(number).replace(MINUS, "-")
    assert math.isclose(float(text), number, rel_tol=0.0051, abs_tol=5.1e-5 if abs(number) >= 5e-4 else 0.0)
    assert math.copysign(1.0, float(text)) == math.copysign(1.0, number)
    digits, _, _ = text.partition("e")
    assert 1 <= len(digits.partition(".")[2]) <= 4


@given(st.floats())
def test_a_signed_number_starts_with_three_bytes_of_sign(number: float) -> None:
    assert signed(number)[0] in (MINUS, FIGURE_SPACE)
    assert len(signed(number)[0].encode()) == 3


@given(st.lists(st.floats(), min_size=1))
def test_points_stand_in_one_column(numbers: list[float]) -> None:
    texts = aligned(map(short, numbers))
    assert len({len(text) for text in texts}) == 1
    assert len({text.index(".") for text in texts if "." in text}) <= 1
    assert [text.strip() for text in texts] == [short(x) for x in numbers]
