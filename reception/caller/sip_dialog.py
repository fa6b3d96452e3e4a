"""A SIP dialog: who the two sides are and how the next request between them is written (RFC 3261 section 12)."""

from __future__ import annotations

from dataclasses import dataclass, field

from reception.caller.sip_message import Message, Uri, parameter
from reception.caller.sip_transactions import Address, SipEndpoint, address_of


@dataclass
class Dialog:
    """One dialog as this side sees it. `remote` holds the other side's tag once it is known."""

    call_id: str
    local: str
    """This side's From or To, with its tag."""
    remote: str
    target: str
    """The URI of the other side's Contact."""
    local_sequence: int = 0
    routes: list[str] = field(default_factory=list)

    @classmethod
    def of_invite(cls, invite: Message, *, tag: str) -> Dialog:
        """The dialog that an incoming INVITE begins."""
        return cls(
            call_id=invite.call_id,
            local=f"{invite.get('to')};tag={tag}",
            remote=invite.get("from"),
            target=Uri.parse(invite.get("contact") or invite.get("from")).text,
            routes=invite.all("record-route"),
        )

    def confirm(self, response: Message) -> None:
        """Take what the 2xx to an outgoing INVITE says of the other side."""
        self.remote = response.get("to")
        self.refresh(response)
        self.routes = list(reversed(response.all("record-route")))

    def refresh(self, message: Message) -> None:
        """Take a new Contact (RFC 3261 section 12.2: target refresh)."""
        if message.get("contact"):
            self.target = Uri.parse(message.get("contact")).text

    def matches(self, request: Message) -> bool:
        """Whether a request of the other side belongs to this dialog."""
        return (
            request.call_id == self.call_id
            and parameter(request.get("to"), "tag") == parameter(self.local, "tag")
            and parameter(request.get("from"), "tag") == parameter(self.remote, "tag")
        )

    @property
    def address(self) -> Address:
        """Where the next request goes."""
        return address_of(Uri.parse(self.routes[0] if self.routes else self.target))

    def request(
        self, method: str, endpoint: SipEndpoint, *, sequence: int | None = None
    ) -> Message:
        """A request within the dialog; an ACK carries its INVITE's `sequence`."""
        if sequence is None:
            self.local_sequence += 1
            sequence = self.local_sequence
        message = Message(method=method, uri=self.target)
        message.add("via", endpoint.via())
        message.add("max-forwards", "70")
        for route in self.routes:
            message.add("route", route)
        message.add("from", self.local)
        message.add("to", self.remote)
        message.add("call-id", self.call_id)
        message.add("cseq", f"{sequence} {method}")
        return message
