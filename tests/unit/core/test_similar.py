"""One slip of the hand, against the definition by tries."""
from hypothesis import given
from hypothesis import strategies as st

from switch.core.similar import all_nearly, nearly, pieces

WORDS = st.text("abc", min_size=0, max_size=7)


def slips(word: str, letters: str = "abc") -> set[str]:
    """Every word that is at most one slip away."""
    found = {word}
    for at in range(len(word) + 1):
        found |= {word[:at] + letter + word[at:] for letter in letters}
        found |= {word[:at] + letter + word[at + 1 :] for letter in letters if at < len(word)}
        found.add(word[:at] + word[at + 1 :])
        if at + 1 < len(word):
            found.add(word[:at] + word[at + 1] + word[at] + word[at + 2 :])
    return found


@given(WORDS, WORDS)
def test_nearly_is_one_slip(one: str, other: str) -> None:
    assert nearly(one, other) is (other in slips(one))
    assert nearly(one, other) is nearly(other, one)


@given(st.text("abc", min_size=4, max_size=8), st.data())
def test_whatever_is_nearly_a_word_holds_a_piece_of_it(word: str, data: st.DataObject) -> None:
    other = data.draw(st.sampled_from(sorted(slips(word))))
    assert "".join(pieces(word)) == word
    assert any(piece in other for piece in pieces(word))


def test_every_word_has_to_be_found() -> None:
    assert all_nearly(["daneil", "marsh"], ["daniel", "marsh"])
    assert not all_nearly(["daneil", "march"], ["daniel", "webb"])
    assert pieces("ann") == ()
