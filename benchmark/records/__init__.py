"""Records: what is kept of one model, protocol and seed, and what follows from it."""
