#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What the summary for a terminal and the page say in words: neither more than is known, nor that all is well where it is not."""
import html
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from kit import Box, holds, main, same, test  # noqa: E402
from worlds import World, day, fails, foreign, own, record  # noqa: E402

MANDRILL = "198.2.128.14"


def run(world, *args, now=None):
    if world.box is None:
        world.read()
    done = world.box.run(*args, before=("--now", now or day(max(n for n, *_ in world.days) + 1)))
    same((done.returncode, done.err), (0, ""))
    return done.out


def words(markup):
    return " ".join(html.unescape(re.sub("<[^>]*>", "", markup)).split())


def page(world, *args):
    return run(world, "report", "--html", "-", *args)


def tasks(world):
    """What the page says is to be done, and what else is good to know."""
    return words(" ".join(re.findall('<section id="(?:todo|more)">.*?</section>', page(world), re.S)))


def headline(world, *args):
    """The sentence and what is said below it."""
    verdict = re.search(r'<div class="verdict [^>]*>(.*?)</div>', page(world, *args), re.S).group(1)
    return words(re.search("<h1>(.*?)</h1>", verdict, re.S).group(1)), words(verdict.split("</h1>")[1].replace("</p>", " "))


def forwarding(passing=5, broken=3, days=40):
    """Mail of an office, copies of which a university passes on; some of these do not verify there."""
    world = World()
    for n in range(days):
        world.add(n, own("192.0.2.1", 30))
        if passing:
            world.add(n, record("203.0.113.9", passing, pe_dkim="pass", dkim=[("example.org", "s1", "pass")], spf=[("alumni.example", "pass")]))
        if broken:
            world.add(n, record("203.0.113.9", broken, dkim=[("example.org", "s1", "fail")], spf=[("alumni.example", "pass")], disposition="reject",
                                reason=None if passing else "mailing_list"))
    return world


def digest(world, *config):
    """The body of the mail of the first night, on one line, and its lines."""
    box = world.box = Box()
    box.put("dmarcsift/dmarcsift.conf", "\n".join((f'digest {{ to = "a@b.example" command = "{box.put("send", f"#!/bin/sh{chr(10)}cat > {box.path}/mail{chr(10)}", 0o755)}" }}', *config)), 0o600)
    world.read()
    run(world, "run")
    with open(os.path.join(box.path, "mail"), encoding="utf-8") as mail:
        head, _, body = mail.read().partition("\n\n")
    world.subject = re.search(r"^Subject: (.*(?:\n .*)*)", head, re.M).group(1).replace("\n ", " ")
    return " ".join(body.split()), body.splitlines()


# --- the summary for a terminal ---

@test
def a_name_is_not_cut_for_what_can_be_left_out():
    for domain, words in (("example.org", "1 receiver newest 1 day"), ("example-holdings-gmbh.example.org", "")):
        world = World(domain=domain)
        for n in range(40):
            world.add(n, own("192.0.2.1", 30, domain=domain))
        holds(world.text().startswith(" ".join(f"{domain} 11 Oct - 9 Nov 900 reported {words}".split())), world.text())


@test
def forwarded_mail_that_failed_is_told_from_what_passed():
    holds("[>] forwarded 240 150 passed, 90 failed, altered on the way" in forwarding().text(), forwarding().text())
    holds("[>] forwarded 150 by recipients" in forwarding(broken=0).text(), "none of it failed")
    world = forwarding(passing=0)
    holds("[>] forwarded 90 all altered on the way and failed" in world.text(), world.text())
    holds("FWDBROKEN" not in world.text(), "nothing is to be done")
    told = " ".join(run(world, "-v", "report").split())
    holds("[>] FWDBROKEN 90 forwarded, and failed; usually not yours to repair" in told and "90 all altered on the way" in told, told)


@test
def forwarded_mail_of_other_days_than_the_finding_counts_is_not_split():
    told = " ".join(run(forwarding(), "report", "--since", day(0)).split())
    holds("[>] forwarded 320 by recipients" in told, told)


# --- the sentence of the page ---

def crowd(n, per=10):
    """Strangers, each with a message or two."""
    return [fails(f"203.0.{n}.{k}", 1 + k % 2, disposition="reject") for k in range(per)]


def some(n):
    """One that is more than a stranger in passing, and too little to be asked about."""
    return [fails("198.51.100.77", 6, disposition="reject")] if n in (22, 31) else []


@test
def refused_mail_is_asked_about_only_where_a_sender_is():
    world = World()
    for n in range(40):
        world.add(n, own("192.0.2.1", 30), *crowd(n), *some(n))
    same([f["code"] for f in world.page()["findings"]], ["NOTYOU", "OK"])
    holds(world.senders("198.51.100.77")[0]["class"] == "undecided", "one of them is no stranger for sure")
    same(headline(world), ("Nothing to do. None of your mail was lost.", "900 reported messages of yours pass. 462 undecided messages fail and show no trace of you; "
                           "no sender of them asks for a decision."))
    asked = World()
    for n in range(40):
        asked.add(n, own("192.0.2.1", 30), *crowd(n), *some(n), fails("198.51.100.78", 2, disposition="reject"))
    same(headline(asked)[0], "60 refused or junked messages: are they yours?")


@test
def senders_beyond_those_in_full_are_asked_about_too():
    world = World()
    for n in range(40):
        world.add(n, own("192.0.2.1", 30), *(fails(f"198.51.{k // 100}.{k % 100}", 2, disposition="reject") for k in range(320)))
    same(headline(world)[0], "19,200 refused or junked messages: are they yours?")


@test
def a_parked_domain_has_nothing_to_do():
    world = World()
    for n in range(40):
        world.add(n, *crowd(n), *some(n))
    same(headline(world), ("Nothing to do. None of the reported mail could be recognised as yours.",
                           "462 undecided messages fail and show no trace of you; no sender of them asks for a decision."))


@test
def forwarded_mail_that_failed_is_in_the_sentence():
    same(headline(forwarding(broken=1)), ("Nothing to do. None of your mail was lost.",
                                          "900 reported messages of yours pass. 30 forwarded messages were altered on the way and failed, which can usually not be repaired by you."))
    same(headline(forwarding()), ("90 forwarded messages were altered on the way and failed.", "900 reported messages of yours pass."))
    same(headline(forwarding(), "--since", day(0))[0], "Forwarded messages were altered on the way and failed.")
    world = World()  # nobody's mail but forwarded
    for n in range(40):
        world.add(n, record("203.0.113.9", 3, dkim=[("example.org", "s1", "fail")], spf=[("alumni.example", "pass")], disposition="reject", reason="mailing_list"))
    same(headline(world), ("90 forwarded messages were altered on the way and failed.",
                           "No reported message is known to have come from you directly: what was forwarded may be all of your mail."))


@test
def a_sender_that_was_repaired_is_told_so_and_asked_for_nothing():
    world = World()
    for n in range(40):
        world.add(n, own("192.0.2.1", 30))
        if 20 <= n < 30:
            world.add(n, foreign(MANDRILL, 9, "mandrillapp.com", "mte1", disposition="reject"))
        else:
            world.add(n, record(MANDRILL, 9, pe_dkim="pass", dkim=[("example.org", "mte1", "pass"), ("mandrillapp.com", "mte1", "pass")], spf=[("mandrillapp.com", "pass")]))
    name = "Mailchimp Transactional (Mandrill)"
    same(headline(world), ("90 of your 1,170 reported messages were refused or junked.", f"One sender causes all of it: {name}. Its mail passes since 31 Oct 2026."))
    told = words(page(world))
    holds(f"Nothing to publish: {name} mail passes again since 31 Oct 2026." in told and "_domainkey" not in told and "CNAME" not in told, told)
    holds(f"[ ] FIXED 90 Mailchimp Transactional (Mandrill) passes since 31 Oct" in world.text(), world.text())
    same(world.senders("mandrill")[0]["fix"], [])


@test
def who_loses_mail_is_counted_over_all_domains():
    world = World()
    for i in range(45):
        domain = f"firm{i:02}.example"
        for n in range(12, 40, 4):
            world.add(n, own("192.0.2.1", 30, domain=domain), foreign(MANDRILL, 9, "mandrillapp.com", "mte1", disposition="reject", sender=domain), domain=domain)
    name = "Mailchimp Transactional (Mandrill)"
    same(headline(world), ("2,835 of your 12,285 reported messages were refused or junked.", f"One sender causes all of it: {name}."))
    for n in range(12, 40, 4):  # lost in the last domains as well, by another one
        for i in (43, 44):
            world.add(n, foreign("167.89.0.5", 9, "sendgrid.net", "smtpapi", disposition="reject", sender=f"firm{i:02}.example"), domain=f"firm{i:02}.example")
    same(headline(world)[1], f"One sender causes 96 % of it: {name}.")
    same(headline(world, "--since", day(17))[1], f"{name} alone causes at least 43 % of it.")  # nothing counts the others for these days


@test
def mail_that_passes_and_is_stopped_all_the_same_is_not_just_ok():
    def told(stopped):
        world = World()
        for n in range(40):
            world.add(n, own("192.0.2.1", 200), own("192.0.2.1", stopped, disposition="reject") if n > 20 else own("192.0.2.1", 1))
        return world.text(), page(world)

    text, shown = told(4)
    what = "76 messages that passed were refused or junked all the same: not for DMARC."
    fix = "See which receivers stop mail that passes, and ask them: dmarcsift explain example.org"
    holds(re.search(rf"\[\?\] OK 6,087 example.org some is stopped all the same example.org: 6,087 messages, all pass. {what} {fix} \[ \] ok 6,087", text), text)
    more = words(shown.split('<section id="more">')[1].split("<details")[0])
    holds(what in more and fix in more, more)  # not folded away
    first = "None of your mail was lost for DMARC, but some that passes was refused or junked all the same."
    holds(first in words(shown) and "verdict v-undecided" in shown and "Nothing to do" not in words(shown), "no clean bill")
    text, shown = told(1)
    holds("stopped" not in text and "[ ] ok 6,030 example.org" in text, text)
    holds("need nothing done" in shown or "needs nothing done" in shown, "a stray one in a hundred is not asked about")


@test
def what_changed_tells_a_repair_of_what_broke_before_the_period():
    def changes(*mended):
        world = World()
        for n in range(40):
            world.add(n, own("192.0.2.1", 30), record(MANDRILL, 9, pe_dkim="pass", dkim=[("example.org", "mte1", "pass"), ("mandrillapp.com", "mte1", "pass")],
                                                      spf=[("mandrillapp.com", "pass")]) if n in mended else foreign(MANDRILL, 9, "mandrillapp.com", "mte1", disposition="reject"))
        shown = page(world)
        return words(re.search('<ol class="changes">.*?</ol>|No change of policy', shown, re.S).group(0)), words(re.search('<p class="ids">.*?</p>', shown).group(0))

    told, identifiers = changes(*range(5), *range(30, 40))
    same(told, "31 Oct 2026: Mailchimp Transactional (Mandrill) mail began to pass.")
    same(sorted(re.findall(r"\S+=pass", identifiers.replace(",", ""))), ["example.org/mte1=pass", "mandrillapp.com/mte1=pass"], "each once")
    same(changes(*range(5), 31, 33)[0], "No change of policy")


@test
def receivers_that_disagree_for_ever_are_no_change_of_policy():
    def told(policy):
        world = World(p=policy)
        for n in range(40):
            for org, silent in ("Northmail", n % 5 == 2), ("Quarrypost", n % 7 == 3):
                if not silent:
                    world.add(n, own("192.0.2.1", 30), org=org)
        days = re.search("Days with reports.*?: ([0-9]+)", run(world, "report", "--policy", "reject")).group(1)
        return words(re.search('<ol class="changes">.*?</ol>|No change of policy', page(world), re.S).group(0)), days

    same(told(lambda n, org: "quarantine" if org == "Northmail" else "none"), ("No change of policy", "29"))
    same(told(lambda n, org: "quarantine" if n > 19 else "none"), ("21 Oct 2026: Receivers began to see the policy p=quarantine (before: p=none).", "20"))


@test
def many_new_strangers_are_one_change():
    def changes(count):
        world = World(p=lambda n, org: "none" if n < 20 else "reject")
        for n in range(40):
            world.add(n, own("192.0.2.1", 30), *(fails(f"198.51.{k}.8", 30) for k in range(count) if n >= 36))
        return words(re.search('<ol class="changes">.*?</ol>', page(world), re.S).group(0))

    holds(changes(3).count("was seen for the first time.") == 3, changes(3))
    same(changes(60), "21 Oct 2026: Receivers began to see the policy p=reject (before: p=none).6 Nov 2026: The first of 60 senders that are not known as yours was seen.")


@test
def far_more_forwarded_mail_than_ones_own_may_be_copies_a_stranger_sends():
    def told(addresses):
        world = World()
        for n in range(40):
            world.add(n, own("192.0.2.1", 10), *(record(f"203.0.{k}.8", 60, pe_dkim="pass", dkim=[("example.org", "s1", "pass")], spf=[(f"spam{k}.example", "pass")])
                                                 for k in range(addresses) if n >= 38))
        return digest(world)[0], " ".join(run(world, "report").split()), tasks(world)

    what = "were forwarded by recipients and still passed, from many addresses: far more than the 300 that came from you."
    for shown in told(60):
        holds(what in shown and "Or somebody sends out copies of a mail of yours (DKIM replay)." in shown and "sign with a new selector" in shown, shown)
    for shown in told(40):  # lists and forwarders
        holds("replay" not in shown and "new selector" not in shown, shown[:1500])


@test
def a_campaign_holds_no_policy_back():
    def gate(networks):
        world = World(p="none")
        for n in range(40):
            world.add(n, own("192.0.2.1", 30), *(fails(f"198.51.{k}.8", 30) for k in range(networks) if n >= 36), *([foreign("203.0.113.77", 2, "billing.example", "r1")]))
        world.read()
        return re.search("Undecided senders with 20 messages or more: .*", run(world, "report", "--policy", "quarantine")).group(0)

    same(gate(60), "Undecided senders with 20 messages or more: 1 (wanted: none): billing.example")
    holds("more: 41 (wanted: none)" in gate(40), gate(40))


@test
def a_network_that_is_asked_about_holds_a_policy_back_though_each_of_its_addresses_sends_little():
    world = World(p="none")
    for n in range(40):
        world.add(n, own("192.0.2.1", 30), *([fails(f"203.0.113.{n}", 12)] if n > 29 else []))
    gate = lambda: re.search("Undecided senders with 20 messages or more: (.*)", run(world, "report", "--policy", "quarantine")).group(1)
    same(gate(), "1 (wanted: none): 203.0.113.30")
    run(world, "label", "203.0.113.0/24", "not_mine")
    same(gate(), "0 (wanted: none)")


@test
def what_failed_when_it_last_came_holds_a_policy_back_for_a_year():
    def gate(now, *mail, label=None):
        """mail: messages that pass and that fail on the days 10, 11, ..."""
        world = World(p="none")
        for n in (*range(10 + len(mail)), *range(now - 40, now)):
            world.add(n, own("192.0.2.1", 30))
        for n, (passes, failing) in enumerate(mail, 10):
            world.add(n, *([own("198.51.100.6", passes, dkim="jm", envelope="jangomail.com")] if passes else []),
                      *([foreign("198.51.100.6", failing, "jangomail.com", None, envelope="jangomail.com")] if failing else []))
        world.read()
        if label:
            run(world, "label", "jangomail", label)
        return re.search("Senders of yours that fail more than 5 %: (.*)", run(world, "report", "--policy", "quarantine")).group(1)

    open_, held = "0 (wanted: none)", "1 (wanted: none): JangoMail / JangoSMTP (last seen on %s)"
    season = [(0, 30)] * 8
    same(gate(100, *season), held % "2026-10-18", "it never passed")
    same(gate(380, *season), held % "2026-10-18", "once a year")
    same(gate(430, *season), open_, "it has not come again")
    same(gate(100, *season, label="ignore"), open_, "the user's word")
    same(gate(100, *[(0, 2)] * 8), open_, "too few to be judged")
    same(gate(100, *season, (30, 0)), open_, "mended before it fell silent")
    same(gate(100, *[(30, 0)] * 8, (0, 5), (0, 5)), held % "2026-10-20", "broke before it fell silent")
    same(gate(100, *[(97, 3)] * 8), open_, "few of it failed")


@test
def tasks_beyond_the_cards_are_no_news_and_none_is_left_out_unsaid():
    world = World()
    for n in range(40):
        world.add(n, own("192.0.2.1", 30), *(fails(f"203.0.{i}.8", 30) for i in range(46)),
                  foreign(MANDRILL, 9, "mandrillapp.com", "mte1", disposition="reject"), foreign(MANDRILL, 3, "mandrillapp.com", "mte1"),
                  foreign("167.89.0.5", 8, "sendgrid.net", "smtpapi", disposition="reject"), foreign("167.89.0.5", 2, "sendgrid.net", "smtpapi"))
    more = re.search('<section id="more">.*?</section>', page(world), re.S).group(0)
    told = words(more)
    holds(told.startswith("What else to do RISK"), told[:80])
    risk, asked = told[:told.index("DECIDE")], re.findall("DECIDE", told)
    holds(risk.endswith("The same fix stops it. The evidence ") and "_domainkey" not in risk and "signed by" not in risk, risk)
    same((len(asked), "and 7 more: dmarcsift report --csv DIR writes all of them to findings.csv" in told), (39, True))
    holds('href="#d1-s2">The evidence' in more, "a link to the sender")


@test
def each_finding_of_a_sender_tells_its_own_fix_once():
    world, again = World(), "The same fix stops it."
    for n in range(40):
        world.add(n, own("192.0.2.1", 30))
        if n > 35:  # new, not all of it passes
            world.add(n, own(MANDRILL, 3, "mte1", "mandrillapp.com"), foreign(MANDRILL, 9, "mandrillapp.com", "mte1", disposition="reject"))
        if n < 30:  # lost, then silent
            world.add(n, own("167.89.0.5", 9, "s1", "bounce.sendgrid.net"), foreign("167.89.0.5", 8, "sendgrid.net", "smtpapi", disposition="reject"))
    mail, _ = digest(world, "thresholds { gone_days = 5 }")
    for told in (mail, " ".join(run(world, "-v", "report").split()), tasks(world)):
        gone = told[told.index("Nothing reported from Twilio SendGrid" if "Nothing reported" in told else "GONE"):]
        holds("Look at the From address of a message it sent lately" in gone[:250], gone)
        same((told.count(again), told.count("mte1._domainkey.example.org"), "seen this week" in told or "first seen" in told), (0, 1 + told.count("dig +short CNAME mte1"), True), told)


@test
def of_two_selectors_only_the_dead_one_is_to_be_published():
    def told(*alive):
        world = World()
        for n in range(40):
            world.add(n, own("192.0.2.1", 30), *(
                record(f"167.89.0.{i}", 9, pe_dkim="pass" if n < 30 or key in alive else "fail", dkim=[("example.org", key, "pass" if n < 30 or key in alive else "permerror"),
                                                                                                      ("sendgrid.net", "smtpapi", "pass")],
                       spf=[("sendgrid.net", "pass")], disposition="none" if n < 30 or key in alive else "reject") for i, key in ((5, "s1"), (6, "s2"))))
        fix = next(f["fix"] for f in world.page()["findings"] if f["code"] == "LOST")
        for shown in (fix, run(world, "-v", "report"), tasks(world), run(world, "explain", "sendgrid")):
            same([f"{key}.domainkey.u" in shown for key in ("s1", "s2")], [key not in alive for key in ("s1", "s2")], shown)
        same([f["name"] for f in world.senders("sendgrid")[0]["fix"]], [f"{key}._domainkey.example.org" for key in ("s1", "s2") if key not in alive])
        holds("s2" in alive or "Look at the record s2._domainkey.example.org: the key there is missing or not valid." in fix, fix)

    told("s1")
    told("s2")
    told()


@test
def what_a_fix_says_of_another_matter_is_told_below_the_records():
    world = World()
    for n in range(40):
        world.add(n, own("192.0.2.1", 30), record("167.89.0.5", 10, pe_spf="pass", spf=[("em1.example.org", "pass")], dkim=[("sendgrid.net", "s1", "pass")],
                                                  disposition="quarantine" if n > 30 else "none"))
    fix = "See which receivers stop mail that passes, and ask them: dmarcsift explain sendgrid"
    mail, _ = digest(world)
    for told in (mail, " ".join(run(world, "-v", "report").split()), tasks(world)):
        holds(0 < told.index("90 messages that passed were refused") < told.index("s1._domainkey.example.org") < told.index(fix), told)


@test
def records_are_told_with_what_to_do_with_them():
    world = World()
    for n in range(40):
        world.add(n, own("192.0.2.1", 30, dkim="mail"), foreign("167.89.0.5", 8, "sendgrid.net", "smtpapi", disposition="reject"))
    mail, _ = digest(world)
    where = "Then in the account: Settings > Sender Authentication > Authenticate Your Domain"
    holds(where in mail and "(Facts about this service of 2026-" in mail, mail)
    blanks, others = "<...> parts are shown in your account there.", "Where the account shows other records, those are right."
    holds("Publish in DNS, <...> as your account there shows: s1._domainkey.example.org CNAME" in world.text(), world.text())
    told = " ".join(run(world, "-v", "report").split())
    holds(where in told and others not in told and blanks in mail and "parts are shown in your account there." in page(world), told)
    world = World()  # nothing is left open
    for n in range(40):
        world.add(n, own("192.0.2.1", 30), foreign(MANDRILL, 8, "mandrillapp.com", "mte1", disposition="reject"))
    told = " ".join(run(world, "-v", "report").split())
    holds("Publish in DNS: mte1._domainkey.example.org CNAME" in world.text() and others in told and others in digest(world)[0] and others in page(world), told)


@test
def the_summary_says_where_what_is_to_be_done_stands_if_it_has_no_room_for_it():
    world = World()
    for n in range(40):
        world.add(n, own("192.0.2.1", 30), foreign("167.89.0.5", 8, "sendgrid.net", "smtpapi", disposition="reject"), fails("203.0.113.8", 30), fails("203.0.113.9", 30))
    holds("[?] DECIDE 900 203.0.113.9 began 1 Oct; yours? what to do: dmarcsift -v report" in world.text(), world.text())
    holds("-v report" not in run(world, "-v", "report"), "it has")
    for n in range(40):
        world.add(n, *(fails(f"203.0.{i}.8", 30) for i in range(20)))
    holds(" more, and what to do: dmarcsift -v report" in world.text(), world.text())


@test
def where_what_is_to_be_done_stands_is_said_once():
    world = World()
    for n in range(40):
        world.add(n, own("192.0.2.1", 30), *(fails(f"203.0.{i}.8", 30) for i in range(4)))
    same(world.text().count("dmarcsift -v report"), 1)


@test
def what_concerns_no_domain_stands_above_them():
    world = World()
    for n in range(20):
        for name in ("example.org", "example.net", "example.com"):
            world.add(n, *((own("192.0.2.1", 30, domain=name), foreign("198.2.128.14", 20, "mandrillapp.com", "mte1", disposition="reject", sender=name))), domain=name)
    for args, head in (((), "^example.com$"), (("-v",), "^example.com   ")):
        told = run(world, *args, "report", now=day(60))
        at = told.find("] STALE"), re.search(head, told, re.M).start()
        holds(0 < at[0] < at[1] and told.count("STALE") == 1, told)
    holds(len(run(world, "report", now=day(60)).splitlines()) <= 24, "it is no longer for it")


@test
def failing_mail_of_the_period_is_told_by_sender_also_where_no_finding_does():
    world = World()
    for n in range(50):
        world.add(n, own("192.0.2.1", 30), foreign("167.89.0.5", 8, "sendgrid.net", "smtpapi", disposition="reject" if n % 5 else "none") if n < 40 else
                  own("167.89.0.5", 8, envelope="sendgrid.net"), foreign("198.2.128.14", 6 if n > 30 else 0, "mandrillapp.com", "mte1", disposition="reject"))
    for args in ((), ("-v",)):
        told = " ".join(run(world, *args, "report", "--until", day(35), now=day(50)).split())
        holds("[X] lost 192 Twilio SendGrid passes since 10 Nov [!] at risk 48 Twilio SendGrid passes since 10 Nov [ ] ok" in told, told)
        holds("[X] LOST" in told and "[X] lost 30" not in told, "what a finding tells of")
        holds("policy p=reject" in told, "it still has its line")


@test
def only_days_that_reports_still_come_for_are_said_to_be_arriving():
    world = World()
    for n in range(40):
        world.add(n, own("192.0.2.1", 30))
    for until, now, late in ((39, 40, "; the last 3 days are still arriving."), (37, 40, "; the last day is still arriving."), (36, 40, "."), (39, 90, ".")):
        seen = run(world, "report", "--html", "-", "--until", day(until), now=day(now))
        holds(f"Reported messages by day{late}</p>" in seen, re.search("Reported messages by day[^<]*", seen).group(0))
        same(('class="late"' in seen, 'class="late-key"' in seen), (late != ".", late != "."), late)


@test
def a_name_however_long_leaves_room_for_what_is_said_of_it():
    name = ".".join(["a" * 60] * 48) + ".example"
    world = World(name)
    for n in range(40):
        world.add(n, own("192.0.2.1", 30, domain=name), foreign("198.2.128.14", 20, "mandrillapp.com", "mte1", disposition="reject", sender=name), org="O o" * 900)
        world.add(n, own("192.0.2.1", 30), record("203.0.113.9", 9, dkim=[("l" * 3000 + ".example", "s" * 3000, "pass")], spf=[("l" * 3000, "fail")], disposition="reject", sender="l" * 3000 + ".example.org"), domain="example.org")
    body, lines = digest(world)
    same(world.subject, f"[dmarc] {name[:60]}...: 600 messages refused or junked via Mailchimp Transactional (Mandrill) (LOST began 2026-10-01) and 1 more")
    holds(len(lines) < 45 and "Publish in DNS:" in body and "If it is yours: dmarcsift label 203.0.113.9 mine" in body, lines)
    same([f for f in world.page()["findings"] if max(len(word) for key in ("text", "why", "fix") for word in (f[key] or "").split()) > 253], [])
    holds(all(len(card) < 1200 for card in map(words, re.findall('<li class="task.*?</p><(?=details|span)', page(world), re.S))), tasks(world))
    holds("... failed and were refused or junked." in " ".join(map(words, re.findall("<h3>.*?</h3>", page(world)))), tasks(world))
    holds("(1 receiver: O oO oO oO oO" in body, body)


@test
def a_calm_digest_says_whose_the_rest_is():
    for disposition, said in (("reject", "all were"), ("none", "none was")):
        world = World(p="none")
        for n in range(40):
            world.add(n, own("192.0.2.1", 30), *(fails(f"203.0.{n}.{i}", 1, disposition) for i in range(1, 11)))
        mail, _ = digest(world)
        holds(f"Nothing to do: 1,200 messages reported, none of yours lost. 300 of them came from strangers who claimed to be you; {said} stopped." in mail, mail)


@test
def Mondays_digest_tells_once_that_the_conditions_for_a_stricter_policy_are_met():
    def box_of(p, days=40, more=""):
        world = World(p=p, more=more)
        for n in range(days):
            for org in ("Northmail", "Quarrypost", "Lumeninbox"):
                world.add(n, own("192.0.2.1", 30), org=org)
        return world, digest(world)[0]
    for p, more, said in (("none", "", "p=quarantine, are met. What it would lose: dmarcsift report --policy quarantine --domain example.org"),
                          ("quarantine", "", "p=reject, are met. What it would lose: dmarcsift report --policy reject --domain example.org"),
                          ("reject", "<testing>y</testing>", "p=reject without t=y, are met. What it would lose: dmarcsift report --policy reject --domain example.org")):
        world, mail = box_of(p, more=more)
        holds(f"* example.org: all conditions for the next policy, {said} Nothing else to do: 2,700 messages reported, none of yours lost." in mail, mail)
        with open(os.path.join(world.box.path, "mail"), encoding="utf-8") as first:
            holds(f"Subject: [dmarc] example.org: ready for {said.split(',')[0]}\n" in first.read(), "the subject")
        for n in range(40, 46):
            for org in ("Northmail", "Quarrypost", "Lumeninbox"):
                world.add(n, own("192.0.2.1", 30), org=org)
        run(world, "run", now=day(46))
        with open(os.path.join(world.box.path, "mail"), encoding="utf-8") as again:
            text = again.read()
            holds("all conditions" not in text and "Nothing to do: 2,700 messages" in text, text)
    for p, days in (("reject", 40), ("none", 20)):
        holds("all conditions" not in box_of(p, days)[1], p)


@test
def forwarded_mail_altered_on_the_way_is_told_beside_what_a_policy_would_lose():
    world = forwarding()
    said = "90 messages, lost too where the receiver does not trust who passed them on"
    holds(f"besides, forwarded and altered on the way: {said}" in run(world, "report", "--policy", "reject"), "for a policy that stops")
    holds(said not in run(world, "report", "--policy", "none"), "p=none stops nothing")
    world = World(p="none")
    for n in range(40):
        world.add(n, own("192.0.2.1", 30), record("203.0.113.9", 3, dkim=[("example.org", "s1", "fail")], spf=[("alumni.example", "pass")], reason="mailing_list"))
    shown = words(run(world, "report", "--html", "-"))
    holds("in this period: none of your mail would have been lost. Besides, 90 forwarded messages that were altered on the way would have been, where the receiver does "
          "not trust who passed them on." in shown, shown[:6000])


@test
def a_command_between_backquotes_can_be_copied_from_the_page():
    world = World()
    for n in range(40):
        world.add(n, own("192.0.2.1", 30))
    shown = run(world, "report", "--html", "-", now=day(50))
    holds('Look at <code class="copy">dmarcsift status</code>, and whether the rua' in shown, words(shown)[-4000:])


@test
def an_opened_sender_tells_its_fix_also_where_that_is_no_record_to_publish():
    world = World()
    for n in range(40):
        dead = n > 20
        world.add(n, record("192.0.2.1", 30, "fail" if dead else "pass", "pass", dkim=[("example.org", "s1", "permerror" if dead else "pass")], spf=[("example.org", "pass")],
                            disposition="quarantine" if n > 35 else "none"))
    opened = re.search(r'<tr class="more">.*?</details>', page(world), re.S).group(0)
    told = words(opened)
    same(told.count("Look at the record s1._domainkey.example.org: the key there is missing or not valid."), 1, told)
    holds('ask them: <code class="copy">dmarcsift explain example.org</code>' in opened, opened)
    fallen = World(p="none")
    for n in range(40):
        fallen.add(n, own("192.0.2.1", 30), *(fails("203.0.113.8", 30),) * 3)
    same(words(page(fallen)).count("dmarcsift label 203.0.113.8 mine"), 2)  # asked, and at the end of its details


@test
def the_preview_is_of_the_step_that_is_next():
    def preview(**policy):
        world = World(**policy)
        for n in range(40):
            world.add(n, own("192.0.2.1", 30), foreign(MANDRILL, 2, "mandrillapp.com", "mte1", disposition="reject"),
                      foreign("167.89.0.5", 9, "sendgrid.net", "smtpapi", sender="news.example.org"))
        return words(re.search('<p class="preview">.*', page(world)).group(0))

    mandrill, sendgrid = "Mailchimp Transactional (Mandrill) 60.", "Twilio SendGrid 270"
    same(preview(sp="none"), f"Had p=reject sp=reject been in force in this period: 330 messages lost: {sendgrid}, {mandrill}")
    same(preview(sp="quarantine"), f"Had p=reject sp=reject been in force in this period: 330 messages lost: {sendgrid}, {mandrill}")
    same(preview(p="quarantine", sp="none"), f"Had p=reject been in force in this period: 60 messages lost: {mandrill} "
         "Besides, 270 messages of From domains below it fail and stay let through (sp=none).")
    same(preview(p="quarantine"), f"Had p=reject been in force in this period: 330 messages lost: {sendgrid}, {mandrill} Receivers would probably spare 270 of these.")
    same(preview(), "p=reject is in force. Of your own mail 60 messages were lost in this period; 270 that fail were let through.")


@test
def a_receiver_without_a_name_is_called_by_the_domain_of_its_address():
    world = World(email=lambda n: "noreply@mail.receiver.example" if n != 5 else "")
    for n in range(30):
        world.add(n, own("192.0.2.1", 30), foreign(MANDRILL, 2, "mandrillapp.com", "mte1", disposition="reject"), org="" if n != 7 else "Northmail")
    world.read()
    name, shown = "mail.receiver.example", page(world)
    for one, days in ((name, 28), ("(no name)", 1), ("Northmail", 1)):
        holds(re.search(f'<th scope="row">{re.escape(one)}</th><td class="num">{days * 32}</td>', shown), one)
    holds(f"{name}, 30 Oct 2026: .example.org.29.r" in words(shown), "latest reports")
    told = words(run(world, "explain", "mandrill"))
    holds(f"receivers 56 {name} (0 let through, 0 junked, 56 refused)" in told and f"reports {name} .example.org.29.r of 2026-10-30" in told, told)
    told = words(run(world, "explain", MANDRILL))
    holds(f"reports 2 {name} .example.org.29.r" in told, told)
    holds("3 receivers" in world.text(), world.text())
    holds(f" {name}: 28 reports," in run(world, "status"), run(world, "status"))
    same(world.box.ask("SELECT org_name, count(*) FROM v_reports GROUP BY 1"), [(None, 29), ("Northmail", 1)], "the views say what was written")


@test
def a_count_of_the_period_is_not_said_to_be_of_all_the_time_before():
    world = World(p="none")
    for n in range(50):
        world.add(n, own("192.0.2.1", 30, dkim="mail"), foreign(MANDRILL, 2, "mandrillapp.com", "mte1", disposition="reject" if n == 49 else "none"), fails("203.0.113.8", 4),
                  foreign("167.89.0.5", 3, "sendgrid.net", "smtpapi") if n > 24 else own("192.0.2.1", 1))
    text, told = world.text(), words(page(world))
    holds("[!] RISK 58 Mailchimp Transactional (Mandrill) risk began 1 Oct" in text, text)
    holds("[!] RISK 75 Twilio SendGrid at risk since 26 Oct" in text, text)
    holds("[?] DECIDE 120 203.0.113.8 began 1 Oct; yours?" in text, text)
    holds("Raising it would lose them. Counted are 21 Oct – 19 Nov 2026; it began on 1 Oct 2026." in told, told)
    holds("Raising it would lose them. Since 26 Oct 2026." in told, told)


@test
def a_record_to_copy_is_never_cut():
    domain = "a-company-with-a-name.example"
    world = World(domain, p="none")
    for n in range(50):
        world.add(n, own("192.0.2.1", 30, domain=domain), record("40.107.22.45" if n > 9 else "198.51.100.9", 9, pe_spf="pass", spf=[(domain, "pass")], sender=domain,
                                                                  dkim=[("acme.onmicrosoft.com", "selector1-acme-onmicrosoft-com", "pass")]))
    for args in ((), ("--until", day(5))):  # also where the sender sent nothing
        text = run(world, "-v", "report", *args, now=day(50))
        found = re.search(r"^ {24}.*\bselector1\._domainkey\.a-company-with-a-name\.example CNAME\s+selector1-\S+\._domainkey\.acme\.onmicrosoft\.com\b", text, re.M)
        holds(found, text)
    out = run(world, "explain", "microsoft-365", now=day(50))
    holds(re.search(r"^  publish    selector1\._domainkey\.a-company-with-a-name\.example CNAME selector1-", out, re.M), out)


@test
def records_can_be_copied_also_where_their_sender_sent_nothing_in_the_period():
    world = World()
    for n in range(50):
        world.add(n, own("192.0.2.1", 30), *([foreign("198.2.128.14", 20, "mandrillapp.com", "mte1", disposition="reject"),
                                              foreign("96.43.144.9", 8, "jangomail.com", "jm1", disposition="reject")] if n > 40 else []))
    mandrill = [(f"mte{i}._domainkey.example.org", "CNAME", f"dkim{i}.mandrillapp.com") for i in (1, 2)]
    for args in ((), ("-v",)):
        told = run(world, *args, "report", "--until", day(30), now=day(50)).splitlines()
        for name, kind, value in mandrill:
            holds(f"{name} {kind} {value}" in [line.strip() for line in told], told)
    where = "Then in the account: Settings > Domains (DKIM); Settings > Tracking & Return-Path Domains"
    holds(where in " ".join(" ".join(told).split()), told)
    box = re.search(r'<li class="task.*?</details>', page(world, "--until", day(30)), re.S).group(0)
    same(re.findall(r'<li><b>(.*?)</b>.*?<code class="copy">(.*?)</code>.*?<code class="copy">(.*?)</code>', box), [(kind, name, value) for name, kind, value in mandrill])
    holds("Then go to: Settings > Domains (DKIM)" in words(box) and "dig +short CNAME mte1._domainkey.example.org" in words(box) and "high confidence" in words(box), box)


@test
def the_table_of_senders_tells_what_was_forwarded_and_what_of_it_failed():
    def row(world):
        return words(re.search(r'<tr class="main"><th scope="row">alumni\.example.*?</details>', page(world), re.S).group(0))

    told = row(forwarding(broken=0))
    holds("0 / 0" not in told and "150 forwarded" in told and "failed" not in told, told)
    told = row(forwarding())
    holds("240 forwarded, 90 failed" in told and "Passed on by others; 90 of 240 messages were altered on the way and did not pass." in told, told)
    told = row(forwarding(passing=0))
    holds("90 forwarded, all failed" in told and "Passed on by others, altered on the way: none of it passed." in told, told)


@test
def results_stay_visible_where_names_are_shortened_and_rows_that_read_the_same_are_one():
    world = World()
    long = "a-label-of-a-name-that-is-much-too-long-for-the-cell-of-a-table.example.org"
    for n in range(40):
        for result in ("pass", "fail"):
            world.add(n, record("192.0.2.1", 5, pe_dkim=result, dkim=[(long, "first", result), ("example.org", "second", result)], spf=[(f"bounce.{n % 2}.example.org", "pass")], pe_spf="pass"))
        world.add(n, record("192.0.2.1", 7, pe_spf="pass", dkim=[("example.org", f"s{i}", "pass" if i == 8 else "fail") for i in range(9)], spf=[(long.replace("for", f"for{n % 2}"), "pass")]))
    table = re.search(r"What the receivers saw</h3>.*?</table>", page(world), re.S).group(0)
    rows = [[words(cell) for cell in re.findall("<td[^>]*>(.*?)</td>", row, re.S)] for row in re.findall("<tr>(.*?)</tr>", table, re.S)[1:]]
    same(len(rows), 5, rows)  # two by two, and one whose envelopes differ where they are shortened
    same(len({tuple(row[:-1]) for row in rows}), 5, rows)
    same(sum(int(row[-1]) for row in rows), 510)
    for row in rows:
        kind = row[2].rpartition("=")[2]
        holds(kind in ("pass", "fail") and row[2] == f"a-label-of-a-name-that-is-much-too-long-…le.example.org/first={kind}, example.org/second={kind}" or
              row[2] == ", ".join(f"example.org/s{i}=fail" for i in range(6)) + ", and 3 more, 1 of them pass", row)
        holds(row[3].endswith("=pass"), row)


@test
def every_table_of_the_page_has_a_caption():
    tables = re.findall("<table[^>]*>(.{9})", page(forwarding()))
    holds(len(tables) > 5, tables)
    same([t for t in tables if t != "<caption>"], [])


@test
def a_period_in_the_summary_shows_its_years_where_they_are_not_this_one():
    world = World()
    for n in (-365, *range(80, 112)):  # to 20 January 2027
        world.add(n, own("192.0.2.1", 30))
    for args, said in (((), "example.org   22 Dec - 20 Jan 2027   900 reported"), (("--since", "2026-01-22"), "   22 Jan - 21 Jan 2027   "),
                       (("--since", "2026-01-21"), "   21 Jan 2026 - 21 Jan 2027   "), (("--since", "2027-01-01"), "   1 Jan - 21 Jan   "),
                       (("--since", "2025-10-01", "--until", "2025-10-05"), "   1 Oct - 5 Oct 2025   ")):
        first = run(world, "report", *args, now=day(112)).splitlines()[0]
        holds(said in first, first)


@test
def counts_have_their_commas_and_one_is_one_wherever_they_stand():
    world = World("a.org", p="none")
    world.add(0, *(record(f"198.18.{i // 250}.{i % 250 + 1}", 30, "pass", "pass", [("a.org", "s1", "pass"), (f"s{i}.example", "k", "pass")], [("a.org", "pass")], sender="a.org") for i in range(1010)))
    world.add(0, *(record(f"198.19.{i // 250}.{i % 250 + 1}", 30, dkim=[(f"t{i}.example", "k", "pass")], sender="a.org") for i in range(1010)))
    head, *_, rest, _, _ = run(world, "report", now=day(1500)).splitlines()
    holds(head.endswith("newest 1,500 days"), head)
    holds(re.search(r" 1,0\d\d further senders$", rest), rest)
    holds(" messages of 1,010 senders (" in run(world, "report", "--policy", "reject"), "undecided ones")
    world = World()
    for k in range(61):
        world.add(40, own("192.0.2.1", 30), org=f"Receiver {k}")
    for k in range(12):
        world.add(k + 20, fails(f"203.0.{k}.8", 1, disposition="reject"), org="Receiver 0")
    world.add(0, own("192.0.2.1", 30), org="Receiver 0")
    told = words(page(world))
    holds("and 1 further receiver: reports.csv" in told and "reported on 1 of 1 day" in told and "1 of 1 days" not in told, "receivers")
    told = words(page(world, "--since", day(31), "--until", day(31)))
    holds("Claimed to be example.org; 1 of 1 was stopped." in told, told)


@test
def whatever_is_to_be_done_says_since_when_on_the_page_and_in_the_digest():
    world = World(p="none")
    for n in range(60):
        world.add(n, own("192.0.2.1", 50))
        for k, (signer, first) in enumerate((("mandrillapp.com", 0), ("jangomail.com", 0), ("mcsv.net", 40), ("sendgrid.net", 40), ("mailgun.org", 0))):
            if n >= first:
                world.add(n, foreign(f"198.51.{k}.1", 20 - k, signer, "k1"))
        world.add(n, record("203.0.113.70", 3, spf=[("example.org", "permerror")]))
    for told in (digest(world)[0], tasks(world)):
        same(len(re.findall(r"would lose them\. (?:Since 10 Nov 2026\.|Counted are 31 Oct (?:2026 to|–) 29 Nov 2026; it began on 1 Oct 2026\.)", told)), 5, told)
        same(len(re.findall(r" for 90 messages\. Counted are 31 Oct (?:2026 to|–) 29 Nov 2026; it began on 1 Oct 2026\.", told)), 1, told)
        same(len(re.findall(r" failed\. Yours\? Counted are 31 Oct (?:2026 to|–) 29 Nov 2026; it began on 1 Oct 2026\.", told)), 1, told)


@test
def who_is_new_on_the_page_is_new_where_the_data_does_not_begin_and_only_much_mail_is_told():
    def changes(first, days, messages=20):
        world = World()
        for n in range(45, 80):
            world.add(n, own("192.0.2.1", 30))
        for n in days:
            world.add(n, own("198.51.100.9", messages, dkim="k1", envelope="mcsv.net"))
        for key in [key for key in world.days if key[0] < first]:
            del world.days[key]
        return words(" ".join(re.findall(r'<ol class="changes">.*?</ol>|<p class="soft">No change.*?</p>', page(world), re.S)))

    none, new = "No change of policy, no break and no new sender of many messages in this period.", "Mailchimp (Intuit) was seen for the first time."
    same(changes(60, range(60, 80)), none)  # within the period, whose first day has no report
    same(changes(45, range(50, 80)), f"20 Nov 2026: {new}")  # on its first day, long after the first report
    same(changes(45, range(60, 80)), f"30 Nov 2026: {new}")
    same(changes(45, [76], 14), none)  # of which NEW tells


@test
def receivers_that_fell_silent_are_named_where_they_are_told_in_a_line_one_or_more():
    for silent in (["Postbridge"], ["Postbridge", "Kite Mail"]):
        world = World()
        for n in range(2, 61):  # the last on a Sunday
            for org in ["Northmail"] + (silent if n < 40 else []):
                world.add(n, own("192.0.2.1", 30 if org == "Postbridge" else 20), org=org)
        digest(world)
        names = ", ".join(silent)
        holds(world.subject.endswith(f"example.org: no reports from {names} any more (BLIND since 2026-11-09)"), world.subject)
        line = next(line for line in run(world, "report").splitlines() if "BLIND" in line)
        holds(re.search(rf"  {names} +silent since 9 Nov$", line), line)


@test
def what_is_said_of_domains_below_the_table_holds_where_nothing_was_lost():
    world = World()
    for k in range(202):
        world.add(0, own("192.0.2.1", 30, domain=f"firm{k:03}.example"), domain=f"firm{k:03}.example")
    holds("and 2 further domains with no more lost mail: daily.csv" in words(page(world)), "those that find no room")


@test
def where_the_reports_do_not_say_whether_mail_passed_no_clean_bill_is_given():
    def world(unclear, passing):
        made = World()
        for n in range(24, 54):
            for count, result in ((unclear, "temperror"), (passing, "pass")):
                if count:
                    made.add(n, record("192.0.2.1", count, *(["pass"] * 2 if result == "pass" else []), dkim=[("example.org", "s1", result)], spf=[("example.org", result)]))
        return made

    told, fine = "None of your mail was lost, as far as the reports tell.", "Nothing to do. None of your mail was lost."
    same(headline(world(10, 0)), (told, "Of 300 messages the reports do not say whether they passed."))
    same(headline(world(10, 20))[0], told)
    holds("Of your own mail none was lost in this period, as far as the reports tell." in words(page(world(10, 0))), "the policy in force")
    same(headline(world(1, 100)), (fine, "3,000 reported messages of yours pass. Of 30 messages the reports do not say whether they passed."))
    holds(digest(world(10, 0))[0].startswith("Nothing to do: 300 messages reported, none of yours lost. Of 300 of them the reports do not say whether they passed. "), "the digest")


if __name__ == "__main__":
    main()
