"""A step that torch compiles, beside other threads."""

from __future__ import annotations

import threading

import pytest
import torch

from tailproof.engines.torch import compiled_step


def test_the_compiler_is_imported_before_it_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """While another thread imports it, too: torch.compile would hold one import and wait for the other."""
    order: list[str] = []
    monkeypatch.setattr(compiled_step, "import_module", order.append)
    monkeypatch.setattr(torch, "compile", lambda step, *, dynamic: order.append(f"compile, dynamic={dynamic}") or step)
    assert compiled_step.compiled_step(len)("abc") == 3
    assert order == ["torch._dynamo", "compile, dynamic=False"]


def test_threads_take_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Torch refuses to run compiled code in a thread while it traces in another."""
    monkeypatch.setattr(torch, "compile", lambda step, *, dynamic: step)
    inside, entered, leave = [], threading.Event(), threading.Event()

    def step(name: str) -> None:
        inside.append(name)
        entered.set()
        leave.wait(10.0)

    first, second = (compiled_step.compiled_step(step) for _ in range(2))
    threads = [threading.Thread(target=first, args=("first",)), threading.Thread(target=second, args=("second",))]
    threads[0].start()
    assert entered.wait(10.0)
    threads[1].start()
    threads[1].join(0.05)
    assert inside == ["first"]
    leave.set()
    for thread in threads:
        thread.join(10.0)
    assert inside == ["first", "second"]
