"""`make bench`: the deployed binaries measured side by side with others, and against the limits."""
