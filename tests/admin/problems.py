"""What every error must look like."""

from __future__ import annotations

from typing import Any

from httpx import Response


def check_problem(response: Response, status: int, *, field: str | None = None) -> dict[str, Any]:
    """Assert an RFC 9457 problem with `status`, naming `field` if one is given."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = response.json()
    assert set(problem) == {"type", "title", "status", "detail", "request_id", "errors"}
    assert problem["status"] == status
    assert problem["request_id"] == response.headers["x-request-id"]
    assert problem["title"] and problem["detail"]
    if field is not None:
        assert field in [error["field"] for error in problem["errors"]], problem
    return problem
