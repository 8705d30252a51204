"""JAX: many steps in one compiled lax.scan, one model or a population under vmap (``--members``).

The whole loop is compiled, so that there is no Python between steps. Weights lie in one flat row a member, and dropout
takes JAX's default generator: a tree of arrays and the generators rbg and unsafe_rbg measured slower.
"""

from __future__ import annotations

import argparse
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree

from benchmarks.paper_job import (
    BETA1,
    BETA2,
    DELTA,
    DROPOUT,
    EPSILON,
    LEARNING_RATE,
    WARMUP_STEPS,
    WEIGHT_DECAY,
    first_weights,
    simulated_rows,
    step_order,
)
from benchmarks.peers.peer import run_peer

Weights = dict[str, jax.Array]


def layer_norm(x: jax.Array, weights: Weights, name: str) -> jax.Array:
    """LayerNorm over the last axis."""
    centred = x - x.mean(axis=-1, keepdims=True)
    scale = jax.lax.rsqrt((centred**2).mean(axis=-1, keepdims=True) + 1e-5)
    return centred * scale * weights[f"{name}.weight"] + weights[f"{name}.bias"]


def linear(x: jax.Array, weights: Weights, name: str) -> jax.Array:
    """``x @ weight.T + bias``."""
    return x @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]


def drop(x: jax.Array, key: jax.Array) -> jax.Array:
    """Dropout."""
    return jnp.where(jax.random.bernoulli(key, 1.0 - DROPOUT, x.shape), x / (1.0 - DROPOUT), 0.0)


def batch_loss(weights: Weights, x: jax.Array, y: jax.Array, key: jax.Array) -> jax.Array:
    """Mean Huber loss of the paper's network; layer numbers are those of its spec."""
    first, second = jax.random.split(key)
    x = layer_norm(x, weights, "0")
    x = drop(jax.nn.relu(layer_norm(linear(x, weights, "1"), weights, "2")), first)
    x = drop(jax.nn.relu(layer_norm(linear(x, weights, "5"), weights, "6")), second)
    error = jax.nn.sigmoid(linear(x, weights, "9"))[:, 0] - y
    size = jnp.abs(error)
    return jnp.where(size <= DELTA, 0.5 * error**2, DELTA * (size - 0.5 * DELTA)).mean()


class Scan:
    """One or more models; members share the batches."""

    unit = 256
    """Steps of one compiled call."""

    def __init__(self, x_NF: np.ndarray, y_N: np.ndarray, *, members: int) -> None:
        self.members = members
        weights = first_weights(members)
        _, self.unravel = ravel_pytree({name: value[0] for name, value in weights.items()})
        flat_MP = jnp.stack(
            [ravel_pytree({name: value[m] for name, value in weights.items()})[0] for m in range(members)]
        )
        self.carry = (flat_MP, jnp.zeros_like(flat_MP), jnp.zeros_like(flat_MP))
        self.keys = jax.random.split(jax.random.key(0), members)
        self.order_SB = step_order().astype(np.int32)
        self.step = 0
        data = jnp.asarray(x_NF), jnp.asarray(y_N)
        self.call = jax.jit(partial(self._population_steps, *data), donate_argnums=1)

    def train(self, steps: int) -> None:
        """See ``Peer``; ``steps`` is a multiple of ``unit``."""
        for _ in range(steps // self.unit):
            start = self.step % (len(self.order_SB) - self.unit)
            self.carry = self.call(self.keys, self.carry, self.order_SB[start : start + self.unit], self._schedule())
            self.step += self.unit
        jax.block_until_ready(self.carry)

    def parameters(self) -> dict[str, np.ndarray]:
        """See ``Peer``."""
        return {name: np.asarray(value) for name, value in jax.vmap(self.unravel)(self.carry[0]).items()}

    def _schedule(self) -> dict[str, np.ndarray]:
        """What AdamW needs to know of each of the next steps."""
        step_S = np.arange(self.step + 1, self.step + self.unit + 1)
        return {
            "step": step_S.astype(np.int32),
            "rate": (LEARNING_RATE * np.minimum(1.0, step_S / WARMUP_STEPS)).astype(np.float32),
            "correction1": (1.0 - BETA1**step_S).astype(np.float32),
            "correction2": (1.0 - BETA2**step_S).astype(np.float32),
        }

    def _population_steps(
        self, x_NF: jax.Array, y_N: jax.Array, keys: jax.Array, carry: tuple, order_SB: jax.Array, schedule_S: Weights
    ) -> tuple:
        def member_steps(key: jax.Array, carry: tuple) -> tuple:
            return jax.lax.scan(partial(self._step, x_NF, y_N, key), carry, (order_SB, schedule_S))[0]

        return jax.vmap(member_steps)(keys, carry)

    def _step(
        self, x_NF: jax.Array, y_N: jax.Array, key: jax.Array, carry: tuple, at: tuple[jax.Array, Weights]
    ) -> tuple[tuple, None]:
        weight, first, second = carry
        rows, now = at
        mask_key = jax.random.fold_in(key, now["step"])
        gradient = jax.grad(lambda flat: batch_loss(self.unravel(flat), x_NF[rows], y_N[rows], mask_key))(weight)
        first = BETA1 * first + (1.0 - BETA1) * gradient
        second = BETA2 * second + (1.0 - BETA2) * gradient**2
        root = jnp.sqrt(second / now["correction2"]) + EPSILON
        decayed = weight * (1.0 - now["rate"] * WEIGHT_DECAY)
        return (decayed - now["rate"] * first / now["correction1"] / root, first, second), None


def main() -> None:
    """Read ``--members`` and run."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--members", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=10.0)
    options = parser.parse_args()
    run_peer(partial(Scan, members=options.members), simulated_rows(), seconds=options.seconds)


if __name__ == "__main__":
    main()
