"""Members of staff who are in the call's room from the console."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from livekit import rtc

from domain.calls.control import ROLE_ATTRIBUTE, STAFF_ROLE, USER_ATTRIBUTE


@dataclass(frozen=True)
class StaffMember:
    """Who came to speak with the caller."""

    identity: str
    """Of the participant; holds no name."""
    user_id: UUID


def as_staff(participant: rtc.RemoteParticipant) -> StaffMember | None:
    """`participant` as a member of staff, if that is what they are.

    The attributes are signed into their token, and its holder can't change them. A telephone of staff is
    none of these.
    """
    attributes = participant.attributes
    if (
        participant.kind != rtc.ParticipantKind.PARTICIPANT_KIND_STANDARD
        or attributes.get(ROLE_ATTRIBUTE) != STAFF_ROLE
    ):
        return None
    try:
        return StaffMember(participant.identity, UUID(attributes.get(USER_ATTRIBUTE, "")))
    except ValueError:
        return None


def microphone(participant: rtc.RemoteParticipant) -> rtc.RemoteTrackPublication | None:
    """The participant's microphone, if it is published; it may be muted."""
    for publication in participant.track_publications.values():
        if is_microphone(publication):
            return publication
    return None


def is_microphone(publication: rtc.TrackPublication) -> bool:
    """Whether a publication is what somebody speaks into."""
    return (
        publication.kind == rtc.TrackKind.KIND_AUDIO
        and publication.source != rtc.TrackSource.SOURCE_SCREENSHARE_AUDIO
    )
