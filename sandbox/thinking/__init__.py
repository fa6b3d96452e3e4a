"""OpenAI's stand-in: a deterministic dialogue policy that reads the tools it is given."""
