"""What one check of the doctor found."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

Status = Literal["ok", "warning", "problem", "skipped"]


@dataclass(frozen=True, kw_only=True)
class Check:
    """One finding. `mend` says what to do, and is empty when nothing is to be done."""

    name: str
    status: Status
    detail: str
    mend: str = ""

    def as_json(self) -> dict[str, str]:
        return asdict(self)


def ok(name: str, detail: str) -> Check:
    return Check(name=name, status="ok", detail=detail)


def warning(name: str, detail: str, mend: str) -> Check:
    return Check(name=name, status="warning", detail=detail, mend=mend)


def problem(name: str, detail: str, mend: str) -> Check:
    return Check(name=name, status="problem", detail=detail, mend=mend)


def skipped(name: str, detail: str) -> Check:
    return Check(name=name, status="skipped", detail=detail)
