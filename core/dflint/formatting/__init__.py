"""Layout of Dockerfiles: white space and the case of keywords, and nothing that has a meaning.

``format_edits`` proposes; an instruction that would not mean exactly the same afterwards is left as it is.
"""

from dflint.formatting.layout import FormatSettings, format_edits, formatted

__all__ = ["FormatSettings", "format_edits", "formatted"]
