#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the manual shows is run: its queries by the sqlite3 shell, over the samples; and it names every view, column and limit."""
import os
import re
import subprocess
import sys
import textwrap

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from kit import Box, holds, main, same, test  # noqa: E402

with open("doc/dmarcsift.1", encoding="utf-8") as handle:
    MANUAL = handle.read()
VIEWS = {name: text for name, text in re.findall(r"^\.It (v_\w+)\n(.*?)(?=^\.It |^\.El)", MANUAL, re.S | re.M)}
BOX = Box()
BOX.run("ingest", "samples")


@test
def each_view_has_a_query_that_the_sqlite3_shell_runs_and_that_finds_something():
    same(sorted(VIEWS), ["v_auth", "v_daily", "v_findings", "v_intake", "v_records", "v_reports", "v_sources"])
    for view, text in VIEWS.items():
        queries = re.findall(r"^\.Dl (.+)$", text, re.M)
        holds(queries, f"{view} has a query")
        for query in queries:
            run = subprocess.run(["sqlite3", "-readonly", BOX.db, query], capture_output=True, text=True, check=False)
            same((run.returncode, run.stderr), (0, ""), query)
            holds(view in query and run.stdout.strip(), f"{query}: something is found")


@test
def each_column_of_a_view_is_explained():
    for view, text in VIEWS.items():
        for row in BOX.ask(f"SELECT name FROM pragma_table_info('{view}')"):
            holds(re.search(rf"\b{row[0]}\b", text), f"{view}.{row[0]} is in the manual")


@test
def each_command_and_limit_is_in_the_manual():
    for command in re.findall(r"^  (\w+) ", BOX.run("--help").out, re.M):
        holds(re.search(rf"^\.It Cm {command}\b", MANUAL, re.M), f"{command} is in the manual")
    with open("cli/config.c", encoding="utf-8") as handle:
        keys = re.search(r"limit_keys\[\] = \{.*?\};", handle.read(), re.S).group(0)
    names = re.findall(r'CFG_INT\("(\w+)"', keys)
    holds(len(names) > 9, names)
    for name in names:
        holds(re.search(rf"^\.Ic {name}$", MANUAL, re.M), f"limit {name} is in the manual")


@test
def each_option_and_key_is_in_the_manual():
    options = set(re.findall(r"--([a-z][a-z-]+)", BOX.run("--help").out))
    for command in re.findall(r"^  (\w+) ", BOX.run("--help").out, re.M):
        options |= set(re.findall(r"--([a-z][a-z-]+)", BOX.run(command, "--help").out))
    holds(len(options) > 20, options)
    for option in options:
        holds(re.search(rf"\bFl -{option}\b", MANUAL), f"--{option} is in the manual")
    with open("cli/config.c", encoding="utf-8") as handle:
        keys = set(re.findall(r'CFG_(?:STR|INT|BOOL|SEC|STR_LIST|FLOAT)\("(\w+)"', handle.read()))
    holds(len(keys) > 40, keys)
    for key in keys:
        holds(re.search(rf"^(\.It )?\.?Ic ([\w ,]* )?{key}\b", MANUAL, re.M), f"key {key} is in the manual")


@test
def each_cause_of_exit_status_4_is_in_the_manual():
    told = " ".join(re.search(r"^\.It 4\n(.*?)^\.El", MANUAL, re.S | re.M).group(1).split())
    account = 'account "main" { server = "imaps://127.0.0.1:1" user = "u" password = "p" }\n'
    for text, args, words in (("", ["status"], "the database is not there (where it is only read)"), ("keep = 3", ["ingest"] + ["samples/reports"], "the configuration is not there, wrong"),
                              (account, ["fetch"], "no account could be fetched from (network, login)"), (account, ["run"], "no account could be fetched from"),
                              ('output { html = "/nonexistent/x.html" }', ["run"], "an output cannot be written"),
                              ('digest { to = "a@example.org" command = "/bin/false" }', ["run"], "the digest was not sent")):
        box = Box()
        if args == ["run"]:
            box.run("ingest", "samples")
        box.put("dmarcsift/dmarcsift.conf", text, 0o600)
        run = box.run(*args)
        same(run.returncode, 4, (args, text, run.out, run.err))
        holds(words in told, f"{words}: {told}")


@test
def a_command_in_the_manual_is_followed_by_its_options():
    same(re.findall(r"^\.Cm \w+ -\w.*$", MANUAL, re.M), [])


@test
def quotes_of_the_manual_stand_around_what_they_quote():
    shown = subprocess.run(["mandoc", "-T", "utf8", "doc/dmarcsift.1"], capture_output=True, text=True, check=True).stdout
    shown = " ".join(re.sub(".\b", "", shown).split())
    holds("\u2018imaps://host[:port]\u2019, or \u2018imap://host\u2019 for STARTTLS" in shown and "\u2019\u2019" not in shown, re.findall(".{60}\u2019\u2019", shown))


@test
def a_column_whose_name_is_a_word_of_sql_is_told_with_its_quotes():
    for view, text in VIEWS.items():
        for row in BOX.ask(f"SELECT name FROM pragma_table_info('{view}')"):
            run = subprocess.run(["sqlite3", "-readonly", BOX.db, f"SELECT {row[0]} FROM {view} LIMIT 1"], capture_output=True, text=True, check=False)
            if run.returncode != 0:
                holds(f'.Ql \\(dq{row[0]}\\(dq' in MANUAL, f"{view}.{row[0]} must be quoted, and the manual says so")


@test
def each_library_the_program_is_built_with_is_named_to_those_without_debian():
    names = {"libxml-2.0": "libxml2", "sqlite3": "SQLite", "gmime-3.0": "GMime 3", "libcrypto": "OpenSSL"}
    with open("Makefile", encoding="utf-8") as make, open("CONTRIBUTING.md", encoding="utf-8") as helping:
        libraries, told = re.search(r"^LIBS +:= (.*)$", make.read(), re.M).group(1).split(), helping.read()
    same([one for one in libraries if names.get(one, one) not in told], [])


@test
def the_readme_shows_what_the_demonstration_prints():
    with open("README.md", encoding="utf-8") as handle:
        shown = re.search(r"^(    example\.org .*?)\n\n", handle.read(), re.S | re.M).group(1)
    out = BOX.run("report", "--text", before=("--now", "2026-11-23")).out
    same(textwrap.dedent(shown), out.strip())


main()
