#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What comes in as which bytes, and what the ledger says of it: archives, mails, mailboxes, damage, exit codes."""
import base64
import fcntl
import gzip
import io
import os
import random
import signal
import sqlite3
import struct
import subprocess
import sys
import time
import zipfile
import zlib

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from kit import BIN, Box, holds, main, report, same, test  # noqa: E402


def zipped(members, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return out.getvalue()


def mail(parts, top="multipart/mixed", head=""):
    body = "".join(f"--b\n{p}\n" for p in parts)
    return f"From: r@receiver.example\nTo: d@example.org\nSubject: Report Domain: example.org\n{head}MIME-Version: 1.0\nContent-Type: {top}; boundary=b\n\n{body}--b--\n"


def attachment(data, kind="application/gzip", name="r.xml.gz"):
    return (f"Content-Type: {kind}; name=\"{name}\"\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment; filename=\"{name}\"\n\n"
            + base64.encodebytes(data).decode())


def stored(data, name="x", want=("stored",), **more):
    box = Box()
    run = box.run("ingest", box.put(name, data))
    same(tuple(box.states()), tuple(want), f"states ({run.err.strip()})")
    same(run.returncode, 3 if "damaged" in want or "retry" in want else 0, "exit status")
    for reason, state in box.ask("SELECT reason, state FROM v_intake"):
        holds(state == "stored" or reason, "a state other than stored has a reason")
    for key, value in more.items():
        have = box.ask(f"SELECT {key} FROM v_reports")
        holds(have and value in (have[0][0] or ""), f"{key} has {value!r}: {have}")
    return box


@test
def bare_xml_gzip_zlib_and_zip_are_known_by_content_not_name():
    for data in (report(), gzip.compress(report()), zlib.compress(report()), zipped([("a", report())])):
        stored(data, "wrong.pdf")


@test
def gzip_within_gzip_and_zip_within_zip_are_followed_to_depth_three():
    stored(gzip.compress(gzip.compress(gzip.compress(report()))))
    stored(zipped([("a.zip", zipped([("b.zip", zipped([("c.xml", report())]))]))]))
    stored(gzip.compress(zipped([("a.xml.gz", gzip.compress(report()))])))
    stored(gzip.compress(gzip.compress(gzip.compress(gzip.compress(report())))), want=("damaged",))


@test
def gzip_of_several_members_is_one_document():
    xml = report()
    stored(gzip.compress(xml[:100]) + gzip.compress(xml[100:]))


@test
def bytes_behind_the_gzip_stream_are_ignored_and_noted():
    stored(gzip.compress(report()) + b"\r\n", notes="2 bytes after the compressed data ignored")


@test
def a_report_cut_short_is_kept_uncounted_and_its_row_says_why():
    box = Box()
    path = box.put("a.xml", report().replace(b"</feedback>", b""))
    same(box.run("ingest", path).returncode, 3)
    same(box.ask("SELECT counted, notes FROM v_reports"), [(0, "cut short: it ends before </feedback>, after 1 record")])
    same(box.ask("SELECT count(*) FROM v_records"), [(0,)])


@test
def an_archive_cut_at_any_byte_is_never_stored_as_whole():
    for whole in (gzip.compress(report(), mtime=0), zipped([("r.xml", report())])):
        for n in range(0, len(whole) - 1, 7):
            box = Box()
            box.run("ingest", box.put("x", whole[:n]))
            counted = box.ask("SELECT messages, notes FROM v_reports WHERE counted = 1")
            holds(all(m == 3 for m, _ in counted), f"cut at {n}: {counted}")
            holds("stored" not in box.states() or counted[0][1], f"cut at {n} and stored without a note")


@test
def a_wrong_checksum_is_told():
    data = bytearray(gzip.compress(report(), mtime=0))
    data[-6] ^= 1
    box = stored(bytes(data), want=("stored",))
    holds("incorrect data check" in (box.ask("SELECT notes FROM v_reports")[0][0] or ""), "noted")


@test
def a_zip_holds_several_reports_and_things_that_are_none():
    data = zipped([("dir/", ""), ("__MACOSX/._a.xml", b"\x00\x05\x16\x07"), ("a.xml", report("1")), ("b.xml.gz", gzip.compress(report("2"))), ("c.txt", "x y z")])
    stored(data, want=("not_a_report", "stored", "stored"))


@test
def an_encrypted_zip_says_so():
    data = bytearray(zipped([("a.xml", report())]))
    data[6] |= 1
    at = data.index(b"PK\x01\x02")
    data[at + 8] |= 1
    box = stored(bytes(data), want=("damaged",))
    holds("encrypted" in box.ask("SELECT reason FROM v_intake")[0][0], "reason")


@test
def a_zip_without_its_directory_is_rescued():
    data = zipped([("a.xml", report())])
    box = Box()
    box.run("ingest", box.put("x.zip", data[:data.index(b"PK\x01\x02")]))
    same(box.states(), ["stored"])
    holds("rescued" in box.ask("SELECT notes FROM v_reports")[0][0], "noted")


@test
def sizes_a_zip_lies_about_are_not_believed():
    data = bytearray(zipped([("a.xml", report())]))
    at = data.index(b"PK\x01\x02")
    data[at + 24:at + 28] = struct.pack("<I", 10)
    box = Box()
    box.run("ingest", box.put("x", bytes(data)))
    holds(set(box.states()) <= {"stored", "damaged"}, str(box.states()))


@test
def empty_files_text_json_and_pictures_are_no_reports():
    for data in (b"", b"\n\n", b"hello\n", b'{"a": 1}', b"\x89PNG\r\n\x1a\n" + bytes(100), zipped([]), gzip.compress(b"hello\n")):
        stored(data, want=("not_a_report",))


@test
def what_a_single_file_that_is_no_report_is_instead_is_said_at_once():
    box = Box()
    run = box.run("ingest", box.put("r.7z", b"7z\xbc\xaf\x27\x1c" + bytes(60)), box.put("r.xml", report()))
    holds("1 not a report (a 7z archive, which is not read; unpack it first)" in run.out, run.out)
    run = box.run("ingest", box.put("a.pdf", "%PDF"), box.put("b.json", "{}"))
    same(run.out.strip(), "0 reports stored, 2 not a report")


@test
def a_report_without_a_policy_domain_is_stored_and_analysed():
    xml = report()
    stored(xml[:xml.index(b"<policy_published>")] + xml[xml.index(b"<record>"):], notes="no policy domain")


@test
def absent_or_empty_is_null_in_the_views():
    record = ("<record><row><source_ip>192.0.2.1</source_ip><count>1</count><policy_evaluated><disposition>none</disposition><reason><type> </type><comment/></reason>"
              "</policy_evaluated></row><identifiers><header_from>example.org</header_from><envelope_from/></identifiers><auth_results/></record>")
    box = stored(report(records=record))
    same(box.ask("SELECT reasons, envelope_from, dkim_auth FROM v_records"), [(None, None, None)])
    box = stored(report(domain="", count=500))
    same(box.run("analyse").returncode, 0)
    holds(box.ask("SELECT * FROM v_findings") != [] and box.ask("SELECT * FROM v_findings WHERE domain = ''") == [], "found of no named domain")


@test
def v_auth_tells_alignment_as_the_verdict_has_it():
    def record(number, identifiers, spf):
        return (f"<record><row><source_ip>192.0.2.{number}</source_ip><count>1</count></row><identifiers>{identifiers}</identifiers>"
                f"<auth_results><spf>{spf}<result>pass</result></spf></auth_results></record>")
    bare = [record(1, "", "<domain>mail.example.org</domain>"),
            record(2, "<header_from>example.org</header_from><envelope_from>a.example.org</envelope_from>", ""),
            record(3, "<header_from>example.org</header_from><envelope_from>a.example.net</envelope_from>", ""),
            record(4, "<header_from>example.org</header_from>", "")]
    box = stored(report(records="".join(bare)))
    same(box.ask("SELECT record, a.domain, aligned, verdict FROM v_auth a JOIN v_records USING (report, record) ORDER BY 1"),
         [(1, "mail.example.org", 1, "pass"), (2, None, 1, "pass"), (3, None, 0, "fail"), (4, None, 0, "fail")])


@test
def bombs_end_early_in_a_message():
    start = time.time()
    box = Box()
    bomb = gzip.compress(b"<feedback>" + b" " * (300 << 20), 1)
    run = box.run("ingest", box.put("bomb.gz", bomb), box.put("good.xml", report()))
    same(box.states(), ["damaged", "stored"], run.err)
    holds(time.time() - start < 250, "ends")
    zeros = zipped([(f"{n}.xml", b"<a>" + bytes(1000)) for n in range(200)])
    box = Box()
    box.run("ingest", box.put("many.zip", zeros))
    holds(len(box.states()) <= 66, f"{len(box.states())} documents of one zip")
    holds(any("more than 64 documents" in (r or "") for (r,) in box.ask("SELECT reason FROM v_intake")), "the cap is told")


@test
def mails_carry_reports_in_many_ways():
    xml, packed = report(), gzip.compress(report())
    stored(mail(["Content-Type: text/plain\n\nhello\n", attachment(packed)]), want=("stored",))
    stored(mail(["Content-Type: text/html\n\n<html><body>hello</body></html>\n", attachment(zipped([("r.xml", xml)]), "application/octet-stream", "r.zip")]))
    stored(f"From: r@receiver.example\nSubject: Report\nMIME-Version: 1.0\nContent-Type: application/gzip\nContent-Transfer-Encoding: base64\n\n{base64.encodebytes(packed).decode()}")
    stored(mail([attachment(gzip.compress(report("1"))), attachment(gzip.compress(report("2")))]), want=("stored", "stored"))
    inner = mail([attachment(packed)]).replace("boundary=b", "boundary=c").replace("--b", "--c")
    stored(mail(["Content-Type: text/plain\n\nfwd\n", f"Content-Type: message/rfc822\n\n{inner}"]))
    stored("From: r@receiver.example\nSubject: x\nMIME-Version: 1.0\nContent-Type: text/xml\n\n" + xml.decode())
    quoted = xml.decode().replace("=", "=3D")
    stored(f"From: r@receiver.example\nSubject: x\nContent-Type: text/xml\nContent-Transfer-Encoding: quoted-printable\n\n{quoted}")


@test
def mails_whose_mime_is_broken_are_searched():
    packed = gzip.compress(report())
    good = mail(["Content-Type: text/plain\n\nhello\n", attachment(packed)])
    stored(good.replace("boundary=b", "boundary=other"))
    stored(good.replace("Content-Transfer-Encoding: base64\n", ""))
    stored("this is no header line\n" + good)
    stored(good.replace("--b--\n", ""))


@test
def other_mail_in_the_mailbox_is_named_and_left():
    bounce = mail(["Content-Type: text/plain\n\nsorry\n", "Content-Type: message/delivery-status\n\nReporting-MTA: dns; a.example\n"], "multipart/report; report-type=delivery-status")
    failure = mail(["Content-Type: text/plain\n\nx\n", "Content-Type: message/feedback-report\n\nFeedback-Type: auth-failure\n"], "multipart/report; report-type=feedback-report")
    tls = mail(["Content-Type: text/plain\n\nx\n", attachment(gzip.compress(b'{"organization-name":"a","policies":[]}'), "application/tlsrpt+gzip", "a.json.gz")])
    quoting = failure.replace("Content-Type: text/plain\n\nx\n", "Content-Type: text/rfc822-headers\n\nFrom: a@example.org\nSubject: what is <feedback> in it?\n")
    nameless = mail(["Content-Type: text/plain\n\nx\n", attachment(b'{"organization-name":"a","policies":[]}', "application/octet-stream", "a")])
    plain = "From: Mail Delivery <MAILER-DAEMON@a.example>\nTo: d@example.org\nSubject: failure notice\n\nHi. This is the qmail-send program.\n550 no such user\n"
    smime = f"From: a@b.example\nMIME-Version: 1.0\n{attachment(os.urandom(200), 'application/pkcs7-mime; smime-type=enveloped-data', 'smime.p7m')}"
    pgp = mail(["Content-Type: application/pgp-encrypted\n\nVersion: 1\n", "Content-Type: application/octet-stream\n\n-----BEGIN PGP MESSAGE-----\n"], "multipart/encrypted")
    for data, word in ((bounce, "bounce"), (plain, "bounce"), (failure, "failure"), (quoting, "failure"), (tls, "TLS"), (nameless, "TLS"), (smime, "encrypted"), (pgp, "encrypted"),
                       (mail(["Content-Type: text/plain\n\nhi\n"]), "without a report")):
        box = stored(data, want=("not_a_report",))
        holds(word in box.ask("SELECT reason FROM v_intake")[0][0], word)


EXIM = "A message claiming to be from you has failed the published DMARC policy for your domain.\n\n  Sender Domain: example.org\n"


@test
def failure_and_bounce_mail_that_no_part_names_is_named_and_kept():
    text = "Content-Type: text/plain\n\n"
    returned = "Return-Path: <>\nFrom: Postmaster <postmaster@a.example>\nSubject: {}\n\n550 5.7.26 Unauthenticated email from example.org\n"
    for data, word in (("From: postmaster@a.example\nSubject: DMARC\n\n" + EXIM, "failure"),
                       (mail([text + EXIM, "Content-Type: text/rfc822-headers\n\nFrom: a@example.org\n"]), "failure"),
                       (mail([text + "Feedback-Type: auth-failure\n"], 'multipart/report; report-type="Feedback-Report"'), "failure"),
                       (mail([text + "x\n"], "multipart/report; report-type=delivery-status"), "bounce"),
                       (mail([text + "x\n"], "multipart/report; report-type=tlsrpt"), "TLS"),
                       (returned.format("Delivery Status Notification (Failure)"), "bounce"), (returned.format("=?utf-8?q?Undeliverable=3A?= hello"), "bounce"),
                       ("X-Failed-Recipients: a@b.example\nFrom: a@b.example\nSubject: x\n\nsorry\n", "bounce")):
        box = stored(data, want=("not_a_report",))
        holds(word in box.ask("SELECT reason FROM v_intake")[0][0], f"{word}: {data}")
        same(box.ask("SELECT count(*) FROM raw"), [(1,)], "kept")
    for data in (returned.format("I am on holiday"), "Return-Path: <a@b.example>\nFrom: a@b.example\nSubject: Undeliverable\n\nx\n", mail([text + "x\n", text + EXIM]),
                 mail([text + "x\n"], "multipart/report; report-type=disposition-notification")):
        box = stored(data, want=("not_a_report",))
        same(box.ask("SELECT reason FROM v_intake"), [("a mail without a report in it",)])
        same(box.ask("SELECT count(*) FROM raw"), [(0,)], "not kept")
    for kind in ("feedback-report", "delivery-status"):
        stored(mail([text + EXIM, attachment(gzip.compress(report()))], f"multipart/report; report-type={kind}"))


@test
def an_mbox_is_split_and_its_quoting_undone():
    one = mail([attachment(gzip.compress(report("1")))])
    two = "From: r@receiver.example\nSubject: x\nContent-Type: text/xml\n\n" + report("2", org=">From\n>From here").decode().replace("\n>From", "\n>From")
    mbox = f"From a@b.example Tue Nov 24 10:00:00 2026\n{one}\nFrom a@b.example Tue Nov 24 10:00:00 2026\n{two}\n"
    box = stored(mbox, "box", want=("stored", "stored"))
    same(sorted(o.split("#")[1][0] for (o,) in box.ask("SELECT origin FROM v_intake")), ["1", "2"])
    box = Box()
    same(box.run("ingest", "-", stdin=mbox.encode()).returncode, 0)
    same(box.states(), ["stored", "stored"])


@test
def a_mail_that_moves_within_its_maildir_is_known_again():
    box = Box()
    path = box.put("m/new/1.host", mail([attachment(gzip.compress(report()))]))
    os.makedirs(os.path.join(box.path, "m/cur"))
    os.makedirs(os.path.join(box.path, "m/tmp"))
    same(box.run("ingest", os.path.join(box.path, "m")).returncode, 0)
    os.rename(path, os.path.join(box.path, "m/cur/1.host:2,S"))
    box.run("ingest", os.path.join(box.path, "m"))
    same(box.ask("SELECT state, seen FROM v_intake"), [("stored", 2)])


@test
def folders_below_a_maildir_are_read_whatever_they_are_called():
    box = Box()
    for n, folder in enumerate(("", ".dmarc/", "Archive/", "Archive/2026/")):
        for place in ("cur/1:2,S", "new/2", "tmp/3"):
            box.put(f"Maildir/{folder}{place}", mail([attachment(gzip.compress(report(f"{n} {place}")))]))
    box.put("Maildir/sieve/filter.sieve", "keep;")
    same(box.run("ingest", os.path.join(box.path, "Maildir")).returncode, 0)
    same(box.states(), ["stored"] * 8)


@test
def a_folder_that_is_only_called_new_is_no_maildirs():
    box = Box()
    one = mail([attachment(gzip.compress(report("1")))]), mail([attachment(gzip.compress(report("2")))])
    box.put("reports/new/in.mbox", "".join(f"From a@b.example Tue Nov 24 10:00:00 2026\n{m}\n" for m in one))
    same(box.run("ingest", os.path.join(box.path, "reports")).returncode, 0)
    same(box.states(), ["stored"] * 2)


@test
def a_directory_is_read_whole_and_again_brings_nothing():
    box = Box()
    for n in range(20):
        box.put(f"in/{n % 3}/r{n}.xml", report(str(n)))
    first = box.run("ingest", os.path.join(box.path, "in"))
    holds("20 reports stored" in first.out, first.out)
    again = box.run("ingest", os.path.join(box.path, "in"))
    holds("0 reports stored" in again.out and "20 known already" in again.out, again.out)
    same(box.ask("SELECT count(*), sum(seen) FROM v_intake"), [(20, 40)])


def views(box):
    out = {}
    db = sqlite3.connect(box.db)
    out["reports"] = sorted(map(repr, db.execute("SELECT org_name, report_id, domain, begin, records, messages, notes, sha256, counted FROM v_reports")))
    out["records"] = sorted(map(repr, db.execute("SELECT p.sha256, c.record, c.day, c.source_ip, c.messages, c.verdict, c.under_reject, c.bucket, c.sender, c.dkim_auth FROM v_records c JOIN v_reports p ON p.id = c.report")))
    out["sources"] = sorted(map(repr, db.execute("SELECT * FROM v_sources")))
    out["daily"] = sorted(map(repr, db.execute("SELECT * FROM v_daily")))
    db.close()
    return out


@test
def any_order_and_any_number_of_jobs_give_equal_views():
    paths = [os.path.join("samples", n) for n in sorted(os.listdir("samples")) if n != "README.md"]
    want = None
    for order, jobs in ((paths, "1"), (paths[::-1], "1"), (paths, "4"), (paths[3:] + paths[:3], "3")):
        box = Box()
        box.run("--jobs", jobs, "ingest", *order)
        have = views(box)
        want = want or have
        for key in want:
            same(have[key], want[key], key)


@test
def everything_derived_can_be_derived_again():
    box = Box()
    box.run("ingest", "samples")
    want = views(box)
    box.run("analyse", "--again")
    for key, value in views(box).items():
        same(value, want[key], key)
    db = sqlite3.connect(box.db)
    wrong = db.execute("SELECT id FROM outcome WHERE verdict = 'fail' LIMIT 1").fetchone()[0]
    with db:
        db.execute("UPDATE record SET outcome = (SELECT id FROM outcome WHERE verdict = 'fail' AND disposition = 'reject' LIMIT 1) WHERE outcome IN "
                   "(SELECT id FROM outcome WHERE verdict = 'fail' AND disposition = 'reject')")
        db.execute("DELETE FROM flow")
        db.execute("DELETE FROM daily")
        db.execute("UPDATE outcome SET verdict = 'unknown', flags = 0 WHERE id = ?", (wrong,))
        senders = db.execute("SELECT sender FROM sender ORDER BY 1").fetchall()
        db.execute("INSERT INTO sender (sender, kind_no) VALUES ('of.old.rules.example', 1)")
    db.close()
    run = box.run("analyse", "--again")
    same(run.returncode, 0, run.err)
    holds("0 records are judged otherwise" not in run.out, run.out)
    for key, value in views(box).items():
        same(value, want[key], key)
    same(box.ask("SELECT sender FROM sender ORDER BY 1"), senders, "senders of older rules are gone")


@test
def killed_at_any_instant_nothing_is_lost_or_doubled():
    whole = Box()
    whole.run("ingest", "samples")
    want, chance = views(whole), random.Random(7)
    for _ in range(int(os.environ.get("KILLS", "25"))):
        box = Box()
        for _ in range(2):
            with subprocess.Popen([BIN, "--db", box.db, "--now", "2026-11-24", "ingest", "samples"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run:
                time.sleep(chance.random() * 0.05)
                run.send_signal(signal.SIGKILL)
        box.run("ingest", "samples")
        have = views(box)
        for key in want:
            same(have[key], want[key], key)


@test
def what_cannot_be_opened_is_named_and_the_rest_goes_on():
    box = Box()
    run = box.run("ingest", os.path.join(box.path, "nothing-here"), box.put("a.xml", report()))
    same(run.returncode, 3)
    holds("nothing-here" in run.err and "No such file" in run.err, run.err)
    same(box.states(), ["stored"])


@test
def a_database_that_cannot_be_used_is_told_plainly():
    box = Box()
    path = box.put("a.xml", report())
    for name, data, word in (("text.db", b"this is not a database, not even close to one", "not a database"),):
        run = box.run("ingest", path, db=box.put(name, data))
        same(run.returncode, 4, run.err)
        holds(word in run.err and name in run.err, run.err)
    run = box.run("ingest", path, db="/proc/none/a.db")
    same(run.returncode, 4, run.err)
    box.run("ingest", path)
    with sqlite3.connect(box.db) as db:
        db.execute("PRAGMA user_version = 77")
    db.close()
    run = box.run("report")
    same(run.returncode, 4)
    holds("newer" in run.err, run.err)


@test
def two_runs_at_once_are_refused():
    box = Box()
    path = box.put("a.xml", report())
    with open(box.db + ".lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        run = box.run("ingest", path)
    same(run.returncode, 4)
    holds("another dmarcsift" in run.err, run.err)


@test
def two_runs_at_once_are_refused_by_whatever_name_the_database_goes():
    box = Box()
    path = box.put("a.xml", report())
    os.mkdir(os.path.join(box.path, "real"))
    real = os.path.join(box.path, "real", "a.db")
    links = {"link.db": "real/a.db", "whole.db": real, "folder": "real", "real/twice.db": "../link.db"}
    for name, to in links.items():
        os.symlink(to, os.path.join(box.path, name))
    names = [os.path.join(box.path, name) for name in ("link.db", "whole.db", "folder/a.db", "folder/twice.db", "real/../folder/../link.db", "real/a.db")]
    for there in (False, True):  # the first made it, through a link that led nowhere
        same(os.path.exists(real), there)
        with open(real + ".lock", "w", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            for name in names:
                run = box.run("ingest", path, db=name)
                same(run.returncode, 4, name)
                holds(f"{name}: another dmarcsift" in run.err, run.err)
        for name in names:
            same(box.run("ingest", path, db=name).returncode, 0, name)
    run = subprocess.run([BIN, "--db", "link.db", "ingest", path], cwd=box.path, capture_output=True, check=False)
    same((run.returncode, run.stderr), (0, b""), "a name without a folder")
    box.db = real
    same(box.states(), ["stored"])
    same(sorted(os.listdir(box.path) + os.listdir(os.path.join(box.path, "real"))), ["a.db", "a.db.lock", "a.xml", "folder", "link.db", "real", "twice.db", "whole.db"])
    os.symlink("ring.db", os.path.join(box.path, "ring.db"))
    run = box.run("ingest", path, db=os.path.join(box.path, "ring.db"))
    same(run.returncode, 4)
    holds("ring.db: " in run.err and "symbolic links" in run.err, run.err)


@test
def a_locked_database_is_told():
    box = Box()
    path = box.put("a.xml", report())
    box.run("ingest", path)
    db = sqlite3.connect(box.db, isolation_level=None)
    db.execute("BEGIN EXCLUSIVE")
    run = box.run("ingest", box.put("b.xml", report("2")))
    db.close()
    same(run.returncode, 4)
    holds("locked" in run.err, run.err)


@test
def kept_documents_are_read_again_and_stay_once():
    box = Box()
    box.run("ingest", box.put("cut.xml", report()[:-200]))
    same(box.states(), ["damaged"])
    run = box.run("retry")
    same((run.returncode, box.states()), (3, ["damaged"]), run.err)
    same(box.ask("SELECT count(*) FROM v_reports"), [(1,)])
    same(box.run("ingest", box.put("whole.xml", report())).returncode, 0)
    same(box.ask("SELECT sum(messages) FROM v_records"), [(3,)])


@test
def what_was_forgotten_can_come_again():
    box = Box()
    path = box.put("a.xml", report())
    box.run("ingest", path)
    same(box.run("forget", "example.org").returncode, 0)
    same(box.ask("SELECT count(*) FROM v_reports"), [(0,)])
    same(box.run("forget", "example.org").returncode, 2)
    box.run("ingest", path)
    same(box.states(), ["stored"])


@test
def a_parser_that_is_used_again_knows_byte_order_marks_and_utf_16():
    box = Box()
    for n, code in enumerate(("utf-8", "utf-8-sig", "utf-16", "utf-16", "utf-8-sig", "utf-8")):
        text = report(ident=str(n)).decode().replace('encoding="UTF-8"', 'encoding="UTF-16"' if code == "utf-16" else 'encoding="UTF-8"')
        box.put(f"in/{n}.xml", text.encode(code))
    same(box.run("--jobs", "1", "ingest", os.path.join(box.path, "in")).returncode, 0)
    same(box.ask("SELECT report_id, notes FROM v_reports ORDER BY report_id"), [(str(n), None) for n in range(6)])


@test
def a_forgotten_report_comes_back_from_an_archive_that_held_others():
    box = Box()
    path = box.put("x.zip", zipped([("a.xml", report("1")), ("b.xml", report("2", domain="example.net")), ("c.xml", report("3", domain="example.com")),
                                    ("d.xml", report("4", domain="shop.example")[:-40])]))
    box.run("ingest", path)
    want = views(box)
    for domain in ("example.org", "example.net"):
        same(box.run("forget", domain).returncode, 0)
    same(box.ask("SELECT domain FROM v_reports WHERE counted = 1"), [("example.com",)])
    holds("2 reports stored" in box.run("ingest", path).out, "they come back")
    same(views(box), want)
    same(set(box.ask("SELECT state, count(*) FROM v_intake GROUP BY 1")) & {("stored", 3)}, {("stored", 3)})
    holds("0 reports stored, 1 known already" in box.run("ingest", path).out, "and are known again")


@test
def a_large_document_is_read_ahead_and_what_is_wrong_with_it_is_told_all_the_same():
    """Megabytes, decompressed in a thread of their own while they are parsed: whole, cut, with a tail, broken early and late, two in one."""
    def large(ident, spoil=None, end=b"</feedback>"):
        head, record = report(ident).split(b"<record>")[0], b"<record>" + report(ident).split(b"<record>")[1].split(b"</record>")[0] + b"</record>\n"
        records = [record] * 12000
        for at, bytes_ in (spoil or {}).items():
            records[at] = bytes_
        return head + b"".join(records) + end

    wrong = b"<record><row></wrong></record>"
    packed = gzip.compress(large("crc"))
    box = Box()
    for name, data in (("1", gzip.compress(large("whole"))), ("2", large("plain")), ("3", gzip.compress(large("cut"))[:-9000]), ("4", gzip.compress(large("tail")) + b"junk"),
                       ("5", packed[:-6] + bytes([packed[-6] ^ 1]) + packed[-5:]), ("6", gzip.compress(large("early", {5000: wrong})) + b"junk"),
                       ("7", gzip.compress(large("late", {11990: wrong})) + b"junk"), ("8", gzip.compress(large("endless", end=b""))),
                       ("9", gzip.compress(large("first") + large("second")))):
        box.put(f"in/{name}", data)
    same(box.run("--jobs", "1", "ingest", os.path.join(box.path, "in")).returncode, 3)
    same([state for (state,) in box.ask("SELECT state FROM intake ORDER BY id")],
         ["stored", "stored", "damaged", "stored", "stored", "stored", "stored", "damaged", "stored", "stored"])
    rows = box.ask("SELECT report_id, records, notes FROM v_reports ORDER BY id")
    same([(r[0], r[1]) for r in rows if r[0] != "cut"], [(n, 12000) for n in ("whole", "plain", "tail", "crc", "early", "late", "endless", "first", "second")])
    notes = {r[0]: r[2] or "" for r in rows}
    for ident, words in (("whole", ""), ("tail", "4 bytes after"), ("crc", "incorrect data check"), ("early", "4 bytes after"), ("early", "recovered"),
                         ("late", "recovered"), ("endless", "before </feedback>"), ("cut", "cut short")):
        holds(words in notes[ident] and bool(words) == bool(notes[ident]), (ident, notes[ident]))
    for jobs in ("2", "4"):
        other = Box()
        same(other.run("--jobs", jobs, "ingest", os.path.join(box.path, "in")).returncode, 3)
        same(other.ask("SELECT report_id, records, notes FROM v_reports ORDER BY id"), rows, jobs)


@test
def many_copies_that_differ_are_not_stored_but_a_better_one_is_counted():
    for jobs in ("1", "3"):
        box = Box()
        for n in range(150):
            box.put(f"in/{n:03}.xml", report("same", count=n + 1).replace(b"<feedback>", b"<feedback>\x01"))     # each has to be repaired
            box.put(f"in/{n:03}.cut", report("same", count=n + 1)[:-12])
        same(box.run("--jobs", jobs, "ingest", os.path.join(box.path, "in")).returncode, 3)
        same(box.ask("SELECT state, count(*), count(report) FROM v_intake GROUP BY 1"), [("conflict", 149, 99), ("damaged", 150, 100), ("stored", 1, 1)])
        same(box.ask("SELECT count(*), sum(counted) FROM v_reports"), [(200, 1)])
        same(box.ask("SELECT sum(messages) FROM v_records"), [(1,)])
        holds("more than 99 others: not stored" in box.ask("SELECT reason FROM v_intake WHERE state = 'conflict' AND report IS NULL")[0][0], "why")
        box.run("ingest", box.put("sound.xml", report("same", count=1000)))
        same(box.ask("SELECT sum(messages) FROM v_records"), [(1000,)])
        same(box.ask("SELECT report_id, messages FROM v_reports WHERE counted = 1"), [("same", 1000)])
        same(box.ask("SELECT sum(messages) FROM v_daily"), [(1000,)])


@test
def kept_bytes_make_room_for_newer_ones():
    box = Box()
    for n in range(17):
        box.put(f"in/{n:02}", b"<feedback>" + bytes([65 + n]))
    box.run("--jobs", "1", "ingest", os.path.join(box.path, "in"))
    db = sqlite3.connect(box.db)
    db.execute("UPDATE raw SET bytes = zeroblob(16777216)")     # 272 MiB
    db.commit()
    db.close()
    same(box.run("ingest", box.put("new.xml", b"<feedback>z")).returncode, 3)
    same(box.ask("SELECT count(*), min(intake), max(intake) FROM raw"), [(15, 4, 18)])     # of 240 MiB: the oldest went


@test
def archives_put_together_by_cat_are_read_whole():
    box = Box()
    some, more = zipped([("1.xml", report("1")), ("2.xml", report("2"))]), zipped([("3.xml", report("3"))])
    large = zipped([("4.xml", report("4")), ("pad.bin", random.Random(1).randbytes(200000))], zipfile.ZIP_STORED)
    for name, data in (("a.zip", some + more), ("b.zip", more + some + large + large), ("inner.zip", zipped([("z.zip", some + more)], zipfile.ZIP_STORED)),
                       ("nested.zip", zipped([("5.zip", zipped([("5.xml", report("5"))])), ("6.zip", zipped([("6.xml", report("6"))]))], zipfile.ZIP_STORED))):
        box.run("ingest", box.put(name, data))
    same(box.ask("SELECT report_id, notes LIKE '%with several%' FROM v_reports ORDER BY 1"), [("1", 1), ("2", 1), ("3", 1), ("4", 1), ("5", None), ("6", None)])
    same(sorted(origin.rpartition("/")[2] for (origin,) in box.ask("SELECT origin FROM v_intake WHERE state = 'stored'")),
         ["a.zip:1.xml", "a.zip:2.xml", "a.zip:3.xml", "b.zip:4.xml", "nested.zip:5.zip:5.xml", "nested.zip:6.zip:6.xml"])


@test
def an_ingest_ended_by_a_signal_says_so_and_the_next_one_reads_the_rest():
    box = Box()
    paths = [box.put("a.xml", report("a")), os.path.join(box.path, "pipe"), box.put("z.xml", report("z"))]
    os.mkfifo(paths[1])
    process = subprocess.Popen([BIN, "--db", box.db, "--jobs", "1", "ingest", *paths], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    pipe = os.open(paths[1], os.O_WRONLY)   # waits until the pipe is read: a was looked at before, z was not
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=60)  # though the pipe is open still
    os.close(pipe)
    same(process.returncode, 3, err)
    holds(b"pipe: not read to its end: ended by a signal" in err, err)
    holds(b"interrupted: the rest was not read" in err, err)
    same(box.ask("SELECT count(*) FROM v_reports WHERE report_id = 'a'"), [(1,)])
    same(box.ask("SELECT count(*) FROM v_reports WHERE report_id = 'z'"), [(0,)])
    os.remove(paths[1])
    box.put("pipe", report("pipe"))
    same(box.run("ingest", *paths).returncode, 0)
    same(box.ask("SELECT report_id, messages FROM v_reports ORDER BY 1"), [("a", 3), ("pipe", 3), ("z", 3)])


@test
def a_database_is_a_file_whatever_it_is_called():
    for name in (":memory:", "file:x.db?mode=memory"):
        box = Box()
        path = box.put("a.xml", report("a"))
        run = subprocess.run([BIN, "--db", name, "ingest", path], cwd=box.path, capture_output=True, check=False, env=dict(os.environ, HOME=box.path))
        same((run.returncode, os.path.exists(os.path.join(box.path, name))), (0, True), run.stderr)
        box.db = os.path.join(box.path, "b.db")
        os.rename(os.path.join(box.path, name), box.db)
        same(box.states(), ["stored"])


@test
def the_bytes_of_an_archive_are_kept_once_for_all_its_conflicts():
    box = Box()
    for count in (3, 4):
        box.run("ingest", box.put(f"{count}.zip", zipped([(f"{n}.xml", report(str(n), count=count)) for n in range(3)])))
    same(box.ask("SELECT count(*) FROM v_intake WHERE state = 'conflict'"), [(3,)])
    same(box.ask("SELECT count(*) FROM raw"), [(1,)])


@test
def of_two_weekly_copies_that_differ_the_first_counts():
    for order in ((10, 99), (99, 10)):
        box = Box()
        for count in order:
            data = report("week", count).replace(b"<end>1795219199</end>", b"<end>1795737599</end>")
            same(box.run("ingest", box.put(f"{count}.xml", data), before=("--now", "2026-12-01")).returncode, 0)
        same(box.ask("SELECT messages, counted FROM v_reports ORDER BY report_id, counted DESC"), [(order[0], 1), (order[1], 0)])


main()
