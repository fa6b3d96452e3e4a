"""Asking for a person in so many words."""

from __future__ import annotations

import pytest

from agent.person_words import wants_person


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en-US", "Operator!"),
        ("en-US", "I want to speak to a real person"),
        ("en-US", "Representative, please."),
        ("en-US", "can I talk with somebody"),
        ("en-GB", "an agent please"),
        ("en-US", "Agent."),
        ("en-US", "give me a human being"),
        ("es-US", "Quiero hablar con una persona."),
        ("es-ES", "Operadora, por favor"),
        ("es-ES", "páseme con alguien"),
        ("es-US", "agente"),
        ("es-US", "un agente por favor"),
        ("es-US", "I need an operator"),
        ("hi-IN", "मुझे इंसान चाहिए"),
        ("hi-IN", "आदमी से बात कराइए।"),
        ("hi-IN", "मुझे किसी से बात करनी है"),
        ("hi-IN", "ऑपरेटर"),
        ("hi-IN", "operator please"),
    ],
)
def test_a_caller_who_asks_for_a_person_is_understood(language: str, said: str) -> None:
    assert wants_person(said, language=language)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en-US", ""),
        ("en-US", "I'd like an appointment for one person on Tuesday"),
        ("en-US", "my insurance agent told me to call"),
        ("en-US", "I don't want an operator"),
        ("en-US", "humanity"),
        ("en-US", "someone was supposed to call me"),
        ("es-US", "la cita es para mi persona"),
        ("es-US", "no quiero un operador, sin operador"),
        ("hi-IN", "कल सुबह का समय चाहिए"),
        ("hi-IN", "मुझे इंसान नहीं चाहिए"),
    ],
)
def test_other_words_are_not_taken_for_it(language: str, said: str) -> None:
    assert not wants_person(said, language=language)
