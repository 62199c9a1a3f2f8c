#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Measures dmarcsift and prints a table: medians of BENCH_RUNS runs (5), all figures of one sitting on one machine.

Work is made by tests/tools/generate (a fixed seed) under $B/bench. Each line is held against the floors: bare loops over
the same files (tests/tools/bench_floor.c). Nothing here passes or fails. BENCH_BIG=1 adds 10^7 records, 10^6 tiny
reports, 10^5 and 10^6 growth (minutes, 4 GB); `--peers` adds parsedmarc on the same files.
"""
import glob
import os
import platform
import shutil
import sqlite3
import statistics
import subprocess
import sys
import time

B = os.path.abspath(os.environ.get("B", "build"))
BIN = os.path.join(B, "dmarcsift")
TOOLS = os.path.join(B, "tools")
WORK = os.path.join(B, "bench")
RUNS = int(os.environ.get("BENCH_RUNS", "5"))
BIG = os.environ.get("BENCH_BIG", "") == "1"
DB = os.path.join(WORK, "run.db")


def run(command, out=None):
    """Runs a command: (seconds, CPU seconds, peak KiB, its output)."""
    began = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as child:
        said = child.stdout.read()
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    took = time.monotonic() - began
    if child.returncode not in (0, 1, 3):
        sys.exit("bench: %s ended with %d" % (" ".join(command), child.returncode))
    return took, used.ru_utime + used.ru_stime, used.ru_maxrss, said


def middle(rows):
    return [statistics.median(column) for column in zip(*rows)]


def fresh(path=DB):
    for name in glob.glob(path + "*"):
        os.unlink(name)


def count(path, table):
    with sqlite3.connect("file:%s?mode=ro" % path, uri=True) as db:
        return db.execute("SELECT count(*) FROM " + table).fetchone()[0]


def made(name, *arguments):
    """Makes a piece of work once; its path."""
    path = os.path.join(WORK, name)
    if not os.path.exists(path):
        subprocess.run([os.path.join(TOOLS, "generate"), arguments[0], path + ".part", *map(str, arguments[1:])], check=True)
        os.rename(path + ".part", path)
    return path


def floor(path):
    """Seconds of the slower of the two bare loops."""
    tool = os.path.join(TOOLS, "bench_floor")
    parse, insert = [], []
    for _ in range(RUNS):
        parse.append(float(run([tool, "parse", path])[3].split()[2]))
        fresh(DB + ".floor")
        insert.append(float(run([tool, "insert", path, DB + ".floor"])[3].split()[2]))
    fresh(DB + ".floor")
    return statistics.median(parse), statistics.median(insert)


def line(*cells):
    print("| " + " | ".join(cells) + " |", flush=True)


def ingest(name, path, jobs=None, floors=True):
    rows = []
    for _ in range(RUNS):
        fresh()
        rows.append(run([BIN, "--db", DB, "-q"] + (["--jobs", str(jobs)] if jobs else []) + ["ingest", path])[:3])
    took, cpu, peak = middle(rows)
    reports, records, size = count(DB, "report"), count(DB, "record"), os.path.getsize(DB)
    parse, insert = floor(path) if floors else (0, 0)
    ratio = "%.2f" % (took / max(parse, insert)) if floors else ""
    line(name, "%.2f" % took, "%d" % (reports / took), "%d" % (records / took), "%.2f" % cpu, "%.1f" % (peak / 1024),
         "%.0f" % (size / records), "%.2f" % parse if floors else "", "%.2f" % insert if floors else "", ratio)
    return took


def table(*heads):
    print()
    line(*heads)
    line(*["---" if i == 0 else "---:" for i in range(len(heads))])


INGEST = ("ingest of", "s", "reports/s", "records/s", "CPU s", "peak MiB", "bytes/record", "parse floor s", "insert floor s",
          "to the slower floor")


def commands():
    table("command", "ms, median of %d" % (RUNS * 4))
    curl = shutil.which("curl")
    work = [("dmarcsift --version", [BIN, "--version"]), ("dmarcsift --help", [BIN, "--help"])]
    if curl:
        work.append(("curl --version", [curl, "--version"]))
    work.append(("ingest of 10,000 known files (nothing new)", [BIN, "--db", DB, "-q", "ingest", os.path.join(WORK, "small")]))
    work.append(("analyse with nothing new", [BIN, "--db", DB, "-q", "analyse"]))
    fresh()
    run([BIN, "--db", DB, "-q", "ingest", os.path.join(WORK, "small")])
    for name, command in work:
        line(name, "%.1f" % (1000 * statistics.median(run(command)[0] for _ in range(RUNS * 4))))


def answers(path, domain):
    """Each output over a database, and each ready query."""
    table("answer", "s, all domains", "s, one domain, 30 days")
    out = os.path.join(WORK, "out")
    for name, option in (("text", ["--text"]), ("JSON", ["--json", out + ".json"]), ("HTML", ["--html", out + ".html"])):
        cells = []
        for more in ([], ["--domain", domain, "--since", "30d"]):
            cells.append("%.2f" % statistics.median(run([BIN, "--db", path, "-q", "report"] + option + more)[0] for _ in range(RUNS)))
        line(name, *cells)
    table("query", "ms")
    with sqlite3.connect("file:%s?mode=ro" % path, uri=True) as db:
        for name in sorted(glob.glob("samples/queries/*.sql")):
            took = []
            with open(name, encoding="utf-8") as text:
                sql = text.read()
            for _ in range(RUNS):
                began = time.monotonic()
                db.execute(sql).fetchall()
                took.append(time.monotonic() - began)
            line(os.path.basename(name)[:-4], "%.0f" % (1000 * statistics.median(took)))


def big():
    table("growth: huge report of", "s", "records/s", "peak MiB", "bytes/record")
    for power in (3, 4, 5, 6):
        path = made("huge1e%d.xml.gz" % power, "huge", 10 ** power)
        fresh()
        took, _, peak, _ = run([BIN, "--db", DB, "-q", "ingest", path])
        line("10^%d" % power, "%.2f" % took, "%d" % (10 ** power / took), "%.1f" % (peak / 1024), "%.0f" % (os.path.getsize(DB) / 10 ** power))
    path = os.path.join(WORK, "big.db")
    if not os.path.exists(path):
        fresh(path)
        line("10^7 in 66,667 reports (store only)", *(run([os.path.join(TOOLS, "bench_store"), path, "66667", "150"])[3].split(",")[2:]))
    print("\n10^7 records: %.1f bytes a record" % (os.path.getsize(path) / count(path, "record")))
    run([BIN, "--db", path, "-q", "analyse"])
    answers(path, "domain1.example")
    copy = os.path.join(WORK, "grown.db")
    shutil.copyfile(path, copy)
    table("into a database of 10^7", "s")
    line("ingest of small", "%.2f" % run([BIN, "--db", copy, "-q", "ingest", os.path.join(WORK, "small")])[0])
    os.unlink(copy)
    table("further work", "s", "peak MiB")
    for name, kind, n in (("10^6 tiny reports", "small", 10 ** 6), ("10^6 addresses", "flood", 10 ** 6)):
        work = made(name.replace(" ", "-").replace("^", ""), kind, n)
        fresh()
        took, _, peak, _ = run([BIN, "--db", DB, "-q", "ingest", work])
        line(name, "%.1f" % took, "%.1f" % (peak / 1024))


def peers():
    """parsedmarc on the same files, in a venv of its own."""
    venv = os.path.join(WORK, "venv")
    program = os.path.join(venv, "bin", "parsedmarc")
    if not os.path.exists(program):
        done = subprocess.run("%s -m venv %s && %s/bin/pip -q install parsedmarc" % (sys.executable, venv, venv), shell=True, check=False)
        if done.returncode != 0:
            print("\nparsedmarc: could not be installed here; left out")
            return
    table("peer, same files", "s", "CPU s", "peak MiB", "times dmarcsift")
    files = glob.glob(os.path.join(WORK, "small", "**", "*.gz"), recursive=True)[:1000]
    fresh()
    ours = run([BIN, "--db", DB, "-q", "ingest", *files])[0]
    took, cpu, peak, _ = run([program, "--offline", "-s", "-o", os.path.join(WORK, "peer"), *files])
    line("parsedmarc, 1,000 of small, JSON and CSV", "%.1f" % took, "%.1f" % cpu, "%.0f" % (peak / 1024), "%.0f" % (took / ours))


def main():
    os.makedirs(WORK, exist_ok=True)
    processor = next((x.split(":")[1].strip() for x in open("/proc/cpuinfo", encoding="utf-8") if x.startswith("model name")), "?")
    print("%s, %d cores, %s, SQLite %s, medians of %d" % (processor, os.cpu_count(), platform.platform(), sqlite3.sqlite_version, RUNS))
    if "--peers" in sys.argv:
        made("small", "small", 10000)
        peers()
        return
    table(*INGEST)
    ingest("small: 10,000 .xml.gz", made("small", "small", 10000))
    ingest("small, --jobs 1", made("small", "small", 10000), jobs=1)
    ingest("the same as a maildir", made("maildir", "maildir", 10000), floors=False)
    ingest("the same as an mbox", made("mbox", "mbox", 10000), floors=False)
    ingest("huge100k", made("huge100k.xml.gz", "huge", 10 ** 5))
    ingest("huge1m", made("huge1m.xml.gz", "huge", 10 ** 6))
    commands()
    if BIG:
        big()
    fresh()


if __name__ == "__main__":
    main()
