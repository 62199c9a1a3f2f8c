#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
`make bench-peers`: other programs that read aggregate reports, beside ours on the same files in the same sitting. Nothing here passes or fails,
and nothing but packages of PyPI, crates.io and Go modules is installed (below build/bench/peers); what is not there is named with the reason.
BENCH_RUNS=3 rounds; in each round ours runs before every peer. BENCH_PEERS is a regular expression that the first two columns of a peer have to
match, as in 'parsedmarc|converter'. A program elsewhere is named by PEER_DMARC_REPORT_CONVERTER, PEER_DMARC_CAT, PEER_DMARCTS_REPORT_PARSER,
PEER_PARSEDMARC (in place of the newest), PEER_DMARK, PEER_DMARC_REPORT, PEER_DMARC_REPORT_RUST (a path).
A peer gets all its files in one call where it takes them. The time of a call with one file is shown as its share of the whole ("start"). Before each
call what others wrote is synced to disk.
Of a peer that stores in a server, CPU is its own and the server's; the peak is that of its largest process.
"""
import gzip
import json
import os
import pathlib
import platform
import re
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from typing import Callable, Optional

from databases import MariaDB, Postgres, which
from measure import RUNS, WORK, count, ingest, make, number, remove, run

HOME = os.path.abspath(os.path.join(WORK, "peers"))
ALL = 10000
PARSEDMARC = ("", (1, 2)), ("10.4.3", (1,))  # versions ("": the newest) and numbers of its processes; 10.4 is what doc/performance.md's goals were set by


@dataclass
class Peer:
    name: str  # with its version
    does: str  # what it does with reports
    reports: int  # how many it gets
    command: Callable  # command line for a list of paths
    took: Callable  # number of reports it has dealt with, from the lines of its stdout
    fresh: Callable = lambda: None  # takes away what an earlier run stored
    server: Optional[object] = None
    mails: bool = False  # it takes messages, not files
    alone: bool = False  # it takes one file a call
    large: bool = False  # measured with one large report too
    env: dict = field(default_factory=dict)
    cwd: Optional[str] = None


# --- work -------------------------------------------------------------------------------------------------------------

def files(n):
    """Folder and paths of n reports of the 10,000, evenly spread, named as RFC 7489 section 7.2.1.1 has it (some programs want that)."""
    folder = os.path.join(HOME, f"files{n}")
    if not os.path.exists(folder):
        small = make("small", "small", "@", str(ALL))
        os.makedirs(folder + ".new", exist_ok=True)
        for i, name in enumerate(sorted(os.listdir(small))[::ALL // n][:n]):
            with gzip.open(os.path.join(small, name)) as report:
                begin, end = re.search(rb"<begin>(\d+)</begin>\s*<end>(\d+)</end>", report.read()).groups()
            receiver, domain, _ = name.split("!")
            shutil.copyfile(os.path.join(small, name), os.path.join(folder + ".new", f"{receiver}!{domain}!{begin.decode()}!{end.decode()}!{i}.xml.gz"))
        os.rename(folder + ".new", folder)
    return folder, [os.path.join(folder, name) for name in sorted(os.listdir(folder))]


def mails(n):
    """The same for messages of a maildir."""
    folder = os.path.join(os.path.abspath(make("maildir", "maildir", "@", str(ALL))), "cur")
    return os.path.dirname(folder), [os.path.join(folder, name) for name in sorted(os.listdir(folder))[::ALL // n][:n]]


def write(name, text):
    path = os.path.join(HOME, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as handle:
        handle.write(text)
    return path


# --- where programs come from -----------------------------------------------------------------------------------------

def named(program):
    """A program that the environment names."""
    return os.environ.get("PEER_" + program.upper().replace("-", "_"))


def quiet(*command, env=None):
    """Whether a command went well, and the last line it said."""
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, env=env)
    except OSError as error:
        return False, str(error)
    return done.returncode == 0, ((done.stderr or done.stdout).strip().splitlines() or [""])[-1]


def works(path):
    return quiet(path, "--help")[0]


def pypi(package, program, extra="", pinned=""):
    """A program from PyPI in an environment of its own, the newest or the pinned version; None where it cannot be had."""
    place = os.path.join(HOME, package + pinned)
    path = not pinned and named(program) or os.path.join(place, "bin", program)
    if not works(path) and quiet(sys.executable, "-m", "venv", "--clear", place)[0]:
        quiet(os.path.join(place, "bin/pip"), "install", "-q", "--retries", "1", "--timeout", "20", package + extra + (pinned and "==" + pinned))
    return path if works(path) else None


def crate(package, program, features):
    path = named(program + "-rust") or os.path.join(HOME, "rust/bin", program)
    if not works(path) and shutil.which("cargo"):
        quiet("cargo", "install", "-q", "--force", package, "--features", features, "--root", os.path.join(HOME, "rust"))
    return path if works(path) else None


def go(module, program):
    """A program that is installed, or from the Go proxy; with the reason where it cannot be had."""
    path, why = named(program) or which(program) or os.path.join(HOME, "go/bin", program), "go is not there"
    if not os.path.exists(path) and shutil.which("go"):
        why = quiet("go", "install", module, env={**os.environ, "GOPATH": os.path.join(HOME, "go"), "GOBIN": os.path.join(HOME, "go/bin"), "GOFLAGS": "-modcacherw"})[1]
        why = "the Go proxy: " + why.rpartition(": ")[2]
    return (path, "") if os.path.exists(path) else (None, why)


def version(*command):
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    except OSError:
        return "?"
    found = re.search(r"\d+\.[\w.+~-]+", done.stdout + done.stderr)
    return found.group(0) if found else "?"


def debian(package):
    return version("dpkg-query", "-W", "-f", "${Version}", package)


def found(pattern):
    """How many reports lines tell of: the number in the pattern's group, or one for each line that matches without it."""
    def number_of(lines):
        matches = [match for match in map(re.compile(pattern).search, lines) if match]
        return sum(int(match.group(1).replace(",", "")) if match.lastindex else 1 for match in matches)
    return number_of


# --- peers: each gives Peers, or lines that say why not ---------------------------------------------------------------

def parsedmarc(postgres, pinned, processes):
    program = pypi("parsedmarc", "parsedmarc", "[postgresql]", pinned)
    if program is None:
        return [f"parsedmarc {pinned or '(the newest)'}: PyPI or python3-venv is not there"]
    name, out = "parsedmarc " + version(program, "--version"), os.path.join(HOME, "parsedmarc.out")

    def written(_):
        with open(os.path.join(out, "aggregate.json"), encoding="utf-8") as handle:
            return found('"report_metadata"')(handle)

    def peer(conf, does, **more):
        return Peer(name, does, command=lambda paths: [program, "-c", conf, "--offline", *paths], **more)
    general = "[general]\nsave_aggregate = True\noffline = True\n"
    peers = [peer(write(f"parsedmarc{n}.ini", f"{general}n_procs = {n}\noutput = {out}\n"), f"stores JSON, CSV; n_procs {n}", reports=ALL,
                  took=written, fresh=lambda: shutil.rmtree(out, ignore_errors=True), large=n == 1) for n in processes]
    if isinstance(postgres, str):
        return peers + ["parsedmarc into PostgreSQL: " + postgres]
    conf = write("parsedmarc-pg.ini", f"{general}[postgresql]\nconnection_string = host={postgres.socket} user=postgres dbname=peer\n")
    return peers + [peer(conf, "stores in " + postgres.version, reports=2000, took=lambda _: int(postgres.ask("SELECT count(*) FROM dmarc_aggregate_report", "peer") or 0),
                         fresh=postgres.fresh, server=postgres)]


def dmarcts(server):
    program = named("dmarcts-report-parser") or which("dmarcts-report-parser")
    if program is None:
        return ["dmarcts-report-parser: is not there (package dmarcts-report-parser)"]
    if isinstance(server, str):
        return ["dmarcts-report-parser: " + server]
    kind, host = ("Pg", server.socket) if isinstance(server, Postgres) else ("mysql", "localhost")
    write(f"dmarcts-{kind}/dmarcts-report-parser.conf", f"$dbtype = '{kind}'; $dbname = 'peer'; $dbuser = 'postgres'; $dbpass = ''; $dbhost = '{host}'; $dbport = '5432';\n"
          "$imapreadfolder = 'none'; $debug = 0; $delete_reports = 0;\n1;\n")
    return [Peer("dmarcts-report-parser " + debian("dmarcts-report-parser").rpartition("-")[0], "stores in " + server.version, 1000, lambda paths: [program, "-z", *paths],
                 lambda _: int(server.ask("SELECT count(*) FROM report", "peer") or 0), server.fresh, server, cwd=os.path.join(HOME, f"dmarcts-{kind}"),
                 env={"MYSQL_UNIX_PORT": os.path.join(server.socket, "socket")})]


def mail_dmarc():
    if not quiet("perl", "-MMail::DMARC::Report::Receive", "-e", "1")[0]:
        return ["mail-dmarc: is not there (package libmail-dmarc-perl)"]
    db = os.path.join(HOME, "mail-dmarc.sqlite")
    conf = write("mail-dmarc.ini", f"[organization]\ndomain = example.org\norg_name = Example\nemail = postmaster@example.org\n[report_store]\nbackend = SQL\ndsn = dbi:SQLite:dbname={db}\n"
                 "user =\npass =\n[dmarc]\nbackend = perl\n[dns]\ntimeout = 1\npublic_suffix_list = /usr/share/publicsuffix/public_suffix_list.dat\n")
    # Its program takes one message a call; its class is called here for all in one process, which spares it the start.
    script = "for (@ARGV) { Mail::DMARC::Report::Receive->new->from_file($_) }"
    return [Peer("mail-dmarc " + version("perl", "-MMail::DMARC", "-e", "print Mail::DMARC->VERSION"), "stores in SQLite, from mails", 200,
                 lambda paths: ["perl", "-MMail::DMARC::Report::Receive", "-e", script, *paths], lambda _: count(db, "report"), lambda: remove(db), mails=True,
                 env={"MAIL_DMARC_CONFIG_FILE": conf})]


def converter():
    program, why = go("github.com/tierpod/dmarc-report-converter/cmd/dmarc-report-converter@latest", "dmarc-report-converter")
    if program is None:
        return ["dmarc-report-converter: " + why]
    given, out, old = os.path.join(HOME, "converter.in"), pathlib.Path(HOME, "converter.out"), tempfile.TemporaryDirectory(prefix="converter.old.", dir=HOME)

    def fresh():  # deleted after the sitting: to delete ten thousand files doubles the time of a run that follows
        if out.exists():
            out.rename(tempfile.mkdtemp(dir=old.name))

    def whole(path):
        try:
            return "records" in json.loads(path.read_text(encoding="utf-8"))
        except ValueError:
            return False

    # It takes a folder. Its files are named by the report's id: the name in its sample configuration makes nine thousand folders, in twice the time.
    def command(paths):
        folder = os.path.dirname(paths[0]) if len(paths) > 1 else given
        if len(paths) == 1:
            shutil.rmtree(given, ignore_errors=True)
            os.makedirs(given)
            os.link(paths[0], os.path.join(given, os.path.basename(paths[0])))
        return [program, "-config", write("converter.yaml", f'input:\n  dir: "{folder}"\n  delete: no\noutput:\n  file: "{out}/{{{{ .ReportMetadata.ReportID }}}}.json"\n  format: "json"\nlookup_addr: no\n')]
    return [Peer("dmarc-report-converter " + version(program, "-version"), "stores JSON files", ALL, command,
                 lambda _: sum(map(whole, out.glob("*.json"))), fresh, large=True)]


def dmarc_cat():
    program, why = go("github.com/keltia/dmarc-cat@latest", "dmarc-cat")
    if program is None:
        return [f"dmarc-cat: is not there (package dmarc-cat); {why}"]
    return [Peer("dmarc-cat " + version(program, "-version").rstrip(",."), "prints", 1000, lambda paths: ["sh", "-c", 'for f in "$@"; do "$0" -N "$f"; done', program, *paths],
                 found("^Reporting by:"), alone=True, large=True)]


def rust():
    program = crate("dmarc-report-parser", "dmarc-report", "cli")
    if program is None:
        return ["dmarc-report-parser (Rust): cargo or crates.io is not there"]
    return [Peer(f"dmarc-report-parser {version(program, '--version')} (Rust)", "prints one table of all", ALL, lambda paths: [program, "--max-size", "1024", "-f", "markdown", *paths],
                 found(r"\*\*Reports:\*\* ([\d,]+)|^# DMARC Aggregate Report — "), large=True)]


def dmark():
    program = pypi("dmark", "dmark")
    if program is None:
        return ["dmark: PyPI or python3-venv is not there"]
    return [Peer("dmark " + version(os.path.join(os.path.dirname(program), "pip"), "show", "dmark"), "analyses, prints a summary", ALL,
                 lambda paths: [program, "analyze", *paths], found(r"Files parsed: (\d+)"), large=True)]


def dmarc_report():
    program = pypi("dmarc-report", "dmarc-report")
    if program is None:
        return ["dmarc-report (PyPI): PyPI or python3-venv is not there"]
    return [Peer(f"dmarc-report {version(program, '--version')} (PyPI)", "prints", 50, lambda paths: ["sh", "-c", 'for f in "$@"; do "$0" "$f"; done', program, *paths],
                 found("DMARC Report Metadata"), alone=True)]


# --- the sitting ------------------------------------------------------------------------------------------------------

def measure(peer, paths):
    """Seconds, CPU seconds, peak KiB of one call (of all its calls, where it takes one file each), and how many reports it dealt with."""
    peer.fresh()
    command = peer.command(paths)
    os.sync()
    before = peer.server.cpu() if peer.server else 0.0
    with open(os.path.join(HOME, "output"), "w+", encoding="utf-8", errors="replace") as out:
        seconds, cpu, peak = run(*command, env={**os.environ, "LC_ALL": "C.UTF-8", **peer.env}, cwd=peer.cwd, out=out)
        cpu += peer.server.cpu() - before if peer.server else 0.0
        out.seek(0)
        try:
            took = peer.took(out)
        except (OSError, sqlite3.Error):
            took = 0  # it has stored nothing
    return seconds, cpu, peak, took


def line(name, does, *cells):
    print(f"{name:<48}{does:<32}" + "".join(f"{c:>11}" for c in cells), flush=True)


def figures(seconds, cpu, peak):
    return f"{seconds:.2f}", f"{cpu:.2f}", f"{peak / 1024:.1f}"


def times(theirs, ours):
    return f"{theirs / ours:.1f}" if theirs < 10 * ours else f"{theirs / ours:.0f}"


def medians(rows):
    return [statistics.median(column) for column in zip(*rows)]


def small_reports(peers):
    ours, theirs, start, load = {}, {}, {}, []
    for turn in range(RUNS):
        for i, peer in enumerate(peers):
            if sys.stderr.isatty():
                print(f"\rround {turn + 1} of {RUNS}: {peer.name:<48}\r", end="", file=sys.stderr, flush=True)
            load.append(os.getloadavg()[0])
            whole = mails if peer.mails else files
            os.sync()
            ours.setdefault(peer.mails, []).append(ingest(whole(ALL)[0], 1)[0])
            paths = whole(peer.reports)[1]
            theirs.setdefault(i, []).append(measure(peer, paths))
            start.setdefault(i, []).append(measure(peer, paths[:1])[0])
    line("small reports", "", "reports", "reports/s", "wall s", "CPU s", "peak MiB", "start", "ours x", "in CPU x")
    for kind, rows in ours.items():
        seconds, cpu, peak = ours[kind] = medians(rows)
        line(f"dmarcsift, {len(rows)} runs", "stores, analyses" + (", from mails" if kind else ""), number(ALL), number(ALL / seconds), *figures(seconds, cpu, peak))
    for i, peer in enumerate(peers):
        seconds, cpu, peak, took = medians(theirs[i])
        share = "each" if peer.alone else f"{100 * statistics.median(start[i]) / seconds:.0f} %"
        mine = [figure * peer.reports / ALL for figure in ours[peer.mails]]
        line(peer.name, peer.does, number(peer.reports), number(peer.reports / seconds), *figures(seconds, cpu, peak), share, times(seconds, mine[0]), times(cpu, mine[1]))
        if took != peer.reports:
            print(f"  it dealt with {took:,.0f} only")
    print(f"load before each run {min(load):.1f} to {max(load):.1f}, median {statistics.median(load):.1f}\n")


def large_report(peers):
    path = os.path.join(HOME, "mail.example!example.org!1763596800!1763683199.xml.gz")
    shutil.copyfile(make("huge100k.xml.gz", "huge", "@", "100000"), path)
    os.sync()
    ours, records, _, _ = ingest(path)
    line("one report of 100,000 records, single runs", "", "", "records/s", "wall s", "CPU s", "peak MiB", "", "ours x", "in CPU x")
    line(f"dmarcsift, {RUNS} runs", "stores, analyses", "", number(records / ours[0]), *figures(*ours))
    for peer in peers:
        if peer.large:
            *theirs, took = measure(peer, [path])
            line(peer.name, peer.does, "", *((number(records / theirs[0]), *figures(*theirs), "", times(theirs[0], ours[0]), times(theirs[1], ours[1])) if took else ("fails",)))
    print()


def main():
    os.makedirs(HOME, exist_ok=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that servers end with it
    servers = []
    try:
        servers += [Postgres.begin()]
        servers += [MariaDB.begin()]
        both = [entry for pinned, processes in PARSEDMARC for entry in parsedmarc(servers[0], pinned, processes)]
        both += dmarcts(servers[1]) + dmarcts(servers[0]) + mail_dmarc() + converter() + dmarc_cat() + rust() + dmark() + dmarc_report()
        peers = [peer for peer in both if isinstance(peer, Peer) and re.search(os.environ.get("BENCH_PEERS", ""), f"{peer.name} {peer.does}")]
        print(f"{platform.machine()}, {os.cpu_count()} cores, {platform.freedesktop_os_release().get('PRETTY_NAME', '')}; medians of {RUNS} runs\n")
        if peers:
            small_reports(peers)
            large_report(peers)
        for why in dict.fromkeys(word for word in both if isinstance(word, str)):
            print("not measured: " + why)
    finally:
        for server in servers:
            if not isinstance(server, str):
                server.end()


if __name__ == "__main__":
    main()
