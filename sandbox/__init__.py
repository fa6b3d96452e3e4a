"""Offline stand-ins that speak the vendors' own protocols, so that everything runs with no keys."""
