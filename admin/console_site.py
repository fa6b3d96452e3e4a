"""Serves the built console at /console/: its files, and for every page its one document."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from litestar import Request, Router, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import File, Redirect, Response
from litestar.static_files import create_static_files_router

from admin.authentication import PUBLIC
from domain.environment import Environment

BUILT = Path(__file__).with_name("console") / "dist"
_NOT_BUILT = "The console is not built: run `make console`.\n"
_FOREVER = "public, max-age=31536000, immutable"


def content_security_policy(livekit_address: str) -> str:
    """What the console may load and reach: itself, and LiveKit at its own address (CSP Level 3)."""
    there = urlsplit(livekit_address)
    signalling = f"{there.scheme}://{there.netloc}"
    # livekit-client asks over HTTP why a connection was refused.
    asking = f"{'https' if there.scheme in ('wss', 'https') else 'http'}://{there.netloc}"
    return "; ".join(
        (
            "default-src 'self'",
            f"connect-src 'self' {signalling} {asking}",
            "img-src 'self' data:",
            "media-src 'self' blob:",
            "style-src 'self' 'unsafe-inline'",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


@get("/", include_in_schema=False, opt=PUBLIC)
async def front_door() -> Redirect:
    return Redirect("/console/")


@get("/console", include_in_schema=False, opt=PUBLIC)
async def console(request: Request[Any, Any, Any]) -> Response[Any]:
    return _answer(request, "index.html", "text/html")


@get("/console/{page:path}", include_in_schema=False, opt=PUBLIC)
async def console_page(request: Request[Any, Any, Any], page: FromPath[str]) -> Response[Any]:
    """The one document, whichever page is asked for: the browser shows the page itself."""
    name = page.strip("/")
    if name == "icon.svg":
        return _answer(request, name, "image/svg+xml")
    if "." in name.rpartition("/")[2]:
        # A file that a newer build does not have any more must not be answered with a page.
        raise NotFoundException
    return _answer(request, "index.html", "text/html")


def _answer(request: Request[Any, Any, Any], name: str, media_type: str) -> Response[Any]:
    environment: Environment = request.app.state.environment
    if not (BUILT / name).is_file():
        return Response(_NOT_BUILT, status_code=503, media_type="text/plain")
    return File(
        BUILT / name,
        media_type=media_type,
        content_disposition_type="inline",
        headers={
            "Content-Security-Policy": content_security_policy(environment.livekit_public_address),
            "Cache-Control": "no-cache",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "Permissions-Policy": "microphone=(self), camera=(), geolocation=()",
        },
    )


def routers() -> list[Any]:
    """The route handlers; the files only where there is a build."""
    found: list[Any] = [Router(path="/", route_handlers=[front_door, console, console_page])]
    assets = BUILT / "assets"
    if assets.is_dir():
        # Their names hold a digest of what is in them.
        found.append(
            create_static_files_router(
                path="/console/assets",
                directories=[assets],
                cache_control=None,
                include_in_schema=False,
                opt=PUBLIC,
                after_request=_keep_forever,
            )
        )
    return found


async def _keep_forever(response: Response[Any]) -> Response[Any]:
    response.headers["Cache-Control"] = _FOREVER
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
