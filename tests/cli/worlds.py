# SPDX-License-Identifier: MIT
"""Invented worlds of reports for the tests of the analysis: records by day, fed to the real program once they are asked about."""
import datetime
import json
import os

from kit import NOW, Box

DAY0 = 1790812800  # 2026-10-01


def day(n):
    return (datetime.date(2026, 10, 1) + datetime.timedelta(days=n)).isoformat()


def record(ip, count, pe_dkim="fail", pe_spf="fail", dkim=(), spf=(), disposition="none", sender="example.org", reason=None):
    """A record; dkim: (domain, selector, result), spf: (domain, result)."""
    why = f"<reason><type>{reason}</type></reason>" if reason else ""
    auth = "".join(f"<dkim><domain>{d}</domain>{f'<selector>{s}</selector>' if s else ''}<result>{r}</result></dkim>" for d, s, r in dkim)
    auth += "".join(f"<spf><domain>{d}</domain><scope>mfrom</scope><result>{r}</result></spf>" for d, r in spf)
    return (f"<record><row><source_ip>{ip}</source_ip><count>{count}</count><policy_evaluated><disposition>{disposition}</disposition>"
            f"<dkim>{pe_dkim}</dkim><spf>{pe_spf}</spf>{why}</policy_evaluated></row><identifiers><header_from>{sender}</header_from></identifiers>"
            f"<auth_results>{auth}</auth_results></record>")


def own(ip, count, dkim="s1", envelope=None, disposition="none", domain="example.org"):
    """Passes by DKIM, and by SPF unless the envelope is somebody else's."""
    return record(ip, count, "pass", "fail" if envelope else "pass", [(domain, dkim, "pass")], [(envelope or domain, "pass")], disposition, domain)


def foreign(ip, count, signer, selector, envelope=None, disposition="none", sender="example.org"):
    """Authenticated, but as somebody else."""
    return record(ip, count, "fail", "fail", [(signer, selector, "pass")], [(envelope or f"bounce.{signer}", "pass")], disposition, sender)


def fails(ip, count, disposition="none", domain="example.org"):
    """Nothing passes."""
    return record(ip, count, "fail", "fail", [], [(domain, "softfail")], disposition, domain)


class World:
    """Reports of one policy domain, one for each day and reporter (and strictness)."""

    def __init__(self, domain="example.org", p="reject", sp=None, config=None, more="", email=lambda n: "dmarc@receiver.example"):
        self.domain, self.p, self.sp, self.days, self.box, self.asked = domain, p, sp, {}, None, config  # p, sp: or what they are by day and receiver
        self.more = more  # further elements of the published policy
        self.email = email  # of the receivers, by day

    def add(self, n, *records, org="Northmail", adkim="r", domain=None):
        self.days.setdefault((n, org, adkim, domain or self.domain), []).extend(records)
        if self.box is not None:  # already read: the rest comes in another run
            self.read({(n, f"{org} again", adkim, domain or self.domain): list(records)})

    def reports(self, days=None):
        """(file name, bytes) of each."""
        for (n, org, adkim, domain), records in sorted((days or self.days).items()):
            begin = DAY0 + n * 86400
            p, sp = (x(n, org) if callable(x) else x for x in (self.p, self.sp))
            yield f"{org[:60]}-{domain[:60]}-{n:03}-{adkim}.xml".replace(" ", "_"), (
                f'<?xml version="1.0" encoding="UTF-8"?>\n<feedback><version>1.0</version><report_metadata><org_name>{org}</org_name>'
                f"<email>{self.email(n)}</email><report_id>{org}.{domain}.{n}.{adkim}</report_id><date_range><begin>{begin}</begin><end>{begin + 86399}</end>"
                f"</date_range></report_metadata><policy_published><domain>{domain}</domain><adkim>{adkim}</adkim><p>{p}</p>{f'<sp>{sp}</sp>' if sp else ''}{self.more}</policy_published>"
                f"{''.join(records)}</feedback>\n").encode()

    def read(self, days=None):
        self.box = self.box or Box()
        folder = f"in{len(os.listdir(self.box.path))}"
        for name, data in self.reports(days):
            self.box.put(f"{folder}/{name}", data)
        newest = max(n for n, *_ in self.days)
        run = self.box.run(*(("--config", self.asked) if self.asked else ()), "ingest", os.path.join(self.box.path, folder), before=("--now", max(NOW, day(newest + 1))))
        assert run.returncode == 0, run.err

    def page(self, now=None, since=None):
        """The report as JSON; without a time it is the day after the newest."""
        if self.box is None:
            self.read()
        newest = max(n for n, *_ in self.days)
        args = ("--since", since) if since else ()
        run = self.box.run("report", "--json", "-", *args, before=("--now", now or day(newest + 1)))
        assert run.returncode == 0, run.err
        return json.loads(run.out)

    def text(self):
        """The report for a terminal, one day after the newest; everything on one line each."""
        if self.box is None:
            self.read()
        run = self.box.run("report", before=("--now", day(max(n for n, *_ in self.days) + 1)))
        assert run.returncode == 0, run.err
        return " ".join(run.out.split())

    def senders(self, which=None, **period):
        return [s for d in self.page(**period)["domains"] for s in d["senders"] if which is None or s["sender"] == which]
