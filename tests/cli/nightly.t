#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The nightly job and the first set-up: outputs, digest, retention, locks, init, completions, units."""
import csv
import filecmp
import email
import email.policy
import fcntl
import os
import pty
import re
import select
import shlex
import shutil
import signal
import sqlite3
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from kit import BIN, Box, holds, main, report, same, test  # noqa: E402
from worlds import World, day, fails, own  # noqa: E402

MONDAY = "2026-11-23T06:15:00Z"


def box_with(text, samples=False):
    box = Box()
    box.put("dmarcsift/dmarcsift.conf", text.replace("@", box.path + "/"), 0o600)
    if samples:
        box.run("ingest", "samples", before=("--now", MONDAY))
    return box


def sendmail(box, status=0):
    """A program that keeps what it is given, as sendmail would take it."""
    return box.put("sendmail", f"#!/bin/sh\necho \"$@\" > {box.path}/args\ncat > {box.path}/mail\nexit {status}\n", 0o755)


def text(box, name):
    with open(os.path.join(box.path, name), encoding="utf-8") as handle:
        return handle.read()


@test
def run_writes_every_configured_output_and_is_silent_under_cron():
    box = box_with('output { html = "@page.html" csv = "@csv" json = "@r.json" since = "60d" }\n', samples=True)
    run = box.run("run", before=("-q", "--now", MONDAY))
    same((run.returncode, run.out, run.err), (0, "", ""))
    holds("Mandrill" in text(box, "page.html") and '"schema": 1' in text(box, "r.json"), "page and JSON")
    same(sorted(os.listdir(os.path.join(box.path, "csv"))), ["daily.csv", "findings.csv", "reports.csv", "sources.csv"])
    newest = "2026-11-22"
    same(box.run("report", "--json", os.path.join(box.path, "again.json"), "--since", "2026-09-24", "--until", newest, before=("--now", MONDAY)).returncode, 0)
    same(text(box, "again.json"), text(box, "r.json"))
    holds("Counted over 24\xa0Oct" in text(box, "page.html"), "60 days are shown, 30 are judged")
    box.put("dmarcsift/dmarcsift.conf", f'output {{ html = "{box.path}/usual.html" }}\n', 0o600)
    same(box.run("run", before=("--now", MONDAY)).returncode, 0)
    same(box.run("report", "--html", os.path.join(box.path, "same.html"), before=("--now", MONDAY)).returncode, 0)
    same(text(box, "usual.html"), text(box, "same.html"))
    holds("Counted over" not in text(box, "usual.html"), "of the same days")
    box.put("dmarcsift/dmarcsift.conf", f'output {{ csv = "{box.path}/csv" csv_records = yes }}\n', 0o600)
    box.run("run")
    holds(os.path.exists(os.path.join(box.path, "csv/records.csv")), "records where they are asked for")


@test
def with_many_domains_a_page_beside_them_changes_neither_digest_nor_text():
    world, last, crowd = World(p="none"), 32, "".join(fails(f"203.0.113.{n}", 1) for n in range(10))  # a Monday
    for k in range(22):
        d = f"firm{k:02}.example"
        for n in range(last - 29, last) if k >= 20 else (20,):  # the two with fewest messages alone are ready for a stricter policy
            world.add(n, own("192.0.2.1", 100 if k >= 20 else 5000, domain=d), *([crowd.replace("example.org", d)] if n == 20 else []),
                      org=("Northmail", "Postbridge", "Kite Mail")[n % 3], domain=d)
    world.read()
    box, now, said = world.box, ("--now", day(last)), []
    for page in ("", f'output {{ html = "{box.path}/page.html" }}'):
        config = box.put("c.conf", f'{page} digest {{ file = "{box.path}/mail" }}\n', 0o600)
        shutil.copy(box.db, box.path + "/b.db")
        same(box.run("--config", config, "run", db=box.path + "/b.db", before=now).returncode, 0)
        said.append(text(box, "mail").partition("\n\n")[2].replace(f"The whole report: {box.path}/page.html\n", ""))
    holds("220 of them came from strangers" in " ".join(said[0].split()) and said[0].count(": all conditions") == 2 and "firm21.example" in said[0], said[0])
    same(said[1], said[0])
    same(re.sub("<[^>]*>", "", re.search('data-count="undecided">(.*?)</li>', text(box, "page.html")).group(1)), "220 undecided (all not you)")
    same(box.run("-v", "report", "--html", box.path + "/page.html", "--text", before=now).out, box.run("-v", "report", before=now).out)


@test
def the_digest_is_a_mail_a_program_is_given_without_a_shell():
    box = box_with("", samples=True)
    box.put("dmarcsift/dmarcsift.conf", f'digest {{ to = "postmaster\u0040example.org" command = "{sendmail(box)} -t -i ;echo" }}\n', 0o600)
    run = box.run("run", before=("--now", MONDAY))
    same(run.returncode, 0)
    same(text(box, "args"), "-t -i ;echo\n")
    head, _, body = text(box, "mail").partition("\n\n")
    holds("To: postmaster@example.org" in head and "Auto-Submitted: auto-generated" in head and "Date: Mon, 23 Nov 2026 06:15:00 +0000" in head, head)
    holds("Subject: [dmarc] example.org: 399 messages refused or junked via Mailchimp" in head, head)
    for words in ("mte1._domainkey.example.org  CNAME  dkim1.mandrillapp.com", "mte2._domainkey.example.org  CNAME  dkim2.mandrillapp.com", "2026-11-22"):
        holds(words in body, (words, body))
    holds(max(map(len, body.splitlines())) <= 78, body)


@test
def what_was_not_sent_is_said_again_and_what_was_sent_is_not():
    box = box_with("", samples=True)
    box.put("dmarcsift/dmarcsift.conf", f'digest {{ to = "a\u0040example.org" command = "{sendmail(box, 75)}" }}\n', 0o600)
    run = box.run("run", before=("--now", MONDAY))
    same(run.returncode, 4)
    holds("digest was not sent" in run.err and "exit status 75" in run.err, run.err)
    for command, why in (("/nonexistent/sendmail -t", "there is no such program"), (box.path, "may not be run")):
        box.put("dmarcsift/dmarcsift.conf", f'digest {{ to = "a\u0040example.org" command = "{command}" }}\n', 0o600)
        run = box.run("run", before=("--now", MONDAY))
        holds(run.returncode == 4 and why in run.err, (command, run.err))
    box.put("dmarcsift/dmarcsift.conf", f'digest {{ to = "a\u0040example.org" command = "{sendmail(box, 75)}" }}\n', 0o600)
    sendmail(box)
    os.remove(os.path.join(box.path, "mail"))
    same(box.run("run", before=("--now", MONDAY)).returncode, 0)
    holds("399" in text(box, "mail"), "said now")
    os.remove(os.path.join(box.path, "mail"))
    for now in ("2026-11-23T07:00:00Z", "2026-11-24T06:15:00Z"):
        same(box.run("run", before=("--now", now)).returncode, 0)
        holds(not os.path.exists(os.path.join(box.path, "mail")), "nothing twice")


@test
def a_mail_that_was_not_sent_is_told_also_where_the_end_of_programs_is_ignored():
    box = box_with("", samples=True)
    box.program = box.put("ignoring", f"#!{sys.executable}\nimport os, signal, sys\nsignal.signal(signal.SIGCHLD, signal.SIG_IGN)\n"
                          f"os.execv('{os.path.abspath(BIN)}', sys.argv)\n", 0o755)
    for status, code in ((75, 4), (0, 0)):
        box.put("dmarcsift/dmarcsift.conf", f'digest {{ to = "a\u0040example.org" command = "{sendmail(box, status)}" }}\n', 0o600)
        run = box.run("run", before=("--now", MONDAY))
        same((run.returncode, "exit status 75" in run.err), (code, bool(status)), run.err)


@test
def that_reports_arrive_again_is_said_however_long_they_did_not():
    world, said = World(p="none"), []
    for n in range(30):
        world.add(n, own("192.0.2.1", 30))
    world.read()
    box = world.box
    box.put("dmarcsift/dmarcsift.conf", f'digest {{ file = "{box.path}/mail" }}\n', 0o600)
    for n in range(30, 58):
        if n in range(44, 47) or n > 51:
            world.add(n - 1, own("192.0.2.1", 30))
        same(box.run("run", before=("--now", day(n))).returncode, 0)
        if os.path.exists(box.path + "/mail"):
            said.append((n, re.search("^Subject: (.*)", text(box, "mail"), re.M).group(1)))
            os.remove(box.path + "/mail")
    about = [(n, s) for n, s in said if "report" in s and "nothing new" not in s and "BLIND" not in s]
    same([(n, "again" in s) for n, s in about], [(33, False), (39, False), (44, True), (49, False), (52, True)], about)


@test
def a_name_in_letters_that_are_not_ascii_leaves_its_address_readable():
    box = box_with("", samples=True)
    to = 'B\u00fcro M\u00fcller <buero\u0040example.org>, x\u0040example.net, \\"Post, \u00c4mter\\" <y\u0040example.net>'
    box.put("dmarcsift/dmarcsift.conf", f'digest {{ to = "{to}" command = "{sendmail(box)}" }}\n', 0o600)
    same(box.run("run", before=("--now", MONDAY)).returncode, 0)
    mail = email.message_from_string(text(box, "mail"), policy=email.policy.default)
    same([(a.display_name, a.addr_spec) for a in mail["To"].addresses],
         [("B\u00fcro M\u00fcller", "buero@example.org"), ("", "x@example.net"), ("Post, \u00c4mter", "y@example.net")])


@test
def a_file_that_cannot_be_written_does_not_keep_the_mail_back():
    box = box_with("", samples=True)
    box.put("dmarcsift/dmarcsift.conf", f'digest {{ to = "a\u0040example.org" file = "/nonexistent/d" command = "{sendmail(box)}" }}\n', 0o600)
    run = box.run("run", before=("--now", MONDAY))
    same((run.returncode, "/nonexistent/d" in run.err), (4, True), run.err)
    holds("399" in text(box, "mail"), "it was sent")
    os.remove(os.path.join(box.path, "mail"))
    box.run("run", before=("--now", MONDAY))
    holds(not os.path.exists(os.path.join(box.path, "mail")), "once")


@test
def a_configured_domain_on_which_no_report_came_is_named():
    box = box_with('domains = { "example.org", "parked.example" }\ndigest { file = "@digest" }\noutput { html = "@page.html" }\n', samples=True)
    same(box.run("run", before=("--now", MONDAY)).returncode, 0)
    holds("No report has come yet on parked.example: look whether the rua of its DMARC record" in " ".join(text(box, "digest").split()), text(box, "digest"))
    holds("No report yet" in text(box, "page.html") and "parked.example" in text(box, "page.html"), "the page")
    holds("no report yet: parked.example\n" in box.run("report", before=("--now", MONDAY)).out, "for the terminal")
    holds("parked.example: no report yet" in box.run("status", before=("--now", MONDAY)).out, "status")


@test
def reported_domains_the_configuration_does_not_name_are_named():
    box = box_with('domains = { "example.org", "parked.example" }\n', samples=True)
    box.run("ingest", box.put("a.xml", report("1", domain="shop.example")), box.put("b.xml", report("2", domain="shop.example")), box.put("c.xml", report("3", domain="two.example")))
    for before in ((), ("-v",)):
        out = box.run("report", before=("--now", MONDAY, *before)).out
        same(out.splitlines()[-2:], ["no report yet: parked.example", "not in domains: shop.example and 1 more (dmarcsift status)"])
    holds(len(box.run("report", before=("--now", MONDAY)).out.splitlines()) <= 24, "24 lines")
    out = box.run("report", "--domain", "example.org", before=("--now", MONDAY)).out
    holds("shop.example" not in out and "parked.example" not in out, out)
    holds("kept apart (add to `domains` what is yours)\n  shop.example: 2 reports, 6 messages, last report 2026-11-20\n  two.example: 1 report, 3 messages, last report 2026-11-20\n" in box.run("status").out,
          box.run("status").out)


@test
def no_report_at_all_is_no_good_news():
    box = box_with('digest { file = "@digest" }\n')
    same(box.run("run", before=("--now", MONDAY)).returncode, 0)
    holds("no report" in text(box, "digest") and "Nothing to do" not in text(box, "digest"), text(box, "digest"))
    holds("receives mail, and by\n`dmarcsift status` that it could be read.\n" in box.run("report").out, "a mailbox that gets mail may not be read")
    box = box_with('domains = { "exmaple.org" }\ndigest { file = "@digest" }\n', samples=True)
    same(box.run("run", before=("--now", MONDAY)).returncode, 0)
    holds("no report of your domains" in text(box, "digest") and "does not name: example.org" in " ".join(text(box, "digest").split()), text(box, "digest"))
    box = box_with('output { since = "2030-01-01" json = "@r.json" }\n', samples=True)
    run = box.run("run", before=("--now", MONDAY))
    holds("after the newest reported day" in run.err and '"end": "2026-11-22"' in text(box, "r.json"), run.err)


@test
def mail_that_is_lost_again_after_a_repair_is_news_at_once():
    def records(broken):
        own = ("<record><row><source_ip>192.0.2.9</source_ip><count>40</count><policy_evaluated><disposition>%s</disposition><dkim>%s</dkim><spf>fail</spf></policy_evaluated></row>"
               "<identifiers><header_from>example.org</header_from></identifiers><auth_results><dkim><domain>%s</domain><selector>mte1</selector><result>pass</result></dkim>"
               "<spf><domain>mandrillapp.com</domain><result>pass</result></spf></auth_results></record>")
        return own % (("reject", "fail", "mandrillapp.com") if broken else ("none", "pass", "example.org"))
    first, told = 1790812800, {}
    at = lambda n: time.strftime("%Y-%m-%dT06:15:00Z", time.gmtime(first + (n + 1) * 86400))
    box = box_with(f'digest {{ file = "@digest" }}\n')
    for n in range(24):
        box.run("ingest", box.put(f"{n}.xml", report(str(n), begin=first + n * 86400, records=records(8 <= n < 12 or n >= 14))), before=("--now", at(n)))
        if os.path.exists(os.path.join(box.path, "digest")):
            os.remove(os.path.join(box.path, "digest"))
        same(box.run("run", before=("--now", at(n))).returncode, 0)
        if os.path.exists(os.path.join(box.path, "digest")):
            told[n] = re.search("Subject: (.*(?:\n .*)*)", text(box, "digest")).group(1)
    holds("LOST" in told.get(8, ""), told)
    holds("LOST" in told.get(14, "") and "doubled" not in told[14], told)


@test
def the_subject_is_the_gravest_that_is_so_also_where_something_lighter_is_told_again():
    one = ("<record><row><source_ip>%s</source_ip><count>40</count><policy_evaluated><disposition>%s</disposition><dkim>%s</dkim><spf>fail</spf></policy_evaluated></row>"
           "<identifiers><header_from>example.org</header_from></identifiers><auth_results><dkim><domain>%s</domain><selector>%s</selector><result>pass</result></dkim>"
           "<spf><domain>%s</domain><result>pass</result></spf></auth_results></record>")
    first, told, last = 1790812800, {}, 18
    box = box_with('digest { file = "@digest" }\n')
    for n in range(last):  # one breaks and is let through, a few days later another is lost
        records = one % ("192.0.2.8", "none", "fail" if n >= 8 else "pass", "pm.mtasv.net" if n >= 8 else "example.org", "20240101pm", "pm.mtasv.net")
        records += one % (("192.0.2.9", "reject", "fail", "mandrillapp.com", "mte1", "mandrillapp.com") if n >= 13 else ("192.0.2.9", "none", "pass", "example.org", "mte1", "mandrillapp.com"))
        at = time.strftime("%Y-%m-%dT06:15:00Z", time.gmtime(first + (n + 1) * 86400))
        box.run("ingest", box.put(f"{n}.xml", report(str(n), begin=first + n * 86400, records=records)), before=("--now", at))
        if os.path.exists(os.path.join(box.path, "digest")):
            os.remove(os.path.join(box.path, "digest"))
        same(box.run("run", before=("--now", at)).returncode, 0)
        if os.path.exists(os.path.join(box.path, "digest")):
            told[n] = " ".join(text(box, "digest").split())
    holds("Subject: [dmarc] example.org: Postmark (ActiveCampaign) mail stopped passing (BROKE since" in told[9], told[9])
    holds("Subject: [dmarc] still: example.org: Postmark (ActiveCampaign) mail stopped passing" in told[10] and "1. 120 messages through Postmark" in told[10], told[10])
    holds("1. Postmark (ActiveCampaign) mail stopped passing" in told[17] and "Unchanged: - LOST, Mailchimp Transactional (Mandrill)" in told[17], told[17])
    holds("Subject: [dmarc] still: example.org: 200 messages refused or junked via Mailchimp Transactional (Mandrill) (LOST since 2026-10-14) and 2 more" in told[17], told[17])


@test
def names_of_strangers_add_no_header_and_no_control():
    evil = "exa\rmple.org\nBcc: x@example.com\n\u202e\x85\u00e4"
    box = box_with('digest { file = "@digest" }\n')
    for n in range(5):
        box.run("ingest", box.put(f"{n}.xml", report(str(n), count=30, domain=evil, begin=1795132800 + 86400 * n).replace(b"\r", b"&#13;")))
    box.run("label", "mandrill", "mine", "Evil\r\nBcc: y@example.com \u00fc")
    same(box.run("run").returncode, 0)
    head, _, body = text(box, "digest").partition("\n\n")
    same([line.split(":")[0] for line in head.splitlines() if not line.startswith(" ")],
         [n for n in ("Subject", "Date", "References", "Auto-Submitted", "MIME-Version", "Content-Type", "Content-Transfer-Encoding")
          if n != "References" or "References" in head])
    holds(all(ord(c) < 127 for c in head), head)
    holds(not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", body), repr(body))


@test
def tables_made_from_records_say_where_retention_has_removed_some():
    box = box_with('keep = "10d" output { csv = "@csv" since = "90d" }\n')
    box.run("ingest", box.put("old.xml", report("1", begin=1790000000)), box.put("new.xml", report("2")))
    same(box.run("run").err, "")  # removes records, after the outputs
    lacking = "without what was reported before 2026-11-14, whose records `keep` has removed; daily.csv has its sums\n"
    same(box.run("run").err, f"dmarcsift: sources.csv is {lacking}")
    for period, said in (("90d", f"dmarcsift: sources.csv and records.csv are {lacking}"), ("10d", "")):
        run = box.run("report", "--csv", os.path.join(box.path, "csv"), "--since", period)
        same((run.returncode, run.err), (0, said))
        for table, want in (("sources", 3), ("daily", 6 if said else 3)):
            with open(os.path.join(box.path, f"csv/{table}.csv"), encoding="utf-8") as handle:
                same(sum(int(row["messages"]) for row in csv.DictReader(handle)), want, table)
    box = box_with('keep = "10d"\n')
    box.run("ingest", box.put("new.xml", report("2")))
    box.run("run")
    same(box.run("report", "--csv", os.path.join(box.path, "csv"), "--since", "90d").err, "", "nothing was there to remove")


@test
def retention_removes_records_and_keeps_reports_and_sums():
    box = box_with('keep = "10d"\n')
    box.run("ingest", box.put("old.xml", report("1", begin=1790000000)), box.put("new.xml", report("2")))
    before = box.ask("SELECT sum(messages) FROM v_daily")
    run = box.run("run")
    same(run.returncode, 0)
    holds("removed" in run.out, run.out)
    same((box.ask("SELECT count(*) FROM v_records"), box.ask("SELECT count(*) FROM v_reports"), box.ask("SELECT sum(messages) FROM v_daily")), ([(1,)], [(2,)], before))
    holds("removed" not in box.run("run").out, "once")
    same(box.run("explain", "mandrill").err, "", "nothing has come")
    sums = box.ask("SELECT sum(messages), sum(lost), sum(undecided) FROM v_sources")
    for _ in range(2):
        same(box.run("analyse", "--again").returncode, 0)
        same(box.ask("SELECT sum(messages), sum(lost), sum(undecided) FROM v_sources"), sums, "what is gone stays in the sums")
    late = box.put("late.xml", report("4", begin=1790086400))  # it lies before the day up to which records were removed
    box.run("ingest", late)
    days = box.ask("SELECT * FROM v_daily ORDER BY day")
    same(len(days), 3)
    for _ in range(2):
        same(box.run("analyse", "--again").returncode, 0)
        same(box.ask("SELECT * FROM v_daily ORDER BY day"), days, "late reports count once")
    same(box.run("forget", "4").returncode, 0)
    same((box.ask("SELECT sum(messages) FROM v_daily"), box.ask("SELECT sum(messages) FROM v_sources")), (before, before))
    box.put("dmarcsift/dmarcsift.conf", 'keep = ""\n', 0o600)
    box.run("ingest", box.put("older.xml", report("3", begin=1780000000)))
    box.run("run")
    same(box.ask("SELECT count(*) FROM v_records"), [(2,)])


@test
def records_are_removed_wherever_they_lie_among_others():
    box, old, new = box_with('keep = "10d"\n'), 1790000000, 1795132800
    for n, (domain, begin) in enumerate((("example.net", old), ("example.org", new), ("example.org", old), ("example.net", old), ("example.net", new),
                                         ("example.org", new), ("example.net", new), ("example.org", old))):
        mail = report(str(n), domain=domain, begin=begin)
        same(box.run("ingest", box.put(f"{n}.xml", mail.replace(b"</record>", b"</record>" + mail[mail.index(b"<record>"):mail.index(b"</feedback>")].replace(b"mte1", b"mte2"), 1)))
             .returncode, 0)
    same(box.run("run").returncode, 0)
    same([i for (i,) in box.ask("SELECT id FROM record ORDER BY id")], [3, 4, 9, 10, 11, 12, 13, 14])
    same(box.run("forget", "example.net").returncode, 0)
    same([i for (i,) in box.ask("SELECT id FROM record ORDER BY id")], [3, 4, 11, 12])


@test
def a_late_report_is_taken_back_from_whoever_has_it():
    record = ("<record><row><source_ip>203.0.113.{}</source_ip><count>{}</count><policy_evaluated><disposition>none</disposition><dkim>fail</dkim><spf>fail</spf></policy_evaluated>"
              "</row><identifiers><header_from>example.org</header_from></identifiers><auth_results>{}</auth_results></record>").format
    signed = "<dkim><domain>other.example</domain><selector>a</selector><result>pass</result></dkim>"
    box = box_with('keep = "10d"\n')
    box.run("ingest", box.put("old.xml", report("1", begin=1790000000, records=record(1, 7, ""))), box.put("new.xml", report("2")))
    same(box.run("run").returncode, 0)
    box.run("ingest", box.put("late.xml", report("3", begin=1790000000, records=record(2, 4, ""))))
    # The address shows whose it is, so what it sent before is that sender's, too.
    box.run("ingest", box.put("newer.xml", report("4", records=record(2, 1, signed))))
    same(box.ask("SELECT messages FROM v_sources WHERE sender = 'other.example'"), [(5,)], "all is other.example's")
    same(box.run("forget", "3").returncode, 0)
    same(box.ask("SELECT sender, messages FROM v_daily ORDER BY 1"), [("203.0.113.1", 7), ("mandrill", 3), ("other.example", 1)])


@test
def run_waits_for_the_lock_and_needs_a_configuration():
    same(Box().run("run").returncode, 4)
    box = box_with('output { html = "@page.html" }\n')
    box.run("ingest", box.put("a.xml", report()))
    with open(box.db + ".lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        env = dict(os.environ, HOME=box.path, XDG_CONFIG_HOME=box.path)
        process = subprocess.Popen([BIN, "--db", box.db, "run"], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        time.sleep(0.5)
        same(process.poll(), None)
    same((process.wait(30), process.communicate()[1]), (0, b""))
    # Somebody's long query, too, and longer than other commands do.
    query = sqlite3.connect(box.db, isolation_level=None)
    query.execute("BEGIN EXCLUSIVE")
    process = subprocess.Popen([BIN, "--db", box.db, "run"], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    same((box.run("ingest", box.put("b.xml", report("2"))).returncode, process.poll()), (4, None))
    query.close()
    same((process.wait(30), process.communicate()[1]), (0, b""))


@test
def a_configuration_that_gives_the_job_nothing_to_do_is_told():
    box = Box()
    same(box.run("init", "--domain", "example.org").returncode, 0)
    run, quiet = box.run("run"), box.run("run", before=("-q",))
    same((run.returncode, run.err), (0, f"dmarcsift: run: {box.path}/dmarcsift/dmarcsift.conf names no account, output or digest: nothing was fetched, written or mailed\n"))
    same((quiet.returncode, quiet.err), (0, ""))


@test
def accounts_that_fail_are_told_and_set_the_status_the_rest_of_the_job_is_done():
    account = 'account "%s" { server = "imap://127.0.0.1:%d" user = "u" password = "p" plain = true }\n'
    box = box_with(account % ("one", 1) + account % ("two", 2) + 'output { html = "@page.html" }\ndigest { file = "@digest" }\n', samples=True)
    run = box.run("run", before=("-q", "--now", MONDAY))
    same(run.returncode, 4)
    holds("one" in run.err and "two" in run.err and "\x1b" not in run.err, run.err)
    holds(os.path.exists(os.path.join(box.path, "page.html")) and os.path.exists(os.path.join(box.path, "digest")), "page and digest came all the same")


@test
def a_label_ends_what_the_digest_says_of_a_sender():
    box = box_with('digest { file = "@digest" }\n', samples=True)
    box.run("run", before=("-q", "--now", MONDAY))
    holds("LOST" in text(box, "digest"), "lost mail is told")
    os.remove(os.path.join(box.path, "digest"))
    same(box.run("label", "mandrill", "not_mine").returncode, 0)
    box.run("run", before=("-q", "--now", "2026-11-30T06:15:00Z"))
    holds("LOST" not in text(box, "digest") and "Mandrill" not in text(box, "digest"), text(box, "digest"))


@test
def an_output_that_cannot_be_written_is_told_and_keeps_nothing_else_back():
    box = box_with('output { html = "/nonexistent/page.html" json = "/nonexistent/r.json" csv = "@csv" }\ndigest { file = "@digest" }\n', samples=True)
    run = box.run("run", before=("--now", MONDAY))
    same(run.returncode, 4)
    holds("/nonexistent/page.html" in run.err and "/nonexistent/r.json" in run.err, run.err)
    holds(os.path.exists(os.path.join(box.path, "csv", "findings.csv")) and os.path.exists(os.path.join(box.path, "digest")), "tables and digest came")


@test
def init_writes_a_password_command_so_that_it_is_read_as_it_was_given():
    box = Box()
    conf, command = os.path.join(box.path, "new.conf"), """f='a b.txt'; printf '%s\\n' "${f%.txt}" >&2; false"""
    run = box.run("init", "--file", conf, "--server", "imaps://127.0.0.1:1", "--user", "u", "--password-command", command)
    same((run.returncode, "a b" in run.err), (4, True), run.err)
    same("a b" in box.run("fetch", before=("--config", conf)).err, True)


@test
def init_says_why_a_configuration_was_written_in_part_only():
    box = Box()
    box.program = box.put("limited", f"#!/bin/sh\nulimit -f 1\nexec '{os.path.abspath(BIN)}' \"$@\"\n", 0o755)
    conf = os.path.join(box.path, "dmarcsift/dmarcsift.conf")
    run = box.run("init", "--domain", "example.org", before=())
    same((run.returncode, run.err, os.path.exists(conf)), (4, f"dmarcsift: {conf}: File too large\n", False))


@test
def init_writes_a_configuration_that_is_read_and_prints_the_records():
    box = Box()
    run = box.run("init", "--domain", "example.org", "--domain", "example.net", "--mailbox", "dmarc@reports.example.net")
    same((run.returncode, run.err), (0, ""))
    for words in ('_dmarc.example.org  TXT  "v=DMARC1; p=none; rua=mailto:dmarc@reports.example.net"', 'example.org._report._dmarc.reports.example.net  TXT  "v=DMARC1"'):
        holds(words in run.out, run.out)
    holds("example.net._report" not in run.out, "the same organisation needs no record")
    holds("next: fill in account, output and digest, then `" in run.out, run.out)
    bare, mailbox = Box().run("init"), Box().run("init", "--mailbox", "dmarc@example.com")
    holds('_dmarc.DOMAIN  TXT  "v=DMARC1; p=none; rua=mailto:MAILBOX"' in bare.out and bare.returncode == 0, bare.out)
    holds('_dmarc.example.com  TXT  "v=DMARC1; p=none; rua=mailto:dmarc@example.com"' in mailbox.out, mailbox.out)
    path = os.path.join(box.path, "dmarcsift/dmarcsift.conf")
    same(os.stat(path).st_mode & 0o777, 0o600)
    holds('domains = { "example.org", "example.net" }' in text(box, "dmarcsift/dmarcsift.conf"), "domains")
    same(box.run("ingest", box.put("a.xml", report())).returncode, 0)  # and it is read
    run = box.run("init")
    same(run.returncode, 4)
    holds("is there already" in run.err and "by --file" in run.err, run.err)


@test
def init_writes_the_configuration_that_is_named_and_none_that_is_refused():
    box = Box()
    for before, args in ((("--config", box.path + "/one.conf"), ()), ((), ("--file", box.path + "/one.conf")), (("--config", "/nonexistent"), ("--file", box.path + "/one.conf"))):
        run = box.run("init", "--domain", "example.org", *args, before=before)
        same((run.returncode, run.err, sorted(os.listdir(box.path))), (0, "", ["one.conf"]), before)
        holds(f"`{shlex.quote(os.path.realpath(BIN))} --config {box.path}/one.conf run`" in run.out, run.out)
        os.remove(box.path + "/one.conf")
    name = "it's new.conf"
    for args, next_command in (((), "{} run"), (("--oauth",), "{} init --oauth")):
        run = box.run("init", "--file", os.path.relpath(os.path.join(box.path, name)), *args, before=())
        typed = re.search("`(.*? --config .*?)`", run.out)[1]
        same(shlex.split(typed)[:2], [os.path.realpath(BIN), "--config"], "where this program lies: cron looks into few folders")
        same(os.path.normpath(shlex.split(typed)[2]), os.path.join(box.path, name), "it leads there from any folder, as one word")
        same(shlex.split(typed)[3:], next_command.split()[1:], typed)
        same(run.out.count("cron: 15 6 * * * " + typed[:-3] + "-q run"), 0 if args else 1, run.out)
        os.remove(os.path.join(box.path, name))
    for args in (("--user", ""), ("--user", "u", "--password-command", "")):
        run = box.run("init", "--server", "imaps://127.0.0.1:1", *args)
        same((run.returncode, "written" in run.out, os.path.exists(box.path + "/dmarcsift/dmarcsift.conf")), (4, False, False), run.err)
        holds("account main wants" in run.err, run.err)


@test
def init_tries_no_login_with_what_it_was_not_told():
    for args, gap in (((), "user and password_command"), (("--user", "u"), "password_command"), (("--password-command", "echo p"), "user"), (("--mailbox", "d@example.org"), "password_command")):
        box = Box()
        run = box.run("init", "--server", "imaps://127.0.0.1:1", *args)
        same((run.returncode, run.err, f"next: fill in {gap}, then `" in run.out), (0, "", True), run.out)


@test
def init_writes_nothing_for_what_is_no_domain_and_no_address():
    for args in (("--domain", "https://example.org"), ("--domain", "user@example.org"), ("--domain", ""), ("--domain", "a..b"), ("--domain", "192.0.2.1"),
                 ("--domain", "example.org", "--mailbox", "a b@example.org"), ("--domain", "example.org", "--mailbox", "dmarc"),
                 ("--domain", "example.org", "--server", "imap.example.org"), ("--domain", "example.org", "--server", "imaps://imap.example.org/x"),
                 ("--user", "u", "--server", "imap://")):
        box = Box()
        run = box.run("init", *args)
        same((run.returncode, run.out), (2, ""), args)
        holds(args[-1] in run.err, run.err)
        same(os.path.exists(os.path.join(box.path, "dmarcsift/dmarcsift.conf")), False)
    run = Box().run("init", "--domain", "B\u00fccher.Example.", "--mailbox", "d\u0040Reports.example.net")
    same(run.returncode, 0)
    holds("xn--bcher-kva.example._report._dmarc.reports.example.net" in run.out, run.out)
    box = box_with('domains = { "example.org", "https://example.net" }\n')
    run = box.run("status")
    holds(run.returncode == 4 and "https://example.net" in run.err and "is no domain" in run.err, run.err)


@test
def completions_and_units_are_right():
    box = Box()
    subprocess.run([sys.executable, "tests/tools/completions.py", BIN, box.path], check=True)
    for name in ("dmarcsift.bash", "_dmarcsift", "dmarcsift.fish"):
        holds(filecmp.cmp(os.path.join(box.path, name), os.path.join("doc/completions", name), shallow=False), f"{name}: run `make completions`")
    for line, want in (("report --fa", "--fail-on"), ("-q --now 2026-11-24 rep", "report"), ("init --ca-file LICEN", "LICENSE")):
        script = f"source doc/completions/dmarcsift.bash; COMP_WORDS=(dmarcsift {line}); COMP_CWORD={len(line.split())}; _dmarcsift; echo ${{COMPREPLY[@]}}"
        same(subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True).stdout, want + "\n")
    with open("doc/completions/dmarcsift.bash", encoding="ascii") as handle:
        offered = [(command, option) for command, options in re.findall(r'^\t(\w+)\) words="(.*)" ;;$', handle.read(), re.M) for option in options.split()]
    holds(len(offered) > 30, offered)
    for command, option in offered:
        run = box.run(command, option, "--help", "--help")    # the first may be its value
        holds(not re.search("unknown option|belongs to|stands before", run.err), (command, option, run.err))
    for unit in ("dmarcsift.service", "dmarcsift.timer", "local-mail.conf"):
        with open(os.path.join("doc/systemd", unit), encoding="ascii") as handle:
            lines = [line for line in handle.read().splitlines() if line and not line.startswith("#")]
        holds(all(re.match(r"\[\w+\]$|\w+=", line) for line in lines), unit)
    drop = os.path.join(box.path, "dmarcsift.service.d")
    os.mkdir(drop)
    program = os.path.join(box.path, "dmarcsift")     # a unit wants a path without blanks
    os.symlink(os.path.abspath(BIN), program)
    shutil.copy("doc/systemd/local-mail.conf", drop)
    for unit in ("dmarcsift.service", "dmarcsift.timer"):
        with open(os.path.join("doc/systemd", unit), encoding="ascii") as handle:
            box.put(unit, "".join(line for line in handle if not line.startswith("Documentation=")).replace("/usr/local/bin/dmarcsift", program))
    if shutil.which("systemd-analyze"):
        run = subprocess.run(["systemd-analyze", "verify", f"{box.path}/dmarcsift.service", f"{box.path}/dmarcsift.timer"], capture_output=True, text=True, check=False)
        same((run.returncode, [line for line in run.stderr.splitlines() if "dmarcsift" in line]), (0, []))


@test
def the_demonstration_is_the_same_whatever_the_user_configured():
    box = box_with('domains = { "example.com" }\n')
    os.mkdir(os.path.join(box.path, "build"))
    os.symlink(os.path.abspath(BIN), os.path.join(box.path, "build/dmarcsift"))
    run = subprocess.run(["sh", "tests/tools/demo.sh", os.path.join(box.path, "build")], capture_output=True, text=True, env=dict(os.environ, HOME=box.path, XDG_CONFIG_HOME=box.path), check=False)
    holds(run.returncode == 0 and "[X] LOST           399  Mailchimp" in run.stdout, run.stdout + run.stderr)


@test
def what_is_missing_is_named_with_a_command_that_installs_it():
    box = Box()
    said = "#!/bin/sh\necho \"$0 $*\" | sed 's,.*/,,' >&2\n"
    for name, text in (("dpkg-query", "#!/bin/sh\n"), ("id", "#!/bin/sh\necho ${ID:-1000}\n"), ("apt-get", said + "exit ${APT:-0}\n"), ("sudo/sudo", "#!/bin/sh\n[ \"$2\" != true ] && shift && exec \"$@\"\nexit $ASKS\n")):
        box.put("bin/" + name, text, 0o755)
    for name in ("sh", "sed", "env"):
        os.symlink(shutil.which(name), os.path.join(box.path, "bin", name))

    def ask(path="bin", **env):
        run = subprocess.run(["/bin/sh", "tests/tools/deps.sh", "demo"], capture_output=True, text=True, check=False, env=dict(env, PATH=":".join(os.path.join(box.path, p) for p in path.split(":"))))
        return run.returncode, re.sub(r"gcc make .* sqlite3", "ALL", run.stdout + run.stderr)
    get, told = "apt-get update && {}apt-get install --no-install-recommends ALL\n", "apt-get -o DPkg::Lock::Timeout=300 {}\n"
    done = "installing: ALL\n" + told.format("update -qq") + told.format("install -y -qq --no-install-recommends ALL")
    same(ask(), (1, "missing: ALL\ninstall with: as root: " + get.format("")))
    same(ask("bin:bin/sudo", ASKS="1"), (1, "missing: ALL\ninstall with: sudo " + get.format("sudo ")))
    same(ask("bin:bin/sudo", ASKS="0"), (0, done))
    same(ask(ID="0"), (0, done))
    same(ask(ID="0", APT="1"), (1, "installing: ALL\n" + told.format("update -qq") + "could not install; by hand: " + get.format("")))


@test
def what_make_installs_make_uninstall_removes():
    box = Box()

    def files(*targets):
        for target in targets:
            subprocess.run(["make", "-s", "B=" + os.environ.get("B", "build"), "DESTDIR=" + box.path, "PREFIX=/usr", target], check=True, capture_output=True)
        return sorted(os.path.relpath(os.path.join(folder, f), box.path) for folder, _, names in os.walk(box.path) for f in names)
    same(files("install"), ["usr/bin/dmarcsift", "usr/share/bash-completion/completions/dmarcsift", "usr/share/fish/vendor_completions.d/dmarcsift.fish",
                            "usr/share/man/man1/dmarcsift.1", "usr/share/zsh/site-functions/_dmarcsift"])
    same(files("uninstall"), [])


def typed(line):
    """What zsh makes of a line and a tab, at a terminal."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ["TERM"] = "dumb"
        os.execvp("zsh", ["zsh", "-f", "-i"])
    os.write(terminal, f"fpath=('{os.path.abspath('doc/completions')}' $fpath); autoload -Uz compinit; compinit -u -D; PS1='> '; print re''ady\n".encode())
    out, sent, end = b"", False, time.monotonic() + 30
    while time.monotonic() < end:
        if not select.select([terminal], [], [], 1.5)[0]:
            if sent:
                break
            continue
        out += os.read(terminal, 65536)
        if not sent and b"> " in out.rpartition(b"ready\r\n")[2] and b"ready\r\n" in out:
            out, sent = b"", True
            os.write(terminal, line.encode() + b"\t")
    os.close(terminal)
    os.waitpid(pid, 0)
    return out.decode(errors="replace")


@test
def fish_and_zsh_complete_commands_options_and_values():
    for line, want in (("dmarcsift re", {"report", "retry"}), ("dmarcsift report --c", {"--csv"}), ("dmarcsift --conf", {"--config"}), ("dmarcsift -q --now 2026-11-24 rep", {"report"}),
                       ("dmarcsift report --domain example.org --dom", {"--domain"}), ("dmarcsift init --ca-file LICEN", {"LICENSE"}), ("dmarcsift label 192.0.2.1 forw", {"forwarder"})):
        run = subprocess.run(["fish", "--no-config", "-c", f"source doc/completions/dmarcsift.fish; complete -C '{line}'"], capture_output=True, text=True, check=True)
        offered = {row.split("\t")[0] for row in run.stdout.splitlines()}
        same({word for word in offered if word.startswith(line.split()[-1])}, want, "fish")  # fish 4 also offers what has it within
        seen = typed(line)
        holds(all(word in seen or word.startswith(line.split()[-1]) and word[len(line.split()[-1]):] in seen for word in want), ("zsh", line, seen))


@test
def a_run_ended_by_a_signal_leaves_outputs_and_digest_to_the_next():
    box = box_with("", samples=True)
    conf = f'output {{ html = "{box.path}/page.html" }}\ndigest {{ file = "{box.path}/digest.eml" }}\n'
    box.put("dmarcsift/dmarcsift.conf", conf + f'account "a" {{ server = "imaps://127.0.0.1:1" user = "u" password_command = "cat {box.path}/pipe" }}\n', 0o600)
    os.mkfifo(os.path.join(box.path, "pipe"))
    env = dict(os.environ, HOME=box.path, XDG_DATA_HOME=box.path, XDG_CONFIG_HOME=box.path, XDG_STATE_HOME=box.path)
    process = subprocess.Popen([BIN, "--db", box.db, "--now", MONDAY, "run"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env)
    pipe = os.open(os.path.join(box.path, "pipe"), os.O_WRONLY)     # the password is being asked for
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=60)
    os.close(pipe)
    same(process.returncode, 4, err)    # the account, too, was not read
    holds(b"run: ended by a signal" in err, err)
    same([name for name in ("page.html", "digest.eml") if os.path.exists(os.path.join(box.path, name))], [])
    box.put("dmarcsift/dmarcsift.conf", conf, 0o600)
    same(box.run("run", before=("--now", MONDAY)).returncode, 0)
    same([name for name in ("page.html", "digest.eml") if os.path.exists(os.path.join(box.path, name))], ["page.html", "digest.eml"])


@test
def a_password_that_does_not_come_is_not_waited_for_once_the_run_is_to_end():
    box = box_with("")
    for name in ("asked", "never"):
        os.mkfifo(os.path.join(box.path, name))
    box.put("dmarcsift/dmarcsift.conf",
            f'account "a" {{ server = "imaps://127.0.0.1:1" user = "u" password_command = "echo >{box.path}/asked; exec cat {box.path}/never" }}\n', 0o600)
    env = dict(os.environ, HOME=box.path, XDG_DATA_HOME=box.path, XDG_CONFIG_HOME=box.path, XDG_STATE_HOME=box.path)
    for command in ("run", "fetch"):
        process = subprocess.Popen([BIN, "--db", box.db, "--now", MONDAY, command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env)
        with open(os.path.join(box.path, "asked"), "rb") as pipe:     # the command runs
            pipe.read()
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=60)
        same(process.returncode, 4, err)
        holds(b"account a: ended by a signal" in err and b"seconds" not in err, err)


main()
