"""`resdsl diff`: what differs between two networks, in words, numbers and keys."""
