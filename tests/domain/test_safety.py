"""Finding danger in a caller's words, measured over a list of sentences; and the numbers that are told."""

from __future__ import annotations

import phonenumbers
import pytest

from domain.safety.detection import find_dangers
from domain.safety.numbers import (
    CRISIS_LINES,
    EMERGENCY_NUMBERS,
    crisis_line,
    digit_by_digit,
    emergency_number,
)
from tests.domain.safety_sentences import LANGUAGES, sentences

STABLE_WORDS = 3
"""Words that come in the second for which an interim has to tell of danger (agent.safety.STABLE_SECONDS)."""


def test_the_list_is_long_enough_to_say_something() -> None:
    everything = [what for language in LANGUAGES for what, _ in sentences(language)]
    assert len([what for what in everything if what != "none"]) >= 150
    assert everything.count("none") >= 300


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_dangerous_is_found_and_what_is_harmless_is_not(language: str) -> None:
    missed = [
        (what, text)
        for what, text in sentences(language)
        if what != "none" and what not in find_dangers(text)
    ]
    false = [
        (found, text)
        for what, text in sentences(language)
        if what == "none" and (found := find_dangers(text))
    ]
    assert missed == [] and false == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_capitals_and_punctuation_it_is_the_same(language: str) -> None:
    """As a recogniser without formatting writes it. Sentences that run into each other may lose their
    guard: of a language, two at most."""
    bare = [
        (what, "".join(one for one in text.lower() if one not in ".,?!¿¡।"))
        for what, text in sentences(language)
    ]
    missed = [text for what, text in bare if what != "none" and what not in find_dangers(text)]
    false = [text for what, text in bare if what == "none" and find_dangers(text)]
    assert len(missed) <= 2, missed
    assert len(false) <= 2, false


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_first_words_of_something_harmless_seldom_raise_the_alarm(language: str) -> None:
    """Interim transcripts grow word by word; what tells of danger has to do so for a second."""
    false = [
        text
        for what, text in sentences(language)
        if what == "none" and _found_early(text.rstrip(".?!").split())
    ]
    assert len(false) <= 2, false


def _found_early(words: list[str]) -> bool:
    lasting = 0
    for count in range(1, len(words)):
        found = [one for one in find_dangers(" ".join(words[:count])) if one != "abuse"]
        lasting = lasting + 1 if found else 0
        if lasting > STABLE_WORDS:
            return True
    return False


def test_the_weightiest_comes_first() -> None:
    found = find_dangers("Fuck you. I want to kill myself. My wife can't breathe.")
    assert found == ("emergency", "self_harm", "abuse")


def test_each_emergency_number_is_one_of_its_country() -> None:
    wrong = [
        (country, number)
        for country, number in EMERGENCY_NUMBERS.items()
        if not phonenumbers.is_emergency_number(number, country)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("country", "own", "number"),
    [
        ("US", "", "911"),
        ("ES", "", "112"),
        ("GB", "", "999"),
        ("IN", "", "112"),
        ("AU", "", "000"),
        ("NZ", "", "111"),
        ("us", "", "911"),
        # The former default is no wish of theirs; another number is.
        ("GB", "911", "999"),
        ("GB", "112", "112"),
        # One number does not do for every danger there.
        ("JP", "", ""),
        ("JP", "119", "119"),
    ],
)
def test_the_number_is_the_country_s_unless_the_business_has_its_own(
    country: str, own: str, number: str
) -> None:
    assert emergency_number(country, own=own) == number


def test_where_no_crisis_line_is_known_it_is_the_emergency_number() -> None:
    assert crisis_line("US") == "988"
    assert crisis_line("IN") == "14416"
    assert crisis_line("PT") == "112"
    assert crisis_line("JP") == ""
    assert set(CRISIS_LINES) <= set(EMERGENCY_NUMBERS)


def test_a_number_is_spoken_digit_by_digit() -> None:
    assert digit_by_digit("911") == "9 1 1"
