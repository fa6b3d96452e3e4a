"""How the installation does: its workers, its synthetic calls, and figures over all businesses."""
