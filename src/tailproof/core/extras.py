"""Packages that the main job does without; where one is missing, the error names the command that installs it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tailproof.core.errors import ConfigError


@contextmanager
def extra(name: str, *, needed_by: str) -> Iterator[None]:
    """Around the imports of an optional package.

    Args:
        name: of the extra of tailproof that brings the package.
        needed_by: the option or function that needs it, as the user writes it.

    Raises:
        ConfigError: a package cannot be imported inside the block.

    >>> with extra("onnx", needed_by="--onnx"):
    ...     import no_such_package
    Traceback (most recent call last):
        ...
    tailproof.core.errors.ConfigError: --onnx needs the extra onnx, but: No module named 'no_such_package'. Install it \
with: pip install 'tailproof[onnx]'
    """
    try:
        yield
    except ImportError as error:
        raise ConfigError(
            f"{needed_by} needs the extra {name}, but: {error}. Install it with: pip install 'tailproof[{name}]'"
        ) from error
