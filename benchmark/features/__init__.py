"""Front ends, and their numbers kept on disk."""
