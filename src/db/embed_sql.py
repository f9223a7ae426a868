#!/usr/bin/env python3
"""Writes the migrations as a C table: embed_sql.py OUTPUT FILE…

A file is named NNNN_name.sql, or NNNN_name.sqlite.sql and NNNN_name.pg.sql; the table keeps number,
name and engine ("" when the file is for both).
"""
import re
import sys
from pathlib import Path


def c_bytes(text):
    """As numbers: a C compiler need not take string literals beyond 4,095 characters."""
    numbers = [str(byte) for byte in text.encode()] + ["0"]
    return ",\n".join(",".join(numbers[i : i + 24]) for i in range(0, len(numbers), 24))


def entry(path):
    match = re.fullmatch(r"(\d{4})_(\w+?)(?:\.(sqlite|pg))?\.sql", path.name)
    if match is None:
        sys.exit(f"{path}: not named NNNN_name.sql")
    number, name, engine = match.groups()
    text = path.read_text(encoding="utf-8")
    return int(number), engine or "", name, text


def main():
    output, *files = sys.argv[1:]
    entries = sorted(entry(Path(file)) for file in files)
    for number in {number for number, *_ in entries}:
        engines = [engine for other, engine, *_ in entries if other == number]
        if engines not in ([""], ["pg", "sqlite"]):
            sys.exit(f"migration {number} is there for {engines}, not once, or once for each engine")
    with open(output, "w", encoding="utf-8") as out:
        out.write('/* Made by src/db/embed_sql.py from sql/. */\n#include "db/migrate.h"\n\n')
        for i, (_, _, _, text) in enumerate(entries):
            out.write(f"static const char sql_{i}[] = {{\n{c_bytes(text)}}};\n")
        out.write("\nconst struct migration migrations[] = {\n")
        for i, (number, engine, name, _) in enumerate(entries):
            out.write(f'    {{{number}, "{name}", "{engine}", {{sql_{i}, sizeof sql_{i} - 1}}}},\n')
        out.write("};\n\nconst size_t migration_count = sizeof migrations / sizeof migrations[0];\n")


main()
