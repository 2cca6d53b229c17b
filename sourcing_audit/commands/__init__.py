"""What each command does: put settings together, call the API, print the result."""
