"""`python -m reception`."""

from reception.cli import app

app()
