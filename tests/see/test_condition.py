import math

import pytest
from hypothesis import given, strategies as st

from engine.see.condition import condition

STEP = {
    "step": 7, "node": "y", "op": "*", "input": "x",
    "upstream": 0.5, "partial": -3.0, "contribution": -1.5, "gradient": math.inf,
}  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "abs(contribution) > 1", "contribution < -1", "-contribution == 1.5", "inf", "isinf(gradient)",
        "not isnan(grad)", "upstream * partial == contribution", "0 < upstream < 1",
        "op == '*' and node == 'y'",
        "step >= 7 or partial > 0", "partial != 3", "isfinite(partial)", "partial + 3 == 0", " step - 7 == 0",
    ],
)  # fmt: skip
def test_what_holds(text: str) -> None:
    assert condition(text)(STEP) is True


@pytest.mark.parametrize(
    "text", ["nan", "abs(contribution) > 2", "value > 0", "0 < step < 7", "input == 'y'", "data == 1"]
)
def test_what_does_not(text: str) -> None:
    """A name that a step lacks makes no condition true."""
    assert condition(text)(STEP) is False


@pytest.mark.parametrize(
    ("text", "complaint", "column"),
    [
        ("slope > 1", "unknown name 'slope'", 0),
        ("gradient > slope", "unknown name 'slope'", 11),
        ("gradient >", "this is no expression", 10),
        ("", "this is no expression", 0),
        ("gradient.real > 1", "this cannot stand in a condition", 0),
        ("open('x')", "this cannot stand in a condition", 0),
        ("abs(gradient, 2)", "this cannot stand in a condition", 0),
        ("gradient ** 2 > 1", "this cannot stand in a condition", 0),
        ("[gradient]", "this cannot stand in a condition", 0),
        ("'ä' == node or slope", "unknown name 'slope'", 15),
    ],
)
def test_no_condition_is_told_with_its_place(text: str, complaint: str, column: int) -> None:
    with pytest.raises(ValueError) as raised:
        condition(text)
    lines = str(raised.value).splitlines()
    assert lines[0] == f"{complaint}:" and lines[1] == f"    {text}"
    assert lines[2].index("^") - 4 == column
    assert "abs(gradient) > 10" in lines[3]


def test_a_text_beside_a_number() -> None:
    with pytest.raises(ValueError, match="cannot be decided"):
        condition("node > 1")(STEP)


def test_a_condition_nested_too_deep() -> None:
    with pytest.raises(ValueError, match="this is no expression"):
        condition("(" * 5000 + "1" + ")" * 5000)
    with pytest.raises(ValueError, match="this is no expression"):
        condition("-" * 5000 + "step")


@given(st.text(max_size=40))
def test_any_text_is_a_condition_or_a_clear_error(text: str) -> None:
    try:
        told = condition(text)(STEP)
    except ValueError as error:
        assert "a condition compares" in str(error)
    else:
        assert told in (True, False)
