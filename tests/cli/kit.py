# SPDX-License-Identifier: MIT
"""What the Python tests share: TAP, a folder of their own, the program, reports to feed it."""
import os
import sqlite3
import subprocess
import sys
import tempfile

BIN = os.environ.get("BIN") or os.path.join(os.path.dirname(__file__), "..", "..", "build", "dmarcsift")
NOW = "2026-11-24"
_cases = []


def test(function):
    """Registers a test; its name, with blanks, is the sentence shown."""
    _cases.append(function)
    return function


def report(ident="1", count=3, org="Receiver", domain="example.org", ip="192.0.2.1", begin=1795132800, records=None):
    one = (f"<record><row><source_ip>{ip}</source_ip><count>{count}</count><policy_evaluated><disposition>reject</disposition>"
           f"<dkim>fail</dkim><spf>fail</spf></policy_evaluated></row><identifiers><header_from>{domain}</header_from></identifiers>"
           f"<auth_results><dkim><domain>mandrillapp.com</domain><selector>mte1</selector><result>pass</result></dkim></auth_results></record>")
    return (f'<?xml version="1.0" encoding="UTF-8"?>\n<feedback><version>1.0</version><report_metadata><org_name>{org}</org_name>'
            f"<email>r@receiver.example</email><report_id>{ident}</report_id><date_range><begin>{begin}</begin><end>{begin + 86399}</end>"
            f"</date_range></report_metadata><policy_published><domain>{domain}</domain><p>reject</p></policy_published>"
            f"{one if records is None else records}</feedback>\n").encode()


class Box:
    """A folder with a database of its own."""

    def __init__(self, program=BIN):
        self.program = program
        self.dir = tempfile.TemporaryDirectory()
        self.path = self.dir.name
        self.db = os.path.join(self.path, "a.db")

    def put(self, name, data, mode=None):
        path = os.path.join(self.path, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as handle:
            handle.write(data if isinstance(data, bytes) else data.encode())
        if mode is not None:
            os.chmod(path, mode)
        return path

    def run(self, *args, stdin=None, db=None, before=("--now", NOW)):
        env = dict(os.environ, HOME=self.path, XDG_DATA_HOME=self.path, XDG_CONFIG_HOME=self.path, XDG_STATE_HOME=self.path, TZ="UTC")
        run = subprocess.run([self.program, "--db", db or self.db, *before, *args], input=stdin, stdin=None if stdin is not None else subprocess.DEVNULL,
                             capture_output=True, env=env, timeout=300, check=False)
        run.out, run.err = run.stdout.decode(errors="replace"), run.stderr.decode(errors="replace")
        return run

    def ask(self, sql, *args):
        db = sqlite3.connect(f"file:{self.db}?mode=ro", uri=True)
        try:
            return db.execute(sql, args).fetchall()
        finally:
            db.close()

    def states(self):
        return sorted(state for (state,) in self.ask("SELECT state FROM v_intake"))


def most_memory(*args):
    """The most memory the program has held, in KiB."""
    code = "import resource, subprocess, sys\nsubprocess.run(sys.argv[1:])\nprint(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    return int(subprocess.run([sys.executable, "-c", code, BIN, *args], capture_output=True, text=True, check=True).stdout.split()[-1])


def same(have, want, what=""):
    if have != want:
        raise AssertionError(f"{what}: have {have!r}, want {want!r}")


def holds(condition, what):
    if not condition:
        raise AssertionError(what)


class Skip(Exception):
    """What a test would need and does not have here."""


def main():
    print(f"1..{len(_cases)}")
    bad = 0
    for number, case in enumerate(_cases, 1):
        name = case.__name__.replace("_", " ")
        try:
            case()
            print(f"ok {number} - {name}")
        except Skip as why:
            print(f"ok {number} - {name} # SKIP {why}")
        except Exception as error:  # a test reports, the rest goes on
            bad += 1
            print(f"not ok {number} - {name}")
            for line in f"{type(error).__name__}: {error}"[:3000].splitlines()[:12]:
                print(f"# {line}")
        sys.stdout.flush()
    sys.exit(1 if bad else 0)
