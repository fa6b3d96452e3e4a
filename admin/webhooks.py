"""LiveKit's webhooks: verified, then passed on."""

from __future__ import annotations

from typing import Any

import structlog
from litestar import Request, Router, post
from litestar.exceptions import NotAuthorizedException
from livekit.api import TokenVerifier, WebhookReceiver

from admin.authentication import PUBLIC
from admin.closer import CallCloser
from admin.metrics import Metrics
from domain.environment import Environment

_EVENTS = frozenset(
    {
        "room_started",
        "room_finished",
        "participant_joined",
        "participant_left",
        "participant_connection_aborted",
        "track_published",
        "track_unpublished",
        "egress_started",
        "egress_updated",
        "egress_ended",
        "ingress_started",
        "ingress_ended",
    }
)

logger = structlog.get_logger(__name__)


def receiver_of(environment: Environment) -> WebhookReceiver | None:
    """Verifies with the installation's LiveKit key; None when it has none."""
    secret = environment.livekit_api_secret.get_secret_value()
    if not environment.livekit_api_key or not secret:
        return None
    return WebhookReceiver(TokenVerifier(environment.livekit_api_key, secret))


@post("/livekit", status_code=204, include_in_schema=False, opt=PUBLIC)
async def livekit_webhook(request: Request[Any, Any, Any]) -> None:
    """Take a webhook (https://docs.livekit.io/home/server/webhooks/): a JWT in `Authorization` signs the
    SHA-256 of the body. Delivered twice or out of order, it does no harm."""
    metrics: Metrics = request.app.state.metrics
    receiver: WebhookReceiver | None = request.app.state.receiver
    body = await request.body()
    token = request.headers.get("authorization", "").removeprefix("Bearer ")
    try:
        if receiver is None:
            raise ValueError("no LiveKit key is set")
        event = receiver.receive(body.decode(), token)
    except Exception as error:
        # The library raises plain exceptions, and PyJWT's; all of them mean the same to the sender.
        metrics.webhook("refused")
        logger.warning("webhook_refused", reason=type(error).__name__)
        raise NotAuthorizedException(detail="The webhook's signature is not valid.") from None
    metrics.webhook(event.event if event.event in _EVENTS else "other")
    closer: CallCloser = request.app.state.closer
    if event.event == "room_finished":
        closer.room_finished(event.room.name)


router = Router(path="/webhooks", route_handlers=[livekit_webhook])
