"""The API does what its OpenAPI document says, whatever is sent to it (schemathesis)."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Any

import hypothesis
import pytest
import schemathesis
import uvicorn
from cryptography.fernet import Fernet
from hypothesis import HealthCheck
from litestar import Litestar
from schemathesis.checks import load_all_checks
from schemathesis.config import SchemathesisConfig
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation.feedback import FeedbackSources
from schemathesis.generation.meta import CoverageScenario
from schemathesis.pytest._test_builder import build_operation_test

from admin.app import create_app
from admin.documentation import document_of
from domain.accounts import sessions, users
from domain.calls.events import AssistantSaid, CallerSaid
from domain.contacts import operations as contacts
from domain.database import Database, Scope
from domain.demo import seed_demo
from domain.encryption import Keyring
from domain.environment import Environment
from domain.handoffs import departments, rota
from domain.knowledge import operations as knowledge
from domain.messages import operations as messages
from domain.people import operations as people
from domain.places import operations as places
from domain.rooms import operations as rooms
from domain.scheduling import appointments, waiting_list
from domain.services import operations as services
from sandbox.server import Sandbox
from tests.factories import PASSWORD, make_call, make_key, make_user
from tests.postgres import clone_template, drop

_FEW = 2
_EXAMPLES = int(os.environ.get("RECEPTION_EXAMPLES", _FEW))
"""Requests made up for each operation and each way to be wrong; `make test-long` makes more."""

_CONFIG = SchemathesisConfig.from_dict(
    {
        "seed": 20261121,
        "generation": {"max-examples": _EXAMPLES, "deterministic": True, "allow-x00": False},
        "checks": {
            # A rule of the domain may refuse what no schema can: 422, 409, and 403 for settings that
            # only operators change.
            "positive_data_acceptance": {"expected-statuses": ["2xx", 403, 404, 409, 412, 422]},
            # Litestar's own OPTIONS names the methods that were registered first; its 405 names all.
            "allow_header_conformance": {"enabled": False},
        },
    }
)


@dataclass(frozen=True)
class Served:
    """The running service, what opens it, and ids of things that are there."""

    app: Litestar
    address: str
    headers: dict[str, str]
    ids: dict[str, str]


async def _prepare(url: str, keyring: Keyring) -> tuple[dict[str, str], dict[str, str]]:
    database = Database(url, keyring=keyring)
    business_id = await seed_demo(database)
    key = await make_key(database, role="operator")
    call_id = await make_call(
        database,
        business_id=business_id,
        events=[CallerSaid(text="Hello."), AssistantSaid(text="Good morning.")],
    )
    async with database.scope(business_id=business_id) as scope:
        ids = {
            "business_id": business_id,
            "call_id": call_id,
            "contact_id": (await contacts.create(scope, name="Jane")).id,
            "message_id": (await messages.take(scope, text="Hello.")).id,
            "entry_id": (await knowledge.list_entries(scope, limit=1))[0].id,
            "person_id": (await people.list_people(scope, limit=1))[0].id,
            "place_id": (await places.create(scope, name="Uptown")).id,
            "resource_id": (await rooms.list_rooms(scope, limit=1))[0].id,
            "service_id": (await services.list_services(scope, limit=1))[0].id,
            "holiday": "thanksgiving-day",
            "version": 1,
        }
        user = await users.create(
            scope,
            by="owner",
            name="Ann",
            email="ann@x.example",
            role="staff",
            password=PASSWORD,
        )
        session = await sessions.begin(scope, user=user)
        ids |= {"user_id": user.id, "session_id": session.id}
        ids |= await _schedule(scope, ids["contact_id"])
        ids |= await _routing(scope, ids["person_id"])
    await make_user(database, role="viewer", business_id=business_id)
    await database.aclose()
    headers = {"Authorization": f"Bearer {key}", "X-Business": str(business_id)}
    return headers, {name: str(value) for name, value in ids.items()}


async def _schedule(scope: Scope, contact_id: Any) -> dict[str, Any]:
    """An appointment far ahead and somebody who waits for one."""
    service = (await services.list_services(scope, limit=1))[0]
    person = (await people.list_people(scope, limit=1))[0]
    day = scope.seam.now() + timedelta(days=30)
    booked = await appointments.book_directly(
        scope,
        service_id=service.id,
        person_id=person.id,
        starts_at=day,
        contact_id=contact_id,
        outside_hours=True,
    )
    entry = await waiting_list.add(
        scope,
        contact_id=contact_id,
        service_id=service.id,
        first_day=day.date(),
        last_day=day.date(),
    )
    return {"appointment_id": booked.id, "waiting_id": entry.id}


async def _routing(scope: Scope, person_id: Any) -> dict[str, Any]:
    """A department and a shift for it."""
    made = await departments.create(scope, name="Night desk")
    shift = await rota.create(
        scope,
        department_id=made.department.id,
        person_id=person_id,
        day=scope.seam.now().date(),
        begins=time(18),
        ends=time(8),
    )
    return {"department_id": made.department.id, "shift_id": shift.id}


@pytest.fixture(scope="module")
def served(keyring: Keyring) -> Iterator[Served]:
    """The service on a port of its own, in a thread: schemathesis calls from synchronous code."""
    superuser = os.environ["RECEPTION_TEST_POSTGRES"]
    target = clone_template(superuser)
    made: dict[str, Any] = {}
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        async def run() -> None:
            made["headers"], made["ids"] = await _prepare(target.app, keyring)
            async with Sandbox() as sandbox:
                environment = Environment(
                    _env_file=None,
                    livekit_url="ws://127.0.0.1:9",
                    livekit_api_key="devkey",
                    livekit_api_secret="s" * 32,
                    reception_jwt_secret="j" * 32,
                    reception_sandbox_port=sandbox.port,
                )
                database = Database(target.app, keyring=keyring)
                made["app"] = create_app(environment, database, background=False)
                config = uvicorn.Config(made["app"], log_config=None, access_log=False)
                made["server"] = uvicorn.Server(config)
                made["loop"] = asyncio.get_running_loop()
                ready.set()
                await made["server"].serve(sockets=[listener])
                await database.aclose()

        asyncio.run(run())

    ready = threading.Event()
    thread = threading.Thread(target=serve)
    thread.start()
    assert ready.wait(30)
    host, port = listener.getsockname()[:2]
    yield Served(made["app"], f"http://{host}:{port}", made["headers"], made["ids"])
    made["server"].should_exit = True
    thread.join(30)
    drop(superuser, target)


def _document() -> dict[str, Any]:
    """The document alone: making it needs neither a database nor a server."""
    keyring = Keyring(encryption_keys=[Fernet.generate_key().decode()], index_key="index" * 8)
    nowhere = Database("postgresql://nobody@127.0.0.1:9/none", keyring=keyring)
    return document_of(create_app(Environment(_env_file=None), nowhere, background=False))


_schema = schemathesis.openapi.from_dict(_document(), config=_CONFIG)


_OPERATIONS = {
    operation.label: operation
    for operation in (result.ok() for result in _schema.get_all_operations())
}


@pytest.mark.parametrize("operation", _OPERATIONS)
def test_every_operation_keeps_to_the_document(operation: str, served: Served) -> None:
    # What `_schema.parametrize()` does, but as late as this: making up the requests of every operation takes a
    # quarter of a minute, which every worker would pay while it collects.
    load_all_checks()
    ask = build_operation_test(
        config=_schema.config,
        operation=_OPERATIONS[operation],
        test_func=_keep_to_the_document,
        given_kwargs={},
        feedback=FeedbackSources(),
    )
    if _EXAMPLES == _FEW:
        ask.hypothesis_explicit_examples = _thinned(ask.hypothesis_explicit_examples)
    ask(served=served)


def _thinned(examples: list[Any]) -> list[Any]:
    """One in three of the wrong types of each field, other ones of each: half of all requests are wrong
    types, and `make test-long` sends them all."""
    places: dict[object, list[Any]] = {}
    kept = []
    for example in examples:
        data = example.kwargs["case"].meta.phase.data
        if getattr(data, "scenario", None) == CoverageScenario.INCORRECT_TYPE:
            place = (data.parameter_location, data.parameter, data.location)
            places.setdefault(place, []).append(example)
        else:
            kept.append(example)
    for number, wrong in enumerate(places.values()):
        kept += wrong[number % min(3, len(wrong)) :: 3]
    return kept


@hypothesis.settings(
    max_examples=_EXAMPLES,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
def _keep_to_the_document(case: schemathesis.Case[Any], served: Served) -> None:
    if case.path.startswith("/ready"):
        pytest.skip("nothing it asks about is there; see test_health")
    if case.path == "/api/v1/live":
        if case.meta is not None and not case.meta.generation.mode.is_positive:
            # What is taken after all is a stream without an end; refusals are in test_live.
            return
        case.query["seconds"] = 0
    headers = dict(served.headers)
    if case.meta is None or case.meta.generation.mode.is_positive:
        # Random ids find nothing: what is well-formed should reach the code behind.
        case.path_parameters = {
            name: served.ids.get(name, value) for name, value in case.path_parameters.items()
        }
        case.headers.pop("X-Business", None)
        if case.path == "/api/v1/sign-in":
            # Who signs in must be somebody.
            case.body = {"email": "viewer@riverside.example", "password": PASSWORD}
        # Opaque: only what a page gave is well-formed.
        case.query = {name: value for name, value in case.query.items() if name != "cursor"}
    else:
        if "X-Business" in case.headers:
            del headers["X-Business"]
        if (
            case.meta.is_negative_at(ParameterLocation.HEADER)
            and "Authorization" not in case.headers
        ):
            # Taken away on purpose: with it the request would be one that is allowed.
            del headers["Authorization"]
    case.call_and_validate(base_url=served.address, headers=headers)
