import pytest

import tailproof


def test_the_public_names_are_these_and_each_loads() -> None:
    assert tailproof.__all__ == sorted(tailproof.__all__)
    for name in tailproof.__all__:
        assert getattr(tailproof, name).__name__ == name


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'tran'"):
        _ = tailproof.tran
