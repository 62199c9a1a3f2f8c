#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
Reports of an invented world, for looking at what people see. usage: make_world.py KIND FOLDER (deterministic; ends on 23 November 2026)
  rich     four domains over 90 days: lost mail, mail at risk, a break and its repair, forwarders, lists, a crowd of strangers, a monthly
           stream nobody knows, a new and a gone sender, SPF errors, policy changes, days without reports, a receiver gone silent,
           two reports that cannot be read, one about somebody else's domain
  healthy  one healthy domain at p=reject, 60 days
  foreign  reports about other domains only
  twenty   twenty-four domains of all sorts, 40 days
"""
import datetime
import os
import random
import sys

LAST = datetime.date(2026, 11, 23)
RECEIVERS = ["Northmail", "Postbridge", "Harbor Mail", "Lumen Inbox", "Quarry Post", "Kite Mail"]


class Domain:
    """The policy of a domain on a day, and the streams of mail that use its name."""

    def __init__(self, name, policy, *streams):
        self.name, self.policy, self.streams = name, policy, streams


def own(name, ip="192.0.2.10", count=300):
    """The domain's own server: both pass."""
    return lambda n, p: (count, ip, "pass", "pass", [("dkim", name, "s1", "pass"), ("spf", name, None, "pass")], name)


def service(ips, count, signs, returns, first=0, last=999, aligned=None, spf_aligned=None, spf_result="pass", every=1):
    """A sending service: signs as itself, and as the customer from `aligned` to its end (None: never)."""
    def stream(n, p):
        if not first <= n <= last or n % every:
            return None
        good = aligned is not None and any(a <= n < b for a, b in aligned["days"])
        auth = [("dkim", aligned["name"], aligned["selector"], "pass")] if good else []
        if signs:
            auth.append(("dkim", signs, "k1", "pass"))
        auth.append(("spf", spf_aligned or returns, None, spf_result))
        return (count, ips[n % len(ips)], "pass" if good else "fail", "pass" if spf_aligned and spf_result == "pass" else "fail", auth, spf_aligned or returns)
    return stream


def forwarder(name, ip="198.51.100.77", count=9, broken=False):
    """Mail passed on: the signature holds, or a list broke it."""
    result = "fail" if broken else "pass"
    return lambda n, p: (count, ip, result, "fail", [("dkim", name, "s1", result), ("spf", "alumni.example", None, "pass")], "alumni.example")


def crowd(seed, size, count=3):
    """Strangers, each from an address of its own; nothing passes."""
    def stream(n, p):
        chance = random.Random(seed * 1000 + n)
        return [(1 + chance.randrange(3), f"203.0.{chance.randrange(64, 127)}.{chance.randrange(1, 255)}", "fail", "fail",
                 [("spf", "dialup.example", None, "softfail")], "dialup.example") for _ in range(size if n % count == 0 else 1)]
    return stream


def monthly(ip, count, domain):
    """On the last days of a month, from one address, nothing passes."""
    def stream(n, p):
        day = LAST - datetime.timedelta(days=89 - n)
        return (count, ip, "fail", "fail", [("spf", domain, None, "none")], domain) if (day + datetime.timedelta(days=2)).month != day.month else None
    return stream


def rich():
    org, shop = "example.org", "shop.example"
    days = {"name": org, "selector": "20260101pm"}
    return 90, [
        Domain(org, lambda n: "none" if n < 40 else "quarantine" if n < 75 else "reject", own(org),
               service(["192.0.2.40", "192.0.2.41"], 40, "mandrillapp.com", "mandrillapp.com", first=70),
               service(["198.51.100.9"], 25, "mtasv.net", "pm.mtasv.net", aligned={**days, "days": [(0, 55), (66, 99)]}),
               service(["198.51.100.30", "198.51.100.31"], 120, "mcsv.net", "mail12.mcsv.net", aligned={"name": org, "selector": "k2", "days": [(0, 99)]}),
               service(["203.0.113.60"], 18, None, "bounces." + org, spf_aligned=org),
               service(["203.0.113.70"], 6, None, org, first=30, spf_aligned=org, spf_result="permerror"),
               service(["198.51.100.50"], 8, "freshemail.io", "fwdkim1.freshdesk.com", first=84, aligned={"name": org, "selector": "fd", "days": [(0, 99)]}),
               service(["198.51.100.60"], 30, "ccsend.com", "in.constantcontact.com", last=45, aligned={"name": org, "selector": "ctct1", "days": [(0, 99)]}),
               forwarder(org), forwarder(org, "198.51.100.78", 2, broken=True), crowd(1, 30), monthly("203.0.113.8", 110, "mail.payroll.example")),
        Domain(shop, lambda n: "none", own(shop, "192.0.2.80", 60),
               service(["198.51.100.90"], 35, "jangomail.com", "jangomail.com", first=20), forwarder(shop, "198.51.100.77", 3)),
        Domain("example.net", lambda n: "reject", own("example.net", "192.0.2.90", 45), crowd(2, 4)),
        Domain("parked.example", lambda n: "reject", crowd(3, 12)),
    ]


def healthy():
    name = "healthy.example"
    return 60, [Domain(name, lambda n: "reject", own(name, "192.0.2.10", 80), forwarder(name),
                       service(["198.51.100.30"], 50, "mcsv.net", "mail12.mcsv.net", aligned={"name": name, "selector": "k2", "days": [(0, 99)]}), crowd(4, 12))]


def twenty():
    domains = []
    for k in range(24):
        name = f"{['north', 'south', 'east', 'west', 'mill', 'lake'][k % 6]}-{['bakery', 'clinic', 'school', 'press'][k // 6]}.example"
        streams = [own(name, f"192.0.2.{10 + k}", 20 + 7 * k), forwarder(name, "198.51.100.77", 1 + k % 4), crowd(20 + k, 2 + k % 9)]
        if k % 5 == 0:
            streams.append(service(["192.0.2.240"], 3 + k, "mandrillapp.com", "mandrillapp.com", first=15))
        if k % 4 == 1:
            streams.append(service(["198.51.100.30"], 9 + k, "mcsv.net", "mail12.mcsv.net", aligned={"name": name, "selector": "k2", "days": [(0, 99)]}))
        domains.append(Domain(name, lambda n, k=k: ["reject", "none", "quarantine"][k % 3], *streams))
    return 40, domains


def foreign():
    return 10, [Domain("elsewhere.example", lambda n: "none", own("elsewhere.example")), Domain("other.example", lambda n: "reject", own("other.example"))]


def record(row, name, policy, receiver):
    count, ip, dkim, spf, auth, envelope = row
    done = "none" if "pass" in (dkim, spf) or policy == "none" or receiver == "Kite Mail" else policy
    results = ""
    for kind, domain, selector, result in auth:
        results += f"<{kind}><domain>{domain}</domain>{f'<selector>{selector}</selector>' if selector else ''}<result>{result}</result></{kind}>"
    return (f"<record><row><source_ip>{ip}</source_ip><count>{count}</count><policy_evaluated><disposition>{done}</disposition><dkim>{dkim}</dkim>"
            f"<spf>{spf}</spf></policy_evaluated></row><identifiers><header_from>{name}</header_from><envelope_from>{envelope}</envelope_from></identifiers>"
            f"<auth_results>{results}</auth_results></record>\n")


def report(domain, receiver, share, n, day):
    policy, records = domain.policy(n), ""
    for stream in domain.streams:
        rows = stream(n, policy) or []
        for row in rows if isinstance(rows, list) else [rows]:
            if isinstance(rows, list) and hash_of(row[1]) % len(RECEIVERS) != RECEIVERS.index(receiver):
                continue  # each stranger meets one receiver
            count = row[0] if isinstance(rows, list) else max(1, row[0] * share * (55 if day.weekday() > 4 else 100) // 10000)
            records += record((count,) + row[1:], domain.name, policy, receiver)
    if not records:
        return None
    begin = int(datetime.datetime(day.year, day.month, day.day, tzinfo=datetime.timezone.utc).timestamp())
    mail = receiver.lower().replace(" ", "")
    return (f'<?xml version="1.0"?>\n<feedback><report_metadata><org_name>{receiver}</org_name><email>dmarc@{mail}.example</email>'
            f"<report_id>{mail}.{domain.name}.{n}</report_id><date_range><begin>{begin}</begin><end>{begin + 86399}</end></date_range></report_metadata>"
            f"<policy_published><domain>{domain.name}</domain><adkim>r</adkim><aspf>r</aspf><p>{policy}</p></policy_published>\n{records}</feedback>\n")


def hash_of(text):
    value = 7
    for c in text:
        value = (value * 31 + ord(c)) % 1000003
    return value


def write(folder, name, text):
    with open(os.path.join(folder, name), "w", encoding="utf-8") as handle:
        handle.write(text)


def main():
    kind, folder = sys.argv[1:3]
    days, domains = {"rich": rich, "healthy": healthy, "foreign": foreign, "twenty": twenty}[kind]()
    os.makedirs(folder, exist_ok=True)
    for n in range(days):
        day = LAST - datetime.timedelta(days=days - 1 - n)
        for k, receiver in enumerate(RECEIVERS):
            if (kind == "rich" and n in (61, 62)) or (receiver == "Harbor Mail" and n > days * 2 // 3) or (receiver == "Quarry Post" and n % 3):
                continue
            for domain in domains:
                text = report(domain, receiver, [40, 25, 15, 10, 6, 4][k], n, day)
                if text is not None:
                    write(folder, f"{receiver.lower().replace(' ', '')}!{domain.name}!{day}.xml", text)
    if kind == "rich":
        write(folder, "cut.xml", "<?xml version=\"1.0\"?><feedback><report_metadata><org_name>Northmail</org_name>")
        write(folder, "noise.xml", "<feedback><report_metadata></feedback")
        for domain in foreign()[1][:1]:
            write(folder, "foreign.xml", report(domain, "Northmail", 40, 5, LAST))


main()
