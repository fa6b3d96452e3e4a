"""ElevenLabs' stand-in: espeak-ng speaks."""
