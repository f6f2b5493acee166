"""What the pages of the site show: plain data from boards and records, no markup, no disk."""
