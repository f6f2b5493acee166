"""Where work is done: worker processes, facts of the machine, energy."""
