"""sourcing-audit: was each item of a training dataset sourced ethically, and how do we know?"""

__version__ = "0.1.0"
