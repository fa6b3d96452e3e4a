"""The figures of staff who take calls over, and whether they keep what was promised."""

from __future__ import annotations

from bench.takeover import TakeoverFigures, broken, render


def test_what_is_quick_enough_is_shown_and_keeps_the_promise() -> None:
    measured = [TakeoverFigures("WebRTC", silences=[0.1, 0.2, 0.15], returns=[0.7, 0.9])]
    assert broken(measured) == []
    text = "\n".join(render(measured))
    assert "| takeover → silence (WebRTC) | **0.150** |" in text
    assert "| hand back → first word (WebRTC) | **0.800** |" in text
    assert "not kept" not in text


def test_what_is_late_or_was_not_measured_is_named() -> None:
    measured = [TakeoverFigures("SIP", silences=[0.1, 0.5], failed=["a takeover over SIP: X"])]
    found = broken(measured)
    assert found[0] == "a takeover over SIP: X"
    assert found[1].startswith("takeover → silence (SIP): 0.")
    assert found[2] == "hand back → first word (SIP): nothing measured"
    assert "not kept" in "\n".join(render(measured))
