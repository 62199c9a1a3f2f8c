#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
`make bench`: medians over generated work, as tables with ratios to the floors of the same sitting. Nothing here passes or fails.
BENCH_RUNS=5 runs of each; BENCH_BIG=1 adds a database of 10 million records (half an hour, 3 GB); BENCH_PARTS=ingest,start,growth,big,keep
chooses. Other programs on the same files: peers.py (make bench-peers).
Floors are bare loops (tests/tools/bench_floor.c): parse = inflate, SAX2, field extraction; insert = prepared rows into SQLite.
"""
import calendar
import contextlib
import datetime
import glob
import os
import platform
import shutil
import sqlite3
import statistics
import subprocess
import sys
import time

from measure import BIN, RUNS, TOOLS, WORK, count, ingest, make, median, number, remove, row, run

BIG = bool(os.environ.get("BENCH_BIG"))


def tool(name, *args, runs=RUNS):
    """Medians of (seconds, CPU seconds) of a tool."""
    return median(lambda: run(os.path.join(TOOLS, name), *args)[:2], runs)


# --- ingest -----------------------------------------------------------------------------------------------------------

WORKS = [("10,000 small reports, .xml.gz", ("small", "small", "@", "10000")), ("one report of 100,000 records", ("huge100k.xml.gz", "huge", "@", "100000")),
         ("one report of 1,000,000 records", ("huge1m.xml.gz", "huge", "@", "1000000")),
         ("10,000 mails, maildir", ("maildir", "maildir", "@", "10000")), ("10,000 mails, mbox", ("mbox", "mbox", "@", "10000"))]


def part_ingest():
    row("ingest, whole and in parts", "reports/s", "records/s", "seconds", "CPU s", "peak MiB", "bytes/rec", "x parse", "x insert", "CPU x both")
    for name, generate in WORKS:
        path = make(*generate)
        (seconds, cpu, peak), records, reports, size = ingest(path)
        if not path.endswith(("maildir", "mbox")):
            parse = tool("bench_floor", "parse", path)
            insert = tool("bench_floor", "insert", os.path.join(WORK, "floor.db"), str(reports), str(records))
        ratios = (f"{seconds / parse[0]:.2f}", f"{seconds / insert[0]:.2f}", f"{cpu / (parse[1] + insert[1]):.2f}") if not path.endswith(("maildir", "mbox")) else ()
        row(name, number(reports / seconds), number(records / seconds), f"{seconds:.2f}", f"{cpu:.2f}", f"{peak / 1024:.1f}", f"{size / records:.0f}", *ratios)
        if not ratios:
            continue
        alone = tool("bench_parse", path)
        db = os.path.join(WORK, "store.db")

        def store(each=max(1, round(records / reports))):
            remove(db)
            return run(os.path.join(TOOLS, "bench_store"), db, str(reports), str(each), "60000")[:2]
        written = median(store)
        for part, (wall, used) in (("floor: bare parse", parse), ("floor: bare insert", insert), ("ours: parse and judge alone, 1 thread", alone),
                                   ("ours: store alone", written)):
            row("  " + part, number(reports / wall), number(records / wall), f"{wall:.2f}", f"{used:.2f}")
    xml = os.path.join(WORK, "huge1m.xml")
    if not os.path.exists(xml):
        with open(xml, "wb") as handle:
            subprocess.run(["gzip", "-dc", os.path.join(WORK, "huge1m.xml.gz")], stdout=handle, check=True)
    if shutil.which("xmllint"):
        wall, used = median(lambda: run("xmllint", "--sax", "--noout", xml)[:2])
        row("  xmllint --sax of the same XML", "", "", f"{wall:.2f}", f"{used:.2f}")
    print()


# --- starting ---------------------------------------------------------------------------------------------------------

def part_start():
    row("start and idle nights", "ms", "x curl")
    curl = median(lambda: (run("curl", "--version")[0] * 1000,), 21)[0] if shutil.which("curl") else 0
    if curl:
        row("curl --version", f"{curl:.1f}", "1.00")
    for option in ("--version", "--help"):
        ours = median(lambda option=option: (run(BIN, option)[0] * 1000,), 21)[0]
        row(option, f"{ours:.1f}", f"{ours / curl:.2f}" if curl else "")
    conf = os.path.join(WORK, "bench.conf")
    with open(conf, "w", encoding="ascii") as handle:
        handle.write(f'output {{ html = "{WORK}/page.html" }}\n')
    os.chmod(conf, 0o600)
    db = os.path.join(WORK, "night.db")
    remove(db)
    run(BIN, "-q", "--db", db, "ingest", "samples")
    run(BIN, "-q", "--config", conf, "--db", db, "run")
    row("run, nothing new (samples/)", f"{median(lambda: (run(BIN, '-q', '--config', conf, '--db', db, 'run')[0] * 1000,), 11)[0]:.1f}")
    print()


# --- growth -----------------------------------------------------------------------------------------------------------

def grow(name, path, runs=1, into=None):
    (seconds, cpu, peak), records, reports, size = ingest(path, runs, into)
    row(name, number(reports / seconds), number(records / seconds), f"{cpu / records * 1e6:.1f}", f"{peak / 1024:.1f}", f"{size / max(1, records):.0f}" if into is None else "")


def summaries():
    """Text and page of the database that the row before has made."""
    for name, args in (("  report --text of it", ("report",)), ("  report --html of it", ("report", "--html", "-"))):
        seconds, cpu, peak = median(lambda args=args: run(BIN, "-q", "--db", os.path.join(WORK, "bench.db"), *args))
        row(name, "", "", "", f"{peak / 1024:.1f}", "", f"{seconds:.2f} s", f"{cpu:.2f} CPU")


def part_growth():
    row("growth", "reports/s", "records/s", "CPU us/rec", "peak MiB", "bytes/rec")
    for n in (1000, 10000, 100000, 1000000):
        grow(f"one report of {n:,} records", make(f"huge{n}.xml.gz" if n < 100000 else {100000: "huge100k.xml.gz", 1000000: "huge1m.xml.gz"}[n], "huge", "@", str(n)), RUNS if n < 1000000 else 1)
    for n in (7, 67, 667, 6667) + ((66667,) if BIG else ()):
        grow(f"{n * 150:,} records, 150 a report", make(f"even{n}", "even", "@", str(n), "150"))
    for n in (1000, 10000, 100000) + ((1000000,) if BIG else ()):
        grow(f"{n:,} reports of one record (mbox)", make(f"tiny{n}", "tiny", "@", str(n)))
    for n in (1000, 10000, 100000):
        grow(f"{n:,} domains, a report each (mbox)", make(f"domains{n}", "domains", "@", str(n)))
    summaries()
    for n in (10000, 100000, 1000000):
        grow(f"{n:,} addresses in one report", make(f"addresses{n}.xml.gz", "addresses", "@", str(n)))
    summaries()
    print()


# --- ten million records ----------------------------------------------------------------------------------------------

def big_database():
    big = os.environ.get("BENCH_DB", os.path.join(WORK, "big.db"))
    if not os.path.exists(big):
        seconds, cpu, peak = run(os.path.join(TOOLS, "bench_store"), big, "66667", "150", "400000")
        row("10,000,050 records into the store", "", number(10000050 / seconds), f"{cpu / 10.00005:.1f} us", f"{peak / 1024:.1f} MiB")
        run(BIN, "-q", "--db", big, "analyse")
    return big


def cold(path):
    """Out of the page cache, where the system lets us."""
    with open(path, "rb") as handle:
        os.fsync(handle.fileno())
        os.posix_fadvise(handle.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def query(big, path, words):
    """Seconds of one ready query in a bare sqlite3 shell; names in it become names of this database."""
    with open(path, encoding="utf-8") as handle:
        text = handle.read()
    for old, new in words.items():
        text = text.replace(old, new)

    def ask():
        began = time.monotonic()
        done = subprocess.run(["sqlite3", "-readonly", big], input=text, capture_output=True, text=True, check=True)
        return time.monotonic() - began, done.stdout.count("\n")
    return median(ask)


def one_report(domain, day):
    """A report of one record that begins on this day."""
    path = os.path.join(WORK, f"one-{day}.xml")
    begin = calendar.timegm(datetime.date.fromisoformat(day).timetuple())
    with open(path, "w", encoding="ascii") as handle:
        handle.write(f"<feedback><report_metadata><org_name>Another</org_name><email>r@receiver.example</email><report_id>{day}</report_id><date_range>"
                     f"<begin>{begin}</begin><end>{begin + 86399}</end></date_range></report_metadata><policy_published><domain>{domain}</domain><p>none</p>"
                     "</policy_published><record><row><source_ip>192.0.2.1</source_ip><count>3</count><policy_evaluated><disposition>none</disposition>"
                     f"<dkim>fail</dkim><spf>fail</spf></policy_evaluated></row><identifiers><header_from>{domain}</header_from></identifiers>"
                     f"<auth_results><spf><domain>{domain}</domain><result>softfail</result></spf></auth_results></record></feedback>\n")
    return path


def part_big():
    big = big_database()
    db = sqlite3.connect(big)
    records = db.execute("SELECT count(*) FROM record").fetchone()[0]
    domain = db.execute("SELECT d.name FROM report r JOIN domain d ON d.id = r.domain GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1").fetchone()[0]
    address = db.execute("SELECT s.address FROM flow f JOIN source s ON s.id = f.source WHERE f.domain = 1 GROUP BY 1 ORDER BY count(*) DESC LIMIT 1").fetchone()[0]
    day = db.execute("SELECT max(day) FROM daily").fetchone()[0]
    sizes = db.execute("SELECT name, sum(pgsize) FROM dbstat GROUP BY name ORDER BY 2 DESC LIMIT 8").fetchall()
    db.close()
    row(f"a database of {records:,} records", "seconds", "cold s", "CPU s", "peak MiB")
    row(f"bytes a record: {os.path.getsize(big) / records:.1f}")
    row("  " + ", ".join(f"{name} {size / records:.1f}" for name, size in sizes))
    now = ("--now", day, "--db", big, "-q")
    run(BIN, *now, "report")  # the first of a day renews the analysis
    for name, args in (("report --text", ("report",)), ("report --json", ("report", "--json", "-")), ("report --html", ("report", "--html", "-")),
                       ("report --text, one domain, 30 days", ("report", "--domain", domain)),
                       ("report --html, one domain, 30 days", ("report", "--html", "-", "--domain", domain)), ("explain an address", ("explain", address))):
        seconds, cpu, peak = median(lambda args=args: run(BIN, *now, *args))
        cold(big)
        row(name, f"{seconds:.2f}", f"{run(BIN, *now, *args)[0]:.2f}", f"{cpu:.2f}", f"{peak / 1024:.1f}")
    words = {"example.org": domain, "203.0.113.25": address}
    for path in sorted(glob.glob("samples/queries/*.sql")):
        seconds, lines = query(big, path, words)
        row("query " + os.path.basename(path), f"{seconds:.3f}", "", "", f"{lines:.0f} rows")
    copy = os.path.join(WORK, "copy.db")
    remove(copy)
    shutil.copyfile(big, copy)
    os.sync()
    later = (datetime.date.fromisoformat(day) + datetime.timedelta(days=1)).isoformat()
    for name, args in (("analyse (everything)", ("--now", day, "analyse")), ("the first report of a new day", ("--now", later, "report")),
                       ("one small report of a new day, with the analysis", ("--now", later, "ingest", one_report(domain, later))),
                       ("the same bytes again", ("--now", later, "ingest", one_report(domain, later)))):
        seconds, cpu, peak = run(BIN, "-q", "--db", copy, *args)
        row(name, f"{seconds:.2f}", "", f"{cpu:.2f}", f"{peak / 1024:.1f}")
    remove(copy)
    print()
    row("into that database", "reports/s", "records/s", "CPU us/rec", "peak MiB")
    grow("one report of 100,000 records", make("huge100k.xml.gz", "huge", "@", "100000"), 1, big)
    grow("a night: 10,000 small reports of one new day on all domains", make("night", "small", "@", "10000", "1", "366"), 1, big)
    grow("10,000 small reports of a whole year", make("small", "small", "@", "10000"), 1, big)
    print()


def part_keep():
    """Retention: what it costs to forget two thirds of a database, and that the file becomes smaller."""
    source = big_database() if BIG else os.path.join(WORK, "keep.db")
    if not os.path.exists(source):
        run(os.path.join(TOOLS, "bench_store"), source, "6667", "150", "40000")
    db = os.path.join(WORK, "kept.db")
    conf = os.path.join(WORK, "keep.conf")
    with open(conf, "w", encoding="ascii") as handle:
        handle.write('keep = "120d"\n')
    os.chmod(conf, 0o600)
    remove(db)
    shutil.copyfile(source, db)
    os.sync()
    with contextlib.closing(sqlite3.connect(db)) as connection:
        day = connection.execute("SELECT max(day) FROM daily").fetchone()[0]
    before, size = count(db, "record"), os.path.getsize(db)
    run(BIN, "-q", "--db", db, "analyse")
    seconds, cpu, peak = run(BIN, "-q", "--now", day, "--config", conf, "--db", db, "run")
    gone = before - count(db, "record")
    row("retention (run, keep = 120d)", "seconds", "CPU s", "peak MiB", "records", "MB before", "MB after")
    row("first night", f"{seconds:.2f}", f"{cpu:.2f}", f"{peak / 1024:.1f}", number(gone), f"{size / 1e6:.0f}", f"{os.path.getsize(db) / 1e6:.0f}")
    seconds, cpu, peak = run(BIN, "-q", "--now", day, "--config", conf, "--db", db, "run")
    row("next night, nothing to forget", f"{seconds:.2f}", f"{cpu:.2f}", f"{peak / 1024:.1f}")
    remove(db)
    print()


PARTS = {"ingest": part_ingest, "start": part_start, "growth": part_growth, "big": part_big, "keep": part_keep}
os.makedirs(WORK, exist_ok=True)
chosen = sys.argv[1:] or os.environ.get("BENCH_PARTS", "ingest,start,growth," + ("big," if BIG else "") + "keep").split(",")
print(f"{platform.machine()}, {os.cpu_count()} cores, {platform.freedesktop_os_release().get('PRETTY_NAME', '')}; SQLite {sqlite3.sqlite_version}; medians of {RUNS} runs; load {os.getloadavg()[0]:.1f}\n")
for part in chosen:
    PARTS[part]()
