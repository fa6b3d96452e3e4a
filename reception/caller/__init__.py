"""The calling side: a WebRTC caller and a SIP phone, for `reception call`, tests and the bench."""
