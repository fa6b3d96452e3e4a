"""Advice that a receptionist must not give: what code tells of it in the assistant's own sentences."""

from __future__ import annotations

import pytest

from domain.safety.advice import gives_advice

ADVICE = (
    ("dose", "You can take two tablets of ibuprofen every six hours."),
    ("dose", "Take 400 mg now and another one tonight."),
    ("dose", "Just take another half a tablet."),
    ("dose", "You can safely combine ibuprofen with that."),
    ("dose", "It is safe to take amoxicillin with it."),
    ("dose", "You should stop taking your medication until then."),
    ("dose", "Give him 5 ml of the syrup."),
    ("dose", "One pill twice a day is enough."),
    ("diagnosis", "It sounds like you have an infection."),
    ("diagnosis", "You probably have an abscess."),
    ("diagnosis", "That looks like a fracture."),
    ("diagnosis", "You might have the flu."),
    ("diagnosis", "Don't worry, it's nothing serious."),
    ("diagnosis", "You don't need to see a doctor."),
    ("legal", "You can sue them for that."),
    ("legal", "You have a strong case."),
    ("legal", "They are liable for the damage."),
    ("financial", "You should invest in shares now."),
    ("financial", "You should refinance."),
    ("dose", "Puede tomar ibuprofeno cada ocho horas."),
    ("dose", "Tome dos comprimidos esta noche."),
    ("diagnosis", "Seguramente tiene una infección."),
    ("diagnosis", "No es nada grave."),
    ("legal", "Puede demandarlos."),
    ("financial", "Debería invertir en bolsa."),
    ("dose", "दो गोली रात को लीजिए।"),
    ("diagnosis", "आपको शायद संक्रमण है।"),
    ("diagnosis", "कोई गंभीर बात नहीं है।"),
)
HARMLESS = (
    "I can't tell you how many tablets to take, but the dentist can.",
    "I'm not able to say whether you have an infection.",
    "Dr. Lee said to take two tablets before you come.",
    "Do you have an infection at the moment?",
    "Would you like to take the two o'clock?",
    "You have an appointment on Tuesday at nine.",
    "It sounds like you have a busy week.",
    "You have two appointments in March.",
    "Please take the second door on the left.",
    "Take a seat, it takes about ten minutes.",
    "The cleaning takes 45 minutes and costs 120 dollars.",
    "You should bring your insurance card.",
    "You can park behind the building.",
    "I have Tuesday at nine, or Wednesday at two.",
    "Two people can come, one at nine and one at ten.",
    "Nothing else is free that day.",
    "That is nothing to apologise for.",
    "You should come ten minutes early.",
    "Let me take your number: four, five, six.",
    "A check-up every six months is included.",
    "Your payment is due on the fifth.",
    "Puede tomar la cita del martes a las nueve.",
    "¿Tiene una infección ahora mismo?",
    "Tiene cita el viernes.",
    "No puedo decirle si tiene una infección.",
    "Tome asiento, por favor.",
    "दो बजे का समय ले लीजिए।",
    "मैं नहीं बता सकता कि कितनी गोली लें।",
    "आपको मंगलवार का अपॉइंटमेंट है।",
)


@pytest.mark.parametrize(("kind", "sentence"), ADVICE)
def test_advice_is_known(kind: str, sentence: str) -> None:
    assert gives_advice(sentence) == kind


@pytest.mark.parametrize("sentence", HARMLESS)
def test_what_a_receptionist_says_is_no_advice(sentence: str) -> None:
    assert gives_advice(sentence) is None


def test_what_the_business_has_callers_told_may_be_told() -> None:
    sentence = "Take two tablets of the pain killer an hour before."
    assert gives_advice(sentence) == "dose"
    assert (
        gives_advice(sentence, known="please take two tablets of the pain killer an hour") is None
    )
    assert gives_advice(sentence, known="take two tablets of ours") == "dose"
