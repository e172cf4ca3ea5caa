"""Programs: a recorded computation, compiled, which replays on new inputs for a whole batch."""
