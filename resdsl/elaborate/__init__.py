"""Syntax -> graph: every name gets its meaning, every flow its shape. Errors carry the calls that led to them.

meanings   what an expression can mean          joins    sums, products, concatenations
names      what a name means at a place         blocks   bodies, lines, instances of blocks
binding    which parameter an argument is for   flows    what runs on an input
numbers    the meaning of expressions           models   a model, its variants flattened (variants)
"""

from resdsl.elaborate.models import Aside, all_diagnostics, check_template, elaborate
from resdsl.elaborate.names import Reader
from resdsl.elaborate.variants import Flat, flatten, is_template

__all__ = ["Aside", "Flat", "Reader", "all_diagnostics", "check_template", "elaborate", "flatten", "is_template"]
