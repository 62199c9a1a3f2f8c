#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""report --html and --csv: the numbers of the views, whatever strangers wrote, the same bytes each time. TAP."""
import csv
import filecmp
import html.parser
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile

from worlds import World, day, fails, foreign, record

BIN = os.environ.get("BIN", "build/dmarcsift")
SAMPLES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../samples")
WORK = tempfile.mkdtemp(prefix="dmarcsift-outputs-")
BUCKETS = ["passing", "lost", "at_risk", "forwarded", "undecided", "undetermined"]
NOW = "2026-11-24"
FORMULA = "[\\s]*[=+\\-@\uff1d]"
done = []


def test(ok, name, note=""):
    done.append(bool(ok))
    print(f"{'ok' if ok else 'not ok'} {len(done)} - {name}")
    if not ok and note != "":
        print("# " + str(note).replace("\n", "\n# ")[:2000])
    sys.stdout.flush()


def run(*args):
    return subprocess.run([BIN, *args], capture_output=True, stdin=subprocess.DEVNULL, timeout=120)


class Page(html.parser.HTMLParser):
    """Counts of the verdict's legend, rows of tables, elements and attributes seen."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.tags, self.attributes, self.text, self.legend, self.rows, self.at, self.skip = {}, set(), [], {}, [], None, False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags[tag] = self.tags.get(tag, 0) + 1
        self.attributes.update(name for name, _ in attrs)
        attrs = dict(attrs)
        if tag in ("style", "script"):
            self.skip = True
        if "data-count" in attrs and attrs["data-count"] not in self.legend:
            self.at = attrs["data-count"]
            self.legend[self.at] = ""
        if tag == "tr":
            self.rows.append((attrs.get("class", ""), []))
        if tag in ("td", "th") and self.rows:
            self.rows[-1][1].append("")

    def handle_endtag(self, tag):
        if tag in ("style", "script"):
            self.skip = False
        if tag == "li":
            self.at = None

    def handle_data(self, data):
        if self.skip:
            return
        self.text.append(data)
        if self.at:
            self.legend[self.at] += data
        if self.rows and self.rows[-1][1]:
            self.rows[-1][1][-1] += data


def number(text):
    found = re.match(r"\s*([\d,]+)", text)
    return int(found.group(1).replace(",", "")) if found else 0


def page_of(path):
    with open(path, encoding="utf-8") as f:
        return Page(f.read())


def table(folder, name):
    with open(os.path.join(folder, name + ".csv"), encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f))


def columns(db, view):
    return [row[1] for row in db.execute(f"PRAGMA table_info({view})")]


def same_numbers(name, path, since, until, folder):
    """One period of one database in every output."""
    file = os.path.join(WORK, name + ".html")
    got = run("--db", path, "--now", NOW, "report", "--since", since, "--until", until, "--html", file, "--csv", folder)
    test(got.returncode == 0, f"{name}: page and tables are written", got.stderr.decode())
    db, page = sqlite3.connect(path), page_of(file)
    sums = ", ".join(f"sum({b})" for b in BUCKETS)
    want = [n or 0 for n in db.execute(f"SELECT {sums} FROM v_daily WHERE day BETWEEN ? AND ?", (since, until)).fetchone()]
    test([number(page.legend.get(b, "")) for b in BUCKETS] == want, f"{name}: the page's verdict has the sums of v_daily", (page.legend, want))
    for which in ("daily", "sources"):
        rows = table(folder, which)
        test([sum(int(r[b]) for r in rows) for b in BUCKETS] == want, f"{name}: {which}.csv has them too")
        test(list(rows[0]) == columns(db, "v_" + which), f"{name}: {which}.csv has the columns of the view")
    rows = [r for r in table(folder, "records") if r["foreign"] == "0"]
    test([sum(int(r["messages"]) for r in rows if r["bucket"] == b) for b in BUCKETS] == want, f"{name}: records.csv has them too")
    period = ("--db", path, "--now", NOW, "report", "--since", since, "--until", until)
    every = json.loads(run(*period, "--json", "-").stdout)
    test([sum(d[b] for d in every["domains"]) for b in BUCKETS] == want, f"{name}: the JSON has them too")
    line = run(*period, "--text").stdout.decode().splitlines()[1]
    words = {"lost": "lost", "at_risk": "at risk", "passing": "passing", "forwarded": "forwarded", "undecided": "undecided", "undetermined": "unclear"}
    told = {word: int(n.replace(",", "")) for n, word in re.findall(r"([\d,]+) (lost|at risk|passing|forwarded|undecided|unclear)", line)}
    test([told.get(words[b], 0) for b in BUCKETS] == want, f"{name}: and the text", (line, want))
    senders = [cells for kind, cells in page.rows if kind == "main"]
    rest = sum(number(n) for n in re.findall(r"further senders?, ([\d,]+) message", "".join(page.text)))
    if len(every["domains"]) <= 20:  # with more, the rest is told in one line each
        test(sum(number(c[2]) for c in senders) + rest == sum(want), f"{name}: the page's senders sum to the same messages")
        test(sum(number(c[3]) for c in senders) == want[1], f"{name}: and to the same lost mail")
    count = db.execute("SELECT count(*) FROM v_reports WHERE date(\"begin\", 'unixepoch') BETWEEN ? AND ?", (since, until)).fetchone()[0]
    test(len(table(folder, "reports")) == count, f"{name}: reports.csv has every report of the period")
    db.close()


HOSTILE = ["</style></script><script>alert(1)</script>", "=cmd|'/c calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\"><img src=x onerror=alert(1)>",
           "\u202eevil\u200b", " =1+1", "\uff1dA1", "a,b;\"c\"", "x" * 4096, "%s%n", "' OR 1=1 --", "\t=1"]


def xml(text):
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def hostile_report(n, bad):
    b = xml(bad)
    return f"""<?xml version="1.0"?><feedback><version>{b}</version><report_metadata><org_name>{b}</org_name><email>{b}</email>
<extra_contact_info>{b}</extra_contact_info><report_id>{b}{n}</report_id><error>{b}</error>
<date_range><begin>1793491200</begin><end>1793577599</end></date_range></report_metadata>
<policy_published><domain>victim{n}.example</domain><adkim>{b}</adkim><aspf>{b}</aspf><p>{b}</p><sp>{b}</sp><pct>100</pct><fo>{b}</fo></policy_published>
<record><row><source_ip>{b}</source_ip><count>7</count><policy_evaluated><disposition>{b}</disposition><dkim>{b}</dkim><spf>{b}</spf>
<reason><type>{b}</type><comment>{b}</comment></reason></policy_evaluated></row>
<identifiers><header_from>{b}</header_from><envelope_from>{b}</envelope_from><envelope_to>{b}</envelope_to></identifiers>
<auth_results><dkim><domain>{b}</domain><selector>{b}</selector><result>pass</result><human_result>{b}</human_result></dkim>
<spf><domain>{b}</domain><scope>{b}</scope><result>pass</result></spf></auth_results></record></feedback>"""


def strangers():
    folder, path, out = (os.path.join(WORK, n) for n in ("hostile", "hostile.db", "hostile-csv"))
    os.mkdir(folder)
    for n, bad in enumerate(HOSTILE):
        with open(os.path.join(folder, f"{n}.xml"), "w", encoding="utf-8") as f:
            f.write(hostile_report(n, bad))
    run("--db", path, "ingest", folder)
    file = os.path.join(WORK, "hostile.html")
    got = run("--db", path, "--now", NOW, "report", "--since", "2026-01-01", "--html", file, "--csv", out)
    test(got.returncode == 0, "a database full of hostile text is written", got.stderr.decode())
    seen = page_of(file)
    test(seen.tags.get("script") == 1 and seen.tags.get("style") == 1 and "img" not in seen.tags, "no markup of strangers reaches the page", seen.tags)
    test(not seen.attributes & {"onerror", "onload", "style", "src"}, "nor an attribute", seen.attributes)
    text = "".join(seen.text)
    test("alert(1)" in text and not re.search("[\u202a-\u202e\u200b\x00-\x08\x0b-\x1f]", text.replace("\n", "")),
         "hidden characters are shown as escapes")
    cells, raw = [], b""
    for name in ("reports", "records", "sources", "daily"):
        with open(os.path.join(out, name + ".csv"), "rb") as f:
            raw += f.read()
        cells += [c for row in table(out, name) for c in row.values()]
    test(len(cells) > 400 and not [c for c in cells if c and re.match(FORMULA, c)], "no cell of a table is a formula",
         [c for c in cells if c and re.match(FORMULA, c)][:3])
    test(not re.search(rb"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f]", raw) and "\u202e".encode() not in raw, "no control and no hidden character is in a table")
    test(not any(b"\n" in row or b"\r" in row for row in raw.split(b"\r\n")), "each row is one line ended by CR LF")
    test(len(table(out, "records")) == len(HOSTILE), "and none is lost", len(table(out, "records")))


def receivers():
    """What each receiver did, and the names in From, are of all records of the period, of which there are more than 10,000; else it is told of which they are."""
    world = World()
    for n in range(41):
        world.add(n, *(record(f"198.18.{i // 200}.{i % 200 + 1}", 3, "pass", "pass", [("example.org", "s1", "pass")], [("example.org", "pass")],
                              sender="sub.example.org" if i % 2 else "example.org") for i in range(400)), foreign("198.51.100.7", 20, "mandrillapp.com", "mte1", disposition="reject"))
        world.add(n, fails("203.0.113.9", 2, "quarantine"), record("203.0.113.8", 1, "pass", "fail", [("example.org", "s1", "fail")], sender="old.example.org"), org="Postbridge")
    world.read()

    def page(*period):
        text = world.box.run("report", "--html", "-", *period, before=("--now", day(41))).out
        told = re.findall(r'<tr class="row"><th scope="row">(.*?)</th>.*?<td class="small">(?:<svg.*?</svg>)?(.*?)</td></tr>', text) + re.findall("(Subdomains seen.*?)</h3>(.*?)</p>", text)
        return [" ".join(re.sub("<[^>]*>", " ", x).split()).replace(" ,", ",") for row in told for x in row]

    told = page()
    test(told == ["Northmail", "36,000 / 0 / 600", "Postbridge 30 messages with results that contradict each other", "30 / 60 / 0",
                  "Subdomains seen in From: example.org", "sub.example.org 18,000, old.example.org 30"], "what each receiver did is of all records", told)
    world.box.put("dmarcsift/dmarcsift.conf", 'keep = "11d"\n', 0o600)
    world.box.run("run", before=("--now", day(41)))
    told = page("--since", day(29))
    test(told == ["Northmail", "13,200 / 0 / 220 of the newest 13,420", "Postbridge of the newest 33 messages 11 with results that contradict each other", "11 / 22 / 0 of the newest 33",
                  "Subdomains seen in From: example.org", "Of the newest 13,453 messages: sub.example.org 6,600, old.example.org 11"], "or it says of which", told)
    told = page("--since", day(0), "--until", day(5))
    test(told == ["Northmail", "\u2013", "Postbridge", "\u2013"], "and where there are none any more, it says nothing", told)


def main():
    path, csvs = os.path.join(WORK, "a.db"), os.path.join(WORK, "csv")
    run("--db", path, "ingest", SAMPLES)
    same_numbers("samples", path, "2026-10-20", "2026-11-23", csvs)
    same_numbers("a week of samples", path, "2026-11-10", "2026-11-16", csvs)
    many = os.path.join(WORK, "many.db")
    subprocess.run([os.path.join(os.path.dirname(BIN), "tools/generate"), "small", os.path.join(WORK, "many"), "400", "40"], check=True, stdout=subprocess.DEVNULL)
    run("--db", many, "ingest", os.path.join(WORK, "many"))
    same_numbers("many domains", many, "2025-11-20", "2026-01-15", os.path.join(WORK, "many-csv"))
    big = os.path.join(WORK, "big.db")
    subprocess.run([os.path.join(os.path.dirname(BIN), "tools/generate"), "huge", os.path.join(WORK, "big.xml.gz"), "100000"], check=True, stdout=subprocess.DEVNULL)
    run("--db", big, "ingest", os.path.join(WORK, "big.xml.gz"))
    for domains, most in ((big, 350), (many, 800)):
        size = len(run("--db", domains, "--now", NOW, "report", "--since", "2025-01-01", "--html", "-").stdout)
        test(20000 < size <= most * 1024, f"the page of {'100,000 records' if domains == big else 'many domains'} stays below {most} KB", size)
    text = "".join(page_of(os.path.join(WORK, "samples.html")).text)
    test("were refused or junked." in text and "Mandrill" in text, "lost mail comes first, with the name of its sender")
    test("mte1._domainkey.example.org" in text and "dkim1.mandrillapp.com" in text, "and the exact records that stop it")
    test(re.search(r"\d+ unrelated addresses", text) is not None, "a crowd of strangers is one line")
    test([r["code"] for r in table(csvs, "findings")][:2] == ["LOST", "RISK"], "findings.csv has the findings, worst first")
    first = run("--db", path, "--now", NOW, "report", "--html", "-").stdout
    test(first.startswith(b"<!DOCTYPE html>") and first == run("--db", path, "--now", NOW, "report", "--html", "-").stdout,
         "the same database and --now give the same bytes, also on standard output")
    plain, linked = first.decode(), run("--db", path, "--now", NOW, "report", "--links", "--html", "-").stdout.decode()
    test("https://" not in plain and "own words: mailchimp.com" in plain, "a vendor is named, not linked to")
    test('<a rel="noopener noreferrer" href="https://mailchimp.com/">mailchimp.com</a>' in linked, "but with --links it is")
    elsewhere = dict(os.environ, TZ="Pacific/Kiritimati", LC_ALL="tr_TR.UTF-8", LANG="de_DE", LC_NUMERIC="de_DE.UTF-8")
    for kind in ("--html", "--json", "--text"):
        args = [BIN, "--db", path, "--now", NOW, "report", kind] + (["-"] if kind != "--text" else [])
        test(subprocess.run(args, capture_output=True, env=elsewhere, stdin=subprocess.DEVNULL, timeout=120).stdout == run(*args[1:]).stdout,
             f"the same bytes in another time zone and locale: {kind}")
    for folder, env in (("here", os.environ), ("there", elsewhere)):
        subprocess.run([BIN, "--db", path, "--now", NOW, "report", "--csv", os.path.join(WORK, folder)], env=env, check=True, stdin=subprocess.DEVNULL)
    test(all(filecmp.cmp(os.path.join(WORK, "here", f), os.path.join(WORK, "there", f), shallow=False) for f in os.listdir(os.path.join(WORK, "here"))), "and the tables")
    test(len(first) < 350 * 1024, "one domain stays below 350 KB", len(first))
    got = run("--db", path, "--now", NOW, "report", "--html", os.path.join(WORK, "no/such/page.html"))
    test(got.returncode == 4 and b"no/such" in got.stderr, "a page that cannot be written is exit 4 and says where", got.stderr)
    run("--db", many, "--now", NOW, "report", "--domain", "domain3.example", "--since", "2025-01-01", "--csv", csvs)
    test(all({r["domain"] for r in table(csvs, t)} == {"domain3.example"} for t in ("daily", "sources", "records", "reports")), "--domain keeps other domains out of the tables")
    got = run("--db", path, "--now", NOW, "report", "--since", "2026-11-25", "--fail-on", "LOST")
    test((got.returncode, got.stdout) == (2, b""), "a period that begins after today is refused, not found to be fine", got)
    stale = ("--db", path, "--now", "2027-02-01", "report", "--domain", "example.org")
    run(*stale, "--csv", csvs)
    told = [(f["code"], f["domain"] or "") for f in json.loads(run(*stale, "--json", "-").stdout)["findings"]]
    test(("STALE", "") in told and [(f["code"], f["domain"]) for f in table(csvs, "findings")] == told, "what is found of no domain alone is in the table as in the JSON", told)
    empty = run("--db", path, "--now", NOW, "report", "--since", "2020-01-01", "--until", "2020-01-31", "--html", "-").stdout.decode()
    test("No message was reported for this period" in empty, "a period without reports is not called fine")
    os.chmod(path, 0o400)
    test(run("--db", path, "--now", NOW, "report", "--html", os.path.join(WORK, "ro.html")).returncode == 0, "a read-only database is enough")
    strangers()
    receivers()
    print(f"1..{len(done)}")
    return 0 if all(done) else 1


try:
    status = main()
finally:
    shutil.rmtree(WORK, ignore_errors=True)
sys.exit(status)
