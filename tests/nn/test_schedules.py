"""Schedules: torch's rates, what they are by hand, every refusal."""

import math
import pickle

import pytest
from hypothesis import given, strategies as st

from nn import constant, cosine, step_decay, warm_up

rates = st.floats(1e-6, 10)
counts = st.integers(1, 40)
UPDATES = 60


def torchs(rate, make):
    """The rates of a torch scheduler, `make(schedulers, optimizer)`, update by update."""
    torch = pytest.importorskip("torch")
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], rate)
    scheduler = make(torch.optim.lr_scheduler, optimizer)
    for _ in range(UPDATES):
        yield optimizer.param_groups[0]["lr"]
        optimizer.step()
        scheduler.step()


def close(schedule, rates):
    return [schedule(number) for number in range(UPDATES)] == pytest.approx(list(rates), rel=1e-12, abs=1e-12)


@given(rates, counts, st.floats(0.1, 1))
def test_step_decay_is_torchs(rate, every, factor):
    assert close(
        step_decay(rate, every, factor),
        torchs(rate, lambda lr, optimizer: lr.StepLR(optimizer, every, factor)),
    )


@given(rates, st.integers(UPDATES, 100), st.floats(0, 1))
def test_cosine_is_torchs(rate, over, share):
    floor = share * rate
    assert close(
        cosine(rate, over, floor),
        torchs(rate, lambda lr, optimizer: lr.CosineAnnealingLR(optimizer, over, eta_min=floor)),
    )


@given(rates, st.integers(2, 20))
def test_warm_up_is_torchs(rate, over):
    def make(lr, optimizer):
        line = lr.LinearLR(optimizer, start_factor=1 / over, total_iters=over - 1)
        wave = lr.CosineAnnealingLR(optimizer, 100)
        return lr.SequentialLR(optimizer, [line, wave], milestones=[over])

    assert close(warm_up(cosine(rate, 100), over), torchs(rate, make))


def test_a_wrong_schedule_is_caught():
    def late(number):
        return step_decay(0.1, 10, 0.5)(number + 1)

    assert not close(late, torchs(0.1, lambda lr, optimizer: lr.StepLR(optimizer, 10, 0.5)))


@given(rates, counts, counts)
def test_ends_and_bounds(rate, over, warm):
    wave = cosine(rate, over, floor=rate / 4)
    assert wave(0) == rate
    assert [wave(number) for number in (over, over + 1, 10 * over)] == [rate / 4] * 3
    assert all(wave(number) >= wave(number + 1) for number in range(over))
    line = warm_up(wave, warm)
    assert line(0) == rate * (1 / warm)
    assert line(warm - 1) == line(warm) == rate
    assert all(line(number) < line(number + 1) for number in range(warm - 1))
    assert warm_up(constant(rate), 1)(0) == constant(rate)(10**9) == rate


@pytest.mark.parametrize(
    "schedule", [constant(0.1), step_decay(0.1, 3, 0.5), cosine(0.1, 9), warm_up(cosine(0.1, 9, 0.01), 3)]
)
def test_they_are_data(schedule):
    assert pickle.loads(pickle.dumps(schedule)) == schedule
    assert eval(repr(schedule)) == schedule
    assert all(type(schedule(number)) is float for number in range(20))
    with pytest.raises(AttributeError):
        schedule.rate = 1.0


@pytest.mark.parametrize(
    ("act", "error", "message"),
    [
        (lambda: constant(0.0), ValueError, "the rate must be positive and finite, got 0.0"),
        (lambda: constant("0.1"), TypeError, "the rate is a number, got '0.1'"),
        (lambda: step_decay(math.inf, 3, 0.5), ValueError, "the rate must be positive and finite, got inf"),
        (lambda: step_decay(0.1, 0, 0.5), ValueError, "every is at least 1, got 0"),
        (lambda: step_decay(0.1, 1.5, 0.5), TypeError, "every is a whole number, got 1.5"),
        (
            lambda: step_decay(0.1, 3, 2.0),
            ValueError,
            "factor must be at most 1, for the rate to fall, got 2.0",
        ),
        (lambda: step_decay(0.1, 3, 0), ValueError, "the factor must be positive and finite, got 0"),
        (lambda: cosine(-1.0, 3), ValueError, "the rate must be positive and finite, got -1.0"),
        (lambda: cosine(0.1, 0), ValueError, "over is at least 1, got 0"),
        (lambda: cosine(0.1, 3, floor=-0.1), ValueError, "the floor must be 0 or more and finite, got -0.1"),
        (lambda: cosine(0.1, 3, floor=0.2), ValueError, "the floor must be at most the rate 0.1, got 0.2"),
        (lambda: warm_up(0.1, 3), TypeError, r"takes a schedule, such as constant\(0.1\) .*, got 0.1"),
        (lambda: warm_up(constant(0.1), 0), ValueError, "over is at least 1, got 0"),
        (lambda: cosine(0.1, 3)(-1), ValueError, "the number of an update, 0, 1, 2, ..., got -1"),
        (lambda: warm_up(constant(0.1), 3)(1.0), TypeError, "the number of an update, 0, 1, 2, ..., got 1.0"),
    ],
)
def test_refuses(act, error, message):
    with pytest.raises(error, match=message):
        act()
