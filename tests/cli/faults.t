#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""When the machine fails: kill at any instant of a large ingest, a full disk, a read-only one."""
import os
import random
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from kit import BIN, NOW, Box, Skip, holds, main, report, same, test  # noqa: E402

TOOLS = os.path.join(os.path.dirname(BIN), "tools")


def in_small_disk(size, script, *args):
    """Runs a shell script with $1 a folder on a disk of its own."""
    box = Box()
    disk = os.path.join(box.path, "disk")
    os.mkdir(disk)
    run = subprocess.run(["unshare", "-rm", "sh", "-c", f'mount -t tmpfs -o size={size} tmpfs "$1" || exit 77\n{script}', "sh", disk, *args],
                         capture_output=True, text=True, env=dict(os.environ, HOME=box.path, BIN=BIN, TMPDIR=box.path), check=False)
    if run.returncode == 77 or "unshare failed" in run.stderr:
        raise Skip("no disk of its own can be had")
    return run


@test
def killed_while_a_large_folder_is_read_everything_is_there_once_after_the_next_run():
    source = Box()
    work = os.path.join(source.path, "in")
    subprocess.run([os.path.join(TOOLS, "generate"), "small", work, "3000"], check=True, stdout=subprocess.DEVNULL)
    whole = Box()
    start = time.monotonic()
    same(whole.run("ingest", work).returncode, 0)
    took = time.monotonic() - start
    facts = ("SELECT count(*), sum(records), sum(messages), count(DISTINCT sha256) FROM v_reports", "SELECT count(*), sum(messages) FROM v_records",
             "SELECT state, count(*) FROM v_intake GROUP BY 1", "SELECT domain, sender, sum(messages), sum(lost), sum(passing) FROM v_daily GROUP BY 1, 2 ORDER BY 1, 2",
             "SELECT * FROM v_sources ORDER BY domain, sender, source_ip")
    want, chance, cut = [whole.ask(q) for q in facts], random.Random(11), 0
    for _ in range(int(os.environ.get("KILLS", "8"))):
        box = Box()
        for _ in range(3):
            with subprocess.Popen([BIN, "--db", box.db, "--now", "2026-11-24", "ingest", work], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run:
                time.sleep(chance.random() * took)
                run.send_signal(signal.SIGKILL)
            cut += run.returncode == -signal.SIGKILL
        same(box.run("ingest", work).returncode, 0)
        for query, rows in zip(facts, want):
            same(box.ask(query), rows, query)
        same(box.ask("PRAGMA integrity_check"), [("ok",)])
    holds(cut > 0, "some runs were cut off")


@test
def a_full_disk_is_told_and_what_was_committed_stands():
    source = Box()
    for n in range(400):
        source.put(f"in/{n}.xml", report(str(n), org=f"Receiver {n}", domain=f"d{n}.example", ip=f"192.0.2.{n % 250}"))
    run = in_small_disk("400k", """
        "$BIN" --db "$1/a.db" -q ingest "$2"; echo "first $?"
        mount -o remount,size=64m tmpfs "$1"
        "$BIN" --db "$1/a.db" -q ingest "$2"; echo "second $?"
        sqlite3 "$1/a.db" "SELECT count(*), count(DISTINCT sha256), sum(messages) FROM v_reports; PRAGMA integrity_check"
    """, os.path.join(source.path, "in"))
    holds("first 4" in run.stdout and "second 0" in run.stdout, run.stdout + run.stderr)
    holds("disk is full" in run.stderr and "a.db" in run.stderr, run.stderr)
    holds("400|400|1200\nok" in run.stdout, run.stdout)


@test
def a_read_only_disk_is_told_by_who_writes_and_does_not_hinder_who_reads():
    source = Box()
    run = in_small_disk("16m", """
        "$BIN" --db "$1/a.db" -q --now 2026-11-24 ingest "$2"; echo "first $?"
        mount -o remount,ro tmpfs "$1"
        "$BIN" --db "$1/a.db" --now 2026-11-24 ingest "$3"; echo "second $?"
        "$BIN" --db "$1/a.db" --now 2026-11-24 report --text; echo "report $?"
        "$BIN" --db "$1/a.db" status >/dev/null; echo "status $?"
        "$BIN" --db "$1/new.db" ingest "$3"; echo "new $?"
    """, source.put("a.xml", report()), source.put("b.xml", report("2")))
    for word in ("first 0", "second 4", "report 0", "status 0", "new 4", "example.org"):
        holds(word in run.stdout, f"{word}: {run.stdout} {run.stderr}")
    holds("ead-only file system" in run.stderr, run.stderr)


@test
def a_limit_for_files_is_told_and_nothing_is_left_half_done():
    box = Box()
    for n in range(300):
        box.put(f"in/{n}.xml", report(str(n)))
    env = dict(os.environ, HOME=box.path, XDG_DATA_HOME=box.path, XDG_CONFIG_HOME=box.path, XDG_STATE_HOME=box.path)
    run = subprocess.run(["sh", "-c", 'ulimit -f 400; exec "$0" "$@"', BIN, "--db", box.db, "--now", NOW, "ingest", os.path.join(box.path, "in")], capture_output=True, env=env, check=False)
    same(run.returncode, 4, run.stderr)
    holds(box.db.encode() in run.stderr, run.stderr)
    same(box.run("ingest", os.path.join(box.path, "in")).returncode, 0)
    same(box.ask("SELECT count(*), count(DISTINCT report_id) FROM v_reports"), [(300, 300)])


main()
