"""What the documents say is true: every command in them is one, and every generated page is current."""
