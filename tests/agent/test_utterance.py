"""What an assistant's words want to hear, and whether the caller's are all of it."""

from __future__ import annotations

import pytest

from agent.utterance import Asked, asked_for, may_be_all, same_words


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("I have Monday at ten. Shall I book it for you?", "yes_no"),
        ("That is 202 555 0100, is that right?", "yes_no"),
        ("¿Le reservo esa hora?", "yes_no"),
        ("क्या मैं बुक करूँ?", "yes_no"),
        ("May I have your phone number?", "number"),
        ("What number can we reach you at?", "number"),
        ("What is your e-mail address?", "mail"),
        ("¿Cuál es su correo?", "mail"),
        ("What name is it for?", "name"),
        ("आपका नाम क्या है?", "name"),
        ("Which day suits you?", "anything"),
        ("We are open from nine to five.", "anything"),
        ("", "anything"),
    ],
)
def test_the_last_question_tells_what_is_wanted(said: str, asked: Asked) -> None:
    assert asked_for(said) == asked


@pytest.mark.parametrize(
    ("text", "asked", "all_of_it"),
    [
        ("i would like to book a cleaning", "anything", True),
        ("i would like to book a", "anything", False),
        ("tomorrow", "anything", True),
        ("quiero una cita para", "anything", False),
        ("मुझे कल का", "anything", False),
        ("two zero two five five", "number", False),
        ("two zero two five five five zero one zero zero", "number", True),
        ("david", "name", False),
        ("yes", "yes_no", True),
        ("um", "yes_no", False),
    ],
)
def test_words_tell_whether_more_has_to_come(text: str, asked: Asked, all_of_it: bool) -> None:
    assert may_be_all(text, asked) is all_of_it


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("no preference", "No preference.", True),
        ("hello i'm ann lee", "Hello, I'm Ann Lee.", True),
        ("a@b.com", "A@b.com.", True),
        ("two", "to", False),
        ("at ten", "at ten thirty", False),
        ("1.5", "15", False),
        ("i'll", "ill", False),
    ],
)
def test_only_capitals_and_marks_at_the_ends_of_words_do_not_count(
    first: str, second: str, same: bool
) -> None:
    assert same_words(first, second) is same
