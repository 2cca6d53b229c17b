"""How the documentation site is built (`make docs`): from this folder, without the network."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from sourcing_audit import __version__  # noqa: E402

project = "sourcing-audit"
author = "The sourcing-audit authors"
version = release = __version__
language = "en"

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "site_pages"]
exclude_patterns = ["_build"]
default_role = "code"
smartquotes_action = "D"  # dashes only; quotation marks stay as they are written
nitpicky = True
# Types of other libraries have no pages here, and nothing is looked up elsewhere.
nitpick_ignore_regex = [("py:.*", ".*")]

myst_enable_extensions = ["attrs_inline", "deflist"]
myst_heading_anchors = 4
# A changelog has its headings of the third level under each release.
suppress_warnings = ["myst.header"]

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_preserve_defaults = True
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 80
napoleon_google_docstring = True
napoleon_numpy_docstring = False

html_theme = "furo"
html_title = "sourcing-audit"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False
html_last_updated_fmt = None
html_theme_options = {
    "light_css_variables": {
        "color-brand-primary": "#14538a",
        "color-brand-content": "#14538a",
        "font-stack": "system-ui, sans-serif",
        "font-stack--monospace": "ui-monospace, monospace",
    },
    "dark_css_variables": {
        "color-brand-primary": "#8fc1ea",
        "color-brand-content": "#8fc1ea",
    },
}
