"""The call keeper: no caller is left with nobody, whatever became of the job that served them."""
