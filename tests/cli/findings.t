#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Every finding: reports that produce it, and reports beside them that must not. Through the real program, ingest then report --json."""
import json
import os
import re
import sys

import jsonschema

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from kit import Box, holds, main, report, same, test  # noqa: E402
from worlds import DAY0, World, day, fails, foreign, own, record  # noqa: E402

with open("doc/dmarcsift.schema.json", encoding="utf-8") as _handle:
    SCHEMA = json.load(_handle)


def findings(world, now=None):
    page = world.page(now)
    jsonschema.validate(page, SCHEMA)
    return page["findings"]


def one(world, code, now=None):
    """The only finding of this code."""
    found = [f for f in findings(world, now) if f["code"] == code]
    same(len(found), 1, f"{code} among {[f['code'] for f in findings(world, now)]}")
    return found[0]


def none(world, code, now=None):
    same([f for f in findings(world, now) if f["code"] == code], [], code)


def steady(world, days=range(40), count=30):
    """The domain's own mail, both ways passing."""
    for n in days:
        world.add(n, own("192.0.2.1", count))
    return world


# --- LOST, RISK ---

@test
def LOST_with_count_receivers_since_reason_and_records():
    world = steady(World(p="reject"))
    for n in range(20, 40):
        world.add(n, foreign("198.51.100.5", 51, "mandrillapp.com", "mte1", disposition="reject"))
        world.add(n, foreign("198.51.100.5", 1, "mandrillapp.com", "mte1", disposition="quarantine"), org="Harbormail")
    found = one(world, "LOST")
    same((found["messages"], found["since"], found["sender"], found["domain"]), (1040, day(20), "mandrill", "example.org"))
    same(found["text"], "1,040 messages sent through Mailchimp Transactional (Mandrill) were refused or junked (2 receivers) since 21 Oct 2026.")
    holds(found["why"].startswith("They are signed by mandrillapp.com, not by example.org."), found["why"])
    holds("Likely yours" in found["why"] and "dmarcsift label mandrill not_mine" in found["why"], found["why"])
    for record_ in ("mte1._domainkey.example.org CNAME dkim1.mandrillapp.com", "mte2._domainkey.example.org CNAME dkim2.mandrillapp.com"):
        holds(record_ in found["fix"], found["fix"])
    none(world, "RISK")
    none(world, "DECIDE")


@test
def LOST_counts_receivers_however_much_others_refused_since():
    world = steady(World(p="reject"))
    world.add(12, foreign("198.51.100.5", 40, "mandrillapp.com", "mte1", disposition="reject"), org="Harbormail")
    world.add(13, own("192.0.2.1", 2), foreign("198.51.100.5", 40, "mandrillapp.com", "mte1", disposition="reject"), org="Lumeninbox")
    for n in range(14, 40):
        crowd = [fails(f"203.0.113.{k}", 1, disposition="reject") for k in range(1, 150)]
        world.add(n, *crowd, org="Quarrypost")
        world.add(n, foreign("198.51.100.5", 2, "mandrillapp.com", "mte1", disposition="reject"), *crowd[:20], org="Northmail")
    lost = {f["sender"]: f["text"] for f in findings(world) if f["code"] == "LOST"}
    holds("132 messages" in lost["mandrill"] and "(3 receivers)" in lost["mandrill"], lost)


@test
def LOST_of_one_message_is_told_in_the_singular():
    world = steady(World(p="reject"))
    for n in (1, 2, 3, 4):
        world.add(n, own("192.0.2.9", 1, dkim="pmail"))
    world.add(39, fails("192.0.2.1", 1, disposition="reject"))
    text = one(world, "LOST")["text"]
    holds(text.startswith("1 message sent through example.org was refused or junked (1 receiver: Northmail) since 9 Nov 2026."), text)


@test
def receipts_with_an_empty_envelope_belong_to_the_Microsoft_365_they_come_from():
    world, signer = World(p="reject"), ("contoso.onmicrosoft.com", "selector1-contoso-onmicrosoft-com", "pass")
    for n in range(40):
        world.add(n, record("40.107.22.45", 90, pe_spf="pass", dkim=[signer], spf=[("example.org", "pass")]),
                  record("40.107.22.45", 3, dkim=[signer], spf=[("eur05-vi1-obe.outbound.protection.outlook.com", "pass")], disposition="reject"))
    found = one(world, "LOST")
    same((found["sender"], found["messages"]), ("microsoft-365", 90))
    holds("selector1-example-org._domainkey.contoso.onmicrosoft.com" in found["fix"], found["fix"])


@test
def a_key_that_is_there_and_not_accepted_is_to_be_a_longer_one():
    world = World(p="reject")
    for n in range(40):
        weak = n > 20
        world.add(n, record("192.0.2.1", 20, pe_dkim="pass", dkim=[("example.org", "old", "pass")], spf=[("example.org", "softfail")]))
        world.add(n, record("192.0.2.1", 20, pe_dkim="fail" if weak else "pass", dkim=[("example.org", "old", "policy" if weak else "pass")],
                            spf=[("example.org", "softfail")], disposition="reject" if weak else "none"), org="Harbormail")
    found = one(world, "LOST")
    holds(found["why"].startswith("The signature for example.org does not count: receivers do not accept the key of selector old (dkim=policy)."), found)
    holds(found["fix"].startswith("Look at the key at old._domainkey.example.org: one of fewer than 1,024 bits is mostly what is not accepted. "
                                  "Sign with one of 2,048 bits, under a new selector. Or put"), found)


@test
def LOST_is_not_told_of_strangers_nor_of_what_passed():
    world = steady(World(p="reject"))
    for n in range(30):
        world.add(n, fails(f"203.0.113.{n}", 2, disposition="reject"), own("192.0.2.1", 3, disposition="quarantine"))
    none(world, "LOST")


@test
def RISK_says_what_the_policy_saves():
    for policy, words in (("none", "Delivered only because your policy is none. Raising it would lose them."),
                          ("quarantine", "These receivers let them through all the same; others may refuse them.")):
        world = steady(World(p=policy))
        for n in range(10, 40):
            world.add(n, foreign("198.51.100.6", 43, "jangomail.com", None, envelope="jangomail.com"))
        found = one(world, "RISK")
        same((found["messages"], found["since"], found["sender"]), (1290, day(10), "jangomail"))
        same(found["text"], "1,290 messages through JangoMail / JangoSMTP pass nothing that matches example.org. " + words)
        none(world, "LOST")
    none(steady(World(p="none")), "RISK")


@test
def RISK_knows_a_policy_in_test_and_one_for_subdomains():
    for p, sp, more, words in (("quarantine", None, "<testing>y</testing>", "Delivered only because your policy is in test (t=y). Ending the test would lose them."),
                               ("reject", None, "<testing>y</testing>", "These receivers let them through all the same; others may refuse them."),
                               ("reject", "none", "", "These receivers let them through all the same; others may refuse them."),
                               ("quarantine", None, "<pct>10</pct>", "Delivered only because your policy is for 10 % of the mail (pct=10). Raising that would lose them."),
                               ("quarantine", None, "<pct>0</pct>", "Delivered only because your policy is for 0 % of the mail (pct=0). Raising that would lose them."),
                               ("reject", None, "<pct>10</pct>", "These receivers let them through all the same; others may refuse them."),  # the rest was to be junked
                               ("quarantine", None, "<pct>100</pct>", "These receivers let them through all the same; others may refuse them."),
                               ("none", None, "<pct>10</pct>", "Delivered only because your policy is none. Raising it would lose them.")):
        world = steady(World(p=p, sp=sp, more=more))
        for n in range(30, 40):
            world.add(n, foreign("198.51.100.5", 9, "jangomail.com", "jm"))
        holds(one(world, "RISK")["text"].endswith("pass nothing that matches example.org. " + words), one(world, "RISK")["text"])


@test
def RISK_of_a_From_below_the_domain_goes_by_the_policy_for_subdomains():
    for p, sp, elsewhere, words in (("none", "reject", 0, "These receivers let them through all the same; others may refuse them."),
                                    ("none", None, 0, "Delivered only because your policy is none. Raising it would lose them."),
                                    ("reject", "none", 0, "Delivered only because your policy for subdomains is none (sp=none). Raising it would lose them."),
                                    ("reject", "none", 3, "Receivers let them through: your policy for subdomains is none (sp=none), or they did not follow yours.")):
        world = steady(World(p=p, sp=sp))
        for n in range(30, 40):
            world.add(n, foreign("198.51.100.5", 9, "jangomail.com", "jm", sender="news.example.org"))
            if elsewhere:
                world.add(n, foreign("198.51.100.5", elsewhere, "jangomail.com", "jm"))
        holds(one(world, "RISK")["text"].endswith("pass nothing that matches example.org. " + words), one(world, "RISK")["text"])


@test
def the_policy_in_force_is_shown_with_what_weakens_it():
    for more, line in (("<testing>y</testing>", "policy p=reject t=y | 3 of 9 conditions open for p=reject without t=y"),
                       ("<sp>quarantine</sp>", "policy p=reject sp=quarantine | 3 of 9 open for p=reject sp=reject"),
                       ("<pct>20</pct>", "policy p=reject pct=20 | 3 of 9 conditions open for p=reject with pct=100"),
                       ("<pct>100</pct><testing>n</testing>", "policy p=reject"),
                       ("<sp>none</sp><np>reject</np>", "policy p=reject sp=none np=reject | 3 of 9 open for p=reject sp=reject")):
        world = steady(World(more=more))
        for n in range(40):
            world.add(n, foreign("198.51.100.5", 9, "mandrillapp.com", "mte1", disposition="reject"))
        holds(world.text().endswith(line), world.text())


@test
def a_quarantine_in_test_or_for_a_part_is_brought_into_force_before_p_reject():
    for more, line in (("<testing>y</testing>", "policy p=quarantine t=y | 3 of 9 open for p=quarantine without t=y"),
                       ("<pct>20</pct>", "policy p=quarantine pct=20 | 3 of 9 open for p=quarantine with pct=100"),
                       ("<sp>none</sp><np>reject</np><testing>y</testing>", "policy p=quarantine sp=none np=reject t=y | 3 of 9 open for the next step"),
                       ("<pct>100</pct><testing>n</testing>", "policy p=quarantine | 3 of 9 conditions open for p=reject")):
        world = steady(World(p="quarantine", more=more))
        for n in range(40):
            world.add(n, foreign("198.51.100.5", 9, "mandrillapp.com", "mte1", disposition="reject"))
        holds(world.text().endswith(line), world.text())


@test
def RISK_needs_more_than_one_message_a_month():
    world = steady(World(p="none"), range(0, 200, 3))
    for n in range(0, 200, 30):
        world.add(n, foreign("198.51.100.6", 1, "mandrillapp.com", "mte1"))
    none(world, "RISK")
    same([(s["class"], s["undecided"]) for s in world.senders("mandrill", since=day(0))], [("undecided", 7)])


# --- BROKE, FIXED ---

def broken(after, before=None, p="none", until=40, at=30):
    world = steady(World(p=p), range(until))
    for n in range(until):
        world.add(n, (before or own)("198.51.100.7", 20, dkim="20240101pm", envelope="pm.mtasv.net") if n < at else after(n))
    return world


@test
def BROKE_says_the_selector_is_gone():
    world = broken(lambda n: foreign("198.51.100.7", 20, "pm.mtasv.net", "pm", envelope="pm.mtasv.net"))
    found = one(world, "BROKE")
    same((found["sender"], found["since"], found["messages"]), ("postmark", day(30), 200))
    same(found["text"], "Postmark (ActiveCampaign) mail stopped passing on 31 Oct 2026.")
    holds("Before: DKIM selector 20240101pm. Since: signed by pm.mtasv.net only." in found["why"], found["why"])
    holds("before" not in found["why"].replace("Before", ""), "neither envelope, addresses nor policy changed: " + found["why"])
    same(one(world, "RISK")["sender"], "postmark")


@test
def BROKE_says_there_is_no_signature_any_more():
    world = broken(lambda n: record("198.51.100.7", 20, spf=[("pm.mtasv.net", "pass")]))
    holds("Since: no signature." in one(world, "BROKE")["why"], "no signature")


@test
def BROKE_says_the_signature_no_longer_verifies():
    world = broken(lambda n: record("198.51.100.7", 20, dkim=[("example.org", "20240101pm", "fail")], spf=[("pm.mtasv.net", "pass")]))
    holds("Since: DKIM selector 20240101pm, which does not verify." in one(world, "BROKE")["why"], "does not verify")


@test
def BROKE_tells_the_own_signature_of_several_and_one_without_a_selector():
    def why(before, since):
        return one(broken(lambda n: record("198.51.100.7", 20, dkim=since, spf=[("pm.mtasv.net", "pass")]),
                          lambda *_, **__: record("198.51.100.7", 20, "pass", dkim=before, spf=[("pm.mtasv.net", "pass")])), "BROKE")["why"]
    service, other = ("pm.mtasv.net", "pm", "pass"), ("myexample.org", "x", "pass")
    same(why([service, other, ("example.org", "s1", "pass")], [service, other, ("m.example.org", "s1", "fail")]),
         "Before: DKIM selector s1. Since: DKIM selector s1, which does not verify.")
    same(why([("example.org", None, "pass")], [("example.org", None, "fail")]), "Before: DKIM of example.org. Since: DKIM of example.org, which does not verify.")


@test
def BROKE_compares_with_what_failed_since_however_many_networks_there_were_before():
    world = steady(World(p="none"))
    for n in range(40):
        world.add(n, *(own(f"100.64.{net}.7", 20, dkim="20240101pm", envelope="pm.mtasv.net") for net in range(18)) if n < 30 else
                  (foreign(f"100.64.{net}.7", 2, "pm.mtasv.net", "pm", envelope="pm.mtasv.net") for net in range(18)))
    same(one(world, "BROKE")["why"].split(" Likely")[0], "Before: DKIM selector 20240101pm. Since: signed by pm.mtasv.net only.")


@test
def BROKE_says_the_addresses_and_the_envelope_changed():
    world = broken(lambda n: foreign("203.0.113.7", 20, "pm.mtasv.net", "pm", envelope="bounce.mtasv.net"))
    why = one(world, "BROKE")["why"]
    holds("It comes from other addresses: 198.51.100.0/24 before, 203.0.113.0/24 since." in why, why)
    holds("Envelope before: pm.mtasv.net=pass; since: bounce.mtasv.net=pass." in why, why)


@test
def BROKE_names_the_first_of_more_equal_streams_than_are_sorted_at_a_time():
    world = steady(World(p="none"))
    for n in range(30):
        world.add(n, *(own(f"100.64.{net}.{host}", 1, dkim="20240101pm", envelope="pm.mtasv.net") for net in range(79, -1, -1) for host in range(n, 256, 30)))
    for n in range(30, 40):
        world.add(n, foreign("203.0.113.7", 20, "pm.mtasv.net", "pm", envelope="bounce.mtasv.net"))
    why = one(world, "BROKE")["why"]
    same(world.box.ask("SELECT count(*) FROM v_sources WHERE sender = 'postmark'"), [(80 * 256 + 1,)])
    holds("Before: DKIM selector 20240101pm. Since: signed by pm.mtasv.net only." in why, why)
    holds("It comes from other addresses: 100.64.0.0/24 before, 203.0.113.0/24 since." in why, why)


@test
def the_policy_is_what_most_receivers_tell_in_their_newest_reports():
    def policy(p, sp=None, orgs=("Northmail", "Lumen Inbox", "Quarrypost"), risk=None):
        world = World(p=p, sp=sp)
        for n in range(40):
            for org in orgs:
                if n < 39 or org != "Northmail":
                    world.add(n, own("192.0.2.1", 30), foreign("198.51.100.7", 20, "mandrillapp.com", "mte1"), org=org)
        found = world.page()["domains"][0]["policy"]
        if risk is not None:
            holds(risk in one(world, "RISK")["text"], risk)
        return found["p"], found["sp"]
    for odd in ("Northmail", "Lumen Inbox", "Quarrypost"):
        same(policy(lambda n, org, odd=odd: "none" if org == odd else "reject", risk="let them through all the same"), ("reject", None), f"{odd} tells another one")
        same(policy(lambda n, org, odd=odd: "reject" if org == odd else "none", risk="only because your policy is none"), ("none", None), f"{odd} tells another one")
    same(policy(lambda n, org: "none" if n < 38 else "quarantine"), ("quarantine", None), "each tells it in its newest report, Northmail's is of the day before")
    same(policy(lambda n, org: "none" if n < 39 else "quarantine"), ("quarantine", None), "two have seen the change")
    sp = policy("reject", lambda n, org: {"Lumen Inbox": "none", "Quarrypost": None}.get(org, "reject"))[1]
    holds(sp in (None, "reject"), "an absent sp is that of p")


@test
def what_two_receivers_disagree_about_for_ever_is_the_same_every_night():
    for tells in ({"Northmail": ("reject", None), "Quarrypost": ("none", None)}, {"Northmail": ("reject", "quarantine"), "Quarrypost": ("reject", None)}):
        told = set()
        for newest in tells:
            world = World(p=lambda n, org, tells=tells: tells[org][0], sp=lambda n, org, tells=tells: tells[org][1])
            for n in range(40):
                for org in tells:
                    if n < 39 or org == newest:
                        world.add(n, own("192.0.2.1", 30), org=org)
            found = world.page()["domains"][0]["policy"]
            told.add((found["p"], found["sp"]))
        same(told, {("reject", None)}, "the stricter one")


@test
def BROKE_says_the_policy_changed():
    world = World(p="none")
    for n in range(40):
        late = n >= 30
        world.add(n, own("192.0.2.1", 30), record("198.51.100.7", 20, pe_dkim="fail" if late else "pass", dkim=[("mail.example.org", "x1", "pass")],
                  spf=[("pm.mtasv.net", "pass")]), adkim="s" if late else "r")
    why = one(world, "BROKE")["why"]
    holds("Your record changed: adkim=r before, adkim=s since." in why, why)
    holds("does not verify" not in why, why)


@test
def BROKE_says_the_policy_changed_only_where_the_same_receivers_saw_it_change():
    def why(p, sp=None, receivers=lambda n: ("Northmail", "Lumen Inbox", "Quarrypost")):
        world = World(p=p, sp=sp)
        for n in range(40):
            good = n < 30
            mail = record("198.51.100.7", 20, "pass" if good else "fail", dkim=[("example.org", "s1", "pass" if good else "fail")], spf=[("pm.mtasv.net", "pass")])
            for org in receivers(n):
                world.add(n, own("192.0.2.1", 30), mail, org=org)
        return one(world, "BROKE")["why"]
    quiet = "Before: DKIM selector s1. Since: DKIM selector s1, which does not verify."
    same(why(lambda n, org: "reject" if n < 32 else "none"), quiet, "on one of the first three days only")
    same(why(lambda n, org: "reject" if n < 31 else "none"), quiet + " Your record changed: p=reject before, p=none since. That stops what fails, and makes nothing fail.")
    same(why(lambda n, org: "reject" if n < 30 else "none", lambda n, org: "none" if n < 30 else "quarantine"),
         quiet + " Your record changed: p=reject before, p=none since; sp=none before, sp=quarantine since. That stops what fails, and makes nothing fail.")
    same(why("reject", lambda n, org: None if org == "Quarrypost" else "reject"), quiet, "an absent sp is that of p")
    same(why(lambda n, org: "none" if org == "Quarrypost" else "reject"), quiet, "one receiver always says none")
    same(why(lambda n, org: "none" if org == "Lumen Inbox" else "reject", receivers=lambda n: ("Northmail", "Lumen Inbox", "Lumen Inbox two") if n >= 30 else ("Lumen Inbox",)),
         quiet, "others report since")
    same(why(lambda n, org: "none" if org == "Quarrypost" or n < 30 else "reject"), quiet + " Your record changed: p=none before, p=reject since. That stops what fails, and makes nothing fail.")
    same(why("reject", lambda n, org: None if org == "Quarrypost" else "none" if n < 30 else None), quiet + " Your record changed: sp=none before, sp=reject since. That stops what fails, and makes nothing fail.")


@test
def strict_alignment_is_said_to_be_the_cause_and_the_record_the_cure():
    world = World(p="reject")
    for n in range(40):
        late = n >= 30
        world.add(n, own("192.0.2.1", 30), record("198.51.100.7", 20, pe_dkim="fail" if late else "pass", dkim=[("mail.example.org", "x1", "pass")],
                  spf=[("pm.mtasv.net", "pass")], disposition="reject" if late else "none"), adkim="s" if late else "r")
    lost, broke = one(world, "LOST"), one(world, "BROKE")
    same(lost["why"], "They are signed by mail.example.org, but your record asks for strict alignment (adkim=s): only a signature of the very domain in "
         "From counts.")
    holds(lost["fix"].startswith("Remove adkim=s from the DMARC record of example.org"), lost["fix"])
    same(broke["why"], "Before and since: DKIM selector x1. Your record changed: adkim=r before, adkim=s since.")
    same((broke["fix"], world.senders("postmark")[0]["fix"]), (lost["fix"], []), "no record of the service helps")
    holds("Before and since: DKIM selector x1." in world.text() and "pm._domainkey" not in world.text(), world.text())
    page = world.box.run("report", "--html", "-", before=("--now", day(40))).out
    holds("Before and since: DKIM selector x1." in page and "pm._domainkey" not in page, "the page says what changed, and no record in vain")
    holds("Receivers began to see the policy p=reject adkim=s (before: p=reject)." in page, "the change of the record is among what changed")


@test
def of_a_sender_that_never_passes_it_is_not_said_that_others_did():
    world = steady(World(p="reject"))
    for n in range(40):
        world.add(n, record("198.51.100.7", 9, dkim=[("mail.example.org", "x1", "pass")], spf=[("pm.mtasv.net", "pass")], disposition="reject"), adkim="s")
    holds(any(s["why"] == "360 of its 360 messages did not pass for example.org." for s in world.senders(since=day(0))), [s["why"] for s in world.senders(since=day(0))])


@test
def two_senders_that_lose_alike_are_both_counted():
    world = steady(World(p="reject"))
    for n in range(30, 40):
        world.add(n, foreign("198.51.100.5", 9, "mandrillapp.com", "mte1", disposition="reject"), foreign("198.51.100.6", 9, "jangomail.com", "jm", disposition="reject"))
    world.page()
    page = world.box.run("report", "--html", "-", before=("--now", day(40))).out
    holds("2 senders cause it, <b><bdi>" in page and "</bdi></b> 50\u00a0% of it." in page.replace("&nbsp;", "\u00a0"), page[page.index("<h1"):][:400])


@test
def one_service_that_loses_for_several_domains_is_one_sender():
    world = World(p="reject")
    for n in range(40):
        for domain in ("example.org", "example.net", "example.com"):
            world.add(n, own("192.0.2.1", 30, domain=domain), foreign("198.51.100.5", 9, "mandrillapp.com", "mte1", disposition="reject", sender=domain), domain=domain)
    world.page()
    page = world.box.run("report", "--html", "-", before=("--now", day(40))).out
    holds("One sender causes all of it: <b><bdi>Mailchimp Transactional (Mandrill)</bdi></b>." in page, page[page.index("<h1"):][:400])


@test
def a_receiver_that_contradicts_itself_is_said_to():
    world = steady(World(p="reject"))
    for n in range(10, 40):
        world.add(n, record("192.0.2.1", 2, dkim=[("example.org", "s1", "pass")], spf=[("example.org", "softfail")], disposition="reject"))
    found = one(world, "LOST")
    same(found["why"], "The reports contradict themselves: the signature of example.org passed, yet the mail was counted as failing.")
    same(found["fix"], "No record of yours explains it. See which receivers say so: dmarcsift explain example.org")


@test
def a_key_that_receivers_cannot_use_is_named():
    world = broken(lambda n: record("198.51.100.7", 20, dkim=[("example.org", "20250101pm", "permerror")], spf=[("pm.mtasv.net", "pass")]))
    found = one(world, "RISK")
    holds(found["why"].startswith("The signature for example.org does not verify: receivers find no usable key for selector 20250101pm."), found["why"])
    holds(found["fix"].startswith("Look at the record 20250101pm._domainkey.example.org: the key there is missing or not valid. Publish in DNS: "), found["fix"])


@test
def the_record_of_a_missing_key_is_the_one_where_its_signature_looks():
    look, publish = "Look at the record {0}._domainkey.example.org: the key there is missing or not valid. ", "Publish in DNS: {0}._domainkey.example.org "
    token = "ab12cd34ab12cd34ab12cd34ab12cd34"
    for signer, selector, fix in (
            ("amazonses.com", token, publish + "CNAME {0}.dkim.amazonses.com. Then"),
            ("pm.mtasv.net", "20240101101010pm", publish + "TXT <key>. Then"),
            ("smtpcorp.com", "s123456", publish + "CNAME dkim.smtp2go.net. Then"),
            ("hubspotemail.net", "HS1-123", publish + "CNAME <shown>.dkim.hubspotemail.net. Then"),
            ("shopifyemail.com", "abc", publish + "CNAME dkim1.<hash>.p<nnn>.email.myshopify.com. Then"),
            ("shopifyemail.com", "abc2", publish + "CNAME dkim2.<hash>.p<nnn>.email.myshopify.com. Then"),
            ("mandrillapp.com", "mte2", "Publish in DNS: mte1._domainkey.example.org CNAME dkim1.mandrillapp.com; mte2._domainkey.example.org CNAME dkim2.mandrillapp.com. Then"),
            # three records are called anything: which of them is this?
            ("freshemail.io", "qwert", "Publish in DNS: <random1>._domainkey.example.org CNAME wl<id>s1.domainkey.freshemail.io; <random2>._domainkey.example.org CNAME"),
            # none of those that are known is called so
            ("sendgrid.net", "s10", "What belongs there is shown in the account at Twilio SendGrid (Settings > Sender Authentication > Authenticate Your Domain)."),
            ("mcsv.net", "k1", "What belongs there is shown in the account at Mailchimp (Intuit) (Account > Domains > Authenticate)."),
            ("pm.mtasv.net", "pm", "What belongs there is shown in the account at Postmark"),
            ("smtpcorp.com", "s1;mail", "What belongs there is shown in the account at SMTP2GO")):
        world = broken(lambda n: record("198.51.100.7", 20, dkim=[("example.org", selector, "permerror"), (signer, "v", "pass")], spf=[(f"b.{signer}", "pass")]))
        found = one(world, "RISK")
        holds(found["fix"].startswith((look + fix).format(selector)), found["fix"])
        told = re.findall(r"(\S+) (CNAME|TXT) (\S+?)[.;](?= )", found["fix"])
        same([(f["name"], f["type"], f["value"]) for f in world.senders(found["sender"])[0]["fix"]], told)


@test
def a_signature_that_breaks_is_not_advised_to_be_made():
    world = steady(World(p="none"))
    for n in range(20, 40):
        world.add(n, record("192.0.2.1", 3, dkim=[("example.org", "s2", "fail")], spf=[("other.example", "softfail")]))
    same(one(world, "RISK")["fix"], "Find what breaks the signature: mail that is changed after it is signed, or a key in DNS that is missing or does not match "
         "(s2._domainkey.example.org). Or use an envelope address below example.org, with ip4:192.0.2.1 in its SPF record.")


@test
def a_key_with_which_other_mail_passes_is_not_suspected():
    world = steady(World(p="none"))
    for n in range(20, 40):
        world.add(n, record("192.0.2.1", 3, dkim=[("example.org", "s1", "fail")], spf=[("example.org", "softfail")]), own("192.0.2.1", 3))
    holds(one(world, "RISK")["fix"].startswith("Other mail passes with the key at s1._domainkey.example.org, so it is right: find what changes this mail after it is "
                                               "signed. Or put ip4:192.0.2.1 into the SPF record of example.org."), one(world, "RISK")["fix"])
    for result, fix in (("fail", "Find what breaks the signature: "), ("permerror", "Look at the record s1._domainkey.example.org: ")):
        world = steady(World(p="none"))  # on the day of a change there is mail of both kinds
        world.add(39, record("192.0.2.1", 30, dkim=[("example.org", "s1", result)], spf=[("example.org", "softfail")]))
        holds(one(world, "RISK")["fix"].startswith(fix), one(world, "RISK")["fix"])


@test
def an_own_signature_that_does_not_verify_is_told_before_that_of_the_service_and_asks_for_no_record():
    world = steady(World(p="reject"))
    for n in range(40):
        world.add(n, record("198.51.100.7", 50, "fail" if n >= 25 else "pass", dkim=[("example.org", "t1", "fail" if n >= 25 else "pass"), ("amazonses.com", "x", "pass")],
                            spf=[("amazonses.com", "pass")], disposition="reject" if n >= 25 else "none"))
    found = one(world, "LOST")
    same(found["why"], "The signature for example.org does not verify. That of amazonses.com does, but does not count for example.org. "
         "The envelope is amazonses.com's.")
    same(found["fix"], "Compare the record t1._domainkey.example.org with the one that the account at Amazon SES shows (SES console > Identities > domain > Authentication / Custom MAIL FROM). "
         "Where they agree, find what changes the mail after it is signed.")
    same(one(world, "BROKE")["fix"], found["fix"])
    same(world.senders("amazon-ses")[0]["fix"], [], "the records are there: mail passed with them")


@test
def a_key_with_which_other_mail_passes_is_not_to_be_published():
    def mail(count, result, n):
        return record("198.51.100.7", count, result if result == "pass" else "fail", dkim=[("example.org", "s1", result), ("sendgrid.net", "smtpapi", "pass")],
                      spf=[("sendgrid.net", "pass")], disposition="none" if result == "pass" else "reject")
    both = steady(World(p="reject"))
    gone = steady(World(p="reject"))
    for n in range(40):
        both.add(n, mail(50, "pass", n), mail(5, "permerror", n))
        gone.add(n, mail(50, "pass" if n < 25 else "permerror", n))
    same(one(both, "LOST")["fix"], "Other mail passes with the key at s1._domainkey.example.org, so it is there. See which receivers do not find it: "
         "dmarcsift explain sendgrid")
    holds(one(both, "LOST")["why"].startswith("The signature for example.org does not verify: receivers find no usable key for selector s1. That of sendgrid.net does, but"),
          one(both, "LOST")["why"])
    holds(one(gone, "LOST")["fix"].startswith("Look at the record s1._domainkey.example.org: the key there is missing or not valid. Publish in DNS: s1._domainkey"),
          one(gone, "LOST")["fix"])


@test
def records_of_a_service_for_a_From_below_the_domain_are_for_that_From():
    def world_of(adkim, passing):
        world = World(p="reject")
        for n in range(40):
            world.add(n, own("192.0.2.1", 30), adkim=adkim)
            if passing != "news.example.org" or n >= 30:
                world.add(n, foreign("198.51.100.5", 9, "mandrillapp.com", "mte1", sender="news.example.org", disposition="reject"), adkim=adkim)
            else:
                world.add(n, own("198.51.100.5", 9, dkim="mte1", envelope="mandrillapp.com", domain=passing), adkim=adkim)
            if isinstance(passing, int):
                world.add(n, own("198.51.100.5", passing, dkim="mte1", envelope="mandrillapp.com"), adkim=adkim)
        return world
    for adkim, passing, domain in (("r", 50, "news.example.org"), ("r", 2, "news.example.org"), ("r", "news.example.org", "news.example.org"),
                                   ("s", None, "news.example.org"), ("r", None, "news.example.org")):
        world = world_of(adkim, passing)
        found = one(world, "LOST")
        holds(found["why"].startswith(f"They are signed by mandrillapp.com, not by {domain}."), found["why"])
        holds(f"Publish in DNS: mte1._domainkey.{domain} CNAME dkim1.mandrillapp.com;" in found["fix"], found["fix"])
        same([x["name"] for x in world.senders("mandrill")[0]["fix"]], [f"mte1._domainkey.{domain}", f"mte2._domainkey.{domain}"])
    world = World(p="reject")  # one's own servers have the key of the domain
    for n in range(40):
        world.add(n, own("192.0.2.1", 30), record("192.0.2.1", 9, spf=[("web.hoster.example", "pass")], sender="news.example.org", disposition="reject"))
    world.read()
    same(world.box.run("label", "192.0.2.1", "mine").returncode, 0)
    same(one(world, "LOST")["fix"], "Sign this mail with DKIM as example.org, or use an envelope address below example.org, with ip4:192.0.2.1 in its SPF record.")


@test
def records_for_a_From_below_the_domain_are_for_the_one_that_fails_now():
    world = World(p="reject")
    for n in range(40):
        world.add(n, own("192.0.2.1", 30), adkim="s")
        world.add(n, foreign("198.51.100.5", 9, "mandrillapp.com", "mte1", sender="news.example.org" if n > 36 else "shop.example.org", disposition="reject"), adkim="s")
    found = one(world, "LOST")["why"]
    holds(found.startswith("They are signed by mandrillapp.com, not by news.example.org."), found)


@test
def where_alignment_is_strict_the_envelope_is_to_be_of_the_very_domain_in_From():
    for sender in ("example.org", "news.example.org"):
        world = steady(World(p="reject", more="<aspf>s</aspf>"))
        for n in range(40):
            world.add(n, fails("192.0.2.77", 9, "reject", sender), foreign("198.51.100.5", 9, "tool.example.net", "t", sender=sender, disposition="reject"))
        world.read()
        for label in ("192.0.2.77", "tool.example.net"):
            same(world.box.run("label", label, "mine").returncode, 0)
        fixes = {f["sender"]: f["fix"] for f in findings(world) if f["code"] == "LOST"}
        same(fixes["192.0.2.77"], f"Sign this mail with DKIM as {sender}, or put ip4:192.0.2.77 into the SPF record of {sender}.")
        same(fixes["tool.example.net"], f"Let tool.example.net sign as {sender} (DKIM), or use an envelope address of {sender} there.")
    world = steady(World(p="reject", more="<aspf>s</aspf>"))
    for n in range(40):
        world.add(n, record("192.0.2.77", 9, "fail", "fail", [], [("example.org", "softfail")], "reject", "news.example.org"))
    world.read()
    same(world.box.run("label", "192.0.2.77", "mine").returncode, 0)
    same(one(world, "LOST")["fix"], "Sign this mail with DKIM as news.example.org, or use an envelope address of news.example.org, with ip4:192.0.2.77 in its SPF record.")
    both = World(p="reject", more="<aspf>s</aspf>")
    for n in range(40):
        both.add(n, record("192.0.2.1", 30, "fail", "fail", [("m.example.org", "s1", "pass")], [("m.example.org", "pass")], "reject"), adkim="s")
    same(one(both, "LOST")["fix"], "Remove adkim=s or aspf=s from the DMARC record of example.org (relaxed alignment is the default), or sign this mail as the very domain in its From.")


@test
def advice_on_SPF_is_for_the_domain_of_the_envelope():
    for spf, why, fix in ((("bounce.example.org", "softfail"), "The address is not in the SPF record of bounce.example.org.",
                           "put ip4:192.0.2.77 into the SPF record of bounce.example.org."),
                          (("em.example.org", "permerror"), "The SPF record of em.example.org cannot be evaluated (permerror).",
                           "mend the SPF record of em.example.org: receivers cannot evaluate it."),
                          (("em.example.org", "none"), "em.example.org has no SPF record.", "publish an SPF record for em.example.org: v=spf1 ip4:192.0.2.77 ~all"),
                          (("web01.hoster.example", "softfail"), "The envelope is web01.hoster.example's.",
                           "use an envelope address below example.org, with ip4:192.0.2.77 in its SPF record.")):
        world = steady(World(p="reject"))
        for n in range(40):
            world.add(n, record("192.0.2.77", 9, spf=[spf], disposition="reject"))
        same(one(world, "DECIDE")["why"], "They carry no signature of example.org. " + why)
        same(world.box.run("label", "192.0.2.77", "mine").returncode, 0)
        found = one(world, "LOST")
        same((found["why"], found["fix"]), ("They carry no signature of example.org. " + why, "Sign this mail with DKIM as example.org, or " + fix))
    world = World("news.example.org", p="reject")
    for n in range(40):
        world.add(n, record("192.0.2.9", 20, "pass", "pass", [("example.org", "s1", "pass")], [("example.org", "pass")], sender="news.example.org"),
                  record("192.0.2.9", 9, dkim=[("example.org", "s1", "fail")], spf=[("example.org", "softfail")], sender="news.example.org", disposition="reject"))
    found = one(world, "LOST")
    same(found["why"], "The signature for example.org does not verify. The address is not in the SPF record of example.org.")
    holds(found["fix"].endswith(" Or put ip4:192.0.2.9 into the SPF record of example.org."), found["fix"])


@test
def an_address_is_told_as_an_SPF_record_has_it():
    hosts = ("192.0.2.1", "192.0.2.2", "2001:db8::1")
    for spf, fix in (("softfail", "put ip4:192.0.2.1 ip4:192.0.2.2 ip6:2001:db8::1 into the SPF record of example.org."),
                     ("none", "publish an SPF record for example.org: v=spf1 ip4:192.0.2.1 ip4:192.0.2.2 ip6:2001:db8::1 ~all")):
        world = World(p="reject")
        for n in range(40):
            for host in hosts:
                mail = own(host, 9) if n < 20 else record(host, 9, spf=[("example.org", spf)], disposition="reject")
                world.add(n, mail)
        same(one(world, "LOST")["fix"], "Sign this mail with DKIM as example.org, or " + fix)


@test
def where_DNS_could_not_be_reached_no_SPF_record_is_blamed():
    world = steady(World(p="reject"))
    for n in range(31, 40):
        world.add(n, record("192.0.2.1", 30, dkim=[("example.org", "s2", "fail")], spf=[("example.org", "temperror")], disposition="reject"))
    found = one(world, "LOST")
    same(found["why"], "The signature for example.org does not verify. The SPF record of example.org could not be read: DNS could not be reached (temporary).")
    same(found["fix"], "Find what breaks the signature: mail that is changed after it is signed, or a key in DNS that is missing or does not match (s2._domainkey.example.org).")
    world = steady(World(p="reject"))
    for n in range(31, 40):
        world.add(n, record("192.0.2.1", 30, dkim=[("example.org", "s1", "temperror")], spf=[("example.org", "softfail")], disposition="reject"))
    found = one(world, "LOST")
    holds(found["why"].startswith("The signature for example.org could not be checked: DNS could not be reached (temporary)."), found["why"])
    same(found["fix"], "Put ip4:192.0.2.1 into the SPF record of example.org.")


@test
def addresses_of_many_networks_without_a_trace_are_asked_about_as_one_below_all_others():
    def asked(networks, besides=lambda n: ()):
        world = steady(World(p="reject"))
        for n in range(40):
            world.add(n, foreign("203.0.113.77", 2, "billing.example", "r1", disposition="reject"), *besides(n))
            if n >= 37:
                world.add(n, *(fails(f"198.51.{k}.8", 15, disposition="reject" if k else "none") for k in range(networks)))
        return [f for f in findings(world) if f["code"] == "DECIDE"]

    found = asked(60)
    same([(f["sender"], f["messages"], f["since"]) for f in found], [("billing.example", 60, day(0)), (None, 2700, day(37))])
    same(found[1]["text"], "2,700 messages from 60 addresses of many networks failed, 2,655 of them refused or junked. Any of them yours?")
    same((len(asked(49)), {f["sender"] is None for f in asked(49)}), (50, {False}))
    same(asked(50)[1]["text"], "2,250 messages from 50 addresses of many networks failed, 2,205 of them refused or junked. Any of them yours?")
    own_line = asked(60, lambda n: (fails(f"2001:db8:1:2::{n:x}", 9, disposition="reject"),))
    same([f["text"] for f in own_line if f["sender"] and ":" in f["sender"]],
         ["270 messages from 2001:db8:1:2::10 and 29 more addresses of 2001:db8:1:2::/64 failed and were refused or junked. Yours?"], "one network beside them")


@test
def a_device_whose_address_changes_every_day_is_asked_about():
    def asked(daily):
        world = steady(World(p="reject"))
        for n in range(40):
            world.add(n, fails(f"203.0.{n}.8", daily, disposition="reject"))
        return [(f["sender"], f["text"]) for f in findings(world) if f["code"] == "DECIDE"]

    same(asked(12), [(None, "360 messages from 30 addresses, few from each, failed and were refused or junked. Any of them yours?")])
    same((asked(7), asked(3)), ([], []), "so sends any stranger; these are a crowd")


@test
def a_sender_that_passed_by_SPF_once_and_waits_for_the_crowd_is_asked_about():
    """What is kept of it while it waits outlives the walk that told it: told by the sanitizers alone."""
    world = World(p="none")
    for n, count, passes in ((0, 1, "pass"), (35, 20, "fail")):
        world.add(n, record("203.0.113.7", count, "fail", passes, [("billing.example", "r1", "pass")], [("example.org", passes)]))
    same([(f["code"], f["sender"], f["messages"], f["since"]) for f in findings(world)], [("DECIDE", "billing.example", 20, day(35))])


@test
def addresses_of_one_network_are_asked_about_together():
    def asked(*mail):
        world = steady(World(p="reject"))
        for n in range(40):
            world.add(n, *(fails(ip, count, disposition="reject") for m, ip, count in mail if m == n))
        return [(f["sender"], f["text"], f["fix"]) for f in findings(world) if f["code"] == "DECIDE"]

    fix = "If they are yours: dmarcsift label %s mine. If not: dmarcsift label %s not_mine"
    one, six = "203.0.113.0/24", "2001:db8:1:2::/64"
    pool = [(n, f"203.0.113.{n}", 30 + n) for n in range(30, 34)] + [(38, "203.0.113.99", 12)]
    same(asked(*pool), [("203.0.113.33", f"258 messages from 203.0.113.33 and 4 more addresses of {one} failed and were refused or junked. Yours?", fix % (one, one))])
    same([s for s, *_ in asked(*pool[:2])], ["203.0.113.31", "203.0.113.30"], "two are asked about by themselves")
    same(asked(*((n, f"2001:db8:1:2::{n}", 8) for n in range(30, 40))),
         [("2001:db8:1:2::30", f"80 messages from 2001:db8:1:2::30 and 9 more addresses of {six} failed and were refused or junked. Yours?", fix % (six, six))])


@test
def an_envelope_domain_without_an_SPF_record_is_said_to_have_none():
    world = steady(World(p="none"))
    for n in range(40):
        world.add(n, record("203.0.113.9", 2, spf=[("shop.example.org", "none")], sender="shop.example.org"))
    same(one(world, "DECIDE")["why"], "They carry no signature of example.org. shop.example.org has no SPF record.")


@test
def BROKE_is_not_told_of_one_bad_day_nor_of_mail_that_never_passed():
    none(broken(lambda n: foreign("198.51.100.7", 20, "pm.mtasv.net", "pm", envelope="pm.mtasv.net") if n == 39 else
                own("198.51.100.7", 20, dkim="20240101pm", envelope="pm.mtasv.net")), "BROKE")
    world = steady(World(p="none"))
    for n in range(40):
        world.add(n, foreign("198.51.100.7", 20, "pm.mtasv.net", "pm", envelope="pm.mtasv.net"))
    none(world, "BROKE")


@test
def FIXED_has_the_first_passing_day_after_LOST_RISK_and_BROKE():
    for disposition in ("reject", "none"):
        world = steady(World(p="reject"))
        for n in range(20, 40):
            if n < 34:
                world.add(n, foreign("198.51.100.5", 40, "mandrillapp.com", "mte1", disposition=disposition))
            else:
                world.add(n, own("198.51.100.5", 40, dkim="mte1", envelope="bounce.mandrillapp.com"))
        found = one(world, "FIXED")
        same((found["sender"], found["since"], found["messages"]), ("mandrill", day(34), 240))
        same(found["text"], "Mailchimp Transactional (Mandrill) mail passes since 4 Nov 2026.", "it never passed before")
        for code in ("LOST", "RISK", "BROKE"):
            none(world, code)
    def third(n):
        good = n >= 38
        return own("198.51.100.7", 20, dkim="20240101pm", envelope="pm.mtasv.net") if good else foreign("198.51.100.7", 20, "pm.mtasv.net", "pm", envelope="pm.mtasv.net")
    found = one(broken(third, at=33), "FIXED")
    same((found["since"], found["text"]), (day(38), "Postmark (ActiveCampaign) mail passes again since 8 Nov 2026."))


@test
def FIXED_comes_with_the_first_day_that_passes_and_not_before():
    for passing_days in (0, 1):
        world = steady(World(p="reject"))
        for n in range(20, 40):
            good = n >= 40 - passing_days
            world.add(n, own("198.51.100.5", 40, dkim="mte1", envelope="bounce.mandrillapp.com") if good else
                      foreign("198.51.100.5", 40, "mandrillapp.com", "mte1", disposition="reject"))
        same([f["since"] for f in findings(world) if f["code"] == "FIXED"], [day(39)] if passing_days else [])


@test
def what_fails_anew_after_a_fix_is_told_since_then_and_no_fix():
    def mail(n, failing):
        good = (lambda c: own("198.51.100.5", c, dkim="mte1", envelope="bounce.mandrillapp.com"), lambda c: foreign("198.51.100.5", c, "mandrillapp.com", "mte1", disposition="reject"))
        return [good[0](40 - failing)] * (failing < 40) + [good[1](failing)] * (failing > 0)
    for failing, days, broke in ((40, 1, 0), (40, 2, 1), (40, 4, 1), (16, 4, 0)):  # of 40; a break is believed from the second day on
        for good_days in (3, 12):
            world = steady(World(p="reject"))
            for n in range(40):
                world.add(n, *mail(n, failing if n >= 40 - days else 40 if n < 40 - days - good_days else 0))
            found = {f["code"]: f["since"] for f in findings(world) if f["sender"] == "mandrill"}
            same((found.get("LOST"), found.get("FIXED")), (day(40 - days), None), (failing, days, good_days))
            same(found.get("BROKE"), day(40 - days) if broke and good_days == 12 else None, (failing, days, good_days))


@test
def what_still_fails_after_a_fix_is_told_for_what_it_is():
    for disposition, code in (("reject", "LOST"), ("none", "RISK")):
        world = steady(World(p="reject"))
        for n in range(20, 40):
            if n < 34:
                world.add(n, foreign("198.51.100.5", 40, "mandrillapp.com", "mte1", disposition="reject"))
            else:
                world.add(n, own("198.51.100.5", 40, dkim="mte1", envelope="bounce.mandrillapp.com"))
            if n >= 36:
                world.add(n, foreign("198.51.100.5", 2, "mandrillapp.com", "mte1", disposition=disposition))
        one(world, "FIXED")
        found = one(world, code)
        same((found["messages"], found["since"]), (8, day(36)))
        none(world, "RISK" if code == "LOST" else "LOST")


@test
def LOST_is_told_since_the_break_that_lasts_and_not_since_one_that_was_mended():
    def mail(n, days):
        passes = n not in days
        return record("198.51.100.7", 20, "pass" if passes else "fail", dkim=[("example.org" if passes else "sendgrid.net", "s1", "pass")],
                      spf=[("sendgrid.net", "pass")], disposition="none" if passes else "reject")
    for days, some, since, count in (((*range(10, 20), *range(90, 100)), None, day(90), 200),	# mended between
                                     (range(90, 100), 5, day(90), 200),	# one message, long ago
                                     (range(90, 100), 89, day(89), 201)):	# the run begins with a day on which some still passed
        world = steady(World(p="reject"), range(100))
        for n in range(100):
            world.add(n, mail(n, days), *([mail(0, [0]).replace("<count>20<", "<count>1<")] if n == some else []))
        lost, broke = one(world, "LOST"), one(world, "BROKE")
        same((lost["since"], lost["messages"], broke["since"]), (since, count, day(90)))


@test
def FIXED_is_not_told_of_mail_that_always_passed():
    none(steady(World()), "FIXED")


# --- STALE, BLIND ---

@test
def STALE_goes_by_the_newest_end_and_the_usual_gap():
    world = steady(World(), range(40))
    none(world, "STALE", now="2026-11-12")
    found = one(world, "STALE", now="2026-11-14")
    same((found["text"], found["domain"], found["since"]),
         ("No receiver has reported on any domain since 9 Nov 2026, 5 days ago; usually a report comes every day. Check the mailbox before trusting these counts.", None, day(39)))
    weekly = steady(World(), range(0, 40, 7))
    none(weekly, "STALE", now="2026-11-20")
    box = Box()  # a day that ends with the midnight after it is no day more
    for begin in range(DAY0, DAY0 + 9 * 86400, 86400):
        xml = report(str(begin), begin=begin).replace(b"%d</end>" % (begin + 86399), b"%d</end>" % (begin + 86400))
        box.run("ingest", box.put(f"{begin}.xml", xml), before=("--now", "2026-12-20"))
    same(box.run("report", before=("--now", "2026-12-20")).out.count("no report since 9 Oct"), 1)
    same(box.ask("SELECT since FROM v_findings WHERE code = 'STALE'"), [("2026-10-09",)])
    holds("usually a report comes every 7 days." in one(weekly, "STALE", now="2026-12-10")["text"], "weekly")


@test
def BLIND_names_a_receiver_that_fell_silent():
    world = World()
    for n in range(70):
        world.add(n, own("192.0.2.1", 30))
        if n < 50:
            world.add(n, own("192.0.2.1", 30), org="Lumen Inbox")
    found = one(world, "BLIND", now=day(70))
    same((found["text"], found["since"]), ("Lumen Inbox told us nothing since 19 Nov 2026. Whether mail to it passes is unknown.", day(49)))
    renamed = World(email=lambda n: f"{n % 3}@receiver.example")  # on too few days under each address
    for n in range(70):
        renamed.add(n, own("192.0.2.1", 30))
        if n < 50:
            renamed.add(n, own("192.0.2.1", 30), org="Lumen Inbox")
    same((one(renamed, "BLIND", now=day(70))["text"], one(renamed, "BLIND", now=day(70))["messages"]), (found["text"], found["messages"]))
    rare = World()
    for n in range(70):
        rare.add(n, own("192.0.2.1", 30))
        if n in (3, 30):
            rare.add(n, own("192.0.2.1", 30), org="Seldom")
        if n < 66:
            rare.add(n, own("192.0.2.1", 30), org="Late by three days")
    none(rare, "BLIND", now=day(70))


@test
def a_receiver_with_a_new_name_is_not_silent_where_its_address_is_the_same():
    for begins, email, goes_on, silent in ((50, lambda n: "a@lumen.example", 70, 0), (47, lambda n: "A@Lumen.example", 70, 0), (56, lambda n: "a@lumen.example", 70, 0),
                                           (50, lambda n: f"a@lumen{n >= 50}.example", 70, 1), (20, lambda n: "a@lumen.example", 70, 1), (45, lambda n: "a@lumen.example", 50, 1)):
        world = World(email=email)
        for n in range(70):
            world.add(n, own("192.0.2.1", 30))
            if n < 50:
                world.add(n, own("192.0.2.1", 30), org="Lumen Inbox")
            if begins <= n < goes_on:
                world.add(n, own("192.0.2.1", 30), org="Lumen Inbox Inc.")
        same(len([f for f in findings(world, now=day(70)) if f["code"] == "BLIND"]), silent, (begins, goes_on))


@test
def BLIND_names_the_three_receivers_with_most_messages_and_says_what_holds_for_all():
    def told(*silent):
        world = World()
        for n in range(70):
            world.add(n, own("192.0.2.1", 30))
            for name, count, until in silent:
                if n < until:
                    world.add(n, own("192.0.2.1", count), org=name)
        found = one(world, "BLIND", now=day(70))
        same(found["messages"], sum(count * until for _, count, until in silent))
        return found["text"], found["since"]
    same(told(("Alder", 20, 50), ("Birch", 30, 45)), ("Birch, Alder told us nothing since 19 Nov 2026. Whether mail to them passes is unknown.", day(49)))
    same(told(("Alder", 5, 50), ("Birch", 40, 48), ("Cedar", 20, 46), ("Damson", 30, 52)),
         ("Birch, Damson, Cedar and 1 more told us nothing since 21 Nov 2026. Whether mail to them passes is unknown.", day(51)))


# --- quiet senders ---

@test
def SPFONLY_DKIMONLY_and_OK_are_told_apart():
    world = World()
    for n in range(40):
        world.add(n, record("198.51.100.8", 10, pe_spf="pass", spf=[("em1.example.org", "pass")], dkim=[("sendgrid.net", "s1", "pass")]),
                  own("198.51.100.9", 10, dkim="k2", envelope="mail5.mcsv.net"), own("192.0.2.1", 2000, dkim="mail"))
    have = {f["code"]: f for f in findings(world)}
    same({"SPFONLY": have["SPFONLY"]["sender"], "DKIMONLY": have["DKIMONLY"]["sender"], "OK": have["OK"]["sender"]},
         {"SPFONLY": "sendgrid", "DKIMONLY": "mailchimp", "OK": "example.org"})
    same(have["OK"]["text"], "example.org: 60,000 messages, all fine.")
    same(have["SPFONLY"]["text"], "Twilio SendGrid mail passes by address only. Forwarded copies will be lost. Turn on its DKIM.")
    holds("s1._domainkey.example.org CNAME s1.domainkey.u<id>.wl<nnn>.sendgrid.net" in have["SPFONLY"]["fix"], have["SPFONLY"]["fix"])
    same(have["DKIMONLY"]["text"], "Mailchimp (Intuit): fine. It never matches by address, and need not.")


@test
def SPFONLY_of_the_own_domain_asks_for_a_signature_only():
    world = World()
    for n in range(40):
        world.add(n, record("198.51.100.8", 10, pe_spf="pass", spf=[("example.org", "pass")]))
    same(one(world, "SPFONLY")["fix"], "Sign this mail with DKIM as example.org.")
    page = world.box.run("report", "--html", "-", before=("--now", day(40))).out
    holds("<h1>None of your mail was lost, but something is to be done.</h1>" in page, "the page does not say that nothing is to be done")


@test
def SPFONLY_is_told_since_the_day_the_own_signature_does_not_verify_any_more():
    def mail(ip, count, result, spf="pass"):
        dkim = [("example.org", "s1", result)] if result else []
        return record(ip, count, "pass" if result == "pass" else "fail", spf, dkim, [("example.org", spf)], "reject" if spf == "fail" and result != "pass" else "none")
    for result, why, fix in (
            ("permerror", "The signature for example.org does not verify: receivers find no usable key for selector s1.",
             "Look at the record s1._domainkey.example.org: the key there is missing or not valid."),
            ("fail", "The signature for example.org does not verify.",
             "Find what breaks the signature: mail that is changed after it is signed, or a key in DNS that is missing or does not match (s1._domainkey.example.org)."),
            ("temperror", "The signature for example.org could not be checked: DNS could not be reached (temporary).",
             "Look whether the record s1._domainkey.example.org is there: some receivers say the same of a key that is missing. Else DNS could not be reached for a time. "
             "Where that goes on, look at the name servers of example.org."),
            (None, "They carry no signature of example.org.", "Sign this mail with DKIM as example.org.")):
        world = World()
        for n in range(40):
            world.add(n, mail("192.0.2.1", 30, "pass" if n < 25 else result))
        found = one(world, "SPFONLY")
        same((found["sender"], found["since"], found["messages"]), ("example.org", day(25), 450))
        same(found["text"], "example.org mail passes by address only since 26 Oct 2026; before it was signed. Forwarded copies will be lost.")
        same((found["why"], found["fix"]), (why, fix))
        none(world, "OK")
        world.add(39, record("192.0.2.1", 2, "fail", "pass", [("example.org", "s1", result)] if result else [], [("example.org", "pass")], "quarantine"))
        holds(one(world, "SPFONLY")["text"].endswith("will be lost. 2 messages that passed were refused or junked all the same: not for DMARC."), one(world, "SPFONLY")["text"])
        same(world.senders("example.org")[0]["why"], "Passes by SPF only now, by DKIM as well before: forwarded copies will be lost.")
    world = World()  # while some fails
    for n in range(40):
        world.add(n, mail("192.0.2.1", 30, "pass" if n < 25 else "permerror"), *([mail("192.0.2.1", 3, "permerror", spf="fail")] if n > 30 else []))
    same((one(world, "SPFONLY")["since"], one(world, "LOST")["since"]), (day(25), day(31)))
    for again in (25, 39):  # for a day only; it is signed again
        world = World()
        for n in range(40):
            world.add(n, mail("192.0.2.1", 30, "permerror" if 25 <= n < again or n == 39 and again == 25 else "pass"))
        none(world, "SPFONLY")
    world = World()  # one of two programs never signed
    for n in range(40):
        world.add(n, mail("192.0.2.1", 10, None), *([mail("192.0.2.1", 90, "pass")] if n < 36 else []))
    none(world, "SPFONLY")


@test
def SPFONLY_is_told_where_at_least_95_of_100_messages_pass_by_SPF_only():
    for signed, code in ((1, "SPFONLY"), (5, "SPFONLY"), (6, "OK")):
        world = World()
        for n in range(40):
            world.add(n, record("192.0.2.1", 100 - signed, pe_spf="pass", spf=[("example.org", "pass")]), own("192.0.2.1", signed))
        found = one(world, code)
        if code == "SPFONLY":
            same(found["text"], f"example.org mail passes by address only, all but {signed * 30} messages. Forwarded copies will be lost. Turn on its DKIM.")
            same(world.senders("example.org")[0]["why"], "Passes by SPF only, nearly all of it: forwarded copies will be lost.")
            none(world, "OK")
        else:
            same(found["text"], "example.org: 3,000 messages, all pass, 2,820 of them by SPF only: forwarded copies of these will be lost.")
            same(world.senders("example.org")[0]["why"], "Passes by DKIM, 2,820 messages by SPF only: forwarded copies of these will be lost.")
            none(world, "SPFONLY")


@test
def what_passes_and_was_refused_or_junked_all_the_same_is_counted_where_all_else_is_fine():
    world = World()
    for n in range(40):
        world.add(n, record("198.51.100.8", 10, pe_spf="pass", spf=[("em1.example.org", "pass")], dkim=[("sendgrid.net", "s1", "pass")]),
                  own("198.51.100.9", 10, dkim="k2", envelope="mail5.mcsv.net"), own("192.0.2.1", 2000), own("192.0.2.1", 4, disposition="reject"))
        if n > 37:
            world.add(n, record("198.51.100.8", 2, pe_spf="pass", spf=[("em1.example.org", "pass")], dkim=[("sendgrid.net", "s1", "pass")], disposition="quarantine"))
    world.add(39, own("198.51.100.9", 1, dkim="k2", envelope="mail5.mcsv.net", disposition="quarantine"))
    have = {f["code"]: f for f in findings(world)}
    told = {"OK": "example.org: 60,120 messages, all pass. 120 messages that passed were refused or junked all the same: not for DMARC.",
            "DKIMONLY": "Mailchimp (Intuit): passes. It never matches by address, and need not. 1 message that passed was refused or junked all the same: not for DMARC.",
            "SPFONLY": "Twilio SendGrid mail passes by address only. Forwarded copies will be lost. Turn on its DKIM. "
                       "4 messages that passed were refused or junked all the same: not for DMARC."}
    same({code: have[code]["text"] for code in told}, told)
    same(have["DKIMONLY"]["fix"], None)  # a stray one
    for code, who in (("OK", "example.org"), ("SPFONLY", "sendgrid")):
        holds(have[code]["fix"].endswith(f"See which receivers stop mail that passes, and ask them: dmarcsift explain {who}"), have[code]["fix"])


@test
def who_stops_mail_that_passes_is_to_be_asked_from_one_in_a_hundred_on():
    for stopped, asked in ((14, False), (15, True)):
        world = steady(World(), count=50)
        world.add(39, own("192.0.2.1", 50 - stopped), own("192.0.2.1", stopped, disposition="reject"))
        world.days[39, "Northmail", "r", "example.org"].pop(0)
        found = one(world, "OK")
        same((found["messages"], found["fix"] is not None), (1500, asked), found["text"])


@test
def OK_is_not_told_while_mail_fails_nor_below_twenty_messages():
    world = steady(World(), range(40))
    world.add(39, fails("192.0.2.1", 2))
    none(world, "OK")
    few = World()
    for n in range(19):
        few.add(n, own("192.0.2.1", 1))
    none(few, "OK")


# --- forwarded ---

@test
def FWD_and_FWDBROKEN_are_counted_apart():
    world = steady(World())
    for n in range(30, 40):
        world.add(n, record("198.51.100.20", 93, pe_dkim="pass", dkim=[("example.org", "s1", "pass")], spf=[("example.org", "softfail")]),
                  record("198.51.100.20", 4, dkim=[("example.org", "s1", "fail")], spf=[("example.org", "softfail")]),
                  record("198.51.100.30", 1, dkim=[("example.org", "s1", "fail")], spf=[("example.org", "softfail")], reason="mailing_list"))
    same(one(world, "FWD")["text"], "930 messages were forwarded by recipients and still passed. Nothing to do.")
    same(one(world, "FWDBROKEN")["text"], "50 forwarded messages were altered on the way (mailing list footer?) and failed. Usually cannot be fixed by you.")
    single = steady(World())
    single.add(39, record("198.51.100.20", 1, pe_dkim="pass", dkim=[("example.org", "s1", "pass")], spf=[("example.org", "softfail")]))
    single.add(39, record("198.51.100.30", 1, dkim=[("example.org", "s1", "fail")], spf=[("example.org", "softfail")], reason="mailing_list"))
    same(one(single, "FWD")["text"], "1 message was forwarded by recipients and still passed. Nothing to do.")
    same(one(single, "FWDBROKEN")["text"], "1 forwarded message was altered on the way (mailing list footer?) and failed. Usually cannot be fixed by you.")


@test
def FWD_and_FWDBROKEN_are_told_since_the_first_day_with_such_mail():
    world = steady(World(), range(80))
    for n in range(5, 80):
        world.add(n, record("198.51.100.20", 9, pe_dkim="pass", dkim=[("example.org", "s1", "pass")], spf=[("example.org", "softfail")]))
        if n in (12, 70):
            world.add(n, record("198.51.100.20", 4, dkim=[("example.org", "s1", "fail")], spf=[("example.org", "softfail")]))
    same([(one(world, code)["messages"], one(world, code)["since"]) for code in ("FWD", "FWDBROKEN")], [(270, day(5)), (4, day(12))])


@test
def FWD_is_not_told_of_the_users_own_addresses():
    world = steady(World())
    # The same address sometimes passes by DKIM alone: SPF had a temporary error.
    for n in range(40):
        world.add(n, record("192.0.2.1", 2, pe_dkim="pass", dkim=[("example.org", "s1", "pass")], spf=[("example.org", "temperror")]))
    none(world, "FWD")
    none(world, "FWDBROKEN")


# --- strangers ---

@test
def NOTYOU_is_one_line_for_a_crowd():
    world = steady(World(p="reject"))
    for n in range(20, 40):
        world.add(n, *(fails(f"203.0.{n}.{k}", 1, disposition="reject" if k else "none") for k in range(10)))
    found = one(world, "NOTYOU")
    same(found["text"], "200 messages from 200 unrelated addresses claimed to be you. 180 were stopped. That is the policy working.")
    none(world, "DECIDE")
    crowd = [s for s in world.senders("") if s["class"] == "not_you"]
    same([(s["messages"], s["addresses"], s["name"]) for s in crowd], [(200, 200, "200 unrelated addresses")])
    page = world.box.run("report", "--html", "-", before=("--now", day(40))).out
    holds("<b>200</b> undecided <span class=\"soft\">(all not you)</span>" in page, "the page asks nobody to decide about them")
    caught = steady(World(p="none"))
    caught.add(39, *(fails(f"203.0.113.{k}", 1, disposition="none" if k else "reject") for k in range(10)))
    same(one(caught, "NOTYOU")["text"], "10 messages from 10 unrelated addresses claimed to be you. 1 was stopped. That is the policy working.")
    spared = steady(World(p="none"))
    for n in range(20, 40):
        spared.add(n, *(fails(f"203.0.{n}.{k}", 1) for k in range(10)))
    same(one(spared, "NOTYOU")["text"], "200 messages from 200 unrelated addresses claimed to be you. None was stopped: your policy does not ask for it, or nobody followed it.")
    page = spared.box.run("report", "--html", "-", before=("--now", day(40))).out
    holds("none was stopped." in page and "the policy working" not in page, "a policy that stopped nothing is not said to work")


@test
def NOTYOU_counts_strangers_that_authenticate_as_nobody_known_but_no_steady_one():
    world = steady(World(p="reject"))
    for n in range(20, 40):
        world.add(n, foreign(f"203.0.113.{n}", 1, f"bot{n}.example", "k"), foreign("198.51.100.77", 1, "crm.firm.example", "k"))
    same(one(world, "NOTYOU")["messages"], 20)
    same([s["class"] for s in world.senders("firm.example")], ["undecided"])


@test
def NOTYOU_needs_ten_addresses_with_less_than_five_messages_a_week():
    for addresses, count in ((9, 1), (12, 60)):
        world = steady(World())
        world.add(39, *(fails(f"203.0.113.{k}", count) for k in range(addresses)))
        none(world, "NOTYOU")


@test
def DECIDE_asks_with_rhythm_and_label():
    world = steady(World(), range(0, 100))
    for n in (28, 29, 59, 60, 88, 89, 90):  # 29 October to 30 December 2026
        world.add(n, fails("203.0.113.8", 110))
    found = one(world, "DECIDE", now=day(100))
    same((found["sender"], found["messages"]), ("203.0.113.8", 330))
    same(found["text"], "330 messages from 203.0.113.8 every month-end failed. Yours?")
    holds("dmarcsift label 203.0.113.8 mine" in found["fix"], found["fix"])
    mondays = steady(World(), range(0, 40))
    for n in (11, 18, 25, 32, 39):
        mondays.add(n, fails("203.0.113.8", 40))
    same(one(mondays, "DECIDE")["text"], "200 messages from 203.0.113.8 every Monday failed. Yours?")


@test
def DECIDE_says_what_was_stopped_and_which_From_below_the_domain_it_has():
    def text(*records, days=range(20, 40)):
        world = steady(World())
        for n in days:
            world.add(n, *(record("203.0.113.8", 9, spf=[("agency.example", "pass")], disposition=d, sender=f) for d, f in records))
        return one(world, "DECIDE")["text"]
    below, apex = "promo.example.org", "example.org"
    same(text(("reject", below)), "180 messages from agency.example as promo.example.org failed and were refused or junked. Yours?")
    same(text(("none", below)), "180 messages from agency.example as promo.example.org failed. Yours?")
    same(text(("reject", below), ("none", apex)), "360 messages from agency.example failed, 180 of them refused or junked. Yours?")
    same(text(*[("reject", below)] * 4, days=range(36, 40)), "144 messages from agency.example with a From below example.org failed and were refused or junked. Yours?")


@test
def the_From_told_is_of_the_senders_own_mail_where_more_of_another_failed_alike():
    for other in ("shop.example.org", "example.org"):
        world = steady(World())
        for n in range(20, 40):
            world.add(n, *(record(ip, count, spf=[("example.org", "softfail")], sender=f) for ip, count, f in (("203.0.113.8", 9, "promo.example.org"), ("203.0.113.9", 30, other))))
        holds("180 messages from 203.0.113.8 as promo.example.org failed. Yours?" in [f["text"] for f in findings(world)], findings(world))


@test
def DECIDE_offers_forwarder_for_a_broken_signature_in_the_own_envelope_from_an_unknown_address():
    for dkim, offered in ((("example.org", "s1", "fail"), True), (("example.org", "s1", "permerror"), False), (None, False)):
        world = steady(World())
        for n in range(20, 40):
            world.add(n, record("203.0.113.8", 5, dkim=[dkim] if dkim else [], spf=[("example.org", "softfail")], disposition="reject"))
        same("dmarcsift label 203.0.113.8 forwarder" in one(world, "DECIDE")["fix"], offered, dkim)


@test
def DECIDE_is_not_asked_below_twenty_messages_nor_of_who_has_a_label():
    world = steady(World())
    world.add(39, fails("203.0.113.8", 19))
    none(world, "DECIDE")
    world.add(38, fails("203.0.113.8", 10))
    one(world, "DECIDE")
    for label in ("not_mine", "ignore", "forwarder"):
        same(world.box.run("label", "203.0.113.8", label).returncode, 0)
        none(world, "DECIDE")
    same(world.box.run("label", "203.0.113.8", "none").returncode, 0)
    one(world, "DECIDE")


@test
def DECIDE_offers_forwarder_where_mail_bears_the_users_signature_in_anothers_envelope():
    broken, theirs = ("example.org", "s1", "fail"), ("lists.example.net", "l", "pass")
    for dkim, envelope, offered in (([broken, theirs], "lists.example.net", True), ([broken], "lists.example.net", True), ([theirs], "lists.example.net", False),
                                    ([broken, theirs], "example.org", False)):
        world = steady(World())
        for n in range(10, 40):
            world.add(n, record("203.0.113.8", 5, "fail", "fail", dkim, [(envelope, "pass" if envelope != "example.org" else "softfail")]))
        found = one(world, "DECIDE")
        offer = f"dmarcsift label {found['sender']} forwarder. If not: dmarcsift label {found['sender']} not_mine"
        same(offer in found["fix"], offered, found["fix"])
        same("forwarder" in found["fix"], offered, found["fix"])
    world = steady(World())  # what it passes on arrives whole from one of its addresses
    for n in range(10, 40):
        world.add(n, record("203.0.113.8", 5, "fail", "fail", [theirs], [("lists.example.net", "pass")]),
                  record("203.0.113.9", 9, "pass", "fail", [("example.org", "s1", "pass"), theirs], [("lists.example.net", "pass")]))
    found = one(world, "DECIDE")
    holds(f"dmarcsift label {found['sender']} forwarder" in found["fix"], found["fix"])
    same(world.box.run("label", found["sender"], "forwarder").returncode, 0)
    none(world, "DECIDE")
    same(one(world, "FWDBROKEN")["messages"], 150)


# --- coming and going ---

@test
def mail_of_another_customer_of_a_mailbox_host_is_said_to_be_perhaps_that():
    for failing, told in (("evil.onmicrosoft.com", True), ("contoso.onmicrosoft.com", False)):
        world = World(p="reject")
        for n in range(40):
            world.add(n, record("40.107.22.1", 50, "fail", "pass", [("contoso.onmicrosoft.com", "selector1", "pass")], [("example.org", "pass")]))
            if n >= 20:
                world.add(n, record("40.107.22.9", 3, "fail", "fail", [(failing, "selector1", "pass")], [(failing, "pass")], "reject"))
        why = one(world, "LOST")["why"]
        same(f"None of your mail that passes is signed by {failing}: where that is not you, it is another customer of Microsoft 365" in why, told, why)


@test
def mail_that_the_host_signs_for_the_account_of_the_users_own_domain_is_theirs():
    for domain, account, theirs in (("example.org", "example-org", True), ("my-shop.example.org", "my-shop-example-org", True), ("my-shop.example.org", "my--shop-example-org", True),
                                    ("mail.example.org", "example-org", True), ("example.org", "contoso-com", False), ("example.org", "xexample-org", False),
                                    ("example.org", "example-org-2", False)):
        world = World(domain, p="reject")
        for n in range(30):
            world.add(n, own("192.0.2.1", 50, domain=domain), record("209.85.220.41", 10, "fail", "fail", [(f"{account}.20230601.gappssmtp.com", "20230601", "pass")],
                                                                     [(domain, "softfail")], "reject", domain))
        found = one(world, "LOST" if theirs else "DECIDE")
        same((found["sender"], found["messages"]), ("google-workspace", 300), account)
        same("Google Workspace signs so for the account of your own domain." in found["why"], theirs, found["why"])
        holds("Likely yours" not in found["why"] and "None of your mail that passes" not in found["why"], found["why"])
        if theirs:
            holds(f"google._domainkey.{domain} TXT" in found["fix"], found["fix"])


@test
def mail_that_stopped_passing_all_at_once_is_not_said_to_be_another_customers():
    for until, told in ((25, False), (26, False), (40, True)):  # 26: on one day some passed and some failed
        world = steady(World(p="reject"))
        for n in range(40):
            if n < until:
                world.add(n, record("40.107.22.1", 20, "pass", "fail", [("example.org", "selector1", "pass")], [("example.org", "softfail")]))
            if n >= 25:
                world.add(n, record("40.107.22.1", 20, "fail", "fail", [("contoso.onmicrosoft.com", "s", "pass")], [("example.org", "softfail")], "reject"))
        lost = one(world, "LOST")
        same("it is another customer of Microsoft 365" in lost["why"], told, lost["why"])
        same("._domainkey.contoso.onmicrosoft.com" in lost["fix"], not told, lost["fix"])
        same("<tenant>" in lost["fix"], told, lost["fix"])


@test
def the_records_of_a_host_hold_the_users_name_there_where_one_alone_is_seen():
    def fix(*tenants):
        world = World(p="reject")
        for n in range(30):
            world.add(n, record("40.107.22.1", 50, "fail", "pass", [("contoso.onmicrosoft.com", "s", "pass")], [("example.org", "pass")]))
            for k, tenant in enumerate(tenants):
                world.add(n, record(f"40.107.22.{k + 2}", 20, "fail", "fail", [(f"{tenant}.onmicrosoft.com", "s", "pass")], [("example.org", "softfail")], "reject"))
        return [f["fix"] for f in findings(world) if f["code"] in ("LOST", "SPFONLY")], world

    name = "selector%d-example-org._domainkey.%s.onmicrosoft.com"
    for tenants, tenant in ((("contoso",), "contoso"), ((), "contoso"), (("contoso", "evil"), "<tenant>"), (("evil",), "<tenant>")):
        fixes, world = fix(*tenants)
        same(len(fixes), 1, fixes)
        holds(all(name % (k, tenant) in fixes[0] for k in (1, 2)), fixes[0])
        same("The <...> parts are shown in your account there." in fixes[0], tenant == "<tenant>", fixes[0])
        if tenants:
            same([f["value"] for f in world.senders("microsoft-365")[0]["fix"]], [name % (k, tenant) for k in (1, 2)])
            holds(name % (1, tenant) in world.text(), world.text())


@test
def mail_that_another_customer_of_a_host_sends_by_its_own_envelope_is_that_customers():
    hosts = (("40.107.22.%d", "contoso.onmicrosoft.com", "evil.onmicrosoft.com", "microsoft-365"),
             ("209.85.220.%d", "example-org.20230601.gappssmtp.com", "evil-com.20230601.gappssmtp.com", "google-workspace"))
    for address, own, other, host in hosts:
        world = World(p="reject")
        for n in range(40):
            world.add(n, record(address % 1, 50, "fail", "pass", [(own, "s", "pass")], [("example.org", "pass")]))
            if n >= 20:
                world.add(n, record(address % 1, 3, "fail", "fail", [(other, "s", "pass")], [("bounce.evil.com", "pass")], "reject"))
                world.add(n, record(address % 1, 2, "fail", "fail", [(own, "s", "pass")], [("example.org", "softfail")], "reject"))  # the user's own, lost
        lost = one(world, "LOST")
        same((lost["sender"], lost["messages"]), (host, 40))
        same((one(world, "DECIDE")["sender"], one(world, "DECIDE")["messages"]), ("evil.com", 60))
        same(world.box.run("label", "evil.com", "mine").returncode, 0)
        same(sorted((f["sender"], f["messages"]) for f in findings(world) if f["code"] == "LOST"), sorted([(host, 40), ("evil.com", 60)]))
        world = World(p="reject")  # who passes the user's mail on there, by the addresses the user's own mail comes from
        for n in range(40):
            world.add(n, record(address % 1, 50, "pass", "pass", [("example.org", "k", "pass")], [("example.org", "pass")]),
                      record(address % 1, 5, "pass", "fail", [("example.org", "k", "pass")], [("bounce.forwards.com", "pass")]))
            if n >= 20:
                world.add(n, record(address % 1, 3, "fail", "fail", [("example.org", "k", "fail")], [("bounce.forwards.com", "pass")], "reject"))
        none(world, "LOST")
        same((one(world, "FWD")["messages"], one(world, "DECIDE")["sender"], one(world, "DECIDE")["messages"]), (150, "forwards.com", 60))


@test
def mail_that_is_no_longer_signed_was_not_altered_on_the_way():
    world = World(p="reject")  # a server outside SPF that signs with the selector of the main one, and stops
    for n in range(40):
        world.add(n, own("192.0.2.1", 100), record("203.0.113.60", 30, *(("pass", "fail", [("example.org", "s1", "pass")]) if n < 25 else ("fail", "fail", ())),
                                                   [("example.org", "softfail")], "none" if n < 25 else "reject"))
    same((one(world, "DECIDE")["sender"], one(world, "DECIDE")["messages"], one(world, "DECIDE")["since"]), ("203.0.113.60", 450, day(25)))
    none(world, "FWDBROKEN")
    same(world.box.run("label", "203.0.113.60", "mine").returncode, 0)
    same(one(world, "BROKE")["since"], day(25))


@test
def the_users_own_mailbox_host_is_known_by_a_selector_no_direct_mail_carries():
    world = World(p="reject")
    tenant = [("contoso.onmicrosoft.com", "selector1-contoso-onmicrosoft-com", "pass")]
    for n in range(40):
        dkim, passes = ([("example.org", "selector1", "pass")], "pass") if n < 25 else (tenant, "fail")
        for k in range(4):
            world.add(n, record(f"40.107.22.{k}", 20, passes, "fail", dkim, [("example.org", "softfail")], "none" if n < 25 else "reject"))
    lost = one(world, "LOST")
    same((lost["sender"], lost["messages"], lost["since"]), ("microsoft-365", 1200, day(25)))
    same(one(world, "BROKE")["since"], day(25))
    world = World(p="reject")  # not where it passes on what the user's own server has signed
    for n in range(40):
        world.add(n, own("192.0.2.1", 100), record("40.107.22.1", 20, "pass", "fail", [("example.org", "s1", "pass")], [("kunde.onmicrosoft.com", "pass")]),
                  record("40.107.22.1", 3, "fail", "fail", [("example.org", "s1", "fail")], [("kunde.onmicrosoft.com", "pass")], "reject"))
    none(world, "LOST")
    same(one(world, "FWDBROKEN")["messages"], 90)
    world = World(p="reject")  # nor where the selector is none the host would sign with: direct mail that has it is not reported, or comes from many addresses
    for n in range(40):
        world.add(n, own("192.0.2.1", 100))
        for ip, envelope in ("209.85.220.41", [("gmail.com", "pass")]), ("40.107.22.1", [("example.org", "softfail")]):
            world.add(n, record(ip, 20, "pass", "fail", [("example.org", "news", "pass")], envelope), record(ip, 3, "fail", "fail", [("example.org", "s1", "fail")], envelope, "reject"))
    none(world, "LOST")
    same(one(world, "FWDBROKEN")["messages"], 180)
    world = World(p="reject")  # at Google everybody may name the selector
    for n in range(40):
        world.add(n, own("192.0.2.1", 100), record("209.85.220.41", 20, *(("pass", "fail") if n < 25 else ("fail", "fail")),
                                                   [("example.org", "gw25", "pass" if n < 25 else "fail")], [("example.org", "softfail")]))
    same((one(world, "RISK")["sender"], one(world, "RISK")["since"]), ("google-workspace", day(25)))


@test
def NEW_and_GONE_go_by_first_and_last_day():
    world = steady(World(), range(60))
    for n in range(55, 57):
        world.add(n, own("198.51.100.11", 7, dkim="abcde", envelope="wl1.freshemail.io"))
    for n in range(20):
        world.add(n, own("198.51.100.12", 130, dkim="100", envelope="in.constantcontact.com"))
    found = one(world, "NEW", now=day(60))
    same(found["text"], "First time seen this week: Freshdesk (Freshworks), 14 messages, passing.")
    gone = one(world, "GONE", now=day(60))
    same((gone["sender"], gone["since"]), ("constantcontact", day(19)))
    holds(gone["text"].startswith("Nothing reported from Constant Contact for 40 days (was 910 a week). It may now send as shared1.ccsend.com instead of you."), gone["text"])


@test
def what_broke_and_is_gone_is_told_as_gone():
    gone = broken(lambda n: foreign("198.51.100.7", 20, "pm.mtasv.net", "pm", envelope="pm.mtasv.net"), until=35)
    for n in range(35, 60):
        gone.add(n, own("192.0.2.1", 30))
    same(one(gone, "BROKE")["since"], day(30), "while it may come again")
    none(gone, "GONE")
    for n in range(60, 70):
        gone.add(n, own("192.0.2.1", 30))
    none(gone, "BROKE")
    found = one(gone, "GONE")
    same((found["sender"], found["text"]), ("postmark", "Nothing reported from Postmark (ActiveCampaign) for 35 days (was 140 a week); its mail had stopped passing on 31 Oct 2026. "
                                            "It may now send as another domain instead of you."))


@test
def what_is_asked_of_a_domain_without_mail_in_the_period_is_told_in_the_text():
    world = steady(World(), range(70))
    for n in range(30):
        world.add(n, own("192.0.2.2", 20, domain="example.net"), domain="example.net")
    text = world.text()
    holds("example.net [!] STALE no report since 30 Oct" in text, text)
    for n in range(70):
        world.add(n, own("192.0.2.3", 9, domain="example.com"), domain="example.com", org="Harbormail")
    text = world.text()
    holds("2 domains" in text and "example.net [!] STALE no report since 30 Oct" in text, text)
    run = world.box.run("report", "--domain", "example.net", before=("--now", day(70)))
    lines = [" ".join(line.split()) for line in run.out.splitlines()]
    same(lines[:2], ["Nothing was reported between 10 Nov and 9 Dec.", "The newest mail that was reported of this is of 30 Oct: --until shows the time before."])
    holds("[!] STALE no report since 30 Oct" in lines, run.out)
    run = world.box.run("report", "--domain", "example.net", "--until", day(29), before=("--now", day(70)))
    holds("600 reported" in run.out and "    what is to be done counts 10 Nov - 9 Dec\n" in run.out, run.out)
    run = world.box.run("report", "--since", "5d", before=("--now", day(120)))
    holds(run.out.startswith("Nothing was reported") and "STALE" in run.out and "no report since 9 Dec" in run.out, run.out)


@test
def a_domain_that_nobody_reports_on_any_more_is_STALE_and_its_senders_are_not_gone():
    world = steady(World(), range(90))
    for n in range(45):
        world.add(n, own("192.0.2.2", 20, domain="example.net"), domain="example.net")
        if n < 10:
            world.add(n, own("198.51.100.12", 130, dkim="100", envelope="in.constantcontact.com"))
    found = one(world, "STALE")
    same((found["text"], found["domain"], found["since"]), ("No receiver has reported on example.net since 14 Nov 2026, while reports on other domains go on.", "example.net", day(44)))
    same([(f["domain"], f["sender"]) for f in findings(world) if f["code"] == "GONE"], [("example.org", "constantcontact")])


@test
def NEW_is_not_told_where_everything_is_new_and_GONE_not_of_a_short_silence():
    fresh = World()
    for n in range(3):
        fresh.add(n, own("192.0.2.1", 30))
    none(fresh, "NEW", now=day(3))
    world = steady(World(), range(50))
    for n in range(21):
        world.add(n, own("198.51.100.12", 130, dkim="100", envelope="in.constantcontact.com"))
    none(world, "GONE", now=day(50))
    none(world, "NEW", now=day(50))


# --- the rest ---

@test
def what_let_mail_pass_by_SPF_and_is_gone_from_the_record_is_to_be_put_back_first():
    def fix(ip, dkim, until, gone="softfail", domain="example.org"):
        world = steady(World(p="reject"))
        for n in range(40):
            if n < until:
                world.add(n, record(ip, 20, "fail", "pass", dkim, [(domain, "pass")]))
            if n >= 25:
                world.add(n, record(ip, 20, "fail", "fail", dkim, [(domain, gone)], "reject"))
        return one(world, "LOST"), world

    tenant = [("contoso.onmicrosoft.com", "s", "pass")]
    for until, domain, gone in ((25, "example.org", "softfail"), (25, "example.org", "none"), (26, "mail.example.org", "fail")):  # 26: on one day both
        found, world = fix("40.107.22.1", tenant, until, gone, domain)
        first = f"Put include:spf.protection.outlook.com back into the SPF record of {domain}: by it this mail passed until {until} Oct 2026. Then have it signed as well."
        holds(found["fix"].startswith(f"{first} Publish in DNS: selector1._domainkey.example.org CNAME"), found["fix"])
        holds(f"{first} Publish in DNS: selector1._domainkey.example.org CNAME" in world.text(), world.text())
        for args in (("report", "--html", "-"), ("explain", "550 5.7.26 Unauthenticated email from example.org is not accepted due to domain's DMARC policy.")):
            run = world.box.run(*args, before=("--now", day(40)))
            holds(first in run.out and run.out.index(first) < run.out.index("selector1._domainkey.example.org"), run.out)
    found, world = fix("40.107.22.1", tenant, 25, "permerror")
    holds(found["fix"].startswith("Mend the SPF record of example.org, which receivers cannot evaluate: by it this mail passed until 25 Oct 2026. Then have it signed as well. "
                                  "Publish in DNS: selector1._domainkey.example.org CNAME"), found["fix"])
    world = steady(World(p="reject"))  # it was put back before, and is gone again
    for n in range(40):
        good = n < 20 or 25 <= n < 35
        world.add(n, record("40.107.22.1", 20, "fail", "pass" if good else "fail", tenant, [("example.org", "pass" if good else "softfail")], "none" if good else "reject"))
    same(one(world, "LOST")["since"], day(35))
    holds(one(world, "LOST")["fix"].startswith("Put include:spf.protection.outlook.com back into the SPF record of example.org: by it this mail passed until 4 Nov 2026."), one(world, "LOST"))
    found, world = fix("40.107.22.1", tenant, 40)  # some of it passes still: another reason
    holds(found["fix"].startswith("Publish in DNS: "), found["fix"])
    for signer, what in (("zendesk.com", "include:mail.zendesk.com"), ("mailgun.org", "include:mailgun.org"), ("netsuite.com", "include:mailsenders.netsuite.com"),
                         ("zoho.com", "what stands for Zoho Mail")):  # one of several
        found, world = fix("203.0.113.61", [(signer, "s", "pass")], 25)
        holds(found["fix"].startswith(f"Put {what} back into the SPF record of example.org: by it this mail passed until 25 Oct 2026. "), found["fix"])
    found, world = fix("203.0.113.60", [("hoster.example.net", "s", "pass")], 25)
    holds(found["fix"].startswith("Put what stands for example.net back into the SPF record of example.org: by it this mail passed until 25 Oct 2026. Let example.net sign"), found["fix"])
    found, world = fix("203.0.113.60", [], 25)
    same(world.box.run("label", "203.0.113.60", "mine").returncode, 0)
    same(one(world, "LOST")["fix"], "Put ip4:203.0.113.60 back into the SPF record of example.org: by it this mail passed until 25 Oct 2026. Sign this mail with DKIM as example.org.")


@test
def SPFERR_counts_what_could_not_be_evaluated():
    world = steady(World())
    for n in range(30, 40):
        world.add(n, record("192.0.2.1", 330, pe_dkim="pass", dkim=[("example.org", "s1", "pass")], spf=[("example.org", "permerror")]))
    found = one(world, "SPFERR")
    same((found["messages"], found["since"]), (3300, day(30)))
    holds(found["text"].endswith("for 3,300 messages."), found["text"])
    page = world.box.run("report", "--html", "-", before=("--now", day(40))).out
    holds("<h1>None of your mail was lost, but something is to be done.</h1>" in page, "the page does not say that nothing is to be done")
    other = steady(World())
    other.add(39, record("203.0.113.1", 30, dkim=[], spf=[("elsewhere.example", "permerror")]))
    none(other, "SPFERR")


@test
def LOWDATA_below_twenty_messages():
    world = World()
    for n in range(9):
        world.add(n, own("192.0.2.1", 1))
    same(one(world, "LOWDATA", now=day(9))["text"], "9 messages only: no judgement.")
    none(steady(World()), "LOWDATA")


@test
def every_code_of_the_schema_is_tested_here():
    codes = set(SCHEMA["properties"]["findings"]["items"]["properties"]["code"]["enum"])
    with open(__file__, encoding="utf-8") as handle:
        text = handle.read()
    same(sorted(c for c in codes if f'"{c}"' not in text), [])


main()
