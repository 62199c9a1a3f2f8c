# SPDX-License-Identifier: MIT
"""
What bench.py and peers.py share: one process measured, generated work, an ingest measured, rows of a table.
"""
import contextlib
import os
import shutil
import signal
import sqlite3
import statistics
import subprocess
import time

B = os.environ.get("B", "build")
BIN = os.path.join(B, "dmarcsift")
TOOLS = os.path.join(B, "tools")
WORK = os.environ.get("BENCH_WORK", os.path.join(B, "bench"))
RUNS = int(os.environ.get("BENCH_RUNS", "3"))


def run(*command, env=None, cwd=None, out=subprocess.PIPE):
    """
    (seconds, CPU seconds, peak KiB) of one process and of those it waited for (the peak is that of the largest; a process cannot show
    less than Python here, some 15 MiB). What it prints is read and dropped, or goes into the file `out`.
    """
    began = time.monotonic()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.DEVNULL, env=env, cwd=cwd, start_new_session=True)
    try:
        while process.stdout and process.stdout.read(1 << 16):
            pass
        _, status, usage = os.wait4(process.pid, 0)
    except BaseException:  # we are told to end: so is it, with what it started
        os.killpg(process.pid, signal.SIGKILL)
        raise
    process.returncode = os.waitstatus_to_exitcode(status)
    return time.monotonic() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss


def median(function, runs=RUNS):
    """Medians of what function returns (tuples of figures)."""
    rows = [function() for _ in range(runs)]
    return tuple(statistics.median(column) for column in zip(*rows))


def make(name, *command):
    path = os.path.join(WORK, name)
    if not os.path.exists(path):
        os.makedirs(WORK, exist_ok=True)
        subprocess.run([os.path.join(TOOLS, "generate"), *[path if c == "@" else c for c in command]], check=True, stdout=subprocess.DEVNULL)
    return path


def remove(db):
    for old in (db, db + "-wal", db + "-shm", db + "-journal", db + ".lock"):
        if os.path.exists(old):
            os.remove(old)


def count(db, table):
    with contextlib.closing(sqlite3.connect(db)) as connection:  # what stays open here is in each peak that is measured
        return connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


def ingest(path, runs=RUNS, into=None):
    """Medians of (seconds, CPU, peak KiB), then records and reports that came in, and the size of the database."""
    db = os.path.join(WORK, "bench.db")
    before = (count(into, "record"), count(into, "report")) if into else (0, 0)

    def once():
        remove(db)
        if into is not None:
            shutil.copyfile(into, db)
            os.sync()  # or the first sync of the run writes the copy
        return run(BIN, "-q", "--db", db, "ingest", path)
    figures = median(once, runs)
    return figures, count(db, "record") - before[0], count(db, "report") - before[1], os.path.getsize(db)


def row(*cells):
    print(f"{cells[0]:<40}" + "".join(f"{c:>12}" for c in cells[1:]), flush=True)


def number(n):
    return f"{n:,.0f}"
