"""The facts of a call: on disk at once, in the database soon, once and in order."""
