"""Whether records hold: recomputed from predictions, refitted, compared."""
