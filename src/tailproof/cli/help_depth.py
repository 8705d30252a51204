"""How much a command's help lists; ``main`` decides it before the command is imported."""

from __future__ import annotations

every_option = False
"""Whether every option is listed, as ``--help-all`` asks."""
COMMON_OPTIONS = frozenset(
    {"device", "engine", "epochs", "features", "folds", "hidden_dims", "horizon", "learning_rate", "members",
     "placebos", "seed", "split", "target", "with"}
)  # fmt: skip
"""The settings that ``--help`` lists for a command that takes all of them."""


def is_listed(option: str) -> bool:
    """Whether a command that takes every setting lists this one in its help."""
    return every_option or option in COMMON_OPTIONS
