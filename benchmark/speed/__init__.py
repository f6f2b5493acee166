"""How fast this machine does the benchmark's work, each thing beside another way to do it."""
