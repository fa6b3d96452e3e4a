"""What is different on a call that the installation makes to itself: nobody of the business is bothered."""

from __future__ import annotations

from domain.businesses.profile import CallProfile, ProfileSwitch


def undisturbing(profile: CallProfile) -> CallProfile:
    """The profile with nobody to ring: no department, no telephone, no number to send callers to, and the
    assistant switched on, for what is tried is whether it answers."""
    settings = profile.settings
    return profile.model_copy(
        update={
            "departments": (),
            "shifts": (),
            "people": tuple(one.model_copy(update={"phone": ""}) for one in profile.people),
            "switch": ProfileSwitch(),
            "settings": settings.model_copy(
                update={
                    "transfer_number": "",
                    "handoff": settings.handoff.model_copy(update={"staff_first_seconds": 0}),
                }
            ),
        }
    )
