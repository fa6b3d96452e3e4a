"""A random walk through everything that can happen to a calendar, on the real PostgreSQL.

`machine` draws the steps (Hypothesis), `requests` carries them out, `told` is what the callers were
told, `invariants` compares it with what the database holds.
"""
