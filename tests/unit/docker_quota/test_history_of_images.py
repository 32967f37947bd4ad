"""The history of an image has entries that made no layer: sizes and commands must land on the right layers."""

from hypothesis import given
from hypothesis import strategies as st

from app.docker_quota.accounting import align_history

entries = st.lists(st.tuples(st.text(max_size=5), st.booleans()), max_size=20)


@given(entries)
def test_empty_entries_are_passed_over(history: list[tuple[str, bool]]) -> None:
    made = [text for text, is_empty in history if not is_empty]
    layers = [f"sha256:{number:064x}" for number in range(len(made))]
    assert align_history(history, layers) == list(zip(layers, made, strict=True))


def test_env_and_cmd_move_nothing_up() -> None:
    history = [("ADD base", False), ("ENV A=1", True), ("RUN big", False), ("CMD sh", True), ("RUN small", False)]
    assert align_history(history, ["l1", "l2", "l3"]) == [("l1", "ADD base"), ("l2", "RUN big"), ("l3", "RUN small")]


@given(entries, st.integers(0, 20))
def test_what_does_not_fit_is_not_guessed(history: list[tuple[str, bool]], number: int) -> None:
    layers = [str(each) for each in range(number)]
    if number != sum(not is_empty for _, is_empty in history):
        assert align_history(history, layers) == [(layer, None) for layer in layers]
