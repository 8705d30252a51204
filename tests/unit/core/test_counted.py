from tailproof.core.counted import counted


def test_one_thing_is_named_in_the_singular() -> None:
    assert [counted(count, "epoch") for count in (0, 1, 2, 12_000)] == [
        "0 epochs",
        "1 epoch",
        "2 epochs",
        "12,000 epochs",
    ]
    assert counted(2, "stretch", "stretches") == "2 stretches"
