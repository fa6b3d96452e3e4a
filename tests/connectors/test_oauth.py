"""Signing in to a vendor, and what must never happen to a token."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from aiohttp import web

from connectors import oauth
from connectors.oauth import Kind, Tokens, authorization_url, provider, redeem, refresh_form
from domain.calendars.port import CalendarAway, SignInNeeded
from domain.seam import PinnedSeam
from tests.connectors.vendors import BEGINS, ENDS, ZONE, Vendor, vendor_of

CALLBACK = "https://reception.example/oauth/calendars/callback"
VERIFIER = "v" * 64
KINDS: tuple[Kind, ...] = ("google", "microsoft")


@pytest.fixture(params=KINDS)
async def vendor(
    request: pytest.FixtureRequest, seam: PinnedSeam, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Vendor]:
    async with vendor_of(request.param, seam, monkeypatch) as made:
        yield made


def of_vendor(vendor: Vendor) -> oauth.Provider:
    return provider("google" if vendor.kind == "google" else "microsoft")


async def code_of(url: str) -> str:
    """Agree on the consent page; the code that comes back."""
    async with httpx.AsyncClient() as browser:
        answer = await browser.get(url)
    assert answer.status_code == 302, answer.text
    back = urlsplit(answer.headers["Location"])
    assert f"{back.scheme}://{back.netloc}{back.path}" == CALLBACK
    query = parse_qs(back.query)
    assert query["state"] == ["the state"]
    return query["code"][0]


def consent_url(of: oauth.Provider) -> str:
    return authorization_url(of, redirect_uri=CALLBACK, state="the state", verifier=VERIFIER)


@pytest.fixture
def _no_stand_ins(monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in ("GOOGLE", "MICROSOFT"):
        monkeypatch.setenv(f"{kind}_CALENDAR_CLIENT_ID", "our-client")
        monkeypatch.setenv(f"{kind}_CALENDAR_CLIENT_SECRET", "our-secret")
        monkeypatch.delenv(f"{kind}_CALENDAR_BASE_URL", raising=False)


@pytest.mark.usefixtures("_no_stand_ins")
def test_google_is_asked_for_a_lasting_permission() -> None:
    url = urlsplit(consent_url(provider("google")))
    assert url.scheme == "https" and url.netloc == "accounts.google.com"
    query = {name: values[0] for name, values in parse_qs(url.query).items()}
    assert query == {
        "response_type": "code",
        "client_id": "our-client",
        "redirect_uri": CALLBACK,
        "scope": "https://www.googleapis.com/auth/calendar.events",
        "state": "the state",
        "code_challenge": query["code_challenge"],
        "code_challenge_method": "S256",
        "access_type": "offline",
        "prompt": "consent",
    }
    # RFC 7636 appendix B's kind: 43 characters, and not the verifier.
    assert len(query["code_challenge"]) == 43 and VERIFIER not in url.query


@pytest.mark.usefixtures("_no_stand_ins")
def test_microsoft_is_asked_for_a_lasting_permission() -> None:
    url = urlsplit(consent_url(provider("microsoft")))
    assert url.netloc == "login.microsoftonline.com"
    assert "offline_access" in parse_qs(url.query)["scope"][0]


@pytest.mark.usefixtures("_no_stand_ins")
@pytest.mark.parametrize("kind", KINDS)
def test_the_secret_goes_to_the_vendor_alone_and_into_no_log(kind: Kind) -> None:
    of = provider(kind)
    hosts = {urlsplit(url).netloc for url in (of.authorize_url, of.token_url, of.api_url)}
    schemes = {urlsplit(url).scheme for url in (of.authorize_url, of.token_url, of.api_url)}
    assert schemes == {"https"}
    assert all(
        host.endswith((".google.com", ".googleapis.com", ".microsoftonline.com", ".microsoft.com"))
        for host in hosts
    )
    assert "our-secret" not in repr(of) + consent_url(of)


@pytest.mark.parametrize("kind", KINDS)
def test_an_installation_without_a_client_says_so(
    kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"{kind.upper()}_CALENDAR_CLIENT_ID"
    monkeypatch.delenv(name, raising=False)
    with pytest.raises(CalendarAway, match=name):
        provider(kind)


async def test_a_sign_in_gives_what_a_calendar_needs(vendor: Vendor, seam: PinnedSeam) -> None:
    of = of_vendor(vendor)
    code = await code_of(consent_url(of))
    access = await redeem(of, code=code, verifier=VERIFIER, redirect_uri=CALLBACK, now=seam.now)
    assert set(access) == {"refresh_token", "access_token", "expires_at"}
    calendar = await vendor.connect(access)
    changes = await calendar.changes(cursor=None, begins=BEGINS, ends=ENDS, zone=ZONE)
    assert changes.complete
    await calendar.aclose()
    with pytest.raises(SignInNeeded):
        await redeem(of, code=code, verifier=VERIFIER, redirect_uri=CALLBACK, now=seam.now)


@pytest.mark.parametrize(
    "wrong", [{"verifier": "w" * 64}, {"redirect_uri": f"{CALLBACK}/"}, {"code": "guessed"}]
)
async def test_a_code_is_worth_nothing_to_who_did_not_ask_for_it(
    vendor: Vendor, seam: PinnedSeam, wrong: dict[str, str]
) -> None:
    of = of_vendor(vendor)
    right = {"code": await code_of(consent_url(of)), "verifier": VERIFIER, "redirect_uri": CALLBACK}
    with pytest.raises(SignInNeeded):
        await redeem(of, **{**right, **wrong}, now=seam.now)


async def test_a_calendar_that_was_not_ticked_is_told(vendor: Vendor, seam: PinnedSeam) -> None:
    of = of_vendor(vendor)
    vendor.account.authority.withholds = of.scope.split()[-1]
    code = await code_of(consent_url(of))
    with pytest.raises(SignInNeeded, match="not ticked"):
        await redeem(of, code=code, verifier=VERIFIER, redirect_uri=CALLBACK, now=seam.now)


async def test_a_wrong_client_is_the_operator_s_affair(
    vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"{vendor.kind.upper()}_CALENDAR_CLIENT_SECRET", "mistyped")
    vendor.account.authority.expire_access_tokens()
    calendar = await vendor.connect()
    with pytest.raises(CalendarAway, match="client id or secret"):
        await calendar.changes(cursor=None, begins=BEGINS, ends=ENDS, zone=ZONE)
    await calendar.aclose()


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        ("invalid_grant", SignInNeeded),
        ("interaction_required", SignInNeeded),
        ("consent_required", SignInNeeded),
        ("temporarily_unavailable", CalendarAway),
        ("unsupported_grant_type", CalendarAway),
    ],
)
async def test_which_refusals_need_a_person(
    vendor: Vendor, error: str, raised: type[Exception]
) -> None:
    vendor.account.authority.expire_access_tokens()
    vendor.account.authority.refuses = error
    calendar = await vendor.connect()
    with pytest.raises(raised):
        await calendar.changes(cursor=None, begins=BEGINS, ends=ENDS, zone=ZONE)
    await calendar.aclose()


async def test_a_calendar_nobody_signed_in_to_needs_a_person(vendor: Vendor) -> None:
    calendar = await vendor.connect({"calendar_id": "primary"})
    with pytest.raises(SignInNeeded):
        await calendar.changes(cursor=None, begins=BEGINS, ends=ENDS, zone=ZONE)
    await calendar.aclose()


def tokens_of(vendor: Vendor, keep: Any) -> Tokens:
    of = of_vendor(vendor)
    return Tokens(
        vendor=of.name,
        token_url=of.token_url,
        access={**vendor.access, "calendar_id": "primary"},
        form=refresh_form(of),
        keep=keep,
        now=vendor.seam.now,
    )


async def test_a_renewed_sign_in_that_was_not_stored_is_stored_before_it_is_used(
    vendor: Vendor,
) -> None:
    kept: list[dict[str, Any]] = []
    broken = True

    async def keep(access: dict[str, Any]) -> None:
        if broken:
            raise RuntimeError("the database is away")
        kept.append(access)

    tokens = tokens_of(vendor, keep)
    old = vendor.access["access_token"]
    with pytest.raises(CalendarAway, match="was not stored"):
        await tokens.token(refused=old)
    with pytest.raises(CalendarAway, match="was not stored"):
        await tokens.token()
    broken = False
    renewed = await tokens.token()
    await tokens.aclose()
    # One renewal at the vendor, however often the storing failed.
    assert vendor.account.authority.renewals == 1
    assert [access["access_token"] for access in kept] == [renewed]
    assert kept[0]["calendar_id"] == "primary"


async def test_whoever_gives_up_waiting_loses_no_rotated_token(vendor: Vendor) -> None:
    kept: list[dict[str, Any]] = []
    arrived, go_on = asyncio.Event(), asyncio.Event()

    async def keep(access: dict[str, Any]) -> None:
        arrived.set()
        await go_on.wait()
        kept.append(access)

    tokens = tokens_of(vendor, keep)
    waiting = asyncio.create_task(tokens.token(refused=vendor.access["access_token"]))
    await arrived.wait()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    go_on.set()
    await tokens.aclose()
    assert len(kept) == 1
    again = tokens_of(vendor, vendor.kept.append)
    again._access = kept[0]
    assert await again.token() == kept[0]["access_token"]
    await again.aclose()


async def test_refresh_tokens_rotate_as_often_as_the_vendor_likes(vendor: Vendor) -> None:
    used = set()
    for _ in range(4):
        calendar = await vendor.connect()
        vendor.account.authority.expire_access_tokens()
        await calendar.changes(cursor=None, begins=BEGINS, ends=ENDS, zone=ZONE)
        await calendar.aclose()
        used.add(vendor.access["refresh_token"])
    assert len(used) == (4 if vendor.account.authority.rotates else 1)


async def test_what_a_business_stores_sends_our_secret_nowhere(
    vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    caught: list[str] = []

    async def trap(request: web.Request) -> web.Response:
        caught.append(f"{request.path} {await request.text()}")
        return web.json_response({"access_token": "trap", "expires_in": 9})

    app = web.Application()
    app.router.add_route("*", "/{any:.*}", trap)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    vendor.account.authority.expire_access_tokens()
    names = ("base_url", "api_url", "token_url", "authorize_url", "url", "tenant", "client_id")
    calendar = await vendor.connect({**vendor.access, **dict.fromkeys(names, url)})
    try:
        await calendar.changes(cursor=None, begins=BEGINS, ends=ENDS, zone=ZONE)
    finally:
        await calendar.aclose()
        await runner.cleanup()
    assert caught == []
    assert vendor.account.authority.renewals == 1
