"""Practice systems that speak FHIR R4; off unless the operator sets RECEPTION_FHIR=on."""

from __future__ import annotations

from connectors.fhir.access import check_access, enabled
from connectors.fhir.system import connect

__all__ = ["check_access", "connect", "enabled"]
