// SPDX-License-Identifier: MIT
// Looks at the report's page in a real browser and says what it saw as TAP. Pages come from page_demo, in folder $WORK.
"use strict";
const { execFileSync } = require("child_process");
const fs = require("fs");
const path = require("path");
const puppeteer = require("puppeteer-core");
const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const work = process.env.WORK;
const tests = [];
const test = (name, fn) => tests.push({ name, fn });
const equal = (got, want, what) => {
	if (JSON.stringify(got) !== JSON.stringify(want))
		throw new Error(`${what || "value"}: got ${JSON.stringify(got)}, want ${JSON.stringify(want)}`);
};
const check = (ok, what) => { if (!ok) throw new Error(what); };
const url = (kind) => "file://" + path.join(work, kind + ".html");
let browser;

// Opens a page; every request beside the page itself, every console message and every policy violation is noted.
async function open(kind, options = {}) {
	const page = await browser.newPage();
	page.seen = [];
	page.on("console", (m) => page.seen.push("console: " + m.text()));
	page.on("pageerror", (e) => page.seen.push("error: " + e.message));
	page.on("dialog", (d) => { page.seen.push("dialog: " + d.message()); d.dismiss(); });
	page.on("request", (r) => {
		if (r.url().split("#")[0] !== url(kind) && !r.url().startsWith("data:,")) page.seen.push("request: " + r.url());
	});
	await page.setViewport({ width: options.width || 1280, height: options.height || 720 });
	if (options.script === false) await page.setJavaScriptEnabled(false);
	if (options.dark) await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "dark" }]);
	await page.evaluateOnNewDocument(() => {
		window.violations = [];
		document.addEventListener("securitypolicyviolation", (e) => window.violations.push(e.violatedDirective + " " + e.blockedURI));
	});
	await page.goto(url(kind) + (options.hash || ""));
	return page;
}
async function clean(page) {
	equal(page.seen, [], "what the browser noted");
	equal(await page.evaluate(() => window.violations || []), [], "policy violations");
}
// Elements that stand out of the page sideways and do not lie in something that scrolls or cuts on purpose.
const overflow = () => {
	const width = document.documentElement.clientWidth;
	const inside = (e) => {
		for (let up = e.parentElement; up; up = up.parentElement)
			if (/auto|scroll|hidden/.test(getComputedStyle(up).overflowX) && up !== document.body && up !== document.documentElement) return true;
		return false;
	};
	return [...document.body.querySelectorAll("*")].filter((e) => {
		const r = e.getBoundingClientRect();
		return r.width > 0 && r.right > width + 1 && !inside(e) && !e.closest("svg") && !e.matches(".skip");
	}).map((e) => e.tagName + "." + e.className).slice(0, 5);
};
const scrolls = () => document.documentElement.scrollWidth > document.documentElement.clientWidth;

const worlds = ["rich", "healthy", "foreign", "twenty"];
for (const kind of ["story", "fine", "empty", "hostile", "many", "large", "samples", ...worlds]) {
	test(`the ${kind} page asks for nothing, breaks no policy and says nothing on the console`, async () => {
		const page = await open(kind);
		await clean(page);
		check(await page.evaluate(() => document.documentElement.classList.contains("script")), "the script did not run");
		check(await page.evaluate(() => getComputedStyle(document.body).marginTop === "0px"), "the style was not applied");
	});
	test(`equal summaries give an equal ${kind} page`, async () => {
		check(fs.readFileSync(path.join(work, kind + ".html")).equals(fs.readFileSync(path.join(work, kind + ".again"))), "bytes differ");
	});
	for (const width of [320, 390, 768, 1280]) {
		test(`nothing stands out of the ${kind} page at ${width} px, closed or opened`, async () => {
			const page = await open(kind, { width });
			equal(await page.evaluate(overflow), [], "closed");
			await page.evaluate(() => document.querySelectorAll("details").forEach((d) => { d.open = true; }));
			equal(await page.evaluate(overflow), [], "opened");
			check(!await page.evaluate(scrolls), "the page scrolls sideways");
		});
	}
	test(`nothing stands out of the ${kind} page on paper`, async () => {
		const page = await open(kind, { width: 703 });
		await page.emulateMediaType("print");
		check(!await page.evaluate(scrolls), "the page is wider than the paper");
		equal(await page.evaluate(overflow), [], "closed");
		const pdf = await page.pdf({ format: "A4" });
		check(pdf.length > 5000, "no PDF");
	});
}
for (const kind of ["story", "fine", "empty", "hostile", "many", "samples", "rich", "foreign"]) {
	for (const dark of [false, true]) {
		test(`axe finds nothing in the ${kind} page, ${dark ? "dark" : "light"}, everything opened`, async () => {
			const page = await open(kind, { dark });
			await page.evaluate(() => document.querySelectorAll("details").forEach((d) => { d.open = true; }));
			await page.evaluate(axe);
			const found = await page.evaluate(async () => (await window.axe.run(document, { resultTypes: ["violations"] })).violations
				.map((v) => v.id + ": " + v.nodes.slice(0, 3).map((n) => n.target + " " + n.failureSummary).join(" | ")));
			equal(found, [], "violations");
		});
	}
}
test("the first screen says what is lost, who loses it and what to do, without scrolling", async () => {
	const page = await open("story");
	const seen = await page.evaluate(() => {
		const shown = (e) => e.getBoundingClientRect().bottom <= innerHeight;
		return {
			h1: document.querySelector("h1").textContent, h1shown: shown(document.querySelector("h1")),
			sender: document.querySelector(".verdict > p b").textContent,
			cards: [...document.querySelectorAll(".task h3")].filter(shown).length,
			bar: shown(document.querySelector("#sums .bar")), facts: [...document.querySelectorAll("#sums .facts dd")].filter(shown).length,
		};
	});
	equal(seen, { h1: "412 of your 22,869 reported messages were refused or junked.", h1shown: true, sender: "Mandrill", cards: 3, bar: true, facts: 4 });
});
test("the first screen of a world with three cards holds the four facts, too", async () => {
	const page = await open("rich");
	equal(await page.$$eval("#sums .facts dd", (l) => l.filter((e) => e.getBoundingClientRect().bottom <= innerHeight).length), 4, "facts");
});
test("the numbers of the bar, the day table and the senders agree", async () => {
	const page = await open("story");
	const sums = await page.evaluate(() => {
		const n = (t) => parseInt(t.replace(/,/g, ""), 10) || 0;
		const days = [...document.querySelectorAll("#d1-days tbody tr")].map((r) => [...r.cells].slice(1).map((c) => n(c.textContent)));
		const senders = [...document.querySelectorAll("#d1-senders > tbody:not(.rest)")].map((b) => b.rows[0].cells);
		const legend = {};
		document.querySelectorAll("#sums .legend li").forEach((li) => { legend[li.dataset.count] = n(li.textContent); });
		return {
			legend,
			lostDays: days.reduce((a, r) => a + (r[0] || 0), 0), lostSenders: senders.reduce((a, c) => a + n(c[3].textContent), 0),
			riskSenders: senders.reduce((a, c) => a + n(c[4].textContent), 0), all: senders.reduce((a, c) => a + n(c[2].textContent), 0),
		};
	});
	equal(sums.legend, { lost: 412, at_risk: 1242, passing: 21215, forwarded: 971, undecided: 522 }, "legend");
	equal([sums.lostSenders, sums.riskSenders, sums.all], [412, 1242, 412 + 1242 + 21215 + 971 + 522], "senders");
	check(sums.lostDays > 0 && sums.lostDays <= 412, "days");
});
for (const kind of worlds) {
	test(`every number of the ${kind} page is that of the JSON`, async () => {
		const page = await open(kind);
		const json = JSON.parse(fs.readFileSync(path.join(work, kind + ".json"), "utf8"));
		const keys = ["lost", "at_risk", "passing", "forwarded", "undecided", "undetermined"];
		const shown = await page.evaluate(() => {
			const n = (t) => parseInt(t.replace(/,/g, ""), 10) || 0;
			const legend = (list) => Object.fromEntries([...list].map((li) => [li.dataset.count, n(li.textContent)]));
			return {
				all: legend(document.querySelectorAll("#sums .legend li")),
				rows: [...document.querySelectorAll("#domain-table tbody tr")].map((r) => [r.cells[0].textContent, ...[...r.cells].slice(2, 8).map((c) => n(c.textContent))]),
				senders: [...document.querySelectorAll("table.sources")].map((t) => [...t.querySelectorAll("tr.main")].map((r) =>
					[r.cells[0].firstChild.textContent, n(r.cells[2].textContent), n(r.cells[3].textContent), n(r.cells[4].textContent)])),
				days: [...document.querySelectorAll("[id$=-days] details tbody")].map((t) => [...t.rows].reduce((sum, r) => sum.map((v, i) => v + n(r.cells[i + 1] ? r.cells[i + 1].textContent : "")), [0, 0, 0, 0, 0, 0])),
				title: document.querySelector("h1").textContent,
			};
		});
		const order = json.domains.slice().sort((a, b) => b.lost - a.lost || b.at_risk - a.at_risk || b.messages - a.messages);
		equal(keys.map((k) => shown.all[k] || 0), keys.map((k) => json.domains.reduce((sum, d) => sum + d[k], 0)), "sums");
		if (json.domains.length > 1)
			equal(shown.rows.map((r) => r.join()).sort(), order.map((d) => [d.domain, d.messages, ...keys.slice(0, 5).map((k) => d[k])].join()).sort(), "domains");
		json.domains.slice(0, shown.senders.length).forEach((d, i) => {
			const told = shown.senders[i].map((s) => s.slice(1).join()).sort();
			equal(told, d.senders.map((s) => [s.messages, s.lost, s.at_risk].join()).sort(), "senders of " + d.domain);
			if (shown.days[i]) equal(shown.days[i], keys.map((k) => d[k]), "days of " + d.domain);
		});
		const lost = json.domains.reduce((sum, d) => sum + d.lost, 0);
		check(lost === 0 || parseInt(shown.title.replace(/,/g, ""), 10) === lost, shown.title);
	});
}
test("what the browser itself logs of the network is the one file", async () => {
	const page = await browser.newPage(), asked = [];
	const client = await page.createCDPSession();
	await client.send("Network.enable");
	client.on("Network.requestWillBeSent", (e) => asked.push(e.request.url));
	await page.goto(url("rich"));
	await page.evaluate(() => document.querySelectorAll("details").forEach((d) => { d.open = true; }));
	await page.click("[data-set-theme=dark]");
	await new Promise((done) => setTimeout(done, 300));
	equal([...new Set(asked.map((a) => a.split("#")[0]))].filter((a) => !a.startsWith("data:")), [url("rich")], "requests");
});
test("a healthy domain has nothing to do, an unknown one is not called fine", async () => {
	const fine = await open("healthy"), foreign = await open("foreign");
	check((await fine.$eval("h1", (h) => h.textContent)).startsWith("Nothing to do."), "healthy");
	equal(await fine.$$eval("#todo", (l) => l.length), 0, "cards");
	check((await foreign.$eval("h1", (h) => h.textContent)).startsWith("No message of your domains"), "foreign");
	check((await foreign.$eval(".verdict p", (h) => h.textContent)).includes("elsewhere.example"), "the other domain is not named");
});
test("no word of the tools is broken on the narrowest phone", async () => {
	const page = await open("story");
	await page.setViewport({ width: 320, height: 900 });
	const heights = await page.$$eval(".tools a, .tools button", (l) => l.map((e) => e.getClientRects().length * (e.getBoundingClientRect().height > 40 ? 9 : 1)));
	equal(heights.filter((n) => n !== 1), [], "lines");
});
test("breaks, repairs, policies and days without a report are told", async () => {
	const page = await open("rich");
	const told = await page.$eval("#d1-days .changes", (l) => l.textContent);
	for (const words of ["20 Oct 2026: Postmark", "stopped passing", "passes again", "p=quarantine (before: p=none)", "p=reject (before: p=quarantine)"])
		check(told.replace(/\u00a0/g, " ").includes(words), words + " in " + told);
	check(await page.$$eval("#d1-days .columns .hatch", (l) => l.length) > 0, "no hatched days");
	check((await page.$eval("#d1-heard", (t) => t.textContent)).includes("Harbor Mail"), "the silent receiver is not there");
	check((await page.$eval("#else", (t) => t.textContent)).includes("cut.xml"), "the unreadable document is not there");
});
test("the evidence of a card opens its sender", async () => {
	const page = await open("rich");
	await page.click("#todo .task a");
	await page.waitForFunction(() => document.querySelector("#d1-s1 details").open);
	await clean(page);
});
test("on a phone the numbers of a sender are in sight", async () => {
	const page = await open("rich", { width: 320 });
	const inside = await page.$$eval("#d1-senders .main .num:not(.zero)", (l) => l.every((c) => c.getBoundingClientRect().right <= innerWidth && c.getBoundingClientRect().width > 0));
	check(inside, "a number lies outside");
});
test("the filter finds by name and by detail, and chips hide classes", async () => {
	const page = await open("story");
	const names = () => page.evaluate(() => [...document.querySelectorAll("#d1-senders > tbody:not([hidden]) tr.main th")].map((t) => t.firstChild.textContent));
	await page.type("#d1-who input", "mandrill");
	equal(await names(), ["Mandrill"]);
	await page.evaluate(() => { const i = document.querySelector("#d1-who input"); i.value = "mail77"; i.dispatchEvent(new Event("input")); });
	check((await names()).includes("Mandrill"), "an address in the details is not found");
	await page.evaluate(() => { const i = document.querySelector("#d1-who input"); i.value = ""; i.dispatchEvent(new Event("input")); });
	await page.click("#d1-who [data-class=passing]");
	check(!(await names()).includes("Google Workspace"), "the chip did not hide its class");
	check((await page.$eval("#d1-who output", (o) => o.textContent)).startsWith("5 of 8"), "the count is not told");
});
test("a heading sorts up and down by keyboard and says so", async () => {
	const page = await open("story");
	const first = () => page.$eval("#d1-senders > tbody tr.main th", (t) => t.firstChild.textContent);
	const button = await page.$("#d1-senders thead th:nth-child(3) button");
	await button.focus();
	await page.keyboard.press("Enter");
	equal(await first(), "Google Workspace");
	equal(await page.$eval("#d1-senders thead th:nth-child(3)", (t) => t.getAttribute("aria-sort")), "descending");
	await page.keyboard.press("Enter");
	equal(await first(), "Freshdesk");
	equal(await page.$eval("#d1-senders thead th:nth-child(3)", (t) => t.getAttribute("aria-sort")), "ascending");
	equal(await page.$$eval("#d1-senders th[aria-sort]", (l) => l.length), 1, "sorted columns");
});
test("the theme is kept in the fragment, also while moving within the page", async () => {
	const page = await open("story");
	const colour = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
	const light = await colour();
	await page.click("[data-set-theme=dark]");
	await page.waitForFunction(() => document.documentElement.dataset.theme === "dark");
	check(await colour() !== light, "the colour did not change");
	check(page.url().endsWith("#theme=dark"), page.url());
	await page.click(".facts a");
	await page.waitForFunction(() => location.hash === "#theme=dark&at=d1-policy");
	const page2 = await open("story", { hash: "#theme=dark&at=d1-policy" });
	check(await page2.evaluate(() => scrollY) > 500, "the place in the fragment was not gone to");
	equal(await page2.evaluate(() => document.documentElement.dataset.theme), "dark");
	const page3 = await open("story", { dark: true, hash: "#theme=light" });
	equal(await page3.evaluate(() => getComputedStyle(document.body).backgroundColor), light, "light over a dark system");
	await clean(page3);
});
for (const dark of [false, true]) {
	test(`the counts in bars stand out from their colour, ${dark ? "dark" : "light"}`, async () => {	/* axe does not look into SVG */
		const page = await open("rich", { dark });
		const found = await page.$$eval(".bar text", (l) => l.map((t) => {
			const light = (e) => {
				const [r, g, b] = getComputedStyle(e).fill.match(/\d+/g).map((v) => (v / 255 <= 0.03928 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
				return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
			};
			return ["lost", "at_risk", "passing", "forwarded", "undecided", "undetermined"].map((kind) => {
				t.setAttribute("class", "in-" + kind);
				const box = document.createElementNS(t.namespaceURI, "rect");
				box.setAttribute("class", "c-" + kind);
				t.parentNode.append(box);
				const [a, b] = [light(t), light(box)].sort();
				return [kind, b / a];
			});
		})[0]);
		equal(found.length, 6);
		equal(found.filter(([, ratio]) => ratio < 4.5), []);
	});
}
test("what stands behind a name stays behind it, though the name is written from right to left", async () => {
	const page = await open("rich");
	await page.evaluate(() => document.querySelectorAll("details").forEach((d) => { d.open = true; }));
	const seen = await page.$$eval("bdi", (l) => l.map((name) => {
		const range = document.createRange(), after = name.nextSibling || name.parentNode.nextSibling;
		name.textContent = "\u05e9\u05db\u05e8";
		range.selectNodeContents(after);
		range.setEnd(after, 1);
		const a = name.getBoundingClientRect(), b = range.getBoundingClientRect();
		return [name.closest("[class]").className, b.left >= a.right - 1 || b.top >= a.bottom - 1];
	}));
	for (const where of ["verdict v-lost", "preview", "small"]) check(seen.some(([kind]) => kind === where), "none in " + where);
	equal(seen.filter(([, behind]) => !behind), []);
});
test("the theme that is chosen can be told where the system forces its colours", async () => {
	const page = await open("story");
	await (await page.createCDPSession()).send("Emulation.setEmulatedMedia", { features: [{ name: "forced-colors", value: "active" }] });
	equal(await page.$$eval(".switch a", (l) => l.map((a) => getComputedStyle(a).textDecorationLine)), ["underline", "none", "none"]);
});
test("no figure of a condition is broken, on paper or beside long names", async () => {
	const page = await open("rich", { width: 703 });
	await page.emulateMediaType("print");
	const broken = await page.$$eval(".gates td:nth-child(3)", (l) => l.filter((c) => {
		const range = document.createRange();
		range.selectNodeContents(c);
		return new Set([...range.getClientRects()].map((r) => Math.round(r.top))).size > 1;
	}).map((c) => c.textContent));
	equal(broken, []);
});
test("a place within closed details is opened when gone to", async () => {
	const page = await open("story", { hash: "#words" });
	check(await page.evaluate(() => document.getElementById("words").getBoundingClientRect().top < innerHeight), "not in sight");
});
test("copy buttons copy the exact value or select it", async () => {
	const page = await open("story");
	await page.evaluate(() => document.querySelector("#todo details").setAttribute("open", ""));
	await page.click("#todo code.copy + button");
	await page.waitForFunction(() => /copied|selected/.test(document.querySelector("#todo code.copy + button").textContent));
	check(/^(copied|selected)$/.test(await page.$eval("[role=status]", (e) => e.textContent)), "it is not said to who cannot see it");
	const got = await page.evaluate(async () => getSelection().toString() || "copied");
	check(got === "copied" || got === "mte1._domainkey.example.org", got);
});
test("without script everything is there, and no dead control", async () => {
	const page = await open("story", { script: false });
	const seen = await page.evaluate(() => ({
		h1: document.querySelector("h1").textContent.length > 10, senders: document.querySelectorAll("#d1-senders tr.main").length,
		dead: [...document.querySelectorAll("button, input, select")].filter((e) => e.getClientRects().length > 0).length,
		days: document.querySelectorAll("#d1-days tbody tr").length,
	})).catch(() => null);
	equal(seen, { h1: true, senders: 8, dead: 0, days: 30 });
	await page.click("#todo summary");
	check(await page.$eval("#todo details", (d) => d.open), "details do not open");
	equal(page.seen, [], "what the browser noted");
});
test("strangers' text stays text, whatever it says", async () => {
	const page = await open("hostile");
	const seen = await page.evaluate(() => ({
		images: document.images.length, scripts: document.scripts.length, title: document.title === "owned",
		styles: document.querySelectorAll("style").length, attributes: document.querySelectorAll("[style],[onload],[onerror],[onclick]").length,
		hidden: /[\u0000-\u0008\u000b-\u001f\u202a-\u202e\u200b]/.test(document.body.textContent.replace(/[\n\t]/g, "")),
		told: document.body.textContent.includes("onerror=alert(1)"),
	}));
	equal(seen, { images: 0, scripts: 1, title: false, styles: 1, attributes: 0, hidden: false, told: true });
	await clean(page);
});
test("no page has a style attribute or an address to load from", async () => {
	for (const kind of ["story", "many"]) {
		const text = fs.readFileSync(path.join(work, kind + ".html"), "utf8");
		check(!/\sstyle=/.test(text.replace(/<(style|script)>[^]*?<\/\1>/g, "")), "style attribute in " + kind);
		check(!/(src|href)="(?!#|data:,)/.test(text), "address in " + kind);
		check(!/https?:\/\//.test(text.replace(/<(style|script)>[^]*?<\/\1>/g, "")), "URL in " + kind);
	}
});
test("the policy is the one agreed, word for word", async () => {
	const page = await open("story");
	const policy = await page.$eval("meta[http-equiv]", (m) => m.content);
	check(/^default-src 'none'; style-src 'sha256-[\w+/]{43}='; script-src 'sha256-[\w+/]{43}='; img-src data:; base-uri 'none'; form-action 'none'$/
		.test(policy), policy);
});
test("pages stay in their size: 350 KB for one domain, 800 KB for twenty, script below 12 KB", async () => {
	const size = (kind) => fs.statSync(path.join(work, kind + ".html")).size;
	check(size("large") <= 350 * 1024, "large: " + size("large"));
	check(size("hostile") <= 350 * 1024, "hostile: " + size("hostile"));
	check(size("many") <= 800 * 1024, "many: " + size("many"));
	check(fs.statSync(path.join(__dirname, "../../report/page.js")).size <= 12 * 1024, "page.js");
});
test("many senders are shown fifty at first, then all, with a last row for the rest", async () => {
	const page = await open("large");
	const shown = () => page.$$eval("#d1-senders > tbody:not([hidden]):not(.rest)", (l) => l.length);
	equal(await shown(), 50);
	await page.click("#d1-who [data-more]");
	check(await shown() > 50, "not more");
	check((await page.$eval("#d1-senders > .rest:not(.paper-rest)", (r) => r.textContent)).includes("sources.csv"), "the rest is not told");
});
test("several domains have one row each and lead to their part", async () => {
	const page = await open("many");
	equal(await page.$$eval("#domain-table tbody tr", (l) => l.length), 24);
	await page.click("#domain-table tbody tr:nth-child(2) a");
	check(await page.evaluate(() => Math.abs(document.getElementById("d2").getBoundingClientRect().top) < 800), "not led there");
});
test("a long selector breaks its line, not the table of senders", async () => {
	const page = await open("story", { width: 1280 });
	equal(await page.evaluate(() => {
		document.querySelector("#d1-senders .evidence").textContent = "DKIM acmecorporationgroup.onmicrosoft.com/selector1-acmecorporationgroup-onmicrosoft-com";
		const e = document.querySelector('.scroll[aria-label="Senders"]');
		return e.scrollWidth - e.clientWidth;
	}), 0);
});
for (const kind of ["story", "samples", "rich"]) {
	for (const width of [320, 390]) {
		test(`no column of receivers, conditions, addresses and what was seen is out of sight on a phone, ${kind} page at ${width} px`, async () => {
			const page = await open(kind, { width });
			await page.evaluate(() => document.querySelectorAll("details").forEach((d) => { d.open = true; }));
			const tables = await page.$$eval('.scroll[aria-label^="Receivers"], .scroll[aria-label="Conditions"], .scroll[aria-label^="Addresses of"], .scroll[aria-label^="Identifiers of"]',
				(l) => l.map((e) => [e.getAttribute("aria-label"), e.scrollWidth - e.clientWidth]));
			check(tables.length > 2, "no tables");
			equal(tables.filter((t) => t[1] > 1), [], "they scroll");
		});
	}
}
test("paper says how many senders it leaves out, and all are printed where that is asked for", async () => {
	const page = await open("large", { width: 703 });
	const seen = () => page.$$eval("#d1-senders > tbody", (l) => l.filter((e) => e.getClientRects().length > 0)
		.map((e) => (e.matches(".rest") ? e.textContent : e.querySelector(".num").textContent)));
	const rows = await page.$$eval("#d1-senders > tbody:not(.rest)", (l) => l.length);
	await page.emulateMediaType("print");
	const printed = await seen(), left = await page.$$eval("#d1-senders > .paper-cut .main .num:nth-child(3)", (l) => l.reduce((n, e) => n + +e.textContent.replace(/,/g, ""), 0));
	equal(printed.length, 22);
	check(printed[20].startsWith(`and ${rows - 20} further senders, ${left.toLocaleString("en")} messages: `) && printed[20].includes("print all"), printed[20]);
	await page.evaluate(() => { window.print = () => { window.rows = [...document.querySelectorAll("#d1-senders > tbody")].filter((e) => e.getClientRects().length > 0).length; }; });
	await page.evaluate(() => document.querySelector("[data-print=all]").click());
	equal(await page.evaluate(() => window.rows), rows + 1);
	await page.evaluate(() => { document.querySelectorAll("details").forEach((d) => { d.open = true; }); document.querySelector("[data-print=all]").click(); });
	equal(await page.evaluate(() => window.rows), rows + 1, "where all was open");
	await page.emulateMediaType("screen");
	for (const width of [320, 1280]) {
		await page.setViewport({ width, height: 720 });
		check(!(await seen()).some((text) => text.includes("print all")), "on the screen");
	}
});
test("what is opened is not moved to the next sheet as a whole", async () => {
	const page = await open("story", { width: 703 });
	await page.emulateMediaType("print");
	const kept = () => page.$$eval("#d1-s1, #d1-s1 > .more, #d1-days > .card", (l) => l.map((e) => getComputedStyle(e).breakInside));
	equal(await kept(), ["avoid", "avoid", "avoid"]);
	await page.evaluate(() => document.querySelectorAll("details").forEach((d) => { d.open = true; }));
	equal(await kept(), ["auto", "auto", "auto"]);
});
test("paper has light colours, no buttons and the opened fixes", async () => {
	const page = await open("story", { dark: true, width: 703 });
	await page.evaluate(() => { document.querySelector("#todo details").open = true; });
	await page.emulateMediaType("print");
	const seen = await page.evaluate(() => ({
		paper: getComputedStyle(document.body).backgroundColor,
		buttons: [...document.querySelectorAll("button")].filter((b) => !b.closest("thead") && b.getClientRects().length > 0).length,
		headings: [...document.querySelectorAll("#d1-senders > thead th")].filter((t) => {
			const range = document.createRange();
			range.selectNodeContents(t);
			return range.getClientRects().length > 0;
		}).length,
		lost: [...document.querySelectorAll("thead button")].filter((b) => getComputedStyle(b).display !== "contents").length,	// in the head of the next sheet
		broken: [...document.querySelectorAll("#d1-senders .main .num")].filter((c) => {
			const range = document.createRange();
			range.selectNodeContents(c);
			const tops = [...range.getClientRects()].map((r) => r.top);
			return Math.max(...tops) - Math.min(...tops) > 8;
		}).length,
		fix: document.querySelector("#todo .fix").getClientRects().length > 0,
	}));
	equal(seen, { paper: "rgb(255, 255, 255)", buttons: 0, headings: 9, lost: 0, broken: 0, fix: true });
});
test("every sheet names the domains and the period, and no link is left on it as dead words", async () => {
	const page = await open("rich", { width: 703 });
	const file = path.join(work, "rich.pdf");
	await page.pdf({ format: "A4", path: file });
	const sheets = execFileSync("pdftotext", ["-layout", file, "-"]).toString().replace(/\u00a0/g, " ").split("\f").slice(0, -1);
	check(sheets.length > 3, sheets.length + " sheets");
	equal(sheets.filter((s) => !/^\s*4 domains\s.* – 23 Nov 2026/.test(s)).map((s) => s.slice(0, 200)), [], "sheets without");
	equal(sheets.filter((s) => s.includes("The evidence")), [], "dead links");
});
test("cards beside an opened one fill their row", async () => {
	const page = await open("story");
	const widths = () => page.$$eval("#todo .task", (l) => l.map((e) => Math.round(e.getBoundingClientRect().width)));
	const closed = await widths();
	check(closed.length === 3 && Math.max(...closed) - Math.min(...closed) <= 1, "closed: " + closed);
	await page.evaluate(() => { document.querySelector("#todo details").open = true; });
	const opened = await widths(), row = await page.$eval("#todo .todo", (e) => Math.round(e.getBoundingClientRect().width));
	equal(opened[0], row, "the opened card");
	check(Math.abs(opened[1] + opened[2] + 16 - row) <= 2, "the others: " + opened + " of " + row);
});
test("classes sort from the worst to the best, as the manual has them", async () => {
	const page = await open("rich");
	await page.click("#d1-senders thead th:nth-child(3) button");
	await page.click("#d1-senders thead th:nth-child(2) button");
	const words = await page.$$eval("#d1-senders tr.main .class", (l) => l.map((e) => e.textContent));
	const order = ["losing mail", "will be lost", "undecided", "passing", "forwarded", "not you"], ranks = words.map((w) => order.indexOf(w));
	check(new Set(words).size > 3 && ranks.every((r, i) => r >= 0 && (i === 0 || r >= ranks[i - 1])), words.join());
});

(async () => {
	browser = await puppeteer.launch({
		executablePath: process.env.CHROMIUM, headless: true,
		args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
	});
	let n = 0, failed = 0;
	console.log("1.." + tests.length);
	for (const t of tests) {
		n++;
		try {
			await t.fn();
			console.log(`ok ${n} - ${t.name}`);
		} catch (e) {
			failed++;
			console.log(`not ok ${n} - ${t.name}\n# ${String(e.message).split("\n").join("\n# ")}`);
		}
		for (const page of await browser.pages()) if (page.url() !== "about:blank") await page.close();
	}
	await browser.close();
	process.exit(failed > 0 ? 1 : 0);
})();
