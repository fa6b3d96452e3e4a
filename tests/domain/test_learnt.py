"""The classifiers that examples have taught, and what they may not do."""

from __future__ import annotations

import pytest

from domain.calls.events import AppointmentBooked, MessageTaken
from domain.claims.deeds import CallDeeds
from domain.claims.likely import borne_out, likely_claim
from domain.learnt.classifier import load
from domain.learnt.features import features
from domain.safety.likely import likely_danger
from domain.seam import PinnedSeam
from training.examples import examples


def test_numbers_and_letters_case_decide_nothing() -> None:
    assert features("See you at 10 on the 24th?") == features("see you at 4 on the 3th ?")
    assert "?" in features("At ten?")
    assert "~<बु" in features("बुक")


@pytest.mark.parametrize("name", ["claims", "dangers"])
def test_the_weights_are_of_the_examples(name: str) -> None:
    classifier = load(name)
    assert set(classifier.labels) == {one.label for one in examples(name)}
    assert len(classifier.vocabulary) == len(classifier.weights)
    told = classifier.probabilities("I would like to know when you open")
    assert sum(told.values()) == pytest.approx(1.0, abs=1e-4)
    right = wrong = 0
    for one in examples(name):
        found = classifier.probabilities(one.text)
        right += max(found, key=lambda label: found[label]) == one.label
        wrong += 1
    # Of what it was taught it knows nearly everything; less would be another file's weights.
    assert right / wrong > 0.95
    assert classifier.reasons("got you down for ten", "booked" if name == "claims" else "none")


def test_a_likely_claim_is_never_held_against_what_was_done(seam: PinnedSeam) -> None:
    claim = likely_claim("That's you sorted for Thursday, in the diary at ten.")
    assert claim is not None
    assert claim.kind == "booked"
    assert not borne_out(claim, CallDeeds())
    one = seam.new_id()
    booked = AppointmentBooked(
        appointment_id=one, service_id=one, person_id=one, starts_at=seam.now()
    )
    assert borne_out(claim, CallDeeds.of([booked]))
    assert not borne_out(claim, CallDeeds.of([MessageTaken(message_id=one, urgency="normal")]))


@pytest.mark.parametrize(
    "sentence",
    [
        "If I put you down for ten, is that all right?",
        "Shall I cancel it?",
        "Nothing has been booked so far.",
        "I have Tuesday at ten or Wednesday at half past two.",
        "Opening hours: Monday to Friday 8 a.m. to 5 p.m., Saturday 9 a.m. to 1 p.m.",
        "",
        "10",
    ],
)
def test_what_asks_offers_or_denies_is_no_claim(sentence: str) -> None:
    assert likely_claim(sentence) is None


def test_danger_is_known_by_words_that_no_rule_has() -> None:
    assert likely_danger("he went all grey and slid off the chair and i can't rouse him") == (
        "emergency"
    )
    assert likely_danger("i would like to move my appointment to friday") is None
    assert likely_danger("dying") is None
