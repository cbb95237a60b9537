"""Lambda: the functions and their invocation."""
