"""Batches over many devices of JAX: the samples are shared out, and XLA adds up what each of them gives."""

from collections.abc import Sequence
from typing import Any

from engine.optional import load


def over_devices(*arrays: Any, devices: Sequence[Any] | None = None) -> tuple[Any, ...]:
    """Return the arrays of a batch shared out by samples, the first axis, over devices: all that there are.

    What `to_jax` returns runs on them as it is: parameters are copied to each device, the mean and its
    gradient are added up over all. It is jax.sharding's NamedSharding over a Mesh of one axis, "batch".

    Errors: ValueError where there is no device, for a number, and where the devices do not divide the
    samples; ModuleNotFoundError without jax.

    >>> (x,) = over_devices(jax.numpy.zeros((8, 2)))  # doctest: +SKIP
    >>> x.sharding.spec  # doctest: +SKIP
    PartitionSpec('batch',)
    """
    jax, np = load("jax", extra="accelerate"), load("numpy")
    chosen = list(jax.devices() if devices is None else devices)
    if not chosen:
        raise ValueError("over_devices needs at least one device, got an empty list")
    given = [array if hasattr(array, "shape") else np.asarray(array) for array in arrays]
    for place, array in enumerate(given):
        if not array.ndim:
            raise ValueError(f"array {place} is a number: over_devices shares out the samples of a batch")
        if len(array) % len(chosen):
            raise ValueError(
                f"{len(chosen)} devices share out batches of a multiple of {len(chosen)} samples, got "
                f"{len(array)}; leave some out, or give fewer devices"
            )
    mesh = jax.sharding.Mesh(np.array(chosen), ("batch",))
    placed = jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec("batch"))
    return tuple([jax.device_put(array, placed) for array in given])
