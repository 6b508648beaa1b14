"""Pictures: a layout makes a scene of boxes, arcs and texts, a writer draws it."""
