#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
`make bench`: medians of BENCH_RUNS (3) runs over generated work, as a table with ratios to the floors of the same run. BENCH_BIG=1 adds a
database of 10 million records (minutes). `bench.py peers` adds other programs on the same files. Nothing here passes or fails.
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

B = os.environ.get("B", "build")
BIN = os.path.join(B, "dmarcsift")
WORK = os.path.join(B, "bench")
RUNS = int(os.environ.get("BENCH_RUNS", "3"))


def run(*command, stdin=None):
    """(seconds, CPU seconds, peak KiB, stdout) of one process."""
    began = time.monotonic()
    process = subprocess.Popen(command, stdin=stdin or subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    out = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return time.monotonic() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss, out.decode(errors="replace")


def median(function, runs=RUNS):
    """Medians of what function returns (tuples of figures)."""
    rows = [function() for _ in range(runs)]
    return tuple(statistics.median(column) for column in zip(*rows))


def make(name, *command):
    path = os.path.join(WORK, name)
    if not os.path.exists(path):
        os.makedirs(WORK, exist_ok=True)
        subprocess.run([os.path.join(B, "tools/generate"), *[path if c == "@" else c for c in command]], check=True, stdout=subprocess.DEVNULL)
    return path


def ingest(path, into=None):
    db = os.path.join(WORK, "bench.db")

    def once():
        for old in glob.glob(db + "*"):
            os.remove(old)
        if into is not None:
            shutil.copyfile(into, db)
        return run(BIN, "-q", "--db", db, "ingest", path)[:3]
    figures = median(once)
    records, reports = sqlite3.connect(db).execute("SELECT (SELECT count(*) FROM record), (SELECT count(*) FROM report)").fetchone()
    return figures, records, reports, os.path.getsize(db)


def floor(*args):
    return median(lambda: (float(run(os.path.join(B, "tools/bench_floor"), *args)[3].split()[2]),))[0]


def row(*cells):
    print(f"{cells[0]:<34}" + "".join(f"{c:>13}" for c in cells[1:]), flush=True)


def number(n):
    return f"{n:,.0f}"


def part_ingest():
    row("ingest", "reports/s", "records/s", "seconds", "CPU s", "peak MiB", "bytes/rec", "x floor")
    works = [("10,000 small reports, .xml.gz", make("small", "small", "@", "10000"), True), ("one report of 100,000 records", make("huge100k.xml.gz", "huge", "@", "100000"), True),
             ("one report of 1,000,000 records", make("huge1m.xml.gz", "huge", "@", "1000000"), True),
             ("10,000 mails, maildir", make("maildir", "maildir", "@", "10000"), False), ("10,000 mails, mbox", make("mbox", "mbox", "@", "10000"), False)]
    for name, path, floors in works:
        (seconds, cpu, peak), records, reports, size = ingest(path)
        ratio = ""
        if floors:
            parse = floor("parse", path)
            insert = floor("insert", os.path.join(WORK, "floor.db"), str(reports), str(records))
            ratio = f"{seconds / max(parse, insert):.2f}"
        row(name, number(reports / seconds), number(records / seconds), f"{seconds:.2f}", f"{cpu:.2f}", f"{peak / 1024:.1f}", f"{size / records:.0f}", ratio)
        if floors:
            row("  floor: parse / insert", "", "", f"{parse:.2f} / {insert:.2f}")
    xml = os.path.join(WORK, "huge1m.xml")
    if not os.path.exists(xml):
        with open(xml, "wb") as handle:
            subprocess.run(["gzip", "-dc", os.path.join(WORK, "huge1m.xml.gz")], stdout=handle, check=True)
    if shutil.which("xmllint"):
        lint = median(lambda: run("xmllint", "--sax", "--noout", xml)[:2])
        row("  xmllint --sax of the same XML", "", "", f"{lint[0]:.2f}", f"{lint[1]:.2f}")


def part_small_things():
    print()
    row("start and idle nights", "ms", "x curl")
    curl = median(lambda: (run("curl", "--version")[0] * 1000,), 15)[0] if shutil.which("curl") else 0
    for option in ("--version", "--help"):
        ours = median(lambda option=option: (run(BIN, option)[0] * 1000,), 15)[0]
        row(option, f"{ours:.1f}", f"{ours / curl:.2f}" if curl else "")
    conf = os.path.join(WORK, "bench.conf")
    with open(conf, "w", encoding="ascii") as handle:
        handle.write(f'output {{ html = "{WORK}/page.html" }}\n')
    os.chmod(conf, 0o600)
    db = os.path.join(WORK, "night.db")
    for old in glob.glob(db + "*"):
        os.remove(old)
    run(BIN, "-q", "--db", db, "ingest", "samples")
    run(BIN, "-q", "--config", conf, "--db", db, "run")
    row("run, nothing new (samples/)", f"{median(lambda: (run(BIN, '-q', '--config', conf, '--db', db, 'run')[0] * 1000,), 7)[0]:.1f}")


def part_growth():
    print()
    row("growth: one report of", "records/s", "peak MiB")
    for n in (1000, 10000, 100000, 1000000):
        (seconds, _, peak), records, _, _ = ingest(make(f"grow{n}.xml.gz", "huge", "@", str(n)))
        row(number(n), number(records / seconds), f"{peak / 1024:.1f}")


def part_big():
    big = os.path.join(WORK, "big.db")
    if not os.path.exists(big):
        subprocess.run([os.path.join(B, "tools/bench_store"), big, "66667", "150", "400000"], check=True)
        run(BIN, "-q", "--db", big, "analyse")
    db = sqlite3.connect(big)
    records = db.execute("SELECT count(*) FROM record").fetchone()[0]
    domain, day = db.execute("SELECT name, (SELECT max(day) FROM daily) FROM domain LIMIT 1").fetchone()
    print()
    row(f"{records:,} records", "seconds", "bytes/rec", "peak MiB")
    row("database", "", f"{os.path.getsize(big) / records:.1f}")
    now = ("--now", day)
    for name, args in (("analyse", ("analyse",)), ("report --text", ("report",)), ("report --json", ("report", "--json", "-")), ("report --html", ("report", "--html", "-")),
                       ("report --text, one domain", ("report", "--domain", domain))):
        seconds, _, peak = median(lambda args=args: run(BIN, "-q", *now, "--db", big, *args)[:3])
        row(name, f"{seconds:.2f}", "", f"{peak / 1024:.1f}")
    for path in sorted(glob.glob("samples/queries/*.sql")):
        with open(path, encoding="utf-8") as handle:
            text = handle.read()

        def ask(text=text):
            began = time.monotonic()
            subprocess.run(["sqlite3", "-readonly", big], input=text, capture_output=True, text=True, check=False)
            return (time.monotonic() - began,)
        row(os.path.basename(path), f"{median(ask)[0]:.2f}")
    (seconds, _, peak), after, _, _ = ingest(make("huge100k.xml.gz", "huge", "@", "100000"), into=big)
    row("100,000 records into it", f"{seconds:.2f}", "", f"{peak / 1024:.1f}")


def part_peers():
    print()
    row("peers on the same files", "reports/s", "seconds", "peak MiB", "ours is x")
    (ours, _, peak), _, reports, _ = ingest(make("small", "small", "@", "10000"))
    row("dmarcsift", number(reports / ours), f"{ours:.2f}", f"{peak / 1024:.1f}", "1")
    venv = os.path.join(WORK, "venv")
    program = os.path.join(venv, "bin/parsedmarc")
    if not os.path.exists(program):
        subprocess.run([sys.executable, "-m", "venv", venv], check=False)
        subprocess.run([os.path.join(venv, "bin/pip"), "install", "-q", "parsedmarc"], check=False)
    if not os.path.exists(program):
        row("parsedmarc", "cannot be installed")
        return
    some = os.path.join(WORK, "small1000")
    if not os.path.exists(some):
        os.makedirs(some)
        for path in sorted(glob.glob(os.path.join(WORK, "small", "**", "*.gz"), recursive=True))[:1000]:
            shutil.copy(path, some)
    count = len(os.listdir(some))
    seconds, _, peak, _ = run(program, "--offline", "-o", os.path.join(WORK, "parsedmarc"), *glob.glob(some + "/*"))
    row("parsedmarc (1,000 of them, JSON)", number(count / seconds), f"{seconds:.2f}", f"{peak / 1024:.1f}", f"{(reports / ours) / (count / seconds):.0f}")


print(f"{platform.machine()}, {os.cpu_count()} cores, {platform.freedesktop_os_release().get('PRETTY_NAME', '')}; SQLite {sqlite3.sqlite_version}; medians of {RUNS} runs\n")
part_ingest()
part_small_things()
part_growth()
if os.environ.get("BENCH_BIG"):
    part_big()
if sys.argv[1:] == ["peers"]:
    part_peers()
