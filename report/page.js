// SPDX-License-Identifier: MIT
// Comfort for the page: theme, filter, sort, copy, print. The page is complete without it; what needs it is made or shown here.
(function () {
	"use strict";
	var root = document.documentElement;
	var each = function (list, fn) { Array.prototype.forEach.call(list, fn); };
	var all = function (what, within) { return (within || document).querySelectorAll(what); };
	var make = function (tag, text, attributes) {
		var e = document.createElement(tag);
		e.textContent = text;
		for (var key in attributes) e.setAttribute(key, attributes[key]);
		return e;
	};
	root.classList.add("script");

	// The fragment holds the theme and the place: #theme=dark&at=sources. A plain #sources works too.
	function state() {
		var found = { theme: "auto", at: "" };
		location.hash.slice(1).split("&").forEach(function (part) {
			var m = /^(theme|at)=([\w-]*)$/.exec(part);
			if (m) found[m[1]] = m[2];
			else if (/^[\w-]+$/.test(part)) found.at = part;
		});
		if (found.theme !== "dark" && found.theme !== "light") found.theme = "auto";
		return found;
	}
	function fragment(theme, at) {
		return "#" + [theme === "auto" ? "" : "theme=" + theme, theme === "auto" ? at : at && "at=" + at].filter(Boolean).join("&");
	}
	function apply(event) {
		var now = state(), target = now.at && document.getElementById(now.at);
		if (now.theme === "auto") root.removeAttribute("data-theme");
		else root.setAttribute("data-theme", now.theme);
		each(all("[data-set-theme]"), function (a) {
			var mine = a.getAttribute("data-set-theme");
			if (mine === now.theme) a.setAttribute("aria-current", "true");
			else a.removeAttribute("aria-current");
			a.setAttribute("href", fragment(mine, now.at));
		});
		each(all("a[data-to]"), function (a) {
			a.setAttribute("href", fragment(now.theme, a.getAttribute("data-to")));
		});
		if (!target) return;
		for (var up = target; up; up = up.parentElement)
			if (up.tagName === "DETAILS") up.open = true;
		if (target.tagName === "TBODY") {
			target.hidden = false;
			each(all(".drill > details", target), function (d) { d.open = true; });
		}
		if (now.theme !== "auto" || event === undefined) target.scrollIntoView();
	}
	each(all("a[href^='#']:not([data-set-theme])"), function (a) {
		a.setAttribute("data-to", a.getAttribute("href").slice(1));
	});
	addEventListener("hashchange", apply);
	apply();

	// Sort: a heading with data-sort becomes a button; a row is a tbody where the table has several of them.
	function rows(table) {
		return table.tBodies.length > 1 ? Array.prototype.slice.call(table.tBodies) :
			Array.prototype.slice.call(table.tBodies[0].rows);
	}
	function value(row, column, kind) {
		var cells = (row.rows ? row.rows[0] : row).cells, cell = cells[column];
		if (!cell) return kind === "text" ? "" : -1;
		if (cell.hasAttribute("data-v")) return kind === "text" ? cell.getAttribute("data-v") : +cell.getAttribute("data-v");
		var text = cell.textContent.trim();
		if (kind === "text") return text.toLowerCase();
		text = text.replace(/,/g, "");
		return isNaN(parseFloat(text)) ? -1 : parseFloat(text);
	}
	function sort(table, th) {
		var kind = th.getAttribute("data-sort"), down = th.getAttribute("aria-sort") === "descending";
		if (!th.hasAttribute("aria-sort")) down = kind === "text";
		var sign = down ? 1 : -1, list = rows(table), parent = list.length && list[0].parentNode;
		each(all("th[aria-sort]", table), function (other) { other.removeAttribute("aria-sort"); });
		th.setAttribute("aria-sort", down ? "ascending" : "descending");
		list.filter(function (row) { return !row.classList.contains("rest"); }).map(function (row, i) {
			return { row: row, v: value(row, th.cellIndex, kind), i: i };
		}).sort(function (a, b) {
			return a.v < b.v ? -sign : a.v > b.v ? sign : a.i - b.i;
		}).forEach(function (x) { parent.appendChild(x.row); });
		list.forEach(function (row) { if (row.classList.contains("rest")) parent.appendChild(row); });
		table.dispatchEvent(new Event("sorted"));
	}
	each(all("table"), function (table) {
		each(all("th[data-sort]", table), function (th) {
			var button = make("button", th.textContent, { type: "button" });
			th.textContent = "";
			th.appendChild(button);
			button.addEventListener("click", function () { sort(table, th); });
		});
	});

	// Filter: text over name, evidence and details; classes as chips; the first 50 rows until asked for all.
	each(all(".filter"), function (bar) {
		var table = document.getElementById(bar.getAttribute("data-table"));
		var text = bar.querySelector("input"), told = bar.querySelector("output"), more = bar.querySelector("[data-more]");
		var limit = more ? +more.getAttribute("data-more") : Infinity;
		function refresh() {
			var words = text.value.toLowerCase().split(/\s+/).filter(Boolean), off = {}, shown = 0, fit = 0, count = 0;
			each(all("[aria-pressed=false]", bar), function (chip) { off[chip.getAttribute("data-class")] = true; });
			rows(table).forEach(function (row) {
				if (row.classList.contains("rest")) return;
				var hay = row.textContent.toLowerCase();
				var fits = !off[row.getAttribute("data-class")] && words.every(function (w) { return hay.indexOf(w) >= 0; });
				count++;
				fit += fits;
				row.hidden = !fits || shown >= limit;
				shown += !row.hidden;
			});
			told.textContent = shown === count ? count + " senders" : shown + " of " + count + " senders";
			if (more) more.hidden = fit <= shown;
		}
		text.addEventListener("input", refresh);
		table.addEventListener("sorted", refresh);
		each(all("[data-class]", bar), function (chip) {
			chip.addEventListener("click", function () {
				chip.setAttribute("aria-pressed", chip.getAttribute("aria-pressed") === "false" ? "true" : "false");
				refresh();
			});
		});
		if (more) more.addEventListener("click", function () { limit = Infinity; refresh(); });
		refresh();
	});

	// Copy: a button behind each value; where the clipboard is closed the text is selected instead.
	function select(e) {
		var range = document.createRange();
		range.selectNodeContents(e);
		getSelection().removeAllRanges();
		getSelection().addRange(range);
	}
	var told = make("p", "", { "class": "away", role: "status" });	// for who does not see the button change
	document.body.appendChild(told);
	each(all("code.copy"), function (code) {
		var button = make("button", "copy", { type: "button", "aria-label": "copy " + code.textContent });
		function done(word) {
			button.textContent = told.textContent = word;
			setTimeout(function () { button.textContent = "copy"; told.textContent = ""; }, 1500);
		}
		button.addEventListener("click", function () {
			if (!navigator.clipboard) { select(code); done("selected"); return; }
			navigator.clipboard.writeText(code.textContent).then(function () { done("copied"); },
				function () { select(code); done("selected"); });
		});
		code.after(button);
	});

	// Print: as it stands, or with everything opened.
	each(all("[data-print]"), function (button) {
		button.addEventListener("click", function () {
			var whole = button.getAttribute("data-print") === "all", opened = whole ? all("details:not([open])") : [];
			each(opened, function (d) { d.open = true; });
			root.classList.toggle("print-all", whole);
			print();
			each(opened, function (d) { d.open = false; });
			root.classList.remove("print-all");
		});
	});
})();
