#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""explain: a name in full; a bounce in any shape, the stream it belongs to, and what it is about where it is not about DMARC."""
import os
import re
import sqlite3
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from worlds import World, day, fails, foreign, own, record as record_  # noqa: E402
from kit import Box, holds, main, report, same, test  # noqa: E402

DAY = 86400
FIRST = 1793923200  # 2026-11-06
REPLY = "550 5.7.26 Unauthenticated email from example.org is not accepted due to domain's DMARC policy"


def record(ip, count, signer, selector, envelope):
    return (f"<record><row><source_ip>{ip}</source_ip><count>{count}</count><policy_evaluated><disposition>reject</disposition>"
            f"<dkim>fail</dkim><spf>fail</spf></policy_evaluated></row><identifiers><header_from>news.example.org</header_from></identifiers>"
            f"<auth_results><dkim><domain>{signer}</domain><selector>{selector}</selector><result>pass</result></dkim>"
            f"<spf><domain>{envelope}</domain><scope>mfrom</scope><result>pass</result></spf></auth_results></record>")


def two_losing_senders():
    box = Box()
    both = record("192.0.2.1", 30, "mandrillapp.com", "mte1", "mandrillapp.com") + record("192.0.2.2", 10, "sendgrid.net", "s1", "sendgrid.net")
    for day in range(8):
        box.put(f"in/{day}.xml", report(str(day), begin=FIRST + day * DAY, records=both))
    same(box.run("ingest", os.path.join(box.path, "in")).returncode, 0)
    return box


def bounce(diagnostic, returned="", words="Sorry."):
    return (f"From: MAILER-DAEMON@mx.example\nTo: b@x.example\nSubject: returned\nMIME-Version: 1.0\n"
            f"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: text/plain\n\n{words}\n"
            f"--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; reader@r.example\n"
            f"Action: failed\nStatus: 5.0.0\nRemote-MTA: dns; in.r.example\nDiagnostic-Code: smtp; {diagnostic}\n\n"
            f"--b\nContent-Type: text/rfc822-headers\n\n{returned}From: News <news@news.example.org>\n\n--b--\n").encode()


def samples():
    box = Box()
    box.run("ingest", "samples")
    return box


@test
def the_founding_bounce_gets_the_founding_answer():
    box = samples()
    with open("samples/bounce.txt", encoding="utf-8") as handle:
        text = handle.read()
    for run in (box.run("explain", text), box.run("explain", "samples/bounce.txt"), box.run("explain", "samples/bounce.eml"), box.run("explain", "-", stdin=text.encode())):
        same(run.returncode, 0, run.err)
        for word in ("DMARC policy", "example.org", "LOST", "since 12 Nov 2026", "mte1._domainkey.example.org CNAME dkim1.mandrillapp.com", "mte2._domainkey"):
            holds(word in run.out, f"{word}: {run.out}")
    holds("not about DMARC" in box.run("explain", "421 4.7.0 [TSS04] deferred").out, "another reason is said to be one")


@test
def a_folder_keeps_no_domain_of_its_name_from_being_explained():
    box = samples()
    os.mkdir(os.path.join(box.path, "example.org"))
    here, box.program = os.getcwd(), os.path.abspath(box.program)
    os.chdir(box.path)
    try:
        run, none = box.run("explain", "example.org"), box.run("explain", "bounce.eml")
    finally:
        os.chdir(here)
    same((run.returncode, run.err, run.out), (0, "", box.run("explain", "example.org").out))
    same((none.returncode, none.err), (2, "dmarcsift: explain: nothing in the database is called bounce.eml, and no file; v_sources lists senders and addresses\n"))


@test
def a_sender_an_address_and_a_domain_are_explained():
    box = samples()
    for what, words in (("mandrill", ("557 messages", "LOST", "CNAME", "Northmail", "2026-11-22", "nm2026112201", "dmarcsift label")), ("192.0.2.10", ("sender example.org", "example.org/s2026=pass", "envelope example.org", "nm2026112201 of 2026-11-22")),
                        ("example.org", ("Mandrill", "alumni.example"))):
        run = box.run("explain", what)
        same(run.returncode, 0, run.err)
        for word in words:
            holds(word in run.out, f"{what}: {word}: {run.out}")
    same(box.run("explain", "nobody.example").returncode, 2)


@test
def a_bounce_mail_names_its_stream_by_signature_or_envelope():
    box = two_losing_senders()
    for returned in ("DKIM-Signature: v=1; s=s1; d=sendgrid.net; b=x\n", "Return-Path: <b@u1.sendgrid.net>\n"):
        run = box.run("explain", "-", stdin=bounce(REPLY, returned))
        same(run.returncode, 0, run.err)
        holds("SendGrid" in run.out and "Mandrill" not in run.out, run.out)
        for word in ("by its signature or envelope", "reader@r.example", "in.r.example", "80 refused or junked", "since 6 Nov 2026"):
            holds(word in run.out, f"{word}: {run.out}")


@test
def a_text_alone_names_all_streams_that_fail_worst_first():
    run = two_losing_senders().run("explain", REPLY)
    same(run.returncode, 0, run.err)
    holds("may belong to one of these" in run.out, run.out)
    holds(0 < run.out.index("Mandrill") < run.out.index("SendGrid"), run.out)


@test
def a_text_that_names_no_domain_is_answered_from_all_domains():
    run = two_losing_senders().run("explain", "554 5.7.9 Message not accepted for policy reasons. See https://senders.yahooinc.com/error-codes")
    holds("usual answer" in run.out and "Mandrill" in run.out and "SendGrid" in run.out, run.out)


@test
def the_domain_is_found_in_words_that_are_not_known():
    box = Box()
    for name, domain in (("mandrillapp.com", "example.org"), ("sendgrid.net", "other.example")):
        for day in range(8):
            box.put(f"in/{domain}{day}.xml", report(f"{domain}{day}", begin=FIRST + day * DAY, domain=domain,
                                                    records=record("192.0.2.1", 30, name, "s1", name).replace("news.example.org", domain)))
    same(box.run("ingest", os.path.join(box.path, "in")).returncode, 0)
    for text, domain in (("550 5.7.1 rejected by DMARC policy of other.example", "other.example"), ("550 5.7.0 Rejected due to Example.Org's DMARC policy", "example.org"),
                         ("550 5.7.1 news.example.org: DMARC policy failure. See https://other.example/help", "news.example.org"),
                         ("550 5.7.1 <b@other.example>: DMARC policy failure", None), ("550 5.7.1 strange.example: DMARC policy failure, code 5.7.1", None),
                         ("550 5.7.1 other.example: DMARC policy of example.org says reject", None)):
        out = box.run("explain", text).out
        same(re.findall(r"^  domain +(\S+)$", out, re.M), [domain] if domain else [], text)
        same(("Mandrill" in out, "SendGrid" in out), (domain != "other.example", domain in (None, "other.example")), text)


@test
def a_bounce_for_another_reason_says_which_and_blames_no_stream():
    box = two_losing_senders()
    for diagnostic, word in (("552 5.2.2 over quota", "the mailbox is full"), ("550 5.1.1 who?", "the mailbox does not exist")):
        run = box.run("explain", "-", stdin=bounce(diagnostic, "Authentication-Results: mx; dmarc=fail (p=reject)\nDKIM-Signature: v=1; d=sendgrid.net\n"))
        same(run.returncode, 0, run.err)
        holds(f"not about DMARC: {word}" in run.out and "SendGrid" not in run.out, run.out)
    run = box.run("explain", "-", stdin=bounce("451 4.4.1 no answer"))
    holds("the sending server tries again" in run.out, run.out)


@test
def a_reply_is_said_to_mean_what_it_says():
    box = Box()
    for reply, words in (("554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org", "This is not about DMARC: the sending address is on a block list."),
                         ("550 5.1.1 <dmarc@example.org>: Recipient address rejected: User unknown", "This is not about DMARC: the mailbox does not exist."),
                         ("550 5.7.1 Message rejected due to local policy. DMARC=pass", "This is not about DMARC: the receiver's own policy or filter; it names no "
                          "authentication that failed."),
                         ("550 5.7.5 Permanent Error Evaluating DMARC policy", "The receiver could not evaluate the DMARC record of the From domain: a permanent error, "
                          "so there is a mistake in the record."),
                         ("451 4.7.5 DMARC: temporary failure evaluating policy of example.org", "The receiver could not evaluate the DMARC policy of the From domain for the "
                          "time being: something could not be looked up. It was deferred; the sending server tries again."),
                         ("550 5.7.1 SPF check failed: IP is not authorized to send in the name of example.org", "Yandex: The receiver refused it because SPF did not pass."),
                         ("421-4.7.26 This mail has been rate limited because it is unauthenticated.", "Gmail: The receiver deferred it because neither SPF nor DKIM passed, "
                          "whatever the DMARC policy says. The sending server tries again, but the cause stays until it is mended.")):
        same(box.run("explain", reply).out.splitlines()[0], words)


@test
def a_bounce_of_a_stream_under_strict_alignment_gets_that_fix():
    world = World(p="reject")
    for n in range(10):
        world.add(n, own("192.0.2.1", 30), record_("198.51.100.7", 20, dkim=[("mail.example.org", "x1", "pass")], spf=[("pm.mtasv.net", "pass")],
                                                   disposition="reject"), adkim="s")
    world.page()
    run = world.box.run("explain", REPLY, before=("--now", day(10)))
    holds("strict alignment (adkim=s)" in run.out and "Remove adkim=s" in run.out and "pm._domainkey" not in run.out, run.out)


@test
def what_is_told_of_some_days_only_since_older_records_are_removed_says_so():
    box = Box()
    box.put("dmarcsift/dmarcsift.conf", 'keep = "10d"\n', 0o600)
    for n in range(30):
        late = record("192.0.2.2", 7, "sendgrid.net", "s1", "sendgrid.net") if n > 24 else ""
        box.put(f"in/{n}.xml", report(str(n), begin=FIRST + n * DAY, records=record("192.0.2.1", 20, "mandrillapp.com", "mte1", "mandrillapp.com") + late))
    now = ("--now", "2026-12-07")
    same(box.run("ingest", os.path.join(box.path, "in"), before=now).returncode, 0)
    said = "of the days from 2026-11-27 on: older records are removed"
    holds(said not in box.run("explain", "mandrill", before=now).out, "nothing is removed yet")
    same(box.run("run", before=now).returncode, 0)
    run = box.run("explain", "mandrill", before=now)
    lines = [" ".join(line.split()) for line in run.out.splitlines()]
    at = lines.index(f"results {said}")
    holds("600 messages" in run.out and lines[at + 1].startswith("results 180 ") and any(line.startswith("receivers 180 ") for line in lines), run.out)
    holds(said not in box.run("explain", "sendgrid", before=now).out, "all of it is younger")


MICROSOFT = "550 5.7.515 Access denied, sending domain EXAMPLE.ORG doesn't meet the required authentication level. "


def streams(run):
    return [line.split()[1] for line in run.out.splitlines() if line.startswith("  stream ")]


@test
def a_reply_about_one_mechanism_is_not_laid_at_the_door_of_what_fails_dmarc():
    world = World(p="reject")
    for n in range(10):
        world.add(n, own("192.0.2.1", 50), record_("198.2.130.5", 9, dkim=[("mandrillapp.com", "mte1", "pass")], spf=[("mandrillapp.com", "pass")], disposition="reject"),
                  record_("54.240.1.2", 50, "pass", "fail", [("example.org", "abcdefghijklmnopqrstuvwxyz012345", "pass"), ("amazonses.com", "x", "pass")], [("amazonses.com", "pass")]))
    world.page()
    hard = "550-5.7.26 The MAIL FROM domain [example.org] has an SPF record with a hard fail policy (-all) but it fails to pass SPF checks with the ip: [{}]. To best"
    auth = "550 5.7.26 This mail has been blocked because the sender is unauthenticated. Gmail requires it. SPF [example.org] with ip: [{}] = did not pass"
    only = "It may belong to the only stream of this domain that "
    for reply, names, words in (
            (MICROSOFT + "Spf= Fail , Dkim= Pass , DMARC= Pass", ["Amazon"], only + "passes DMARC without aligned SPF:"),
            (MICROSOFT + "Spf= Pass , Dkim= Fail , DMARC= Pass", [], "No report read so far shows mail of this domain that passes DMARC without aligned DKIM."),
            (MICROSOFT + "Spf= Fail , Dkim= Fail , DMARC= Fail", ["Mailchimp"], "It belongs to the only stream of this domain that fails:"),
            (MICROSOFT, ["Amazon", "Mailchimp"], "It may belong to one of these streams, whose mail comes without one of SPF and DKIM, or both, worst first"),
            (hard.format("203.0.113.99"), ["Amazon", "Mailchimp"], "It may belong to one of these streams, whose mail comes without aligned SPF, worst first"),
            (hard.format("54.240.1.2"), ["Amazon"], "It belongs to this stream of your mail, by the address in the reply:"),
            (auth.format("198.2.130.5"), ["Mailchimp"], "It belongs to this stream of your mail, by the address in the reply:"),
            (auth.format("203.0.113.99"), ["Mailchimp"], only + "fails, though no mail of yours from that address was reported:"),
            ("550 5.7.30 Gmail requires all large bulk email senders to authenticate their email with DKIM.", ["Mailchimp"],
             "It may belong to the only stream of your mail that comes without aligned DKIM:"),
            ("550 5.7.27 Gmail requires all bulk email senders to authenticate their email with SPF.", ["Amazon", "Mailchimp"], "whose mail comes without aligned SPF"),
            ("550 5.7.40 The sending domain doesn't have a DMARC record", [], "It concerns all mail of the domain, whichever stream it is of."),
            ("451 4.7.5 DMARC: temporary failure evaluating policy of example.org", ["Mailchimp"], only + "fails:"),
            (REPLY, ["Mailchimp"], "It belongs to the only stream of this domain that fails:")):
        run = world.box.run("explain", reply, before=("--now", day(10)))
        same(run.returncode, 0, run.err)
        same(streams(run), names, run.out)
        holds(words in run.out, f"{words}: {run.out}")


def reported(run):
    return [line.split(maxsplit=1)[1] for line in run.out.splitlines() if line.startswith("  reported ")]


@test
def what_receivers_did_is_told_of_mail_that_is_not_known_as_the_users_too():
    world = World(p="reject")
    for n in range(10):
        world.add(n, own("192.0.2.1", 50), fails("2001:db8:25::10", 12, "reject"), fails("2001:db8:25::10", 3, "none"))
        broken = fails("203.0.113.60", 7, "quarantine") if n > 5 else record_("203.0.113.60", 4, "pass", "fail", [("example.org", "s1", "pass")], [("example.org", "softfail")])
        world.add(n, broken, record_("203.0.113.60", 1, "", "", [("example.org", "s1", "temperror")], [("example.org", "temperror")], "none"))
    world.page()
    reply = "550 5.7.26 This mail has been blocked because the sender is unauthenticated. Gmail requires it. SPF [example.org] with ip: [{}] = did not pass"
    for ip, told in (("2001:db8:25::10", "150 messages: 120 refused or junked, 30 failing but let through, 0 passing"),
                     ("203.0.113.60", "62 messages: 28 refused or junked, 0 failing but let through, 24 passing, 10 that cannot be told")):
        run = world.box.run("explain", reply.format(ip), before=("--now", day(10)))
        same(reported(run), [told], run.out)


YAHOO = "554 5.7.9 Message not accepted for policy reasons. See https://senders.yahooinc.com/error-codes"


def gsuite(count, disposition="quarantine"):
    """Mail of somebody's Google Workspace that signs nothing as the user's domain."""
    return record_("209.85.220.41", count, "fail", "fail", [("contoso-com.20230601.gappssmtp.com", "20230601", "pass")], [("example.org", "softfail")], disposition)


@test
def where_nothing_fails_that_is_known_as_the_users_it_is_asked_whose_the_failing_mail_is():
    world = World(p="quarantine")
    for n in range(10):
        world.add(n, own("192.0.2.1", 50), gsuite(30))
    world.page()
    for reply, lacks in ((REPLY, "fails"), (MICROSOFT + "Spf= Fail , Dkim= Fail , DMARC= Fail", "fails"), (YAHOO, "fails"),
                         ("550 5.7.30 Gmail requires all large bulk email senders to authenticate their email with DKIM.", "comes without aligned DKIM")):
        run = world.box.run("explain", reply, before=("--now", day(10)))
        same(run.returncode, 0, run.err)
        same((streams(run), reported(run)), (["Google"], ["300 messages: 300 refused or junked, 0 failing but let through, 0 passing"]), run.out)
        for words in (f"No report read so far shows mail known to be yours that {lacks}. But mail of this sender fails. Is it yours?\n", "dmarcsift label google-workspace mine",
                      "signed by contoso-com.20230601.gappssmtp.com", "dmarcsift explain google-workspace"):
            holds(words in run.out, f"{words}: {run.out}")
    run = world.box.run("explain", MICROSOFT + "Spf= Pass , Dkim= Fail , DMARC= Pass", before=("--now", day(10)))
    holds("No report read so far shows mail of this domain that passes DMARC without aligned DKIM." in run.out and not streams(run), run.out)
    mail = bounce(REPLY, "DKIM-Signature: v=1; d=example-org.20230601.gappssmtp.com; b=x\n")
    run = world.box.run("explain", "-", stdin=mail, before=("--now", day(10)))
    holds("It belongs to this stream, by its signature or envelope; it is not known to be yours:" in run.out and streams(run) == ["Google"], run.out)
    same(world.box.run("label", "google-workspace", "not_mine").returncode, 0)
    run = world.box.run("explain", REPLY, before=("--now", day(10)))
    holds("shows mail known to be yours that fails. What fails: 300 messages that by your label are not yours." in run.out and not streams(run), run.out)
    same(world.box.run("label", "google-workspace", "mine").returncode, 0)
    holds("It belongs to the only stream of this domain that fails:" in world.box.run("explain", REPLY, before=("--now", day(10))).out, "it is known now")


@test
def what_a_label_sets_aside_is_not_asked_about():
    world = World(p="none")
    for n in range(10):
        world.add(n, own("192.0.2.1", 50), fails("203.0.113.8", 20))
    world.page()

    def said(*args, **how):
        run = world.box.run(*args, before=("--now", day(10)), **how)
        same(run.returncode, 0, run.err)
        return run.out

    for words in (said("report", "--policy", "reject"), said("explain", REPLY)):
        holds("decided about first: 200 messages of 1 sender (203.0.113.8)" in words or "Is it yours?" in words, words)
    said("label", "203.0.113.8", "ignore")
    words = said("report", "--policy", "reject")
    holds("to be decided about first" not in words and "besides, set aside by your label: 200 messages\n" in words, words)
    words = said("explain", REPLY)
    holds("known to be yours that fails. What fails: 200 messages that your label sets aside.\n" in words and "yours?" not in words and "label 203" not in words, words)
    words = said("explain", "550 5.7.26 The mail from domain [example.org] has an SPF record with a hard fail policy (-all) but it fails to pass SPF checks with the ip: [203.0.113.8]")
    holds("by the address in the reply; it is not known to be yours" in words and "If it is yours after all: dmarcsift label 203.0.113.8 mine" in words, words)


@test
def failing_mail_of_others_is_told_largest_first_and_a_crowd_by_its_number():
    world = World(p="reject")
    for n in range(10):
        world.add(n, own("192.0.2.1", 50), *(fails(f"198.51.100.{n * 20 + i + 1}", 1, "reject") for i in range(20)))
        world.add(n, *(fails(f"203.0.113.{i}", 9 + i, "reject" if i % 2 else "none") for i in range(7)))
        world.add(n, fails("203.0.113.99", 600, "reject"))
    world.page()
    run = world.box.run("explain", REPLY, before=("--now", day(10)))
    same(streams(run), ["203.0.113.99", "203.0.113.6", "203.0.113.5", "203.0.113.4", "203.0.113.3"], run.out)
    same(reported(run)[1:3], ["150 messages: 0 refused or junked, 150 failing but let through, 0 passing", "140 messages: 140 refused or junked, 0 failing but let through, 0 passing"])
    for words in ("But mail of these senders fails, most first. Is one of them yours (the whole bounce mail would tell)?", "dmarcsift label 203.0.113.99 mine",
                  "\n\nAlso failing: 300 messages of 3 other senders, 200 messages from 200 unrelated addresses that claim to be you.\n"):
        holds(words in run.out, f"{words}: {run.out}")


@test
def many_others_of_few_messages_are_told_by_their_number():
    world = World(p="reject")
    for n in range(6):
        world.add(n, own("192.0.2.1", 50), *(fails(f"198.51.100.{n * 5 + i + 1}", 8, "reject") for i in range(5)))
    world.page()
    run = world.box.run("explain", REPLY, before=("--now", day(6)))
    holds("known to be yours that fails. What fails: 240 messages of 30 senders of few each.\n" in run.out and not streams(run), run.out)


@test
def mail_that_is_broken_by_forwarding_is_no_mail_that_does_not_fail():
    world = World(p="reject")
    for n in range(10):
        world.add(n, own("192.0.2.1", 50), record_("18.7.68.33", 10, "pass", "fail", [("example.org", "s1", "pass")], [("alum.mit.edu", "pass")]),
                  record_("18.7.68.33", 5, "fail", "fail", [("example.org", "s1", "fail")], [("alum.mit.edu", "pass")], "reject"))
    world.page()
    run = world.box.run("explain", REPLY, before=("--now", day(10)))
    same((streams(run), reported(run)), (["mit.edu"], ["150 messages: 50 refused or junked, 0 failing but let through, 100 passing"]), run.out)
    holds("But mail passed on by this sender fails:\n" in run.out and "dmarcsift label mit.edu mine" in run.out, run.out)


@test
def beside_streams_of_the_users_own_the_largest_that_is_not_known_is_mentioned():
    world = World(p="quarantine")
    for n in range(10):
        world.add(n, own("192.0.2.1", 50), gsuite(30), record_("198.2.130.5", 9, dkim=[("mandrillapp.com", "mte1", "pass")], spf=[("mandrillapp.com", "pass")], disposition="quarantine"))
    world.page()
    run = world.box.run("explain", REPLY, before=("--now", day(10)))
    same(streams(run), ["Mailchimp"], run.out)
    holds("It may belong to this stream, the only one known to be yours that fails:" in run.out, run.out)
    holds("\n\n  also       300 messages from Google Workspace failed and were refused or junked. Yours? dmarcsift explain google-workspace\n" in run.out, run.out)
    world.add(11, *(fails("203.0.113.9", 40) for n in range(5)))
    world.page()
    holds("dmarcsift explain google-workspace (and of 1 more sender)\n" in world.box.run("explain", YAHOO, before=("--now", day(12))).out, "more of them")


@test
def results_that_read_the_same_are_one_row():
    world = World(p="reject")
    for n in range(10):
        passing = own("192.0.2.1", 20 + n)
        world.add(n, passing)
        world.add(n, passing.replace("<scope>mfrom</scope>", ""), org="Southmail")
        world.add(n, passing.replace("<scope>mfrom</scope>", "<scope>helo</scope>"), org="Westmail")
        for k in range(8):
            world.add(n, own("192.0.2.1", 10 + k, dkim=f"s{k + 2}"))
    world.page()
    run = world.box.run("explain", "example.org", before=("--now", day(10)))
    lines = run.out.splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("  results "))
    same(lines[at].split()[1:6], ["735", "DKIM", "example.org/s1=pass;", "SPF", "example.org=pass;"], run.out)
    told = [line[13:].split()[0] for line in lines[at:at + 8]]
    same(told, ["735"] + [str(10 * (17 - k)) for k in range(7)], run.out)
    run = world.box.run("explain", "192.0.2.1", before=("--now", day(10)))
    same([line[13:].split()[0] for line in run.out.splitlines()[1:4]], ["735", "170", "160"], run.out)
    holds("       735  as example.org, sender example.org, 2026-10-01 to 2026-10-10, none (pass)" in run.out, run.out)


@test
def a_sender_whose_mail_passes_again_is_told_no_record_to_publish():
    mandrill = lambda ok: record_("198.2.130.5", 30, "pass" if ok else "fail", "fail", [("example.org", "mte1", "pass")][:ok] + [("mandrillapp.com", "mte1", "pass")],  # noqa: E731
                                  [("mandrillapp.com", "pass")], "none" if ok else "reject")

    def answer(what, days, passes):
        world = World(p="reject")
        for n in range(days):
            world.add(n, own("192.0.2.1", 50), mandrill(passes(n)))
        world.page()
        run = world.box.run("explain", what, before=("--now", day(days)))
        same(run.returncode, 0, run.err)
        return run.out

    service = "Mailchimp Transactional (Mandrill)"
    for what in ("mandrill", REPLY):
        out = answer(what, 40, lambda n: n < 20 or n >= 30)
        holds(f"\n  publish    nothing: {service} mail passes again since 31 Oct 2026.\n" in out and "CNAME" not in out, out)
        out = answer(what, 50, lambda n: n < 3 or n >= 9)
        holds(f"\n  publish    nothing: {service}: fine." in out and "CNAME" not in out, out)
        out = answer(what, 50, lambda n: n < 20 or 30 <= n < 45)
        holds("mte1._domainkey.example.org CNAME" in out and "nothing:" not in out, out)


@test
def words_count_where_the_notification_cuts_the_reply():
    cut = bounce("550-5.0.0 cut", words="<<< 550-5.7.26 Unauthenticated email from example.org is not accepted due to domain's\n<<< 550-5.7.26 DMARC policy. x")
    run = two_losing_senders().run("explain", "-", stdin=cut)
    holds("DMARC policy asks for it" in run.out and "example.org" in run.out, run.out)


@test
def a_bounce_is_explained_before_there_is_a_database():
    run = Box().run("explain", REPLY)
    same(run.returncode, 0, run.err)
    holds("DMARC policy asks for it" in run.out and "no database yet" in run.out, run.out)


@test
def a_bounce_without_a_blank_is_read():
    box = Box()
    box.run("ingest", box.put("a.xml", report()))
    for word in ("spf", "dkim", "dmarc"):
        run = box.run("explain", "-", stdin=("550 rejected fail " + word * (250000 // len(word))).encode())
        holds("No refusal for DMARC, SPF or DKIM is recognised" in run.out, run.out)


@test
def a_bounce_of_a_domain_without_failing_mail_says_so():
    run = two_losing_senders().run("explain", REPLY.replace("example.org", "example.net"))
    same(run.returncode, 0, run.err)
    holds("No report read so far shows mail of this domain that fails" in run.out, run.out)


@test
def what_strangers_wrote_in_a_bounce_cannot_steer_the_terminal():
    run = two_losing_senders().run("explain", "-", stdin=bounce(REPLY).replace(b"reader@r.example", b"rea\x1b]0;x\x07der@r.example").replace(b"in.r", b"in\xe2\x80\xae.r"))
    holds("\x1b" not in run.out and "\u202e" not in run.out and "reader" not in run.out and "der@r.example" in run.out, repr(run.out))


@test
def a_file_that_cannot_be_read_is_named():
    box = two_losing_senders()
    run = box.run("explain", box.path)
    same(run.returncode, 4)
    holds(box.path in run.err and "directory" in run.err, run.err)


def titles(run):
    """The first line of each sender that was told."""
    return [line.split(": ")[0] for line in run.out.splitlines() if " as " in line and not line.startswith(" ")]


def many(n, count=40, **more):
    """A report of mail of example.org from n addresses nobody knows, one each day for three days."""
    world = World(p="none", **more)
    for d in range(3):
        world.add(d, *(fails(f"192.0.{2 + i // 250}.{1 + i % 250}", max(1, count - i % 7)) for i in range(n)))
    world.page()
    return world.box


@test
def a_domain_is_explained_however_many_are_worse():
    box = Box()
    for n in range(24):
        name = f"d{n:02}.example"
        box.put(f"in/{n}.xml", report(str(n), domain=name, begin=FIRST, count=100 - n) if n < 22 else report(str(n), domain=name, begin=FIRST, records=own("192.0.2.1", 5, domain=name)))
    same(box.run("ingest", os.path.join(box.path, "in")).returncode, 0)
    for name in ("d21.example", "d23.example"):
        run = box.run("explain", name)
        same(run.returncode, 0, run.err)
        holds(len(titles(run)) == 1 and titles(run)[0].endswith(f" as {name}"), run.out)


@test
def a_sender_is_explained_however_many_are_worse():
    box = many(310)
    for address in ("192.0.2.1", "192.0.3.60", "192.0.2.7"):
        run = box.run("explain", address)
        same(titles(run), [f"{address} as example.org"], run.err)
        for word in ("known by", "addresses", "results", "receivers", "days"):
            holds(f"\n  {word} " in run.out, f"{word}: {run.out}")
    same(titles(box.run("explain", "example.org"))[:2], ["192.0.2.1 as example.org", "192.0.2.106 as example.org"])
    same(len(titles(box.run("explain", "example.org"))), 8)


@test
def a_sender_of_several_domains_comes_under_the_worst_first():
    box = Box()
    mail = {"a.example": (4, 9, "none"), "b.example": (0, 9, "reject"), "c.example": (0, 8, "reject"), "d.example": (0, 8, "reject"), "e.example": (0, 8, "none"), "f.example": (9, 8, "none")}
    for name, (passing, failing, disposition) in mail.items():
        for n in range(8):
            records = record_("198.51.100.1", failing, dkim=[("mandrillapp.com", "mte1", "pass")], spf=[("mandrillapp.com", "pass")], disposition=disposition, sender=name)
            records += own("192.0.2.1", 1 + passing, domain=name)
            box.put(f"in/{name}.{n}.xml", report(f"{name}.{n}", domain=name, begin=FIRST + n * DAY, records=records))
    same(box.run("ingest", os.path.join(box.path, "in")).returncode, 0)
    wanted = ["b.example", "c.example", "d.example", "a.example", "f.example", "e.example"]
    for what in ("mandrill", "MANDRILL"):
        same(titles(box.run("explain", what)), [f"Mailchimp Transactional (Mandrill) as {name}" for name in wanted])
    same(titles(box.run("explain", "example"))[:3], ["Mailchimp Transactional (Mandrill) as b.example", "b.example as b.example", "Mailchimp Transactional (Mandrill) as c.example"])
    same(len(titles(box.run("explain", "example"))), 12)
    run = box.run("explain", "554 5.7.9 Message not accepted for policy reasons. See https://senders.yahooinc.com/error-codes")
    same([line.split(",")[0].split(" as ")[1] for line in run.out.splitlines() if "  stream " in line], wanted[:3])


@test
def the_latest_days_of_a_sender_are_told_however_far_back_they_lie():
    world = World(p="none")
    monthly = [0, 30, 61, 92, 120, 151, 180, 211, 240]
    for n in range(0, 245, 5):
        world.add(n, own("192.0.2.1", 30))
    for n in monthly:
        world.add(n, fails("198.51.100.9", 30 + n))
    world.page()
    run = world.box.run("explain", "198.51.100.9", before=("--now", day(246)))
    told = [line.split() for line in run.out.splitlines() if line[:8] in ("  days  ", "        ") and "lost or at risk" in line]
    same([line[-8].rstrip(",") for line in told], [day(n) for n in reversed(monthly[-7:])])
    same([line[-9] for line in told], [str(30 + n) for n in reversed(monthly[-7:])])


@test
def mail_of_any_age_is_counted():
    world = World()
    for n in (-6000, -5999, 0, 1, 2):
        world.add(n, own("192.0.2.1", 30))
    world.page()
    out = world.box.run("explain", "example.org", before=("--now", day(3))).out
    holds("150 messages: 150 passing" in out, out)
    same(re.findall(r"30  (\d{4}-\d\d-\d\d), 0 of them", out)[:5], [day(n) for n in (2, 1, 0, -5999, -6000)], out)


@test
def an_address_means_no_other_that_begins_like_it():
    world = World(p="none")
    for n in range(3):
        world.add(n, fails("2001:db8::1", 40), fails("2001:db8::12", 40))
    world.page()
    same(titles(world.box.run("explain", "2001:db8::1")), ["2001:db8::1 as example.org"])
    same(len(titles(world.box.run("explain", "2001:db8"))), 2)


@test
def an_address_names_the_senders_whose_findings_it_is_part_of():
    box = samples()
    run = box.run("explain", "203.0.113.26")
    for words in ("LOST       399 messages", "RISK       158 messages", "mte1._domainkey.example.org CNAME dkim1.mandrillapp.com", "more       dmarcsift explain mandrill\n"):
        holds(words in run.out, f"{words}: {run.out}")
    holds("  LOST " not in box.run("explain", "192.0.2.10").out, "an address of mail that passes is part of no loss")
    world = World(p="none")
    for n in range(10):
        world.add(n, own("192.0.2.1", 50), *(fails(f"203.0.113.{i}", 30 + i) for i in range(1, 5) if n % 7 == 2), fails("2001:db8::12", 40))
    world.page()
    world.box.run("label", "203.0.113.3", "ignore", before=("--now", day(10)))
    asked = lambda what: [line for line in world.box.run("explain", what, before=("--now", day(10))).out.splitlines() if line.startswith(("  DECIDE", "  more"))]
    same(asked("203.0.113.4"), ["  DECIDE     194 messages from 203.0.113.4 and 2 more addresses of 203.0.113.0/24 failed. Yours?"])
    same(asked("203.0.113.1"), asked("203.0.113.4") + ["  more       dmarcsift explain 203.0.113.4"], "in the name of another")
    same(asked("203.0.113.3"), [], "the label decides of this one")
    same(len(asked("2001:db8::12")), 1)
    world.add(9, fails("2001:db8::1", 1))
    same(asked("2001:db8::1"), [], "another one begins like it")


@test
def a_crowd_is_explained_by_what_it_is_called():
    box = many(40, count=1)
    run = box.run("explain", "unrelated")
    same(titles(run), ["40 unrelated addresses as example.org"], run.err)
    same(titles(box.run("explain", "example.org")), ["40 unrelated addresses as example.org"])
    holds("\n  days " in run.out, run.out)
    same(titles(box.run("explain", "192.0.2.7")), [])


@test
def what_is_not_analysed_yet_is_explained_as_well():
    box = two_losing_senders()
    whole = [line for line in box.run("explain", "sendgrid").out.splitlines() if "messages:" in line]
    db = sqlite3.connect(box.db)
    db.executescript("DELETE FROM analysed; DELETE FROM standing WHERE sender = (SELECT id FROM sender WHERE sender = 'sendgrid');")
    db.close()
    run = box.run("explain", "sendgrid")
    same(titles(run), ["Twilio SendGrid as example.org"], run.err)
    holds("80 messages" in run.out and "80 messages" in whole[0], run.out)
    holds("Mandrill" in box.run("explain", REPLY).out, "and those that are known stay")


@test
def what_is_shown_of_receivers_and_the_rest_are_all_messages():
    box = Box()
    for n in range(10):
        box.put(f"in/{n}.xml", report(str(n), count=1000 * (n + 1), org=f"mx{n}.example", begin=FIRST, ip="192.0.2.7"))
    same(box.run("ingest", os.path.join(box.path, "in")).returncode, 0)
    run = box.run("explain", "mandrill")
    shown = re.search(r"^  receivers(.*?)^  reports", run.out, re.S | re.M).group(1)
    same(sum(int(line.split()[0].replace(",", "")) for line in shown.splitlines()), 55000, run.out)
    holds("3,000  of older reports or further receivers" in shown, run.out)
    page = os.path.join(box.path, "page.html")
    box.run("report", "--html", page)
    with open(page, encoding="utf-8") as handle:
        holds('Older reports, further receivers</td><td class="num" colspan="3">3,000</td>' in handle.read(), "the page says so, too")


@test
def a_reply_that_names_a_domain_below_is_of_a_stream_that_sends_as_that():
    world = World(p="reject")
    for n in range(40):
        world.add(n, own("192.0.2.1", 30),
                  record_("198.51.100.5", 20, dkim=[("mandrillapp.com", "mte1", "pass")], spf=[("mandrillapp.com", "pass")], disposition="reject"),
                  record_("203.0.113.9", 10, spf=[("intern.example.org", "softfail")], disposition="reject", sender="intern.example.org"))
    world.read()
    reply = "550 5.7.509 Access denied, sending domain {} does not pass DMARC verification and has a DMARC policy of reject."
    for name, want, other in (("intern.example.org", "203.0.113.9", "Mandrill"), ("example.org", "Mandrill", "stream     203.0.113.9")):
        out = world.box.run("explain", reply.format(name), before=("--now", day(40))).out
        holds(want in out and other not in out, out)
    out = world.box.run("explain", reply.format("never.example.org"), before=("--now", day(40))).out
    holds("Mandrill" in out, "where none is known to send as it, those of the domain are told: " + out)

@test
def a_signing_domain_and_a_name_below_are_explained_by_what_they_belong_to():
    world = World(p="none")
    for n in range(20):
        world.add(n, own("192.0.2.9", 30), foreign("198.51.100.7", 5, "mandrillapp.com", "mte1", sender="news.example.org"))
    world.read()
    def told(what):
        run = world.box.run("explain", what, before=("--now", day(20)))
        return run.returncode, run.out.split("\n\n", 1)[0].strip(), run.out.split("\n\n", 1)[-1]
    for asked in ("mandrillapp.com", "MAIL.Mandrillapp.com"):
        same(told(asked)[:2], (0, f"{asked.lower()} is of Mailchimp Transactional (Mandrill), which is explained"), asked)
        same(told(asked)[2], world.box.run("explain", "mandrill", before=("--now", day(20))).out, asked)
    same(told("news.example.org")[:2], (0, "news.example.org lies below example.org, which is explained"))
    same(told("news.example.org")[2], world.box.run("explain", "example.org", before=("--now", day(20))).out, "the domain's")
    for asked in ("sendgrid.net", "notexample.org", "news.example.com"):
        same((told(asked)[0], told(asked)[1]), (2, ""), asked)



main()
