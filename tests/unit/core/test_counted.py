from tailproof.core.counted import counted, counted_phrase


def test_one_thing_is_named_in_the_singular() -> None:
    assert [counted(count, "epoch") for count in (0, 1, 2, 12_000)] == [
        "0 epochs",
        "1 epoch",
        "2 epochs",
        "12,000 epochs",
    ]
    assert counted(2, "stretch", "stretches") == "2 stretches"


def test_the_noun_of_a_phrase_is_named_in_the_singular() -> None:
    phrases = ["start-up rows", "cuts through the future", "fitted statistics"]
    assert [counted_phrase(1, each) for each in phrases] == [
        "1 start-up row",
        "1 cut through the future",
        "1 fitted statistic",
    ]
    assert [counted_phrase(1_200, each) for each in phrases] == [f"1,200 {each}" for each in phrases]
