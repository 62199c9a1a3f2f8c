#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""SQL stays in its files: none in C, each query says its question, prepares, and scans no large table unless it says why."""
import glob
import os
import re
import sqlite3
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "cli"))
from kit import holds, main, same, test  # noqa: E402

LARGE = ("record", "report", "intake", "flow", "daily", "source", "auth_result")


def text(path):
    with open(path, encoding="utf-8") as handle:
        return handle.read()


class Told:
    def step(self, *row):
        pass

    def finalize(self):
        return None


def database():
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.executescript(text("sql/schema.sql") + text("sql/views.sql"))
    # sql/given.c, sql/told.c, sql/policy.c and sql/reporter.c, here as a plain table and functions.
    db.create_function("sieve", 2, lambda sieve, number: 1)
    db.create_function("policy_now", 2, lambda domain, last: 1)
    db.create_function("is_from", 2, lambda domain, email: 1)
    db.create_function("reporter_name", 2, lambda name, email: "x")
    db.create_function("shown", 1, lambda name: name)
    db.create_aggregate("told", -1, Told)
    db.execute("CREATE TABLE given (" + "".join(f"c{n}, " for n in range(23)) + "day)")
    return db


def query(path):
    return re.sub(r"given\(\?\d\)", "given", re.sub(r"^--(?! scans:).*\n", "", text(path), flags=re.M))


@test
def no_sql_in_c_files():
    bad = []
    for path in glob.glob("*/*.c"):
        if path.startswith("ingest/"):  # IMAP has commands of the same names; the rooms' rules keep SQLite out
            continue
        for number, line in enumerate(text(path).splitlines(), 1):
            if "declare_vtab" not in line and re.search(r'"\s*(SELECT|INSERT|UPDATE|DELETE|PRAGMA|CREATE|BEGIN|COMMIT|SAVEPOINT)\b', line):
                bad.append(f"{path}:{number}")
    same(bad, [])


@test
def each_query_begins_with_its_question():
    for path in sorted(glob.glob("sql/query/*.sql")):
        holds(text(path).startswith("-- "), path)


@test
def each_query_prepares_and_is_used():
    db = database()
    code = "".join(text(p) for p in glob.glob("*/*.c"))
    for path in sorted(glob.glob("sql/query/*.sql")):
        name = os.path.basename(path)[:-4]
        holds(f'"{name}"' in code, f"{path} is used nowhere")
        if re.search(r"^(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|VACUUM|PRAGMA)", text(path), re.M):
            continue
        sql = query(path)
        numbers = [int(n) for n in re.findall(r"\?(\d+)", sql)]
        db.execute("EXPLAIN " + sql, [None] * max(numbers, default=0))


@test
def all_queries_can_be_prepared_in_one_run():
    most = int(re.search(r"MAX_QUERIES = (\d+)", text("sql/db.h")).group(1))
    holds(len(glob.glob("sql/query/*.sql")) < most, most)


@test
def large_tables_are_scanned_only_where_a_query_says_why():
    db = database()
    for path in sorted(glob.glob("sql/query/*.sql")):
        sql = query(path)
        if re.search(r"^(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|VACUUM|PRAGMA)", sql, re.M):
            continue
        numbers = [int(n) for n in re.findall(r"\?(\d+)", sql)]
        plan = [row[3] for row in db.execute("EXPLAIN QUERY PLAN " + sql, [None] * max(numbers, default=0))]
        names = dict((alias, table) for table, alias in re.findall(r"\b(?:FROM|JOIN|UPDATE)\s+(\w+)(?:\s+AS)?\s+(\w+)?", sql))
        allowed = re.findall(r"-- scans: (\w+) because", sql)
        for step in plan:
            found = re.match(r"SCAN (\w+)(?! USING (?:COVERING )?INDEX)", step)
            table = names.get(found.group(1), found.group(1)) if found else None
            holds(table not in LARGE or table in allowed, f"{path}: {step}")


@test
def what_is_run_for_each_document_finds_its_rows_of_the_ledger_by_their_item():
    db = database()
    for name in ("intake_known", "intake_seen", "intake_refresh", "kept_forget_rows", "mailbox_uid_settles"):
        sql = query(f"sql/query/{name}.sql")
        plan = [row[3] for row in db.execute("EXPLAIN QUERY PLAN " + sql, [None] * max(int(n) for n in re.findall(r"\?(\d+)", sql)))]
        steps = [step for step in plan if re.match(r"(SCAN|SEARCH) intake\b", step)]
        holds(steps and all("INDEX intake_item" in step for step in steps), f"{name}: {plan}")


@test
def the_schema_explains_its_columns():
    schema = text("sql/schema.sql")
    for name in re.findall(r"^CREATE TABLE (\w+)", schema, re.M):
        before = schema[:schema.index(f"CREATE TABLE {name} ")].rstrip().splitlines()[-1]
        holds(before.startswith("--") or before.startswith(") STRICT") or before == "", f"{name}: {before}")
    same(len(re.findall(r"^CREATE TABLE", schema, re.M)), len(re.findall(r"\) STRICT", schema)), "STRICT tables")


main()
