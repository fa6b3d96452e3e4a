"""What can be seen of the worker and of its calls from outside: figures, traces, signs of life."""
