#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What a finding says is the cause is that of the mail it counts: of most of it, of these days, and of what receivers really looked at."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from kit import Box, holds, main, same, test  # noqa: E402
from worlds import World, day, foreign, own, record  # noqa: E402

LAST = 39


def codes(world):
    return [f["code"] for f in world.page()["findings"] if f["code"] not in ("OK", "DKIMONLY", "FWD")]


def one(world, code):
    found = [f for f in world.page()["findings"] if f["code"] == code]
    same(len(found), 1, f"{code} among {codes(world)}")
    return found[0]


def steady(world, last=LAST):
    for n in range(last + 1):
        world.add(n, own("192.0.2.1", 50))
    return world


def lost(ip, count, dkim=(), spf=(), sender="example.org", helo=None):
    text = record(ip, count, dkim=dkim, spf=spf, disposition="reject", sender=sender)
    more = f"<spf><domain>{helo[0]}</domain><scope>helo</scope><result>{helo[1]}</result></spf>" if helo else ""
    return text.replace("</auth_results>", more + "</auth_results>")


@test
def HELO_beside_an_envelope_is_not_the_envelope():
    world = steady(World())
    for n in range(30, LAST + 1):
        world.add(n, lost("192.0.2.9", 20, spf=[("example.org", "softfail")], helo=("mx1.example.org", "pass")))
    found = one(world, "LOST")
    same(found["why"], "They carry no signature of example.org. The address is not in the SPF record of example.org.")
    holds("put ip4:192.0.2.9 into the SPF record of example.org" in found["fix"], found["fix"])
    world = steady(World())
    for n in range(10, LAST + 1):
        world.add(n, lost("203.0.113.8", 5, spf=[("example.org", "softfail")], helo=("web7.hoster.example", "pass")))
    same(one(world, "DECIDE")["why"], "They carry no signature of example.org. The address is not in the SPF record of example.org.")
    world = steady(World())
    for n in range(10, LAST + 1):
        world.add(n, lost("203.0.113.8", 5, spf=[("example.org", "softfail")], helo=("mx9.example.org", "permerror")))
    holds("SPFERR" not in codes(world), "HELO's record is not the domain's")


@test
def mail_that_was_never_signed_or_has_no_key_was_not_altered_on_the_way():
    for result in ("none", "neutral", "policy", "permerror"):
        world = steady(World())
        for n in range(20):
            world.add(n, record("203.0.113.10", 20, "pass", "fail", [("example.org", "s1", "pass")], [("lists.example", "pass")]))
        for n in range(20, LAST + 1):
            world.add(n, lost("203.0.113.10", 20, dkim=[("example.org", "s1", result)], spf=[("example.org", "softfail")]))
        holds("DECIDE" in codes(world) and "FWDBROKEN" not in codes(world), f"{result}: {codes(world)}")


@test
def a_report_dated_in_the_future_finds_nothing_and_is_noted():
    world = steady(World())
    world.add(9000, foreign("198.51.100.5", 500, "mandrillapp.com", "mte1", disposition="reject"))
    days, now = world.days, day(LAST + 1)
    world.days = {key: value for key, value in days.items() if key[0] <= LAST}
    world.read()
    world.days = days
    box = world.box
    for name, data in world.reports({key: value for key, value in days.items() if key[0] > LAST}):
        same(box.run("ingest", box.put(name, data), before=("--now", now)).returncode, 0)
    same(box.ask("SELECT notes FROM v_reports WHERE notes IS NOT NULL"), [("dated in the future, and not told of before that",)])
    same(box.run("report", "--fail-on", "LOST", before=("--now", now)).returncode, 0)


@test
def one_odd_stream_does_not_hide_whose_mail_it_is_nor_why_most_of_it_fails():
    world = steady(World())
    for n in range(LAST + 1):
        for host in range(10):
            world.add(n, foreign(f"198.51.100.{host}", 4, "mandrillapp.com", "mte1", disposition="reject"))
        world.add(n, lost("198.51.100.0", 6, spf=[("bounce.mandrillapp.com", "temperror")]))
    found = one(world, "LOST")
    holds(found["why"].startswith("They are signed by mandrillapp.com, not by example.org."), found["why"])
    holds("mte1._domainkey.example.org CNAME" in found["fix"], found["fix"])
    same(found["messages"], 46 * 30)


@test
def a_cause_that_was_mended_is_not_told_of_what_fails_now():
    world = steady(World())
    for n in range(LAST + 1):
        if n < 10:
            mail = lost("198.51.100.5", 100, dkim=[("example.org", "mte1", "permerror"), ("mandrillapp.com", "mandrill", "pass")], spf=[("mandrillapp.com", "pass")])
        elif n < 30:
            mail = record("198.51.100.5", 30, "pass", "fail", [("example.org", "mte1", "pass")], [("mandrillapp.com", "pass")])
        else:
            mail = foreign("198.51.100.5", 30, "mandrillapp.com", "mandrill", "mandrillapp.com", disposition="reject")
        world.add(n, mail)
    found = one(world, "LOST")
    same((found["messages"], found["since"]), (300, day(30)))
    same(found["why"], "They are signed by mandrillapp.com, not by example.org. The envelope is mandrillapp.com's.")


@test
def a_missing_key_is_to_be_published_where_the_signature_looks_for_it():
    world = steady(World())
    for n in range(LAST + 1):
        key = "pass" if n < 30 else "permerror"
        world.add(n, record("198.51.100.5", 30, "pass" if n < 30 else "fail", "fail", [("example.org", "mte1", key), ("mandrillapp.com", "mandrill", "pass")],
                            [("mandrillapp.com", "pass")], "none" if n < 30 else "reject", "shop.example.org"))
    fix = one(world, "LOST")["fix"]
    holds("mte1._domainkey.example.org CNAME" in fix and "shop.example.org" not in fix, fix)


@test
def what_fails_all_the_time_is_neither_mended_on_mondays_nor_broken_where_a_server_retires():
    world = steady(World())
    for n in range(LAST + 1):
        if n % 7 not in (2, 3):  # 1 October is a Thursday
            world.add(n, record("198.51.100.5", 60, "pass", "fail", [("example.org", "mte1", "pass")], [("mandrillapp.com", "pass")]))
        world.add(n, foreign("198.51.100.6", 6, "mandrillapp.com", "mandrill", "mandrillapp.com", disposition="reject"))
    for last in (LAST - 1, LAST):
        found = [f for f in world.page(now=day(last + 1))["findings"] if f["code"] in ("LOST", "FIXED", "BROKE")]
        same([(f["code"], f["since"]) for f in found], [("LOST", day(0))])
    world = World()
    for n in range(LAST + 1):
        world.add(n, lost("192.0.2.9", 5, dkim=[("example.org", "tl", "fail")], spf=[("example.org", "softfail")]))
        if n < 30:
            world.add(n, own("192.0.2.1", 50))
    holds("BROKE" not in codes(world), codes(world))


@test
def what_failed_on_the_day_of_the_repair_is_not_told_for_a_month():
    world = steady(World())
    for n in range(LAST + 1):
        passing, failing = (0, 30) if n < 30 else (20, 10) if n == 30 else (30, 0)
        if passing:
            world.add(n, record("198.51.100.5", passing, "pass", "fail", [("example.org", "mte1", "pass")], [("mandrillapp.com", "pass")]))
        if failing:
            world.add(n, foreign("198.51.100.5", failing, "mandrillapp.com", "mandrill", "mandrillapp.com", disposition="reject"))
    same(codes(world), ["FIXED"])


@test
def who_sends_once_a_month_is_not_gone_after_a_month():
    for last, gone in ((31, False), (36, False), (60, True)):
        world = World()
        for n in range(-260, last + 1):
            world.add(n, own("192.0.2.1", 50))
        for n in (-217, -186, -155, -124, -93, -62, -31, 0):
            world.add(n, record("198.51.100.5", 200, "pass", "fail", [("example.org", "ctct1", "pass")], [("in.constantcontact.com", "pass")]))
        same("GONE" in codes(world), gone, last)


@test
def mail_that_is_junked_under_reject_is_not_called_let_through():
    world = steady(World())
    for n in range(LAST + 1):
        world.add(n, foreign("198.51.100.5", 10, "mandrillapp.com", "mte1", disposition="quarantine"))
    world.read()
    out = world.box.run("report", "--policy", "reject", before=("--now", day(LAST + 1))).out
    holds("let through" not in out and "300 junked" in out, out)
    same([s["would_spare"] for s in world.senders("mandrill")], [0])


@test
def strict_alignment_is_not_blamed_where_the_very_domain_in_From_passed():
    world = World()
    for n in range(LAST + 1):
        world.add(n, own("192.0.2.1", 50), lost("192.0.2.9", 5, dkim=[("example.org", "s1", "pass")], spf=[("other.example", "pass")]), adkim="s")
    whys = [f["why"] for f in world.page()["findings"] if f["code"] in ("LOST", "DECIDE")]
    same(whys, ["The reports contradict themselves: the signature of example.org passed, yet the mail was counted as failing."])


@test
def what_ended_is_said_to_have_ended_but_not_what_comes_each_week():
    world = World()
    for n in range(LAST + 1):
        world.add(n, own("192.0.2.1", 50))
        world.add(n, lost("192.0.2.9", 9, spf=[("example.org", "softfail")]) if n < 30 else own("192.0.2.9", 9))
    found = one(world, "LOST")
    holds(found["why"].endswith(" None has failed since 31 Oct 2026: where that was mended, nothing is left to do."), found["why"])
    holds(found["fix"].endswith("put ip4:192.0.2.9 into the SPF record of example.org."), found["fix"])
    world = World()
    for n in range(LAST + 1):
        world.add(n, own("192.0.2.1", 50), own("192.0.2.9", 9))
        if n % 7 == 0 and n < LAST - 3:
            world.add(n, lost("192.0.2.9", 9, spf=[("example.org", "softfail")]))
    holds("None has failed" not in one(world, "LOST")["why"], "it comes each Thursday")


@test
def what_fails_far_less_than_before_is_said_to_though_some_still_does():
    def why(mail):
        world = World()
        for n in range(LAST + 1):
            passes, failing = mail(n)
            world.add(n, own("192.0.2.1", 50 + passes), *([lost("192.0.2.1", failing, spf=[("example.org", "softfail")])] if failing else []))
        return one(world, "LOST")["why"]

    said = " Since 31 Oct 2026 at most 20 a day have failed, before up to 1,000."
    holds(why(lambda n: (5000, 1000) if n < 30 else (5980, 20)).endswith(said), why(lambda n: (5000, 1000) if n < 30 else (5980, 20)))
    for mail in (lambda n: (5000, 1000) if n < 30 else (5800, 200), lambda n: (5000, 1000) if n % 7 == 0 and n < LAST - 3 else (5000, 20),
                 lambda n: (5000, 1000) if n < LAST - 1 else (5980, 20)):
        holds("at most" not in why(mail), why(mail))


@test
def each_From_below_the_domain_that_needs_records_is_counted():
    world = steady(World())
    for n in range(LAST + 1):
        world.add(n, record("198.51.100.5", 20, "pass", "fail", [("example.org", "mte1", "pass")], [("mandrillapp.com", "pass")]))
        for k in range(6):
            world.add(n, foreign("198.51.100.5", 3, "mandrillapp.com", "mandrill", "mandrillapp.com", disposition="reject", sender=f"s{k}.example.org"))
    found = one(world, "LOST")
    holds("not by s0.example.org." in found["why"] and
          "Mail from s1.example.org, s2.example.org, s3.example.org and 2 more fails alike: each of these names needs the same, unless example.org signs all of it." in found["why"], found["why"])


@test
def a_From_below_the_domain_that_fails_beside_the_domain_is_told_with_it():
    for adkim, more in (("r", ", unless example.org signs all of it."), ("s", ". Without adkim=s in the DMARC record of example.org")):
        world = World()
        for n in range(LAST + 1):
            for sender, count in (("shop.example.org", 9), ("example.org", 5), ("news.example.org", 3)):
                world.add(n, foreign("198.51.100.5", count, "mandrillapp.com", "mandrill", "mandrillapp.com", disposition="reject", sender=sender), adkim=adkim)
        found = one(world, "LOST")
        holds("not by example.org." in found["why"] and f"Mail from shop.example.org and news.example.org fails alike: each of these names needs the same{more}" in found["why"], found["why"])
        holds("Publish in DNS: mte1._domainkey.example.org CNAME" in found["fix"], found["fix"])


@test
def a_record_that_cannot_be_evaluated_is_named():
    world = steady(World())
    for n in range(20, LAST + 1):
        world.add(n, record("198.51.100.5", 20, "pass", "fail", [("example.org", "s1", "pass")], [("em7.example.org", "permerror")]))
    found = one(world, "SPFERR")
    holds("the SPF record of em7.example.org (permerror" in found["text"], found["text"])
    same(found["fix"], "Check the SPF record of em7.example.org: one record only for a name, no unknown word, an SPF record at every name it includes, at most 10 look-ups.")


@test
def a_policy_domain_below_the_one_that_signs_may_be_an_organization_of_its_own():
    world = steady(World("mail.example.org"))
    for n in range(20, LAST + 1):
        world.add(n, lost("192.0.2.1", 20, dkim=[("example.org", "s1", "pass")], spf=[("other.example", "pass")], sender="mail.example.org"))
    found = [f for f in world.page()["findings"] if f["code"] in ("LOST", "DECIDE")][0]
    same(found["why"], "The signature of example.org passed, but a receiver that finds organizations by walking up DNS (RFC 9989) takes mail.example.org for one of "
         "its own, apart from example.org.")


@test
def what_the_reports_leave_open_is_not_counted_as_a_strangers():
    world = steady(World(p="none"))
    for n in range(LAST + 1):
        for k in range(3):
            world.add(n, record(f"203.0.113.{3 * n + k}", 1, spf=[("example.org", "softfail")]), record(f"203.0.113.{3 * n + k}", 1, spf=[("example.org", "temperror")]))
    found = one(world, "NOTYOU")
    counts = world.page()["domains"][0]
    same((found["messages"], counts["undecided"], counts["undetermined"]), (90, 90, 90))


@test
def one_message_of_another_age_hides_nothing():
    for odd in (-20000, -3000, -500):  # 1972, 2018, 2025
        world = steady(World())
        world.add(odd, foreign("198.51.100.5", 1, "mandrillapp.com", "mte1", disposition="reject"), lost("203.0.113.9", 1))
        for n in range(LAST - 5, LAST + 1):
            world.add(n, foreign("198.51.100.5", 5, "mandrillapp.com", "mte1", disposition="reject"), lost("203.0.113.9", 50),
                      *[lost(f"10.{k}.{n % 7}.7", 1) for k in range(20, 60)])
        same(sorted(codes(world)), ["DECIDE", "LOST", "NOTYOU"], odd)


SENDGRID = [("sendgrid.net", "smtpapi", "pass")]


def signed_sendgrid(count):
    return record("167.89.10.7", count, "pass", "pass", [("example.org", "s1", "pass"), ("sendgrid.info", "smtpapi", "pass")], [("em1.example.org", "pass")])


def other_sendgrid(count):
    return lost("149.72.33.9", count, dkim=SENDGRID, spf=[("sendgrid.net", "pass")])


@test
def a_second_account_that_fails_breaks_and_mends_nothing_of_the_first():
    world = steady(World(), 89)
    for n in range(90):
        world.add(n, signed_sendgrid(10), *([other_sendgrid(1000)] if n in (25, 26, 55, 56, 85, 86) else []))
    found = {f["code"]: f for f in world.page()["findings"]}
    holds("FIXED" not in found and "BROKE" not in found, sorted(found))
    same((found["LOST"]["messages"], found["LOST"]["since"]), (2000, day(25)))
    world = steady(World())
    for n in range(LAST + 1):
        world.add(n, signed_sendgrid(10), *([other_sendgrid(25)] if n >= 30 else []))
    found = {f["code"]: f for f in world.page()["findings"]}
    holds("BROKE" not in found, sorted(found))
    same((found["LOST"]["messages"], found["LOST"]["since"]), (250, day(30)))


@test
def a_stream_that_breaks_and_mends_beside_one_that_passes_is_told():
    world = steady(World())
    for n in range(LAST + 1):
        world.add(n, signed_sendgrid(20), other_sendgrid(30) if n >= 30 else signed_sendgrid(30))
    holds("BROKE" in codes(world), codes(world))
    world = steady(World())
    for n in range(LAST + 1):
        world.add(n, signed_sendgrid(20), other_sendgrid(30) if n < 30 else signed_sendgrid(30))
    holds("FIXED" in codes(world) and "LOST" not in codes(world), codes(world))


@test
def SPFONLY_of_mail_whose_signature_fails_is_not_told_to_turn_it_on():
    for result, why, fix in (("fail", "The signature for example.org does not verify. That of sendgrid.info does, but does not count for example.org.",
                              "Compare the record s1._domainkey.example.org with the one that the account at Twilio SendGrid shows"),
                             ("permerror", "The signature for example.org does not verify: receivers find no usable key for selector s1.", "Publish in DNS: s1._domainkey")):
        world = steady(World())
        for n in range(LAST + 1):
            world.add(n, record("167.89.10.7", 10, "fail", "pass", [("example.org", "s1", result), ("sendgrid.info", "smtpapi", "pass")], [("em1.example.org", "pass")]))
        found = one(world, "SPFONLY")
        same(found["text"], "Twilio SendGrid mail passes by address only. Forwarded copies will be lost.")
        holds(found["why"].startswith(why) and fix in found["fix"], (found["why"], found["fix"]))


@test
def an_address_that_once_passed_something_on_may_send_for_you_all_the_same():
    web, once = "web7.hoster.example", record("93.184.216.34", 1, "pass", "fail", [("example.org", "s1", "pass")], [("example.org", "softfail")])
    unsigned = record("93.184.216.34", 6, spf=[(web, "pass")])
    world = steady(World(p="none"))
    for n in range(LAST + 1):
        world.add(n, unsigned, *([once] if n == 20 else []))
    same(one(world, "DECIDE")["messages"], 180)
    run = world.box.run("report", "--policy", "reject", before=("--now", day(LAST + 1)))
    holds("besides, to be decided about first: 180 messages" in run.out, run.out)
    world = steady(World(p="none"))  # in the envelope of what is passed on it was passed on
    for n in range(LAST + 1):
        world.add(n, unsigned, record("93.184.216.34", 1, "pass", "fail", [("example.org", "s1", "pass")], [(web, "pass")]))
    same(one(world, "FWDBROKEN")["messages"], 180)


@test
def a_record_by_which_mail_of_others_passes_is_not_to_be_replaced_either():
    for signer, name, fix in (
            ("sendgrid.info", "s1", "Leave s1._domainkey.example.org as it is, for other mail passes by it. One of the two needs another selector: that mail, or this where you "
             "authenticate example.org in the account at Twilio SendGrid (Settings > Sender Authentication > Authenticate Your Domain)."),
            ("sendgrid.info", "mail", "Publish in DNS: s1._domainkey.example.org CNAME s1.")):
        for spf, code in (("fail", "LOST"), ("pass", "SPFONLY")):
            world = World()
            for n in range(LAST + 1):
                world.add(n, own("192.0.2.1", 50, name), record("198.51.100.5", 9, "fail", spf, [(signer, "x", "pass")], [("em.example.org", spf)], "reject" if spf == "fail" else "none"))
            found = one(world, code)
            holds(found["fix"].startswith(fix), found["fix"])
            same(len(world.senders(found["sender"])[0]["fix"]) > 0, "Publish" in fix)
    world = World()  # nor where the service's own mail passes by a record at another name
    for n in range(LAST + 1):
        world.add(n, own("192.0.2.1", 50), foreign("198.51.100.5", 9, "sendgrid.info", "x", disposition="reject"),
                  record("198.51.100.6", 9, "pass", "fail", [("em.example.org", "s1", "pass"), ("sendgrid.info", "x", "pass")], [("sendgrid.info", "pass")]))
    holds(one(world, "LOST")["fix"].startswith("Leave s1._domainkey.example.org as it is, for other mail passes by it."), one(world, "LOST")["fix"])


@test
def a_record_by_which_other_mail_passes_is_not_to_be_replaced():
    world = steady(World())
    for n in range(LAST + 1):
        world.add(n, signed_sendgrid(10), other_sendgrid(8), own("198.2.180.10", 10, "mte1", "mandrillapp.com"), foreign("198.2.180.11", 8, "mandrillapp.com", "mte1", disposition="reject"))
    fixes = {f["sender"]: (f["why"], f["fix"]) for f in world.page()["findings"] if f["code"] == "LOST"}
    same(fixes["sendgrid"][1], "Leave s1._domainkey.example.org as it is, for other mail passes by it. Where this mail comes from another account, authenticate example.org there, "
         "under a selector of its own (Settings > Sender Authentication > Authenticate Your Domain).")
    same([s["fix"] for s in world.senders("sendgrid")], [[]])
    holds(fixes["mandrill"][1].startswith("Other mail passes by such a record, so look first whether the account that sends this mail knows example.org. Publish in DNS: mte1."), fixes)
    for why, _ in fixes.values():
        holds("so this may be another account's: where that is a stranger's, nothing is to be done." in why, why)


@test
def mail_signed_as_another_of_your_configured_domains_is_yours():
    for domains, code, fix in (('"example.org", "example.net"', "LOST", "Let example.net sign as example.org (DKIM), or use an envelope address below example.org there."),
                               ('"example.org"', "DECIDE", "If it is yours: dmarcsift label example.net mine. If not: dmarcsift label example.net not_mine")):
        box = Box()
        config = box.put("c.conf", f"domains = {{ {domains} }}\n", 0o600)
        world = World(config=config)
        for n in range(LAST + 1):
            world.add(n, own("192.0.2.1", 20, domain="example.net"), domain="example.net")
            world.add(n, foreign("192.0.2.1", 5, "example.net", "s1", "example.net", "reject"))
        world.read()
        told = world.box.ask("SELECT code, messages, fix, why LIKE '%Not yours? dmarcsift label example.net not_mine' FROM v_findings WHERE domain = 'example.org' AND sender = 'example.net'")
        same(told, [(code, 150, fix, code == "LOST")])


@test
def what_a_consumers_mailbox_passes_on_is_forwarded_however_usual_its_addresses_are():
    world = World()
    for n in range(LAST + 1):
        google = f"209.85.220.{41 + n % 30}"
        world.add(n, own(google, 20), record(google, 2, "pass", "fail", [("example.org", "s1", "pass")], [("gmail.com", "pass")]),
                  lost(google, 3, dkim=[("example.org", "s1", "fail")], spf=[("gmail.com", "pass")]))
    counts = world.page()["domains"][0]
    same((counts["passing"], counts["forwarded"], counts["undecided"]), (600, 150, 0))
    same(one(world, "FWDBROKEN")["messages"], 90)
    for n in range(LAST + 1):  # written in that mailbox, it is asked about
        world.add(n, lost("209.85.220.41", 3, dkim=[("gmail.com", "20230601", "pass")], spf=[("gmail.com", "pass")]))
    same(one(world, "DECIDE")["sender"], "gmail")


@test
def copies_of_mail_whose_key_is_wrong_need_not_have_been_altered():
    world = World()
    for n in range(LAST + 1):
        key = "pass" if n < 30 else "fail"
        world.add(n, record("192.0.2.1", 50, key, "pass", [("example.org", "s1", key)], [("example.org", "pass")]),
                  record("128.2.105.9", 4, key, "fail", [("example.org", "s1", key)], [("university.example", "pass")], "none" if key == "pass" else "reject"))
    same(one(world, "FWDBROKEN")["text"], "40 forwarded messages failed, which need not have been altered: since 31 Oct 2026 mail of example.org passes by address only. Mend that first.")
    world.add(3, lost("128.2.105.9", 1, dkim=[("example.org", "s1", "fail")], spf=[("university.example", "pass")]))
    holds("were altered on the way" in one(world, "FWDBROKEN")["text"], "some were before")


@test
def what_a_list_sends_on_of_a_services_mail_is_the_lists():
    world = steady(World(p="none"))
    for n in range(LAST + 1):
        world.add(n, record("203.0.113.40", 5, dkim=[("sendgrid.net", "smtpapi", "pass")], spf=[("list.example", "pass")], reason="mailing_list"))
    counts = world.page()["domains"][0]
    same((counts["forwarded"], counts["at_risk"]), (150, 0))
    same(one(world, "FWDBROKEN")["messages"], 150)


@test
def a_sender_that_is_ignored_has_no_finding_though_it_forwards():
    world = steady(World())
    for n in range(LAST + 1):
        world.add(n, record("203.0.113.40", 5, "pass", "fail", [("example.org", "s1", "pass")], [("list.example", "pass")]),
                  lost("203.0.113.40", 2, dkim=[("example.org", "s1", "fail")], spf=[("list.example", "pass")]))
    found = {f["code"] for f in world.page()["findings"]}
    holds({"FWD", "FWDBROKEN"} <= found, found)
    same(world.box.run("label", "203.0.113.40", "ignore", before=("--now", day(LAST + 1))).returncode, 0)
    found = {f["code"] for f in world.page()["findings"]}
    same(found, {"OK"})


@test
def what_only_failed_is_missed_where_its_whole_domain_is():
    world = World("firm.example")
    for n in range(31):
        world.add(n, lost("192.0.2.8", 30, dkim=[("mandrillapp.com", "mte1", "pass")], spf=[("mandrillapp.com", "pass")], sender="firm.example"))
    for n in range(70):
        world.add(n, own("192.0.2.1", 50), domain="example.org")
    holds("STALE" in [f["code"] for f in world.page()["findings"] if f["domain"] == "firm.example"], [(f["code"], f["domain"]) for f in world.page()["findings"]])


@test
def what_passed_between_a_mend_and_what_fails_anew_is_no_mail_beside_it():
    world = steady(World(), 60)
    for n in range(61):
        fails = 20 <= n < 30 or n >= 58
        world.add(n, foreign("198.2.180.10", 20, "mandrillapp.com", "mte1", disposition="reject") if fails else own("198.2.180.10", 20, "mte1", "mandrillapp.com"))
    found = [f for f in world.page()["findings"] if f["code"] == "LOST"][0]
    holds("another account" not in found["why"] and found["fix"].startswith("Publish in DNS"), (found["why"], found["fix"]))


@test
def what_passes_of_a_sender_that_is_not_yours_is_no_strangers_refused_mail():
    world = steady(World())
    for n in range(LAST + 1):
        world.add(n, own("198.2.180.10", 20, "mte1", "mandrillapp.com"), foreign("198.2.180.11", 10, "mandrillapp.com", "mte1", disposition="reject"), lost("203.0.113.9", 15))
    world.read()
    same(world.box.run("label", "mandrill", "not_mine", before=("--now", day(LAST + 1))).returncode, 0)
    text = world.text()
    holds("not you 300" in text and "undecided 450" in text, text)


@test
def mail_that_broke_before_the_period_holds_the_policy_back():
    world = World(p="quarantine")
    for n in range(90):
        world.add(n, own("192.0.2.1", 50))
        if n < 40:
            world.add(n, own("198.2.180.10", 20, "mte1", "mandrillapp.com") if n < 30 else foreign("198.2.180.10", 20, "mandrillapp.com", "mte1", disposition="quarantine"))
    world.read()
    run = world.box.run("report", "--policy", "reject", before=("--now", day(90)))
    failing = [line for line in run.out.splitlines() if "fail more than" in line]
    holds(len(failing) == 1 and "Mandrill) (last seen on 2026-11-09)" in failing[0] and failing[0].strip().startswith("[-]"), run.out)


main()
