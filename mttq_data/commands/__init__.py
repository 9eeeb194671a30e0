"""The commands of ``mttq``: one module each, with ``add_arguments(parser)`` and ``run(args) -> int``.

A module is imported only when its command is called; it imports pandas and
matplotlib, if at all, inside ``run``.
"""
