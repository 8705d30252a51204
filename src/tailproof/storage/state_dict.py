"""A ``.pth`` file without torch: importing it takes longer than training the networks that this writes.

The format is that of ``torch.save`` since torch 1.6: a zip archive, uncompressed, with a pickled OrderedDict of tensors
(``data.pkl``, protocol 2) whose numbers lie beside it (``data/0``, ``data/1``, ...), each from a multiple of 64 bytes
on, so that the file can be mapped. The pickle names only what ``torch.load(..., weights_only=True)`` allows; in the
tests torch reads it back.
"""

from __future__ import annotations

import io
import pickle
import struct
import zipfile
from collections.abc import Mapping

import numpy as np

ROOT = "archive"
ALIGNMENT = 64
EARLIEST = (1980, 1, 1, 0, 0, 0)
"""The date of every zip entry, always the same, so that equal weights give equal files."""
PADDING = b"FB"
"""Name under which torch, too, files what fills up to the alignment."""


def state_dict_bytes(parameters: Mapping[str, np.ndarray]) -> bytes:
    """One member's parameters as a plain state dict of float32 tensors, as ``torch.save`` would write it.

    >>> import torch
    >>> content = state_dict_bytes({"0.weight": np.ones((2, 3), dtype=np.float32)})
    >>> torch.load(io.BytesIO(content), weights_only=True)["0.weight"].shape
    torch.Size([2, 3])
    """
    arrays = {name: np.asarray(value, dtype="<f4", order="C") for name, value in parameters.items()}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        _add(archive, "data.pkl", _pickled(arrays))
        _add(archive, "byteorder", b"little")
        for key, value in enumerate(arrays.values()):
            _add(archive, f"data/{key}", value.tobytes())
        _add(archive, "version", b"3\n")
    return buffer.getvalue()


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(f"{ROOT}/{name}", date_time=EARLIEST)
    assert archive.fp is not None, "the archive is open"
    begins = archive.fp.tell() + 30 + len(entry.filename) + 4  # after the local header and the head of its padding
    fill = -begins % ALIGNMENT
    entry.extra = PADDING + struct.pack("<H", fill) + bytes(fill)
    archive.writestr(entry, content)


def _pickled(arrays: Mapping[str, np.ndarray]) -> bytes:
    ordered_dict = pickle.GLOBAL + b"collections\nOrderedDict\n" + pickle.EMPTY_TUPLE + pickle.REDUCE
    items = b"".join(_text(name) + _tensor(value, key) for key, (name, value) in enumerate(arrays.items()))
    return pickle.PROTO + b"\x02" + ordered_dict + pickle.MARK + items + pickle.SETITEMS + pickle.STOP


def _tensor(value: np.ndarray, key: int) -> bytes:
    """``torch._utils._rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks)``."""
    storage = _tuple(
        _text("storage"), pickle.GLOBAL + b"torch\nFloatStorage\n", _text(str(key)), _text("cpu"), _number(value.size)
    )
    size = _tuple(*map(_number, value.shape))
    stride = _tuple(*(_number(step // value.itemsize) for step in value.strides))
    no_hooks = pickle.GLOBAL + b"collections\nOrderedDict\n" + pickle.EMPTY_TUPLE + pickle.REDUCE
    arguments = _tuple(storage + pickle.BINPERSID, _number(0), size, stride, pickle.NEWFALSE, no_hooks)
    return pickle.GLOBAL + b"torch._utils\n_rebuild_tensor_v2\n" + arguments + pickle.REDUCE


def _tuple(*items: bytes) -> bytes:
    return pickle.MARK + b"".join(items) + pickle.TUPLE


def _text(text: str) -> bytes:
    content = text.encode()
    return pickle.BINUNICODE + struct.pack("<I", len(content)) + content


def _number(number: int) -> bytes:
    return pickle.BININT + struct.pack("<i", number)
