"""Deepgram's stand-in: it really hears, within a receptionist's closed domain."""
