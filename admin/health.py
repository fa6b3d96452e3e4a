"""What watches this service asks: is it alive, is it ready, how does it do."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, Router, get
from litestar.openapi.datastructures import ResponseSpec
from pydantic import BaseModel
from sqlalchemy.exc import SQLAlchemyError

from admin.authentication import PUBLIC
from admin.metrics import CONTENT_TYPE, Metrics
from admin.readiness import Checks, Readiness
from domain.calls import log
from domain.database import Database
from domain.watching.figures import read_figures


class Health(BaseModel):
    """This process answers."""

    status: str = "ok"


@get("/healthz", opt=PUBLIC, security=[{}], summary="Is the process alive")
async def healthz() -> Health:
    """Answers as long as the process does; looks at nothing else."""
    return Health()


@get(
    "/ready",
    opt=PUBLIC,
    security=[{}],
    summary="Can calls be served",
    responses={
        503: ResponseSpec(
            Readiness, description="A part that is needed is down.", generate_examples=False
        )
    },
)
async def ready(request: Request[Any, Any, Any]) -> Response[Readiness]:
    """The state of every part. 503 when the database or LiveKit is down: the others' failing is worth knowing,
    and calls are served, or taken on, all the same."""
    checks: Checks = request.app.state.checks
    readiness = await checks.readiness()
    return Response(readiness, status_code=200 if readiness.ready else 503)


@get("/metrics", opt=PUBLIC, include_in_schema=False, media_type=CONTENT_TYPE)
async def metrics(request: Request[Any, Any, Any]) -> bytes:
    """Figures in Prometheus's text format."""
    figures: Metrics = request.app.state.metrics
    database: Database = request.app.state.database
    try:
        figures.calls_open(len(await log.open_calls(database)))
        figures.installation.set(await read_figures(database))
    except (SQLAlchemyError, OSError):
        figures.calls_open(None)
    return figures.text()


router = Router(path="/", tags=["health"], route_handlers=[healthz, ready, metrics])
