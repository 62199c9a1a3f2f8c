// SPDX-License-Identifier: MIT
// Pictures of a page for the README: node shots.js PAGE.html FOLDER (light, dark, phone, and print by pdftoppm, which `sh tests/tools/deps.sh pictures` installs). Look at them before committing.
"use strict";
const { execFileSync } = require("child_process");
const fs = require("fs");
const path = require("path");
const puppeteer = require("puppeteer-core");
(async () => {
	const [file, folder] = process.argv.slice(2);
	const browser = await puppeteer.launch({
		executablePath: process.env.CHROMIUM || "/usr/bin/chromium", headless: true,
		args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
	});
	for (const [name, width, height, theme] of [["light", 1280, 1500, "light"], ["dark", 1280, 1500, "dark"], ["phone", 390, 1100, "light"]]) {
		const page = await browser.newPage();
		await page.setViewport({ width, height });
		await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: theme }]);
		await page.goto("file://" + path.resolve(file));
		await page.screenshot({ path: path.join(folder, `page-${name}.png`) });
	}
	const paper = await browser.newPage();
	await paper.goto("file://" + path.resolve(file));
	await paper.evaluate(() => { document.querySelector("#todo details").open = true; });
	await paper.pdf({ path: path.join(folder, "page.pdf"), format: "A4" });
	execFileSync("pdftoppm", ["-png", "-r", "90", "-singlefile", path.join(folder, "page.pdf"), path.join(folder, "page-print")]);
	fs.unlinkSync(path.join(folder, "page.pdf"));
	await browser.close();
})();
