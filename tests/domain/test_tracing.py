"""What leaves a process as a trace is on a list."""

from __future__ import annotations

from uuid import UUID

import pytest
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.trace import Link, Status, StatusCode

from domain import tracing

CALL = UUID("019ac0de-0000-7000-8000-000000000001")


def span(**attributes: object) -> ReadableSpan:
    return ReadableSpan(name="tool", attributes=attributes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("tool.name", "Jane Doe, 12 Elm Street"),
        ("tool.name", "+12025550123"),
        ("tool.name", "2025550123"),
        ("tool.name", "x" * 81),
        ("tool.name", "मेरा नाम"),
        ("tool.name", ("a", "b")),
        ("lk.pii.chat_ctx", "hello"),
        ("gen_ai.input.messages", "hello"),
        ("anything.else", 1),
    ],
)
def test_an_attribute_that_is_not_on_the_list_or_not_plain_is_left_out(
    name: str, value: object
) -> None:
    assert dict(tracing.cleaned(span(**{name: value})).attributes or {}) == {}


def test_what_is_on_the_list_passes() -> None:
    told = {
        "call.id": str(CALL),
        "tool.name": "book_appointment",
        "lk.response.ttft": 0.31,
        "lk.interrupted": True,
        "http.route": "/api/v1/calls/{call_id:uuid}",
    }
    assert dict(tracing.cleaned(span(**told)).attributes or {}) == told


def test_texts_of_names_states_events_and_links_are_left_out() -> None:
    private = "Jane Doe"
    found = tracing.cleaned(
        ReadableSpan(
            name=f"call of {private}",
            status=Status(StatusCode.ERROR, private),
            events=[
                Event("exception", {"exception.type": "KeyError", "exception.message": private}),
                Event(private),
            ],
            links=[Link(tracing.call_context(CALL), {"who": private})],
        )
    )
    assert found.name == tracing.OTHER
    assert found.status.status_code == StatusCode.ERROR
    assert found.status.description is None
    (event,) = found.events
    assert dict(event.attributes or {}) == {"exception.type": "KeyError"}
    assert [dict(link.attributes or {}) for link in found.links] == [{}]


def test_the_trace_of_a_call_is_its_id() -> None:
    context = tracing.call_context(CALL)
    assert f"{context.trace_id:032x}" == CALL.hex
    assert context.is_valid and context.span_id == tracing.root_id(CALL)
    assert tracing.root_id(UUID(int=1)) != tracing.root_id(UUID(int=2))
