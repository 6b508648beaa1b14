"""The rules, a file a family. To import this room fills the table of `registry`."""

from resdsl.lint.rules import branch, depth, layers, names, path, shortcuts, sight, widths

__all__ = ["branch", "depth", "layers", "names", "path", "shortcuts", "sight", "widths"]
