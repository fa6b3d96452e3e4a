"""Teaches the classifiers of `domain.learnt` from written examples. Not part of what is installed."""
