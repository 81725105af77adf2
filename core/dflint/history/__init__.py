"""How the files of a build context changed, commit by commit, as git tells."""

from dflint.history.changes import Change, Commit, File, History, HistoryError
from dflint.history.log import read_history

__all__ = ["Change", "Commit", "File", "History", "HistoryError", "read_history"]
