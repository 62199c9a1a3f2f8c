#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Fetching from a real Dovecot: TLS, STARTTLS, folders, what happens to mails, tokens, waiting for news."""
import base64
import fcntl
import gzip
import json
import os
import queue
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import zlib

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from servers import NO_IDLE, NO_MOVE, Dovecot, FetchBox, Running, TokenEndpoint, certificate, cleanup_certificate, mail, plain_mail, until  # noqa: E402
from kit import BIN, holds, main, report, same, test  # noqa: E402

SERVER = None


def dovecot():
    """One for the tests that need nothing special; its folders are emptied by making new names."""
    global SERVER
    if SERVER is None:
        SERVER = Dovecot()
    return SERVER


def folder(name):
    """A folder of its own on the common server: (Maildir++ name, IMAP name)."""
    server = dovecot()
    server.put(folder="." + name)
    return server, "." + name


@test
def mails_come_by_tls_and_nothing_in_the_mailbox_changes():
    server, box_name = folder("keep")
    server.put(*(mail(n) for n in range(1, 301)), plain_mail(1), folder=box_name)
    before = sorted(server.files(box_name))
    box = FetchBox(server.account(folder="keep", after="keep"))
    run = box.run("fetch")
    same((run.returncode, run.err), (0, ""))
    holds("301 mails fetched from 1 account" in run.out and "300 reports stored" in run.out and "1 not a report (a mail without a report in it)" in run.out, run.out)
    same(box.reports(), list(range(1, 301)))
    same(sorted(server.files(box_name)), before)
    same(set(server.flags(box_name)), {""})
    origin = box.ask("SELECT origin FROM v_reports WHERE report_id = '7'")[0][0]
    holds(origin.startswith("imap:main/keep;UIDVALIDITY=") and ";UID=7/" in origin, origin)
    run = box.run("fetch")
    holds("0 mails fetched" in run.out, run.out)
    server.put(mail(301), folder=box_name)
    holds("1 mail fetched" in box.run("fetch").out, "only what is new")
    same(box.reports(), list(range(1, 302)))
    status = box.run("status").out
    for words in ("went well", "stored: 301", "not_a_report: 1", "keep: read up to UID 302"):
        holds(words in status, (words, status))


@test
def starttls_and_the_certificate_are_insisted_on():
    server, box_name = folder("tls")
    server.put(mail(1), folder=box_name)
    box = FetchBox(server.account(folder="tls", tls=False))
    same(box.run("fetch").returncode, 0)
    same(box.reports(), [1])
    run = FetchBox(server.account(folder="tls", ca_file=None)).run("fetch")
    same(run.returncode, 4)
    holds("certificate does not prove the server" in run.err and "ca_file" in run.err, run.err)
    run = FetchBox(server.account(folder="tls", server=f"imaps://127.0.0.1:{server.tls_port}")).run("fetch")
    same(run.returncode, 4)
    holds("certificate" in run.err and "check the host name" in run.err, run.err)
    same(FetchBox(server.account(folder="tls", tls=False, plain=True)).run("fetch").returncode, 0)  # knowingly, and to loopback
    for url, words in ((f"imaps://localhost:{server.port}", "no TLS on this port"), (f"imap://localhost:{server.tls_port}", "it wants imaps://")):
        run = FetchBox("limits { idle_seconds = 1 }\n", server.account(folder="tls", server=url)).run("fetch")
        same(run.returncode, 4)
        holds(words in run.err, run.err)


@test
def a_certificate_that_has_run_out_is_said_to_have():
    with tempfile.TemporaryDirectory() as keys:
        key, asked, cert = (os.path.join(keys, name) for name in ("key.pem", "asked.pem", "cert.pem"))
        for command in (["req", "-new", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", asked],
                        ["x509", "-req", "-in", asked, "-signkey", key, "-days", "0", "-copy_extensions", "copyall", "-out", cert]):
            subprocess.run(["openssl", *command], check=True, capture_output=True)
        until(lambda: subprocess.run(["openssl", "x509", "-in", cert, "-noout", "-checkend", "0"], capture_output=True, check=False).returncode != 0)
        server = Dovecot(keys=(cert, key))
        try:
            run = FetchBox(server.account(folder="INBOX", ca_file=cert)).run("fetch")
        finally:
            server.stop()
    same(run.returncode, 4)
    holds("expired" in run.err and "has to renew it" in run.err and "ca_file" not in run.err, run.err)


@test
def a_refused_login_says_what_the_server_said():
    run = FetchBox(dovecot().account(password="wrong", folder="INBOX")).run("fetch")
    same(run.returncode, 4)
    holds("refuses the login" in run.err and "Authentication failed" in run.err and "check user and password" in run.err, run.err)
    holds("wrong" not in run.err, "no secret")


@test
def a_missing_folder_fails_its_account_and_names_what_is_there():
    server, box_name = folder("there")
    server.put(mail(1), folder=box_name)
    box = FetchBox(server.account("one", folder='{ "nowhere", "there" }'), server.account("two", folder="there"))
    run = box.run("fetch")
    same(run.returncode, 3)
    holds("folder nowhere cannot be opened" in run.err and "there are: " in run.err and "there" in run.err, run.err)
    same(box.ask("SELECT count(*) FROM v_intake WHERE state = 'stored'"), [(1,)])
    same(FetchBox(server.account("one", folder="nowhere")).run("fetch").returncode, 4)
    server.put(mail(2), folder=box_name)
    run = box.run("fetch", "two")
    same((run.returncode, run.err), (0, ""))
    holds("1 mail fetched from 1 account" in run.out, run.out)
    same(box.ask("SELECT count(*) FROM v_intake WHERE state = 'stored' AND origin LIKE 'imap:two/%'"), [(1,)], "named accounts are fetched from")
    run = box.run("fetch", "tow")
    same(run.returncode, 2)
    holds("one, two" in run.err, run.err)


@test
def names_of_folders_and_subjects_are_harmless_in_every_line():
    name = "x<script>alert(1)<\u202egnp\u200b=1"
    server, box_name = folder("x<script>alert(1)<&IC4-gnp&IAs-=1")
    server.put(mail(1, subject="\x1b[31m\u202e<img src=x>"), mail(2, body=b"<feedback><cut"), folder=box_name)
    box = FetchBox(server.account(folder=name))
    page, tables = os.path.join(box.path, "page.html"), os.path.join(box.path, "csv")
    told = box.run("fetch", before=("-v",))
    same(told.returncode in (0, 3), True, told.err)
    lost = FetchBox(server.account(folder="nowhere")).run("fetch")
    holds("there are: " in lost.err and "<script>" in lost.err, lost.err)
    written = box.run("report", "--html", page, "--csv", tables)
    same(written.returncode, 0)
    texts = [told.out, told.err, lost.err, box.run("status").out, box.run("retry").err]
    for path in [page] + [os.path.join(tables, name) for name in os.listdir(tables)]:
        with open(path, encoding="utf-8") as handle:
            texts.append(handle.read())
    holds(all(not {"\u202e", "\u200b", "\x1b"} & set(text) for text in texts), [text for text in texts if "\u202e" in text])
    holds("x<script>" not in texts[5] and "x&lt;script&gt;" in texts[5], "the page escapes it")


@test
def mails_are_moved_after_the_commit_and_the_target_is_made():
    server, box_name = folder("mv")
    bad = mail(900, body=b"\x1f\x8b\x08\x00 no gzip")
    server.put(*(mail(n) for n in range(1, 121)), plain_mail(1), bad, mail(5), folder=box_name)
    box = FetchBox(server.account(folder="mv", after="move", move_to="Archiv/Geprüft"))
    run = box.run("fetch")
    same(run.returncode, 3)
    target = ".Archiv.Gepr&APw-ft"
    same(len(server.files(target)), 121)  # the second mail with report 5 is a duplicate, and settled
    same(sorted(server.files(box_name)), sorted([plain_mail(1), bad]))
    same(box.reports(), list(range(1, 121)))
    same(sorted(set(box.states())), ["damaged", "duplicate", "not_a_report", "stored"])
    same(box.ask("SELECT count(*) FROM mailbox_uid"), [(0,)])
    holds("0 mails fetched" in box.run("fetch").out, "what stays is recorded once")


@test
def mails_are_marked_or_deleted():
    server, box_name = folder("seen")
    server.put(mail(1), plain_mail(1), folder=box_name)
    same(FetchBox(server.account(folder="seen", after="seen")).run("fetch").returncode, 0)
    same(sorted(server.flags(box_name)), ["", "S"])
    server, box_name = folder("del")
    server.put(mail(1), plain_mail(1), mail(2), folder=box_name)
    same(FetchBox(server.account(folder="del", after="delete")).run("fetch").returncode, 0)
    same(server.files(box_name), [plain_mail(1)])


def without_rights(cases, capability=None):
    """rights, after, what is said, mails left, copies made, whether the next run says it again."""
    server = Dovecot(acl=True, capability=capability)
    try:
        for number, (rights, after, words, left, copies, repeated) in enumerate(cases):
            name = f"acl{number}"
            server.put(mail(1), mail(2), folder="." + name)
            with open(os.path.join(server.mails, "." + name, "dovecot-acl"), "w", encoding="ascii") as handle:
                handle.write(f"owner {rights}\n")
            box = FetchBox(server.account(folder=name, after=after, move_to=f"done{number}" if after == "move" else None))
            run = box.run("fetch")
            same((run.returncode, box.reports(), len(server.files("." + name))), (4 if words else 0, [1, 2], left), (rights, after, run.err))
            holds(all(word in run.err for word in words) and (not words or f"folder {name}" in run.err), run.err)
            run = box.run("fetch")  # what can be done later is tried again; what was copied is not copied twice
            same((run.returncode, bool(run.err)), (4 if repeated else 0, repeated), run.err)
            same(len(server.files(f".done{number}")), copies)
            holds("0 mails fetched" in run.out, run.out)
    finally:
        server.stop()


@test
def mails_that_wait_to_be_moved_are_not_deleted_where_after_is_changed():
    server = Dovecot(acl=True)
    try:
        for turn, between in enumerate(((), ("keep",), ("seen", "keep"), ("retry",))):
            name = f"wait{turn}"
            cut = mail(3, body=gzip.compress(report("3"), mtime=0))
            server.put(mail(1), mail(2), *([cut] if "retry" in between else []), folder="." + name)
            server.put(folder=f".to{turn}")
            rights = os.path.join(server.mails, f".to{turn}", "dovecot-acl")
            with open(rights, "w", encoding="ascii") as handle:
                handle.write("owner lr\n")
            box = FetchBox(server.account(folder=name, after="move", move_to=f"to{turn}"))
            run = box.run("fetch")
            same((run.returncode, box.ask("SELECT count(*) FROM mailbox_uid")[0][0]), (4, 3 if "retry" in between else 2), run.err)
            for word in between:
                box.configure(server.account(folder=name, after=word if word != "retry" else "delete"))
                if word == "retry":  # nor is a mail that came before and is read after all
                    with sqlite3.connect(box.db) as db:
                        db.execute("DELETE FROM mailbox_uid WHERE uid = 3")
                        db.execute("UPDATE intake SET state = 'damaged' WHERE origin LIKE '%;UID=3/%'")
                        db.execute("DELETE FROM report WHERE report_id = '3'")
                        db.execute("INSERT INTO raw SELECT id, ?, ? FROM intake WHERE state = 'damaged'", (len(cut), zlib.compress(cut)))
                    db.close()
                    run = box.run("retry")
                    holds("1 report stored" in run.out, run.out)
                    holds("1 mail that came while `after` was another than now stays in the mailbox as it is" in run.err, run.err)
                    same(box.ask("SELECT uid, state FROM mailbox_uid"), [(1, "settled"), (2, "settled")])
                else:
                    same((box.run("fetch").returncode, len(server.files("." + name))), (0, 2))
            if between == ("keep",):  # and back: they are moved
                os.unlink(rights)
                box.configure(server.account(folder=name, after="move", move_to=f"to{turn}"))
                same((box.run("fetch").returncode, len(server.files("." + name)), len(server.files(f".to{turn}"))), (0, 0, 2))
                continue
            box.configure(server.account(folder=name, after="delete"))
            server.put(mail(4), folder="." + name)
            run = box.run("fetch")
            same((run.returncode, sorted(server.files("." + name))), (0, sorted([mail(1), mail(2)] + ([cut] if "retry" in between else []))), run.err)
            same(("2 mails that waited for another `after` than delete stay as they are" in run.err), between in ((), ("retry",)), run.err)
            same((box.run("fetch").err, box.ask("SELECT count(*) FROM mailbox_uid")), ("", [(0,)]))
    finally:
        server.stop()


@test
def what_the_account_has_no_right_to_do_is_not_told_as_done():
    without_rights((("lr", "seen", ("marked as seen 2 mails, but has not", "right to set flags"), 2, 0, True),
                    ("lrs", "delete", ("deleted 2 mails, but they are still there", "right to delete"), 2, 0, True),
                    ("lrst", "move", ("moving is refused: [NOPERM]", "stay where they are"), 2, 0, True),
                    ("lrste", "move", (), 0, 2, False), ("lrs", "seen", (), 2, 0, False)))
    without_rights((("lrst", "move", ("moved 2 mails, but only copied them", "right to delete"), 2, 2, False), ("lrste", "move", (), 0, 2, False)),
                   NO_MOVE)


def renew(server, box_name):
    """A folder gets a new UIDVALIDITY, as where its index is lost."""
    time.sleep(1)  # the process of the last fetch has ended
    for name in ("dovecot-uidlist", "dovecot.index", "dovecot.index.log", "dovecot.index.cache"):
        path = os.path.join(server.mails, box_name, name)
        if os.path.exists(path):
            os.remove(path)
    time.sleep(1.1)  # the new UIDVALIDITY is a time


@test
def a_new_uidvalidity_reads_again_and_knows_the_duplicates():
    server, box_name = folder("uidv")
    server.put(mail(1), mail(2), folder=box_name)
    box = FetchBox(server.account(folder="uidv"))
    box.run("fetch")
    renew(server, box_name)
    run = box.run("fetch")
    holds("new UIDVALIDITY" in run.err and "2 duplicate" in run.out, (run.err, run.out))
    same(box.reports(), [1, 2])


@test
def a_new_uidvalidity_does_not_tell_old_damage_again():
    server, box_name = folder("uidold")
    cut, large = mail(2, body=gzip.compress(report("2"))[:200]), mail(4, size=300000)
    server.put(mail(1), cut, cut, mail(3), large, folder=box_name)
    box = FetchBox("limits { mail_bytes = 100000 }\n", server.account(folder="uidold"))
    same(box.run("fetch").returncode, 3)
    damaged = "SELECT substr(origin, 1, instr(origin, ';UID=') - 1), seen FROM v_intake WHERE state = 'damaged' ORDER BY origin"
    before = box.ask(damaged)
    for turn in (2, 3):
        renew(server, box_name)
        server.put(mail(10 * turn, body=b"\x1f\x8b\x08\x00 no gzip"), folder=box_name)
        run = box.run("fetch")
        same((run.returncode, run.err.count("damaged")), (3, 1), run.err)  # the one that is new
        holds(f"{turn + 1} known already" in run.out, run.out)
        place = box.ask("SELECT max(substr(origin, 1, instr(origin, ';UID=') - 1)) FROM v_intake")[0][0]
        same(sorted(row for row in box.ask(damaged) if row[1] > 1), [(place, turn - 1)] * (turn - 2) + [(place, turn)] * 3)
        holds(place > before[0][0], place)
        same(box.ask("SELECT count(*) FROM raw"), [(1 + turn,)])
    box.configure("limits { mail_bytes = 1000000 }\n", server.account(folder="uidold"))
    renew(server, box_name)  # one that was over the cap and is read now
    run = box.run("fetch")
    same((run.returncode, run.err.count("damaged"), box.reports()), (0, 0, [1, 3, 4]), run.err)


@test
def what_was_forgotten_comes_back_where_folders_are_read_again():
    server, box_name = folder("anew")
    server.put(*(mail(n) for n in range(1, 6)), mail(6, body=b"\x1f\x8b\x08\x00 no gzip"), mail(7, size=300000), folder=box_name)
    box = FetchBox("limits { mail_bytes = 100000 }\n", server.account(folder="anew", after="keep"))
    same(box.run("fetch").returncode, 3)
    for what, left, known in (("2", [1, 3, 4, 5], 6), ("example.org", [], 2)):
        run = box.run("forget", what)
        holds("`dmarcsift fetch --again`" in run.out, run.out)
        holds("0 mails fetched" in box.run("fetch").out and box.reports() == left, "not by itself")
        run = box.run("fetch", "--again")
        same((run.returncode, run.err, box.reports()), (0, "", [1, 2, 3, 4, 5]))
        holds("7 mails fetched" in run.out and f"{known} known already" in run.out, run.out)
        holds("0 mails fetched" in box.run("fetch").out, "once")
    same((len(server.files(box_name)), box.ask("SELECT last_uid FROM mailbox")), (7, [(7,)]))
    box.configure(server.account(folder="anew", after="delete"))
    run = box.run("fetch", "--again")  # with a higher limit
    same((run.returncode, run.err, box.reports(), sorted(set(box.states()))), (0, "", [1, 2, 3, 4, 5, 7], ["damaged", "stored"]))
    same(box.ask("SELECT count(*) FROM v_intake WHERE state = 'damaged'"), [(1,)])
    same(len(server.files(box_name)), 6)  # what was known stays where it is
    same(box.run("fetch", "--again", "--watch").returncode, 2)


@test
def what_is_known_stays_where_it_is_when_a_folder_is_read_again():
    server, box_name = folder("stays")
    cut = mail(2, body=gzip.compress(report("2"))[:200])
    server.put(mail(1), cut, plain_mail(1), folder=box_name)
    box = FetchBox(server.account(folder="stays", after="keep"))
    same(box.run("fetch").returncode, 3)
    box.configure(server.account(folder="stays", after="delete", server=f"imap://127.0.0.1:{server.port}", plain=True, ca_file=None))
    run = box.run("fetch")  # for all it knows, another mailbox
    same((run.returncode, "3 known already" in run.out, len(server.files(box_name))), (0, True, 3), (run.out, run.err))
    renew(server, box_name)
    same((box.run("fetch").returncode, sorted(server.files(box_name))), (0, sorted([cut, plain_mail(1)])))


def restored(after, more, settle=None):
    """
    A box that read ten mails of a server that was then put back to when it had five of them, with `more` new ones since.
    settle: done before that, with box and server.
    """
    server = Dovecot()
    server.put(*(mail(n) for n in range(1, 6)), plain_mail(0))
    box = FetchBox(server.account(after=after, move_to="done" if after == "move" else None))
    same(box.run("fetch").returncode, 0)
    server.halt()
    backup = os.path.join(box.path, "backup")
    shutil.copytree(server.mails, backup)
    server.start()
    server.put(*(mail(n) for n in range(6, 11)))
    same(box.run("fetch").returncode, 0)
    if settle is not None:
        settle(box)
    server.halt()
    shutil.rmtree(server.mails)
    shutil.copytree(backup, server.mails)
    server.put(*(mail(n) for n in range(11, 11 + more)))
    server.start()
    return server, box


@test
def a_mailbox_restored_from_a_backup_is_read_again():
    for after, new in (("keep", 2), ("move", 2), ("keep", 5), ("keep", 8), ("move", 8)):  # fewer than there were, as many, more
        server, box = restored(after, new)
        try:
            have, before = list(range(1, 11 + new)), [*range(1, 6), *range(11, 11 + new)]
            run = box.run("fetch")
            same(run.returncode, 0, run.err)
            holds("folder INBOX gives UIDs out again" in run.err and f"{new} reports stored" in run.out, (run.err, run.out))
            same(box.reports(), have)
            left, moved = (before, []) if after == "keep" else ([], before)
            same((sorted(server.files()), sorted(server.files(".done"))), (sorted([plain_mail(0), *map(mail, left)]), sorted(map(mail, moved))))
            server.put(mail(90))
            for _ in range(2):
                run = box.run("fetch")
                same((run.returncode, run.err, box.reports()), (0, "", have + [90]))
        finally:
            server.stop()


@test
def what_waited_in_a_mailbox_restored_from_a_backup_is_another_mail_now():
    def waits(box):
        with sqlite3.connect(box.db) as db:  # as a run leaves it that is killed before it deletes
            db.executescript("INSERT INTO mailbox_uid VALUES ('main', 'INBOX', 7, 'settled'), ('main', 'INBOX', 8, 'retry')")
        db.close()

    for new in (0, 9):
        server, box = restored("keep", 0, waits)
        try:
            server.put(plain_mail(1), *(mail(11 + n) for n in range(new)))  # UID 7 and so on
            box.configure(server.account(after="delete"))
            same(box.run("fetch").returncode, 0)
            same(box.ask("SELECT count(*) FROM mailbox_uid"), [(0,)])
            same((plain_mail(1) in server.files(), len(server.files())), (True, 7), "what is no report stays, and what is known")
        finally:
            server.stop()


@test
def a_mail_over_the_cap_is_not_fetched_and_kept_in_the_ledger():
    server, box_name = folder("cap")
    server.put(mail(1), mail(2, size=300000), mail(3), folder=box_name)
    box = FetchBox("limits { mail_bytes = 100000 }\n", server.account(folder="cap", after="delete"))
    run = box.run("fetch")
    same(run.returncode, 3)
    same(box.reports(), [1, 3])
    holds("the cap is 100000" in box.ask("SELECT reason FROM v_intake WHERE state = 'damaged'")[0][0], "the reason")
    same(len(server.files(box_name)), 1)
    same(box.run("fetch").returncode, 0)


@test
def what_could_not_be_read_is_told_under_cron_once_and_counted_in_the_digest():
    server, box_name = folder("unread")
    server.put(mail(1), mail("cut", body=gzip.compress(report("cut"))[:200]), mail("over", size=40000), folder=box_name)
    box = FetchBox()
    box.configure("limits { mail_bytes = 20000 }\n", server.account(folder="unread"), f'digest {{ file = "{box.path}/digest" }}\n')
    run = box.run("run", before=("-q", "--now", "2026-11-24"))
    same((run.returncode, run.out, len(run.err.splitlines())), (3, "", 2), run.err)
    holds("UID=2" in run.err and ": damaged: " in run.err and "UID=3" in run.err, run.err)
    with open(os.path.join(box.path, "digest"), encoding="utf-8") as handle:
        holds("2 documents could not be read tonight: dmarcsift status names them." in handle.read(), "the digest")
    run = box.run("run", before=("-q", "--now", "2026-11-25"))
    same((run.returncode, run.out, run.err), (0, "", ""))


@test
def a_mail_the_server_cannot_read_does_not_keep_the_others():
    server = Dovecot()
    try:
        server.put(*(mail(n) for n in range(1, 8)))
        spoiled = os.path.join(server.mails, "new", sorted(os.listdir(os.path.join(server.mails, "new")))[3])
        os.chmod(spoiled, 0)
        box = FetchBox(server.account(connections=2))
        for night, have, code, words in ((1, [1, 2, 3, 5, 6, 7], 3, "6 reports stored (6 records), 1 to be read again"), (2, [1, 2, 3, 5, 6, 7, 8], 0, "1 still to be read again")):
            run = box.run("fetch")
            same((run.returncode, box.reports()), (code, have), (night, run.err))
            holds(words in run.out and (";UID=4: retry: each time it is asked for the session ends" in run.err) == (night == 1), (night, run.out, run.err))
            if night == 1:
                server.put(mail(8))
        os.chmod(next(path for path in (spoiled, spoiled.replace("/new/", "/cur/") + ":2,") if os.path.exists(path)), 0o600)
        run = box.run("fetch")
        same((run.returncode, box.reports(), sorted(set(box.states()))), (0, list(range(1, 9)), ["stored"]), run.err)
    finally:
        server.stop()


@test
def several_connections_bring_the_same():
    server, box_name = folder("many")
    server.put(*(mail(n) for n in range(1, 1001)), folder=box_name)
    box = FetchBox(server.account(folder="many", connections=4))
    same(box.run("fetch").returncode, 0)
    same(box.reports(), list(range(1, 1001)))


@test
def passwords_come_from_files_commands_and_the_environment():
    server, box_name = folder("pw")
    server.put(mail(1), folder=box_name)
    for settings, code, words in ((dict(password_command="echo p; echo other"), 0, ""), (dict(password_command="exit 3"), 4, "exit status 3"),
                                  (dict(password_command="read x && echo $x"), 4, "exit status 1"), (dict(password_env="NO_SUCH_NAME"), 4, "NO_SUCH_NAME"),
                                  (dict(password_file="/nonexistent"), 4, "No such file")):
        box = FetchBox(server.account(folder="pw", password=None, **settings))
        run = box.run("fetch")
        same(run.returncode, code, (settings, run.err))
        holds(words in run.err, run.err)
    box = FetchBox()
    box.configure(server.account(folder="pw", password=None, password_file=box.put("secret", "p\n", 0o600)))
    same(box.run("fetch").returncode, 0)


@test
def two_runs_at_once_are_refused():
    server, box_name = folder("lock")
    box = FetchBox(server.account(folder="lock"))
    box.run("fetch")
    with open(box.db + ".lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        run = box.run("fetch")
    same(run.returncode, 4)
    holds("another" in run.err, run.err)


@test
def tokens_log_in_and_are_renewed():
    good = {"token": "first"}

    def introspect(path, form):
        if path.startswith("/introspect"):
            return 200, {"active": "true" if form.get("token") == good["token"] else "false", "username": "u"}
        if form.get("grant_type") == "refresh_token":
            if form.get("refresh_token") not in ("r0", "r1", "r2"):
                return 400, {"error": "invalid_grant", "error_description": "AADSTS700082: expired"}
            good["token"] = "a-" + form["refresh_token"]
            return 200, {"access_token": good["token"], "refresh_token": "r%d" % (int(form["refresh_token"][1]) + 1), "expires_in": 3600}
        if form.get("grant_type") == "client_credentials" and form.get("client_secret") == "s":
            good["token"] = "app"
            return 200, {"access_token": "app", "expires_in": 3600}
        return 400, {"error": "invalid_client"}

    plain = TokenEndpoint(introspect, tls=False)
    secure = TokenEndpoint(introspect)
    server = Dovecot(oauth=plain.url.replace("localhost", "127.0.0.1") + "/introspect")
    try:
        server.put(mail(1), folder=".o")
        run = FetchBox(server.account(folder="o", password=None, token_command="echo first")).run("fetch")
        same((run.returncode, run.err), (0, ""))
        run = FetchBox(server.account(folder="o", password=None, token_command="echo stale")).run("fetch")
        same(run.returncode, 4)
        holds("token was refused" in run.err and "stale" not in run.err, run.err)

        box = FetchBox(server.account(folder="o", password=None, oauth=f'token_url = "{secure.url}/token" client_id = "i" refresh_token = "r0"'))
        run = box.run("fetch")
        same((run.returncode, run.err), (0, ""))
        cache = os.path.join(box.path, "dmarcsift/tokens/main.json")
        same(os.stat(cache).st_mode & 0o777, 0o600)
        asked = len(secure.asked)
        same(box.run("fetch").returncode, 0)
        same(len(secure.asked), asked)  # the cached one is still good
        good["token"] = "another"  # taken back at the provider: renewed once, with the rotated refresh token
        same(box.run("fetch").returncode, 0)
        same(secure.asked[-1][1]["refresh_token"], "r1")
        with open(cache, "w", encoding="ascii") as f:  # the cached login is dead: the one in the configuration takes its place
            f.write('{"for": "u i", "access_token": "old", "refresh_token": "dead", "expires_at": 0}')
        run = box.run("fetch")
        same((run.returncode, run.err), (0, ""))
        same([form["refresh_token"] for _, form in secure.asked[-2:]], ["dead", "r0"])

        box = FetchBox(server.account(folder="o", password=None, oauth=f'token_url = "{secure.url}/token" client_id = "i" client_secret = "s"'))
        same(box.run("fetch").returncode, 0)
        same(secure.asked[-1][1]["scope"], "https://outlook.office365.com/.default")
        run = FetchBox(server.account(folder="o", password=None, oauth=f'token_url = "{secure.url}/token" client_id = "i" refresh_token = "dead"')).run("fetch")
        same(run.returncode, 4)
        holds("invalid_grant" in run.err and "log in again" in run.err and "AADSTS700082" in run.err, run.err)
    finally:
        server.stop()
        plain.stop()
        secure.stop()


@test
def a_rotating_token_survives_a_kill_and_is_renewed_in_time():
    state = {"n": 0, "kill": None}

    def answer(path, form):
        if path.startswith("/introspect"):
            return 200, {"active": "true" if form.get("token", "").startswith("a") else "false", "username": "u"}
        given = int(form["refresh_token"][1:])
        if given not in (state["n"], state["n"] - 1):  # the one before is good for a while, as providers have it
            return 400, {"error": "invalid_grant"}
        state["n"] += 1
        if state["kill"]:
            state["kill"]()
        return 200, {"access_token": f"a{state['n']}", "refresh_token": f"r{state['n']}", "expires_in": 3600}

    secure, plain = TokenEndpoint(answer), TokenEndpoint(answer, tls=False)
    server = Dovecot(oauth=plain.url.replace("localhost", "127.0.0.1") + "/introspect")
    dice = random.Random(1)
    try:
        box = FetchBox(server.account(folder="INBOX", password=None, oauth=f'token_url = "{secure.url}/token" client_id = "i" refresh_token = "r0"'))
        same(box.run("fetch").returncode, 0)
        cache = os.path.join(box.path, "dmarcsift/tokens/main.json")
        env = dict(os.environ, HOME=box.path, XDG_DATA_HOME=box.path, XDG_CONFIG_HOME=box.path, XDG_STATE_HOME=box.path)

        def runs_out():
            with open(cache, encoding="ascii") as handle:
                kept = json.load(handle)
            kept["expires_at"] = int(time.time()) + 30  # less than a minute left: to be renewed
            with open(cache, "w", encoding="ascii") as handle:
                json.dump(kept, handle)

        for turn in range(12):  # killed before it has the provider's answer, or some instants after
            runs_out()
            renewed, started = state["n"], queue.SimpleQueue()

            def kill(after=turn % 3 and dice.uniform(0, 0.03)):
                threading.Timer(after, started.get().kill).start() if after else started.get().kill()
            state["kill"] = kill
            process = subprocess.Popen([BIN, "--db", box.db, "fetch"], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            started.put(process)
            process.wait()
            state["kill"] = None
            same(state["n"], renewed + 1)
            run = box.run("fetch")  # with the refresh token of before, where the new one came to nobody
            same((run.returncode, run.err), (0, ""), turn)
        runs_out()
        same(box.run("fetch").returncode, 0)
    finally:
        server.stop()
        secure.stop()
        plain.stop()


@test
def mails_are_not_moved_into_the_folder_they_are_read_from_however_it_is_spelled():
    server = Dovecot(prefix="")
    try:
        server.put(mail(1), mail(2), folder=".Reports.DMARC")
        for read, target in (("Reports.DMARC", "Reports/DMARC"), ("Reports/DMARC", "Reports.DMARC")):
            box = FetchBox(server.account(folder=read, after="move", move_to=target))
            run = box.run("fetch")
            same((run.returncode, "which is the same folder (move_to)" in run.err), (4, True), run.err)
            same(len(server.files(".Reports.DMARC")), 2)
    finally:
        server.stop()


@test
def init_tries_the_login_it_is_given():
    server, box_name = folder("INBOX2")
    box = FetchBox()
    conf = os.path.join(box.path, "new.conf")
    run = box.run("init", "--file", conf, "--server", f"imaps://localhost:{server.tls_port}", "--user", "u", "--password-command", "echo p", before=())
    same(run.returncode, 4)  # written, but the certificate's authority is not one the system knows
    holds("written" in run.out and "certificate" in run.err, (run.out, run.err))
    os.unlink(conf)
    run = box.run("init", "--file", conf, "--server", f"imaps://localhost:{server.tls_port}", "--user", "u", "--password-command", "echo p", "--ca-file", certificate()[0], before=())
    same((run.returncode, run.err), (0, ""))
    holds("logged in" in run.out and f"--config {conf} run`; each night by cron: 15 6 * * * " in run.out, run.out)
    same(box.run("fetch", before=("--config", conf)).returncode, 0)


@test
def a_device_code_makes_the_first_login():
    polls = []

    def answer(path, form):
        if path.startswith("/device"):
            return 200, {"verification_uri": "https://login.example/device", "user_code": "ABCD-1234", "device_code": "d1", "interval": 1, "expires_in": 60}
        if path.startswith("/introspect"):
            return 200, {"active": "true" if form.get("token") == "dev" else "false", "username": "u"}
        polls.append(form)
        if len(polls) < 3:
            return 400, {"error": "authorization_pending" if len(polls) == 1 else "slow_down"}
        return 200, {"access_token": "dev", "refresh_token": "r9", "expires_in": 3600}

    secure, plain = TokenEndpoint(answer), TokenEndpoint(answer, tls=False)
    server = Dovecot(oauth=plain.url.replace("localhost", "127.0.0.1") + "/introspect")
    try:
        server.put(mail(1))
        box = FetchBox(server.account(folder="INBOX", password=None, oauth=f'token_url = "{secure.url}/token" device_url = "{secure.url}/device" client_id = "i"'))
        run = box.run("fetch")
        same(run.returncode, 4)
        holds("dmarcsift init --oauth" in run.err, run.err)
        run = box.run("init", "--oauth", before=())
        same((run.returncode, run.err), (0, ""))
        holds("open https://login.example/device and enter the code ABCD-1234" in run.out and "logged in" in run.out, run.out)
        same(polls[0]["grant_type"], "urn:ietf:params:oauth:grant-type:device_code")
        same(box.run("fetch").returncode, 0)
        same(box.reports(), [1])
    finally:
        server.stop()
        secure.stop()
        plain.stop()


@test
def a_device_code_that_comes_to_nothing_says_why():
    answers = []

    def answer(path, form):
        if path.startswith("/device"):
            return 200, {"verification_uri": "https://login.example/device", "user_code": "ABCD-1234", "device_code": "d1", "interval": 1, "expires_in": 3}
        return 400, {"error": answers[0]}

    secure = TokenEndpoint(answer)
    server = dovecot()
    try:
        settings = f'token_url = "{secure.url}/token" device_url = "{secure.url}/device" client_id = "i"'
        box = FetchBox(server.account(folder="INBOX", password=None, oauth=settings))
        for error, words in (("expired_token", "not entered in time"), ("access_denied", "refused at the provider"), ("authorization_pending", "not entered in time")):
            answers[:] = [error]
            run = box.run("init", "--oauth", before=())
            same(run.returncode, 4)
            holds(words in run.err, (error, run.err))
        box.configure(server.account(folder="INBOX", password=None, oauth=settings + ' client_secret = "s3cret"'))
        asked = len(secure.asked)
        run = box.run("init", "--oauth", before=())  # an application's own login needs no code
        same(run.returncode, 4)
        holds("enter the code" not in run.out and "s3cret" not in run.err, (run.out, run.err))
        same([path for path, _ in secure.asked[asked:]], ["/token"])
    finally:
        secure.stop()
    run = FetchBox(server.account(folder="INBOX", password=None, oauth=settings)).run("init", "--oauth", before=())
    same(run.returncode, 4)
    holds("onnect" in run.err, run.err)


@test
def init_writes_the_section_for_oauth():
    box = FetchBox()
    conf = os.path.join(box.path, "new.conf")
    run = box.run("init", "--oauth", "--user", "dmarc@example.org", "--tenant", "contoso", "--file", conf, before=())
    same((run.returncode, run.err), (0, ""))
    holds("fill in client_id" in run.out, run.out)
    with open(conf, encoding="utf-8") as handle:
        text = handle.read()
    holds('server = "imaps://outlook.office365.com"' in text and 'oauth { tenant = "contoso"  client_id = ' in text, text)


@test
def commands_get_no_input_and_no_descriptors_and_keep_their_secrets():
    server, box_name = folder("cmd")
    server.put(mail(1), folder=box_name)
    seen = os.path.join(server.dir, "fds")
    box = FetchBox(server.account(folder="cmd", password=None, password_command=f"ls -l /proc/self/fd > {seen}; cat >> {seen}; echo p; echo no"))
    same(box.run("fetch").returncode, 0)
    with open(seen, encoding="utf-8") as handle:
        numbers = {line.split(" -> ")[0].split()[-1]: line.split(" -> ")[1].strip() for line in handle if " -> " in line}
    holds(set(numbers) <= {"0", "1", "2", "3"} and numbers["0"] == "/dev/null" and "/fd" in numbers.get("3", "/fd"), numbers)
    run = FetchBox(server.account(folder="cmd", password=None, token_command="curl --fail -d secret=hunter2 https://localhost:1/ || exit 7")).run("fetch")
    same(run.returncode, 4)
    holds("token_command: exit status 7" in run.err and "dmarcsift: account main" in run.err, run.err)
    same([line for line in run.err.splitlines() if line.startswith("dmarcsift") and "hunter2" in line], [])


@test
def secrets_are_not_in_the_process_list():
    server = Dovecot()
    server.put(*(mail(n) for n in range(1, 4)))
    box = FetchBox(server.account(password="p", after="keep"))
    try:
        with Running(box, "-v", "fetch", "--watch") as process:
            until(lambda: have(box, 3))
            with open(f"/proc/{process.pid}/cmdline", "rb") as handle:
                same(handle.read().split(b"\0")[1:-1], [b"--db", box.db.encode(), b"-v", b"fetch", b"--watch"])
            process.send_signal(signal.SIGTERM)
            out, err = process.communicate(timeout=20)[0], process.said()
        holds(b'"p"' not in out + err and b"AHUAcA" not in out + err, err)
    finally:
        server.stop()


@test
def folders_below_a_prefix_are_found_and_made():
    server = Dovecot(prefix="INBOX.")
    try:
        server.put(mail(1), folder=".sub")
        server.put(mail(2), folder=".INBOX")  # Maildir++: a folder that is called INBOX below INBOX
        box = FetchBox(server.account(folder='{ "sub", "INBOX.sub", "INBOX/sub" }', after="move", move_to="done/Überprüft"))
        run = box.run("fetch")
        same((run.returncode, run.err, box.reports()), (0, "", [1]))
        same(server.files(".done.&ANw-berpr&APw-ft"), [mail(1)])
    finally:
        server.stop()


@test
def a_damaged_mail_is_read_again_from_the_kept_bytes():
    server, box_name = folder("kept")
    server.put(mail(1), mail(2, body=b"\x1f\x8b\x08\x00 no gzip"), folder=box_name)
    box = FetchBox(server.account(folder="kept"))
    same(box.run("fetch").returncode, 3)
    same(box.run("fetch").returncode, 0)  # told once, and not fetched again
    asked = server.log().count("Login: user=<u>")
    run = box.run("retry")
    holds("1 damaged" in run.out, run.out)
    same(server.log().count("Login: user=<u>"), asked)
    same(sorted(box.states()), ["damaged", "stored"])


@test
def a_damaged_mail_that_is_read_after_all_is_moved_by_the_next_fetch():
    server, box_name = folder("late")
    attached = base64.encodebytes(gzip.compress(report("1"), mtime=0)).replace(b"\n", b"\r\n")
    both = mail(2, body=gzip.compress(report("2"))[:200])  # never whole, beside one that is read after all
    part = b"--b\r\nContent-Type: application/gzip\r\nContent-Transfer-Encoding: base64\r\n\r\n" + attached
    both = both.replace(b"\r\n--b--\r\n", b"\r\n" + part + b"\r\n--b--\r\n")
    server.put(mail(3), plain_mail(1), both, folder=box_name)
    for after, waits in (("keep", []), ("move", [(1, "settled")])):
        account = server.account(folder="late", after=after, move_to="late2" if after == "move" else None)
        box = FetchBox("limits { out_bytes = 100 }\n", account)
        same((box.run("fetch").returncode, box.reports()), (3, []))
        box.configure(account)
        run = box.run("retry")
        holds("2 reports stored" in run.out and "1 damaged" in run.out, run.out)
        same(box.ask("SELECT uid, state FROM mailbox_uid"), waits)
        same(len(server.files(box_name)), 3)
    run = box.run("fetch")
    same((run.returncode, sorted(server.files(".late2")), sorted(server.files(box_name))), (0, [mail(3)], sorted([plain_mail(1), both])), run.err)
    same(box.ask("SELECT count(*) FROM mailbox_uid"), [(0,)])


@test
def tokens_go_by_oauthbearer_where_there_is_no_xoauth2():
    plain = TokenEndpoint(lambda path, form: (200, {"active": "true" if form.get("token") == "good" else "false", "username": "u"}), tls=False)
    server = Dovecot(oauth=plain.url.replace("localhost", "127.0.0.1") + "/introspect", mechanisms="plain oauthbearer")
    try:
        server.put(mail(1))
        same(FetchBox(server.account(folder="INBOX", password=None, token_command="echo good")).run("fetch").returncode, 0)
        holds("method=OAUTHBEARER" in server.log(), server.log())
        run = FetchBox(server.account(folder="INBOX", password=None, token_command="echo stale")).run("fetch")
        same(run.returncode, 4)
        holds("token was refused" in run.err and "stale" not in run.err, run.err)
    finally:
        server.stop()
        plain.stop()


@test
def a_long_wait_of_the_nightly_job_for_the_lock_ends_when_it_is_free():
    server, box_name = folder("nightly")
    server.put(mail(1), folder=box_name)
    box = FetchBox(server.account(folder="nightly"))
    box.run("status")
    with open(box.db + ".lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with Running(box, "run") as process:
            time.sleep(1)
            same(process.poll(), None)
            fcntl.flock(lock, fcntl.LOCK_UN)
            same(process.wait(30), 0)
    same(box.reports(), [1])


@test
def watching_brings_new_mail_at_once_and_ends_on_a_signal():
    server, box_name = folder("watch")
    server.put(mail(1), folder=box_name)
    box = FetchBox(server.account(folder="watch", after="move", move_to="watched"))
    env = dict(os.environ, HOME=box.path, XDG_DATA_HOME=box.path, XDG_CONFIG_HOME=box.path, XDG_STATE_HOME=box.path)
    process = subprocess.Popen([BIN, "-v", "--db", box.db, "fetch", "--watch"], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        for number in (1, 2, 3):
            for _ in range(300):
                if os.path.exists(box.db) and box.ask("SELECT count(*) FROM sqlite_master WHERE name = 'v_reports'")[0][0] and len(box.reports()) == number:
                    break
                time.sleep(0.05)
            same(len(box.reports()), number)
            time.sleep(0.3)  # it goes back to waiting
            server.put(mail(number + 1), folder=box_name)
        same(subprocess.run([BIN, "--db", box.db, "status"], env=env, capture_output=True, check=False).returncode, 0)
    finally:
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=30)
    same(process.returncode, 0)
    holds(b"waiting for new mail" in err, err)


def have(box, count):
    """Whether so many reports are in the database, which may not be there yet."""
    try:
        return len(box.reports()) == count
    except sqlite3.Error:
        return False


@test
def idle_is_begun_anew_and_a_server_that_goes_away_is_come_back_to():
    server = Dovecot()
    server.put(mail(1))
    box = FetchBox("limits { reissue_seconds = 1 }\n", server.account(folder="INBOX"))
    try:
        with Running(box, "-v", "fetch", "--watch") as process:
            until(lambda: have(box, 1))
            until(lambda: process.said().count(b"waiting for new mail") >= 3)  # some turns of IDLE
            server.restart()
            server.put(mail(2))
            until(lambda: have(box, 2), 60)
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=20)
        same(process.returncode, 0, process.said())
    finally:
        server.stop()


@test
def a_server_that_stays_away_is_told_once_and_that_it_works_again():
    server = Dovecot(capability=NO_IDLE)
    server.put(mail(1))
    box = FetchBox("limits { poll_seconds = 1 }\n", server.account(folder="INBOX"))
    try:
        with Running(box, "-v", "fetch", "--watch") as process:
            until(lambda: have(box, 1))
            server.halt()
            until(lambda: process.said().partition(b"Failed to connect")[2].count(b"looking again") >= 3, 60)
            holds("failed: imap" in box.run("status").out, "status does not name the account twice")
            server.start()
            server.put(mail(2))
            until(lambda: have(box, 2) and process.said().endswith(b"looking again in 1 s\n") and "went well" in box.run("status").out, 60)
            process.send_signal(signal.SIGTERM)
            out = process.communicate(timeout=20)[0]
        same((process.returncode, out.count(b"account main: works again")), (0, 1), process.said())
        same(process.said().count(b"Failed to connect"), 1, process.said())
    finally:
        server.stop()


@test
def without_idle_it_looks_again_and_the_lock_is_free_meanwhile():
    server = Dovecot(capability=NO_IDLE)
    server.put(mail(1))
    box = FetchBox("limits { poll_seconds = 1 }\n", server.account(folder="INBOX"))
    try:
        with Running(box, "-v", "fetch", "--watch") as process:
            until(lambda: have(box, 1))
            server.put(mail(2))
            until(lambda: have(box, 2))
            until(lambda: box.run("label", "203.0.113.8", "mine").returncode == 0)  # refused while it looks
            same(process.poll(), None)
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=20)
        same(process.returncode, 0, process.said())
        holds(b"looking again in 1 s" in process.said(), process.said())
    finally:
        server.stop()


@test
def news_that_come_while_another_run_holds_the_lock_are_not_forgotten():
    server, box_name = folder("busy")
    server.put(mail(1), folder=box_name)
    box = FetchBox(server.account(folder="busy"))
    with Running(box, "-v", "fetch", "--watch") as process:
        until(lambda: b"waiting for new mail" in process.said())
        with open(box.db + ".lock", "w", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            server.put(mail(2), folder=box_name)
            until(lambda: b"another dmarcsift" in process.said())
            same(box.reports(), [1])
        until(lambda: have(box, 2))
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)
    same(process.returncode, 0, process.said())


try:
    main()
finally:
    if SERVER is not None:
        SERVER.stop()
    cleanup_certificate()
