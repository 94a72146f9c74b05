"""Watch words as they come: told once, from what there is so far or in the end, across utterances, never across sides."""
from recordings.transcript import Channel, Heard, Word
from recordings.watch.live import KEPT, LiveWatch, Noticed
from tests.unit.recordings.talk import entry, talk


def watch(*texts: str) -> LiveWatch:
    made = LiveWatch()
    made.use([entry(text) for text in texts])
    return made


def hits(noticed: Noticed | None) -> list[tuple[str, float]]:
    return [] if noticed is None else [(hit.word, round(hit.start, 1)) for hit in noticed.hits]


def final(words: list[Word]) -> Heard:
    return Heard(tuple(words))


def test_it_is_noticed_until_somebody_was_told() -> None:
    live = watch("parcel")
    so_far = Heard(tuple(talk("the parcel", start=10.0)), final=False)
    found = live.hear(so_far)
    assert hits(found) == [("parcel", 10.3)]
    assert hits(live.hear(so_far)) == [("parcel", 10.3)], "nobody could be told: again"
    assert found is not None
    live.told(found)
    assert live.hear(final(talk("the parcel is here", start=10.4))) is None, "the same, a little later"
    assert hits(live.hear(final(talk("the parcel", start=14.0)))) == [("parcel", 14.3)], "said again"
    assert hits(live.hear(final(talk("parcel", Channel.RIGHT, 14.3)))) == [("parcel", 14.3), ("parcel", 14.3)], \
        "the other side said it too, and of the last nobody was told"


def test_a_phrase_may_be_in_two_utterances_of_one_side() -> None:
    live = watch("over the wall")
    assert live.hear(final(talk("throw it over", start=1.0))) is None
    assert live.hear(final(talk("the wall", Channel.RIGHT, 2.0))) is None
    assert hits(live.hear(final(talk("the wall", start=2.0)))) == [("over the wall", 1.6)]


def test_what_there_was_so_far_is_not_kept_and_old_words_go() -> None:
    live = watch("over the wall")
    assert live.hear(Heard(tuple(talk("over", start=1.0)), final=False)) is None
    assert live.hear(final(talk("the wall", start=1.4))) is None
    assert live.hear(final(talk("over", start=5.0))) is None
    assert live.hear(final(talk("yes", Channel.RIGHT, 5.0 + KEPT + 1))) is None
    assert live.hear(final(talk("the wall", start=5.4))) is None


def test_what_is_looked_for_may_change_meanwhile() -> None:
    live = watch()
    assert live.hear(final(talk("the parcel", start=1.0))) is None
    live.use([entry("parcel")])
    assert hits(live.hear(final(talk("yes", start=3.0)))) == [("parcel", 1.3)], "said just before"
    live.use([])
    assert live.hear(final(talk("parcel", start=9.0))) is None
