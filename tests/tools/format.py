#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The layout nobody discusses, for the files under version control: tabs of 8 at the start of a line of C, no blanks at its end, one line
break at the end of a file and never two empty lines in a row in C, no CRLF. With --check only says where it is not so, and fails."""
import re
import subprocess
import sys

KINDS = (".c", ".h", ".sh", ".py", ".t", ".sql", ".css", ".js", ".md", ".awk", ".conf", ".1")


def laid_out(name, text):
    text = text.replace("\r\n", "\n")
    lines = [line.rstrip(" \t") if not name.endswith(".md") else line.rstrip("\t") for line in text.split("\n")]
    if name.endswith((".c", ".h")):
        lines = [re.sub(r"^((?:\t)*)(?: {8})+", lambda m: m.group(1) + "\t" * ((len(m.group(0)) - len(m.group(1))) // 8), line) for line in lines]
    text = "\n".join(lines).rstrip("\n") + "\n"
    return re.sub(r"\n{3,}", "\n\n", text) if name.endswith((".c", ".h")) else text


def main():
    check, bad = "--check" in sys.argv[1:], 0
    names = subprocess.run(["git", "ls-files"], capture_output=True, text=True, check=True).stdout.splitlines()
    for name in names:
        if not name.endswith(KINDS) or name.startswith(("tests/fuzz/corpus/", "samples/", "tests/browser/package")):
            continue
        with open(name, encoding="utf-8", newline="") as handle:
            have = handle.read()
        want = laid_out(name, have)
        if want == have:
            continue
        print(f"{name}: {'not laid out; run make format' if check else 'laid out'}")
        bad = 1
        if not check:
            with open(name, "w", encoding="utf-8", newline="") as handle:
                handle.write(want)
    return bad if check else 0


sys.exit(main())
