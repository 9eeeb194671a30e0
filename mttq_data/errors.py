"""What the package says when it cannot go on, and when it has a doubt."""

from __future__ import annotations


class MttqError(Exception):
    """Bad input, told in one line that names the file, the place and what to do.

    The command line prints the message and exits with 1; it never shows a
    traceback for an ``MttqError``.

    Examples
    --------
    >>> str(MttqError("report.docx: password-protected; save it without a password"))
    'report.docx: password-protected; save it without a password'
    """


class MttqWarning(UserWarning):
    """A doubt that does not stop the work: something was converted or left out."""
