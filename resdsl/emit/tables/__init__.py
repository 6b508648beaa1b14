"""Tables: what stands in them (a file a style) and how they are written (a file a format)."""
