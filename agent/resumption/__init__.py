"""Taking over the call of a job that has died: what it knew is read from the journal."""
