"""`reception replay`: a call told again from its events alone."""
