"""The page of leakwatch export --format html, in a browser.

    html_page.py PAGE REPORT TEXT HOSTILE TEMPLATE

PAGE and HOSTILE are pages of real ledgers (HOSTILE: of a program whose names are full of markup); REPORT and TEXT
are the JSON and the text report of PAGE's ledger; TEMPLATE is the page without a report.
"""

import json
import random
import re
import sys
import tempfile
import time
import unittest
from pathlib import Path

import browser
import page_data
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

PAGE, REPORT, TEXT, HOSTILE, TEMPLATE = (Path(argument).resolve() for argument in sys.argv[1:6])
EVIL = '</script><script>window.owned=1</script><img src=x onerror="window.owned=1">'


class Page(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.driver = browser.start()
        cls.addClassCleanup(cls.driver.quit)

    def open(self, path):
        browser.complaints(self.driver)
        browser.requests(self.driver)
        self.driver.get(path.as_uri())
        self.assertIsNotNone(self.driver.execute_script("return document.documentElement.dataset.ready"), "not ready")

    def tearDown(self):
        self.assertEqual(browser.complaints(self.driver), [])

    def one(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def text(self, selector):
        """Also of what is scrolled away or in closed details; white space as one blank."""
        return " ".join(self.one(selector).get_attribute("textContent").split())

    def texts(self, selector):
        return self.driver.execute_script(
            "return [...document.querySelectorAll(arguments[0])].map((e) => e.textContent)", selector
        )

    def until(self, what, holds):
        end = time.monotonic() + 20
        while not holds():
            self.assertLess(time.monotonic(), end, f"never: {what}")
            time.sleep(0.05)

    def key(self, *keys):
        self.driver.switch_to.active_element.send_keys(*keys)

    def show_flame(self):
        self.driver.execute_script("document.getElementById('flames').scrollIntoView({behavior: 'instant'})")
        self.until("a flame graph", lambda: self.all("#flame .frame"))

    def synthesize(self, report):
        file = tempfile.NamedTemporaryFile(suffix=".html", delete=False)
        self.addCleanup(Path(file.name).unlink)
        page_data.write(file.name, TEMPLATE, report)
        self.open(Path(file.name))

    # ---- what it shows ----

    def test_it_opens_without_a_network(self):
        self.open(PAGE)
        self.show_flame()
        asked = browser.requests(self.driver)
        self.assertEqual([address for address in asked if not address.startswith(("file://", "data:"))], [])
        self.assertIn(PAGE.as_uri(), asked)
        policy = self.one("meta[http-equiv=Content-Security-Policy]").get_attribute("content")
        self.assertIn("default-src 'none'", policy)
        self.assertNotIn("unsafe", policy)
        self.assertNotRegex(PAGE.read_text(), r"(src|href)=[\"']?(https?:)?//")

    def test_its_findings_are_those_of_the_other_reports(self):
        self.open(PAGE)
        report = json.loads(REPORT.read_text())
        growing = [site for site in report["sites"] if site["verdict"] == "growing"]
        found = re.findall(
            r"^#(\d+)  GROWING  (\S+)   (\S+ \S+)   (.+?) -> (.+?)   (\S+) blocks? live of (\S+)   confidence (\S+)",
            TEXT.read_text(), re.M,
        )  # fmt: skip
        self.assertTrue(found)
        self.assertEqual(len(found), len(self.all(".card")))
        self.assertEqual(self.text("#headline"), " ".join(report["headline"].split()))
        for number, shape, rate, begin, end, blocks, allocations, confidence in found:
            card = " ".join(self.all(".card")[int(number) - 1].get_attribute("textContent").split())
            figures = (f"#{number}", f"growing · {shape}", rate, f"{begin} → {end}", f"{blocks} of {allocations}", confidence)
            for part in figures:
                self.assertIn(part, card)
        first = growing[0]
        named = first["stack"][first["named"]]
        self.assertEqual(self.text(".card .name"), named["function"])
        self.assertEqual(self.text(".card .named .function"), named["function"])
        self.assertEqual(
            self.texts(".card[data-site='%d'] .function" % first["id"]), [f["function"] for f in first["stack"]]
        )
        self.assertEqual(self.text(".suppress code"), f"leak:{first['suppress_with']}")

    def test_it_saves_the_json_report(self):
        self.open(PAGE)
        saved = self.driver.execute_async_script("""
            const done = arguments[0];
            HTMLAnchorElement.prototype.click = () => {};
            URL.createObjectURL = (blob) => { blob.text().then(done); return "blob:"; };
            document.getElementById("save").click();""")
        self.assertEqual(json.loads(saved), json.loads(REPORT.read_text()))

    def test_a_heap_that_grows_speaks_for_its_sites(self):
        stack = [page_data.frame(n) for n in ("mmap", "v8::AllocatePages", "handleRequest", "main")]
        sites = [page_data.site(1, stack, 3 << 20, False), page_data.site(2, [stack[0], *stack[2:]], 1 << 20, True)]
        sites[0]["runtime"] = "v8"
        report = page_data.of_sites(sites)
        report["runtimes"] = [{
            "name": "v8", "heap": "V8 heap", "verdict": "growing", "shape": "linear", "confidence": 0.8,
            "growth_bytes_per_s": 2048.0, "suppressed": False, "freed_at_end": False, "exact": False,
            "live_bytes": 3 << 20, "peak_bytes": 3 << 20, "page_requests": 12, "sites": 1, "hint": f"add {EVIL}",
            "history": page_data.history(3 << 20),
            "callers": [{"function": EVIL, "file": "/app/server.js", "line": 7, "bytes": 3 << 20, "share": 0.75, "site": 1}],
        }]  # fmt: skip
        self.synthesize(report)
        self.assertEqual(self.texts(".card .name"), ["V8 heap", "handleRequest"])
        card = self.text(".card[data-runtime=v8]")
        for part in ("+2.0 KiB/s", "75.0 %", EVIL, "app/server.js:7", f"suppress with leak:{EVIL}", "v8::AllocatePages"):
            self.assertIn(part, card)
        self.until("its chart", lambda: self.all(".card[data-runtime=v8] canvas"))
        self.show_flame()
        self.assertIn("v8::AllocatePages: 3.0 MiB, 75.0 %", self.labels())
        self.assertIsNone(self.driver.execute_script("return window.owned"))

    def test_a_group_of_small_sites_stands_where_its_growth_puts_it(self):
        sites = [page_data.site(1, [page_data.frame(n) for n in ("malloc", "parse", "main")], 1 << 20, True)]
        sites[0]["growth_bytes_per_s"] = 1000.0
        group = {
            "function": EVIL, "file": "/app/parser.c", "line": 9, "module": "/app/parser", "stacks": 300,
            "strongest_site": 1, "known_from_baseline": False, "verdict": "growing", "shape": "linear", "confidence": 0.9,
            "growth_bytes_per_s": 3072.0, "from_bytes": 0, "live_bytes": 2 << 20, "live_blocks": 4000,
            "history": page_data.history(2 << 20),
            "stack": [page_data.frame(n) for n in (EVIL, "parse_term", "main")],
        }  # fmt: skip
        known = group | {"function": "known_one", "known_from_baseline": True}
        self.synthesize(page_data.of_sites(sites) | {"groups": [group, known]})
        self.assertEqual(self.texts(".card .name"), [EVIL, "parse"])
        card = self.one(".card[data-group]").text
        for part in ("+3.0 KiB/s", "in 300 stacks", "app/parser.c:9", f"suppress with leak:{EVIL}", "parse_term"):
            self.assertIn(part, card)
        self.until("its chart", lambda: self.all(".card[data-group] canvas"))
        self.assertIsNone(self.driver.execute_script("return window.owned"))

    def test_its_charts_are_drawn_and_said(self):
        self.open(PAGE)
        self.driver.execute_script("document.querySelector('.card .chart').scrollIntoView()")
        self.until("a chart", lambda: self.all(".card .chart canvas"))
        self.assertRegex(self.one(".card .chart").get_attribute("aria-label"), r"Live bytes over time: .*MiB at ")
        ink = """const c = document.querySelector(arguments[0]);
            return new Set(new Uint32Array(c.getContext('2d').getImageData(0, 0, c.width, c.height).data.buffer)).size"""
        self.assertGreater(self.driver.execute_script(ink, ".card .chart canvas"), 3)
        self.assertGreater(self.driver.execute_script(ink, "#memory-chart canvas"), 3)
        self.one(".chart-figures summary").click()
        site = json.loads(REPORT.read_text())["sites"][0]
        self.until("figures", lambda: len(self.all(".card:first-child .figures tbody tr")) == len(site["history"]))

    def test_nothing_is_wider_than_a_telephone(self):
        browser.resize(self.driver, 360, 800)
        self.addCleanup(self.driver.execute_cdp_cmd, "Emulation.clearDeviceMetricsOverride", {})
        for path in (PAGE, HOSTILE):
            self.open(path)
            self.assertEqual(self.driver.execute_script("return document.documentElement.scrollWidth"), 360)

    def test_dark_and_light_follow_the_system_and_the_button(self):
        background = "return getComputedStyle(document.body).backgroundColor"
        self.addCleanup(browser.prefer, self.driver, "light")
        browser.prefer(self.driver, "dark")
        self.open(PAGE)
        self.driver.execute_script("localStorage.clear(); location.reload()")
        self.until("reloaded", lambda: self.text("#theme") == "Theme: auto")
        dark = self.driver.execute_script(background)
        browser.prefer(self.driver, "light")
        self.until("light", lambda: self.driver.execute_script(background) == "rgb(255, 255, 255)")
        self.assertNotEqual(dark, "rgb(255, 255, 255)")
        self.one("#theme").click()
        self.assertEqual(self.text("#theme"), "Theme: light")
        self.one("#theme").click()
        self.assertEqual(self.driver.execute_script(background), dark)
        self.one("#theme").click()
        self.assertEqual(self.text("#theme"), "Theme: auto")

    # ---- the table ----

    def column(self, number):
        return self.texts(f"#sites-body tr[data-site] > :nth-child({number})")

    def test_the_table_is_sorted_by_a_click_on_any_heading(self):
        sites = page_data.report(40, random.Random(2))["sites"]
        for i, site in enumerate(sites):
            site["allocations"] = (i * 7919) % 1000
        self.synthesize(page_data.of_sites(sites))
        self.assertEqual(self.column(1), [str(i + 1) for i in range(40)])
        button = self.one("[data-column=Allocations] button")
        button.click()
        expected = sorted((site["allocations"] for site in sites), reverse=True)
        self.assertEqual([int(n.replace(",", "")) for n in self.column(8)], expected)
        self.assertEqual(self.one("[data-column=Allocations]").get_attribute("aria-sort"), "descending")
        button.click()
        self.assertEqual([int(n.replace(",", "")) for n in self.column(8)], expected[::-1])
        self.one("[data-column=Site] button").click()
        names = self.texts("#sites-body .open")
        self.assertEqual(names, sorted(names))
        self.assertEqual(len(self.all("[aria-sort]")), 1)

    def test_the_table_is_filtered_and_opened_row_by_row(self):
        self.synthesize(page_data.report(250, random.Random(3)))
        self.assertEqual(len(self.all("#sites-body tr")), 100)
        self.one("#sites-more").click()
        self.assertEqual(len(self.all("#sites-body tr")), 200)
        self.one("#sites-more").click()
        self.assertEqual(len(self.all("#sites-body tr")), 250)
        self.assertFalse(self.one("#sites-more").is_displayed())
        self.one("#sites-verdict option[value=growing]").click()
        self.assertEqual(len(self.all("#sites-body tr")), 2)
        self.one("#sites-body .open").click()
        self.assertEqual(self.one("#sites-body .open").get_attribute("aria-expanded"), "true")
        self.until("a chart", lambda: self.all("#sites-body .opened canvas"))
        self.one("#sites-body .open").click()
        self.assertEqual(self.all("#sites-body .opened"), [])
        self.one("#sites-filter").send_keys("no such function")
        self.until("nothing", lambda: not self.all("#sites-body tr"))
        self.assertIn("0 of 250 sites", self.text("#sites-status"))

    # ---- the flame graph ----

    def labels(self):
        return [frame.get_attribute("aria-label") for frame in self.all("#flame .frame")]

    def test_the_flame_graph_finds_and_zooms(self):
        report = page_data.of_sites([
            page_data.site(1, [page_data.frame(n) for n in ("malloc", "remember", "serve", "main")], 3 << 20, True),
            page_data.site(2, [page_data.frame(n) for n in ("malloc", "load", "main")], 1 << 20, False),
        ])  # fmt: skip
        report["totals"]["live_bytes"] += 1 << 20  # of sites too small to be in the report
        self.synthesize(report)
        self.show_flame()
        self.assertIn("remember: 3.0 MiB, 100.0 %", self.labels())  # growth
        self.one("input[value=live]").click()
        self.assertIn("remember: 3.0 MiB, 60.0 %", self.labels())
        self.assertIn("(sites that never reached 64.0 KiB): 1.0 MiB, 20.0 %", self.labels())
        self.one("#flame-search").send_keys("LOAD")
        self.assertEqual(self.text("#flame-status"), "1 of 8 frames match: 1.0 MiB, 20.0 %")
        self.one("#flame-search").send_keys("(")
        self.assertEqual(self.text("#flame-status"), "0 of 8 frames match: 0 B, 0.0 %")
        width = self.one("#flame").size["width"]
        self.one("#flame .frame[aria-label^=serve]").click()
        self.until("zoom", lambda: self.one("#flame .frame[aria-label^=remember] rect").size["width"] > 0.98 * width)
        self.assertEqual(self.all("#flame .frame[aria-label^=load]"), [])
        self.one("#flame-reset").click()
        self.until("all again", lambda: self.all("#flame .frame[aria-label^=load]"))

    def test_keys_alone_lead_everywhere(self):
        self.open(PAGE)
        focused = "return document.activeElement.%s"
        visited = []
        self.driver.execute_script("document.activeElement.blur()")
        for _ in range(200):
            self.one("body").send_keys(Keys.TAB) if not visited else self.key(Keys.TAB)
            visited.append(self.driver.execute_script(focused % "id") or self.driver.execute_script(focused % "textContent"))
            if self.driver.execute_script(focused % "closest('#flame')"):
                break
        self.assertEqual(visited[0], "Skip to the findings")
        self.assertIn("theme", visited)
        self.assertIn("Figures of this chart", visited)
        self.assertIn("flame-search", visited)
        self.assertTrue(self.driver.execute_script(focused % "closest('#flame')"), visited)
        root = self.driver.execute_script(focused % "getAttribute('aria-label')")
        self.key(Keys.ARROW_DOWN)
        child = self.driver.execute_script(focused % "getAttribute('aria-label')")
        self.assertNotEqual(root, child)
        self.assertEqual(self.driver.execute_script(focused % "getAttribute('aria-level')"), "2")
        self.key(Keys.ENTER)
        self.assertTrue(self.one("#flame-reset").is_enabled())
        self.assertEqual(self.driver.execute_script(focused % "getAttribute('aria-label')"), child)
        self.key(Keys.ESCAPE)
        self.assertFalse(self.one("#flame-reset").is_enabled())
        self.key(Keys.TAB)
        self.assertEqual(self.driver.execute_script(focused % "id"), "sites-filter")
        self.driver.execute_script("document.querySelector('[data-column=Peak] button').focus()")
        self.key(Keys.ENTER)
        self.assertEqual(self.one("[data-column=Peak]").get_attribute("aria-sort"), "descending")

    def test_every_control_has_a_name(self):
        self.open(PAGE)
        self.show_flame()
        tree = self.driver.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
        roles = ("button", "link", "textbox", "searchbox", "radio", "combobox", "treeitem", "tree", "image", "table")
        nodes = [n for n in tree if not n["ignored"] and n.get("role", {}).get("value") in roles[:-1]]
        self.assertGreater(len(nodes), 20)
        self.assertEqual([n["role"]["value"] for n in nodes if not n.get("name", {}).get("value")], [])

    # ---- strangers ----

    def test_hostile_names_of_a_program_are_text(self):
        self.assertEqual(HOSTILE.read_text().lower().count("</script"), 2)
        self.open(HOSTILE)
        self.show_flame()
        self.assertIsNone(self.driver.execute_script("return window.owned"))
        self.assertIn("</script><script>window.owned=1", self.text("#command"))
        self.assertIn("\\u2028", self.text("#command"))
        self.assertEqual(self.all("img"), [])

    def test_hostile_names_of_a_report_are_text(self):
        evil = page_data.frame(EVIL)
        evil.update(file=f"/{EVIL}", line=1, module=f"/{EVIL}")
        turned = page_data.frame("a\u202eb\x07\u2028")
        report = page_data.of_sites([page_data.site(1, [turned, evil, evil], 1 << 20, True)])
        report["process"].update(program=EVIL, command=[EVIL])
        report["headline"] = EVIL
        report["recorder"].update(version=EVIL, notes=[EVIL], losses={EVIL: 1})
        report["process"]["children"] = [{"pid": 1, "program": EVIL, "growing": 1}]
        self.synthesize(report)
        self.show_flame()
        self.one("#sites-body .open").click()
        self.one("#flame-search").send_keys("<img")
        self.assertIn("of 4 frames match", self.text("#flame-status"))
        self.assertIsNone(self.driver.execute_script("return window.owned"))
        self.assertEqual(self.all("img"), [])
        self.assertEqual(self.text(".card .name"), EVIL)
        self.assertIn("a\\u202eb\\x07\\u2028", self.texts(".card .function"))

    def test_a_report_without_anything_is_shown(self):
        report = page_data.of_sites([])
        report["memory"] = dict.fromkeys(report["memory"], None) | {"tracked_bytes": 0, "heap_bytes": 0, "mmap_bytes": 0}
        report["process"].update(command=[], program=None, started=None, duration_s=0)
        self.synthesize(report)
        self.driver.execute_script("document.getElementById('flames').scrollIntoView({behavior: 'instant'})")
        self.until("words", lambda: "Nothing is live" in self.text("#flame"))

    def test_ten_thousand_sites_can_be_used(self):
        self.synthesize(page_data.report(10000, random.Random(4)))
        self.assertEqual(len(self.all(".card")), 10)
        self.one("#findings-box .more").click()
        self.assertEqual(len(self.all(".card")), 20)
        self.assertIn("10,000 sites", self.text("#sites-status"))
        self.one("[data-column=Site] button").click()
        self.assertEqual(len(self.all("#sites-body tr")), 100)
        self.show_flame()


unittest.main(argv=sys.argv[:1], verbosity=2)
