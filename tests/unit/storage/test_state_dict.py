"""torch reads what was written without it."""

from __future__ import annotations

import io
import pickletools
import zipfile
from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest
import torch

from tailproof.models.spec import robust_financial_net
from tailproof.models.torch_modules import build_module
from tailproof.storage.state_dict import ALIGNMENT, state_dict_bytes

RNG = np.random.default_rng(0)
PARAMETERS = {
    "0.weight": RNG.normal(size=(16, 5)).astype(np.float32),
    "0.bias": RNG.normal(size=16).astype(np.float32),
    "1.größe": np.array([np.nan, np.inf, -0.0], dtype=np.float32),
    "2.transposed": np.asfortranarray(RNG.normal(size=(3, 4)).astype(np.float32)),
    "3.empty": np.empty((0, 2), dtype=np.float32),
    "4.scalar": np.float32(2.5).reshape(()),
}


@pytest.mark.parametrize("how", [{}, {"weights_only": True}, {"weights_only": False}, {"map_location": "cpu"}])
def test_torch_loads_every_tensor_bit_for_bit(how: dict[str, object]) -> None:
    loaded = torch.load(io.BytesIO(state_dict_bytes(PARAMETERS)), **how)
    assert list(loaded) == list(PARAMETERS)
    for name, value in PARAMETERS.items():
        assert loaded[name].dtype == torch.float32
        assert loaded[name].shape == value.shape
        assert loaded[name].numpy().tobytes() == np.ascontiguousarray(value).tobytes()


def test_the_file_can_be_mapped(tmp_path: Path) -> None:
    (tmp_path / "x.pth").write_bytes(state_dict_bytes(PARAMETERS))
    loaded = torch.load(tmp_path / "x.pth", weights_only=True, mmap=True)
    assert torch.equal(loaded["0.weight"], torch.from_numpy(PARAMETERS["0.weight"]))


def test_numbers_begin_at_multiples_of_the_alignment() -> None:
    content = state_dict_bytes(PARAMETERS)
    for entry in zipfile.ZipFile(io.BytesIO(content)).infolist():
        begins = entry.header_offset + 30 + len(entry.filename.encode()) + len(entry.extra)
        assert begins % ALIGNMENT == 0
        assert content[begins : begins + entry.file_size] == zipfile.ZipFile(io.BytesIO(content)).read(entry)


def test_a_module_takes_it() -> None:
    spec = robust_financial_net(inputs=5, hidden_dims=(16, 8), dropout_rate=0.1, input_norm="layer")
    module = build_module(spec)
    written = {name: value.detach().numpy() + 1.0 for name, value in module.state_dict().items()}
    module.load_state_dict(torch.load(io.BytesIO(state_dict_bytes(written)), weights_only=True))
    assert all(np.array_equal(value.numpy(), written[name]) for name, value in module.state_dict().items())


def test_the_pickle_does_what_torchs_own_does() -> None:
    """The same operations with the same arguments, but for the memory slots that torch fills and hardly reads."""
    theirs = io.BytesIO()
    torch.save(OrderedDict((name, torch.from_numpy(np.array(value))) for name, value in PARAMETERS.items()), theirs)
    named = [_globals(content) for content in (state_dict_bytes(PARAMETERS), theirs.getvalue())]
    assert named[0] == named[1] == {"collections OrderedDict", "torch FloatStorage", "torch._utils _rebuild_tensor_v2"}


def test_equal_weights_give_equal_files() -> None:
    assert state_dict_bytes(PARAMETERS) == state_dict_bytes(dict(PARAMETERS))


def _globals(content: bytes) -> set[str]:
    pickled = zipfile.ZipFile(io.BytesIO(content)).read("archive/data.pkl")
    return {str(argument) for opcode, argument, _ in pickletools.genops(pickled) if opcode.name == "GLOBAL"}
