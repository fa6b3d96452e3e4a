"""A refused request leaves nothing open behind it."""

from __future__ import annotations

import pytest
from httpx import AsyncClient

from tests.admin.conftest import Tenant

_MORE_THAN_THE_POOL = 25

_REFUSED = (
    ("POST", "/api/v1/services", b"{", 400),
    ("POST", "/api/v1/services", b'{"name": 5}', 400),
    ("POST", "/api/v1/appointments", b'{"service_id": "x"}', 400),
    ("GET", "/api/v1/appointments?limit=0", b"", 400),
    ("GET", "/api/v1/appointments?cursor=nonsense", b"", 400),
    ("GET", "/api/v1/availability?service_id=x&first_day=y", b"", 400),
)


@pytest.mark.parametrize(("method", "path", "body", "status"), _REFUSED)
async def test_a_refused_request_keeps_no_connection(
    client: AsyncClient,
    tenant: Tenant,
    method: str,
    path: str,
    body: bytes,
    status: int,
) -> None:
    headers = tenant.headers() | {"Content-Type": "application/json"}
    for _ in range(_MORE_THAN_THE_POOL):
        answer = await client.request(method, path, content=body, headers=headers)
        assert answer.status_code == status, answer.text
    # Were each refused request to keep one, the pool would be empty by now.
    answer = await client.get("/api/v1/services", headers=tenant.headers())
    assert answer.status_code == 200, answer.text
