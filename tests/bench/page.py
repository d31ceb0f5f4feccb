"""How fast does the page of leakwatch export --format html open?

    /usr/bin/python3 tests/bench/page.py BUILD [SITES [TIMES]]

Puts an invented report of SITES (10000) sites, each with a full history and a stack of 24 frames, into the page of
a build folder, opens it TIMES (5) times in headless Chromium, and prints seconds from the request until everything
is there and answers, and how long a sort, a search in the table, and the flame graph take after that.
"""

import random
import statistics
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "system"))
import browser
import page_data


def opened(driver, path):
    driver.get(path.as_uri())
    return driver.execute_script("return performance.getEntriesByType('navigation')[0].loadEventEnd") / 1000


# Seconds from an action until what it should bring is there and painted. (The page's policy forbids eval.)
TIMED = """
const done = arguments[0];
const began = performance.now();
const look = () => {
    if (!(%s)) return requestAnimationFrame(look);
    setTimeout(() => done((performance.now() - began) / 1000));
};
%s;
requestAnimationFrame(look);
"""
ACTIONS = {
    "sort by name": (
        "document.querySelector('[data-column=Site] button').click()",
        "document.querySelector('[data-column=Site][aria-sort]')",
    ),
    "flame graph": (
        "document.getElementById('flames').scrollIntoView({behavior: 'instant'})",
        "document.querySelector('#flame svg .frame')",
    ),
    "search in it": (
        "const s = document.getElementById('flame-search'); s.value = 'function_1'; s.dispatchEvent(new Event('input'))",
        "document.getElementById('flame-status').textContent",
    ),
}


def main():
    build, sites, times = Path(sys.argv[1]), int((sys.argv[2:3] or [10000])[0]), int((sys.argv[3:4] or [5])[0])
    with tempfile.TemporaryDirectory() as folder, browser.start() as driver:
        path = Path(folder) / "page.html"
        page_data.write(path, build / "src/page/page.html", page_data.report(sites, random.Random(1)))
        print(f"{sites} sites, {path.stat().st_size / 2**20:.1f} MiB")
        figures = {"open": []}
        for _ in range(times):
            figures["open"].append(opened(driver, path))
            for name, (action, there) in ACTIONS.items():
                figures.setdefault(name, []).append(driver.execute_async_script(TIMED % (there, action)))
        for name, values in figures.items():
            print(f"{name:14} median {statistics.median(values):.2f} s   slowest {max(values):.2f} s")


main()
