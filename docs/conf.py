"""How Sphinx makes the site of this folder: `make docs`. It needs no internet, neither to be made nor to be read."""

from __future__ import annotations

import re
from typing import Any

import stackrace

project = "stackrace"
author = copyright = "The stackrace authors"
release = version = stackrace.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc"]
myst_heading_anchors = 3  # links to headings, as code hosts have them

default_role = "literal"
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
ALIASES = ("Floats", "Given", "Intervention", "Pairs", "Policies")
autodoc_type_aliases = {name: name for name in ALIASES}
python_maximum_signature_line_length = 100
python_use_unqualified_type_names = True

nitpicky = True
OTHERS = ("pd", "pandas", "nx", "networkx", "np", "numpy", "matplotlib", "mesa", "pathlib", "collections", "concurrent")
nitpick_ignore_regex = [
    ("py:.*", rf"({'|'.join(OTHERS)})\..*"),
    # What the reference explains in words, or what stays inside.
    ("py:.*", rf"(.*\.)?(Callable|Executor|Figure|Frame|Iterable|OwnRule|Path|Sequence|Value|{'|'.join(ALIASES)})"),
    ("py:.*", r"stackrace\..*\.(\w+View|Job|Parameters|Register|Store|Stretch|Task)"),
]

html_theme = "furo"
html_title = f"stackrace {release}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False


def by_name(app: object, what: str, name: str, thing: object, options: object, *signature: str | None) -> Any:
    """Types that have a name of their own are called by it, classes that are defaults too."""
    return tuple(
        part and re.sub(r"(?:TypeAliasForwardRef\('|<class '[\w.]*\.)(\w+)'[)>]", r"\1", part) for part in signature
    )


def setup(app: Any) -> None:
    """What Sphinx calls."""
    app.connect("autodoc-process-signature", by_name)
