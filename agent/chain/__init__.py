"""Who hears, thinks and speaks: LiveKit's fallback adapters, with what they lack on a telephone."""
