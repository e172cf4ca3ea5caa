import pytest
from hypothesis import given, strategies as st

from engine.see.names import elided


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("layers[0].neurons[12].w[3]", "layers[0].neurons[12].w[3]"),
        ("net.layers[0].neurons[12].w[3]", "…layers[0].neurons[12].w[3]"),
        ("net.layers[0].neurons[12].cs[3]", "…layers[0].neurons[12].cs[3]"),
        ("encoder.blocks[11].neurons[12].weights[3]", "…neurons[12].weights[3]"),
        ("a.name_that_is_longer_than_what_fits", "…at_is_longer_than_what_fits"),
        ("what one says about a thing. And more", "what one says about a thing…"),
    ],
)
def test_of_a_path_the_end_stays(text: str, cut: str) -> None:
    assert elided(text) == cut


@given(st.text(max_size=60), st.integers(2, 40))
def test_a_cut_text_fits(text: str, length: int) -> None:
    result = elided(text, length)
    assert len(result) <= length
    assert result == text or "…" in result
