"""Whether a store is whole."""

from __future__ import annotations

import hashlib
import sqlite3

from mttq_data.store.rows import original_bytes


def faults(connection: sqlite3.Connection) -> list[str]:
    """One line for each thing that is not as it must be."""
    found = [str(row[0]) for row in connection.execute("PRAGMA integrity_check") if row[0] != "ok"]
    found += [
        f"{row[0]}: row {row[1]} refers to nothing in {row[2]}"
        for row in connection.execute("PRAGMA foreign_key_check")
    ]
    for sha, size, codec, content in connection.execute("SELECT sha256, size, codec, content FROM original"):
        original = original_bytes(codec, content)
        if len(original) != size or hashlib.sha256(original).digest() != sha:
            found.append(f"original {sha.hex()}: its bytes do not have this checksum")
    asked = {
        "revision {} has no figures": "SELECT id FROM revision WHERE id NOT IN (SELECT revision FROM observation)",
        "revision {} has no record of its loading": "SELECT id FROM revision WHERE id NOT IN "
        "(SELECT revision FROM event WHERE action = 'load')",
        "revision {} has gaps between its figures": "SELECT revision FROM observation GROUP BY revision "
        "HAVING count(*) <> max(place) + 1",
        "revision {} has problems without words": "SELECT revision FROM problem WHERE revision NOT IN "
        "(SELECT revision FROM message)",
        "original {} belongs to no revision": "SELECT id FROM original WHERE id NOT IN (SELECT original FROM revision)",
    }
    for said, query in asked.items():
        found += [said.format(row[0]) for row in connection.execute(query)]
    return found
