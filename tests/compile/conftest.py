"""What several tests of compiled programs need."""

from collections.abc import Iterator

import pytest

from engine.optional import load


@pytest.fixture
def float64() -> Iterator[None]:
    """Let JAX compute in float64, in one test alone."""
    config = load("jax").config
    before = config.jax_enable_x64
    config.update("jax_enable_x64", True)
    yield
    config.update("jax_enable_x64", before)
