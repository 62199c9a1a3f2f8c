#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Text of strangers in every field of a report, in file names, member names and subjects: harmless in every output there is."""
import csv
import html
import html.parser
import io
import json
import os
import re
import subprocess
import sys
import zipfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from kit import Box, holds, main, same, test  # noqa: E402

EVIL = ["<script>alert(1)</script>", "</style><img src=x onerror=alert(1)>", "]]><svg/onload=alert(1)>", "\"' onmouseover=alert(1) x='", "&lt;b&gt;&#60;i&#62;",
        "=HYPERLINK(\"http://x\")", " \t=1+1", "\"=2+3", "'@SUM(A1)", "+49", "-1", "\uff1dA1", "\u202egnp.exe\u202c\u2066x\u2069", "a\u200bb\u2060c\ufeffd\u00ad",
        "\u0085\u009b31mred\u0090q", "%s%n%x", "\u2028line\u2029", "javascript:alert(1)", "../../etc/passwd", "', 1); DROP TABLE report; --", "N" * 4096, "\u0627\u061c\u200f"]
RAW = [b"\x1b[31mred\x1b]0;title\x07", b"\x00\x01\x08\x7f", b"\xff\xfe\xc0\x80\xed\xa0\x80", b"\xe2\x80", b"\r\nBcc: x@example.com"]
HIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


def escaped(text):
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").encode()


def report(number, b, sound):
    """A report with `b` in all its texts; where sound, its numbers, dates and results are as they should be."""
    n = b"%d" % number
    result, ip, disposition, policy = (b"pass", b"192.0.2.%d" % (1 + number), b"reject", b"none") if sound else (b, b, b, b)
    domain = b"victim.example" if sound else b
    return (b'<?xml version="1.0" encoding="UTF-8"?><feedback><version>' + b + b"</version><report_metadata><org_name>" + b + b"</org_name><email>" + b
            + b"</email><extra_contact_info>" + b + b"</extra_contact_info><report_id>" + b + n + b"</report_id><error>" + b + b"</error><generator>" + b
            + b"</generator><date_range><begin>" + b"%d" % (1795132800 + 86400 * (number % 5)) + b"</begin><end>" + b"%d" % (1795219199 + 86400 * (number % 5))
            + b"</end></date_range></report_metadata><policy_published><domain>" + domain + b"</domain><adkim>" + b + b"</adkim><aspf>" + b + b"</aspf><p>" + policy
            + b"</p><sp>" + b + b"</sp><np>" + b + b"</np><pct>100</pct><fo>" + b + b"</fo><testing>" + b + b"</testing><discovery_method>" + b
            + b"</discovery_method></policy_published><record><row><source_ip>" + ip + b"</source_ip><count>40</count><policy_evaluated><disposition>" + disposition
            + b"</disposition><dkim>fail</dkim><spf>fail</spf><reason><type>" + b + b"</type><comment>" + b + b"</comment></reason></policy_evaluated></row><identifiers>"
            b"<header_from>" + domain + b"</header_from><envelope_from>" + b + b"</envelope_from><envelope_to>" + b + b"</envelope_to></identifiers><auth_results><dkim><domain>"
            + b + b"</domain><selector>" + b + b"</selector><result>" + result + b"</result><human_result>" + b + b"</human_result></dkim><spf><domain>" + b
            + b"</domain><scope>" + b + b"</scope><result>" + result + b"</result><human_result>" + b + b"</human_result></spf></auth_results></record></feedback>")


class Page(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.links = {}, set(), set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags[tag] = self.tags.get(tag, 0) + 1
        self.attributes.update(name for name, _ in attrs)
        self.links.update(value for name, value in attrs if name in ("href", "src", "action"))


def world():
    """All of it in one database: texts, raw bytes, names of files, members and subjects."""
    box, number, told = Box(), 0, ""
    for b in [escaped(text) for text in EVIL] + RAW:
        for sound in (True, False):
            number += 1
            told += ingested(box, box.put(f"reports/{number}.xml", report(number, b, sound)))
    for text in EVIL[:20] + [os.fsdecode(raw.replace(b"\x00", b"")) for raw in RAW]:
        name = text.replace("/", "_")[:120]
        os.makedirs(os.path.join(box.path, "named"), exist_ok=True)
        with open(os.fsencode(os.path.join(box.path, "named", name + ".xml")), "wb") as handle:
            handle.write(b"<feedback><report_metadata>")
    bundle = io.BytesIO()
    with zipfile.ZipFile(bundle, "w") as archive:
        for text in EVIL[:15]:
            archive.writestr(text + ".xml", "<feedback><cut")
    box.put("named/members.zip", bundle.getvalue())
    for number, text in enumerate(EVIL[:15] + ["\x1b[2J"]):
        box.put(f"named/{number}.eml", f"From: {text} <a@example.com>\nSubject: Report {text}\nMessage-ID: <{text}>\nMIME-Version: 1.0\n"
                f"Content-Type: application/zip; name=\"{text}\"\nContent-Transfer-Encoding: base64\n\nUEsDBAo=\n")
    return box, told + ingested(box, os.path.join(box.path, "named"))


def ingested(box, path):
    run = box.run("ingest", path, before=("-v", "--now", "2026-11-24"))
    holds(run.returncode in (0, 3), (path, run.err))
    return run.stdout.decode() + run.stderr.decode()


BOX, TOLD = world()


def harmless(text, what):
    found = HIDDEN.search(text.replace("\t", ""))
    holds(found is None, f"{what}: {text[max(0, found.start() - 60):found.end() + 20]!r}" if found else "")


@test
def every_report_came_in_with_its_texts():
    stored = BOX.ask("SELECT count(*) FROM v_reports WHERE counted = 1")[0][0]
    holds(stored >= 2 * len(EVIL), stored)
    same(BOX.ask("SELECT count(*) FROM v_reports WHERE org_name = ?", "<script>alert(1)</script>"), [(2,)])


@test
def what_ingest_says_is_harmless():
    harmless(TOLD, "ingest -v")
    holds("named/" in TOLD, "files are named")


@test
def the_page_holds_no_markup_of_strangers():
    path = os.path.join(BOX.path, "page.html")
    same(BOX.run("report", "--html", path, "--since", "60d").returncode, 0)
    with open(path, encoding="utf-8", newline="") as handle:
        text = handle.read()
    harmless(text, "page")
    page = Page(text)
    same((page.tags.get("script"), page.tags.get("style"), page.tags.get("img"), page.tags.get("iframe")), (1, 1, None, None))
    holds(not {a for a in page.attributes if a.startswith("on") or a in ("style", "src", "srcdoc", "formaction")}, page.attributes)
    holds(all(link.startswith("#") or link == "data:," for link in page.links), page.links)
    holds("&lt;script&gt;alert(1)" in text, "but the text is shown")
    holds(len(text.encode()) < 800 * 1024, len(text))


@test
def no_cell_of_a_table_is_a_formula_and_rows_stay_whole():
    folder = os.path.join(BOX.path, "csv")
    same(BOX.run("report", "--csv", folder, "--since", "60d").returncode, 0)
    for name in os.listdir(folder):
        with open(os.path.join(folder, name), encoding="utf-8", newline="") as handle:
            text = handle.read()
        harmless(text.replace("\r\n", ""), name)
        rows = list(csv.reader(io.StringIO(text), strict=True))
        same({len(row) for row in rows}, {len(rows[0])}, name)
        bad = [cell for row in rows for cell in row if re.match("[\\s\"']*[=+@\uff1d\uff0b\uff20-][^\\d]", cell) and not cell.startswith("'")]
        same(bad, [], name)


@test
def the_json_is_sound_and_harmless_on_a_terminal():
    run = BOX.run("report", "--json", "-", "--since", "60d")
    same(run.returncode, 0)
    text = run.stdout.decode()
    harmless(text, "json")
    json.loads(text)


@test
def texts_for_a_terminal_hold_no_control_and_nothing_hidden():
    for args in (("report", "--since", "60d"), ("report", "--plain"), ("report", "--policy", "reject"), ("status",), ("retry",), ("analyse", "--again")):
        for before in (("--now", "2026-11-24"), ("-v", "--now", "2026-11-24")):
            run = BOX.run(*args, before=before)
            holds(run.returncode in (0, 3), (args, run.err))
            harmless(run.stdout.decode() + run.stderr.decode(), args)


@test
def explain_and_label_and_forget_are_harmless_too():
    names = [row[0] for row in BOX.ask("SELECT DISTINCT sender FROM v_sources UNION SELECT DISTINCT source_ip FROM v_records UNION SELECT DISTINCT domain FROM v_reports") if row[0]]
    holds(len(names) > 30, names)
    for name in names:
        name = name.replace("\x00", "")
        for args in (("explain", "--", name), ("explain", "--", f"550 5.7.26 {name} refused for dmarc policy")):
            run = BOX.run(*args)
            harmless(run.stdout.decode() + run.stderr.decode(), args)
    for text in EVIL:
        for args in (("label", "--", text, "mine", text), ("label", "--", "192.0.2.1", "mine", text), ("label", "--", "192.0.2.1", "none"), ("forget", "--", text), ("senders", "--", text)):
            run = BOX.run(*args)
            harmless(run.stdout.decode() + run.stderr.decode(), args)


@test
def a_command_that_is_advised_is_one_in_a_shell_and_runs_nothing_else():
    box = Box()
    bad = "$(touch${IFS}pwned);`id`.example"
    for number in range(1, 9):
        domain = b"-x';touch${IFS}pwned;'.example" if number % 2 else bad.encode()
        text = report(number, b"x", True).replace(b"victim.example", domain).replace(b"<domain>x</domain>", b"<domain>" + domain + b"</domain>")
        box.put(f"in/{number}.xml", text)
        box.put(f"in/s{number}.xml", report(20 + number, bad.encode(), True))
    same(box.run("ingest", os.path.join(box.path, "in"), before=("--now", "2026-11-24")).returncode, 0)
    page = box.run("report", "--html", "-", before=("--now", "2026-11-24")).out
    commands = {html.unescape(c) for c in re.findall(r'<code class="copy">dmarcsift label (.*?) (?:mine|not_mine)</code>', page)}
    senders = {s for (s,) in box.ask("SELECT sender FROM v_sources")}
    holds(not any("$" in s and d == "victim.example" for s, d in box.ask("SELECT sender, domain FROM v_sources")), "what is no name in DNS proves nothing")
    holds(any("'" in words for words in commands), commands)
    for words in commands:
        told = subprocess.run(["sh", "-c", f"cd {box.path} && printf '%s\\n' {words}"], capture_output=True, text=True, check=True)
        holds(told.stdout.removeprefix("--\n").rstrip("\n") in senders | {"192.0.2.0/24"}, (words, told.stdout))  # addresses of one network are asked about together
    holds(not os.path.exists(os.path.join(box.path, "pwned")), "nothing was run")


@test
def the_digest_is_one_mail_without_a_header_of_strangers():
    box = world()[0]
    file = os.path.join(box.path, "digest")
    box.put("dmarcsift/dmarcsift.conf", f'digest {{ file = "{file}" to = "a\u0040example.org" command = "/bin/true" }}\noutput {{ html = "{box.path}/<b>=.html" }}\n', 0o600)
    run = box.run("run", before=("--now", "2026-11-23T06:15:00Z"))
    same(run.returncode, 0, run.err)
    harmless(run.stdout.decode() + run.stderr.decode(), "run")
    with open(file, encoding="utf-8", newline="") as handle:
        head, _, body = handle.read().partition("\n\n")
    names = [line.split(":")[0] for line in head.split("\n") if not line.startswith(" ")]
    holds(set(names) <= {"To", "Subject", "Date", "References", "Auto-Submitted", "MIME-Version", "Content-Type", "Content-Transfer-Encoding"} and len(names) == len(set(names)), names)
    harmless(head + body, "digest")
    holds(all(ord(c) < 127 for c in head), head)


main()
