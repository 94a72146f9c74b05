"""The English table: complete, plain, and honest about its audio."""

import hashlib
from dataclasses import replace

import pytest

from dialplans.prompts.table import (
    EXPLAINED,
    ManifestEntry,
    ProblemKind,
    PromptKind,
    PromptTable,
    PromptTableError,
    check_prompts,
    load_manifest,
    load_table,
    parse_manifest,
    parse_table,
    plain_sentence,
    shipped_audio,
)
from switch.core.reasons import REFUSALS, Why, prompt_of

FLOW_IDS = [
    "enter-number", "enter-pin", "wrong-pin", "wrong-number-or-pin", "connecting", "will-hear-announcement",
    "will-hear-privileged", "announce-england-wales", "announce-stop", "announce-wrong-number", "announce-privileged",
    "announce-short",
    "stop-person-asked", "stop-person-done", "stop-all-done", "stop-taken-down", "warn-120", "warn-60", "warn-30",
    "warn-10", "warn-5", "warn-2", "warn-generic", "closing-soon", "emergency-ringing", "helpline-free", "beep",
    "ringback-uk", "soft-tone", "busy-uk", "silence-1s", "digits-ack",
]


def _hashes() -> dict[str, str]:
    return {name: hashlib.sha256(raw).hexdigest() for name, raw in shipped_audio().items()}


@pytest.mark.parametrize("prompt_id", FLOW_IDS)
def test_what_a_call_plays_is_there(prompt_id: str) -> None:
    assert load_table()[prompt_id].id == prompt_id


@pytest.mark.parametrize("why", list(Why))
def test_every_reason_is_spoken_and_explained(why: Why) -> None:
    prompt = load_table()[prompt_of(why)]
    assert prompt.kind is (PromptKind.REFUSAL if why in REFUSALS else PromptKind.ENDING)
    assert prompt.say.endswith(".")
    assert plain_sentence(prompt.id).endswith(".")


def test_ids_say_what_they_are() -> None:
    for prompt in load_table():
        assert (prompt.kind is PromptKind.REFUSAL) == prompt.id.startswith("refused-")
        assert (prompt.kind is PromptKind.ENDING) == prompt.id.startswith("ended-")
        assert (prompt.plain is not None) == (prompt.kind in EXPLAINED)


def test_words_stay_simple() -> None:
    """Half of those who listen read at the age of eleven: short sentences, and few long words."""
    for prompt in load_table():
        if prompt.kind in (PromptKind.CALLER, PromptKind.REFUSAL, PromptKind.ENDING):
            for sentence in prompt.say.split("."):
                words = sentence.split()
                assert len(words) <= 20, prompt.id
                assert not [word for word in words if len(word.strip(",")) > 10], prompt.id


def test_a_refusal_says_what_to_do() -> None:
    for prompt in load_table():
        if prompt.kind is PromptKind.REFUSAL:
            assert any(do in prompt.say for do in ("member of staff", "try again", "dial again")), prompt.id


def test_the_announcement_is_the_published_wording() -> None:
    assert load_table()["announce-england-wales"].say == (
        "This call is from a person currently in a prison in England or Wales. All calls are logged and recorded and may be "
        "listened to by a member of prison staff. If you do not wish to accept this call, please hang up now."
    )
    assert "logged but not recorded" in load_table()["announce-privileged"].say


def test_the_shipped_set_is_complete_and_fresh() -> None:
    assert check_prompts(load_table(), load_manifest(), _hashes()) == []


def test_the_shipped_set_is_small() -> None:
    assert sum(len(raw) for raw in shipped_audio().values()) < 8_000_000


def test_a_stale_text_is_reported() -> None:
    table = load_table()
    newer = replace(table["ended-busy"], say="The line is in use.")
    changed = PromptTable("en", {**table.prompts, "ended-busy": newer})
    (problem,) = check_prompts(changed, load_manifest(), _hashes())
    assert (problem.prompt, problem.kind) == ("ended-busy", ProblemKind.STALE)
    assert "older text" in str(problem)


def test_a_changed_tone_is_stale() -> None:
    table = load_table()
    changed = PromptTable("en", {**table.prompts, "beep": replace(table["beep"], tone="1000@-18/300")})
    assert [(one.prompt, one.kind) for one in check_prompts(changed, load_manifest(), _hashes())] == [
        ("beep", ProblemKind.STALE)
    ]


def test_a_prompt_stands_in_one_file_only() -> None:
    one, other = ('[a]\nkind="caller"\nsay="A."\n', '[b]\nkind="caller"\nsay="B."\n')
    assert len(parse_table("en", one, other)) == 2
    with pytest.raises(PromptTableError, match="a: stands in two files"):
        parse_table("en", one, other, one)


def test_missing_changed_unlisted_and_orphan_audio_are_reported() -> None:
    table = parse_table("en", '[a]\nkind="caller"\nsay="A."\n[b]\nkind="caller"\nsay="B."\n[c]\nkind="caller"\nsay="C."\n')
    entry = {name: ManifestEntry(table[name].text_sha256, "tone", name * 64, 1.0) for name in "abc"}
    del entry["c"]
    problems = check_prompts(table, entry, {"b": "0" * 64, "c": "c" * 64, "stray": "0" * 64})
    assert {(one.prompt, one.kind) for one in problems} == {
        ("a", ProblemKind.MISSING),
        ("b", ProblemKind.CHANGED),
        ("c", ProblemKind.UNLISTED),
        ("stray", ProblemKind.ORPHAN),
    }


def test_an_unknown_id_is_a_clear_error() -> None:
    with pytest.raises(KeyError, match="no prompt 'ended-badly'"):
        plain_sentence("ended-badly")
    with pytest.raises(KeyError, match="neither a refusal nor an ending"):
        plain_sentence("beep")
    assert "beep" in load_table()
    assert "ended-badly" not in load_table()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('x = "y"', "x: must be a table of strings"),
        ('[x]\nkind = "song"\nsay = "La."', "x: kind must be one of announcement, caller"),
        ('[x]\nkind = "refusal"\nsay = "No."', "x: refusal needs 'plain'"),
        ('[x]\nkind = "caller"', "x: caller needs 'say'"),
        ('[x]\nkind = "tone"\ntone = "0/1"\nsay = "Beep."', "x: tone has no 'say'"),
        ('[x]\nkind = "caller"\nsay = "A."\nplain = "B."', "x: caller has no 'plain'"),
    ],
)
def test_a_faulty_table_says_where(text: str, says: str) -> None:
    with pytest.raises(PromptTableError) as caught:
        parse_table("en", text + '\n[other]\nkind = "none"')
    assert caught.value.problems[0].startswith(says)
    assert len(caught.value.problems) == 2


@pytest.mark.parametrize("text", ['{"a": {"voice": "x"}}', "[]", '{"a": 1}', "{"])
def test_rubbish_is_no_manifest(text: str) -> None:
    with pytest.raises(ValueError):
        parse_manifest(text)
