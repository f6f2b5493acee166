"""Files, folders, and what is read from strangers."""
