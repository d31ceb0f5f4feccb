// Table: every site of the report, sorted by any column, filtered by text and verdict. Rows are added a page at a
// time: ten thousand at once would be slow, and nobody reads them.
import { byId, element } from "./dom.js";
import { bytes, count, plural, rate } from "./format.js";
import { badge, detailOf } from "./detail.js";
import { functionOf, nameOf, namedFrame, placeOf, report, verdictOf } from "./report.js";

const AT_ONCE = 100; // rows

// number: sorted from the largest at first. The first column is the report's own order.
const COLUMNS = [
    {
        name: "#",
        of: (row) => row.rank,
        text: (row) => count(row.rank),
        title: "the report's order: growing sites first, then by live bytes",
    },
    { name: "Site", of: (row) => row.name.toLowerCase(), cell: siteCell },
    { name: "Verdict", of: (row) => verdictOf(row.site), cell: (row) => badge(row.site) },
    {
        name: "Growth",
        number: true,
        of: (row) => row.site.growth_bytes_per_s ?? 0,
        text: (row) => (row.site.growth_bytes_per_s > 0 ? rate(row.site.growth_bytes_per_s) : "–"),
    },
    {
        name: "Live",
        number: true,
        of: (row) => row.site.live_bytes,
        text: (row) => bytes(row.site.live_bytes),
        title: "at the very end",
    },
    {
        name: "Peak",
        number: true,
        of: (row) => row.site.peak_bytes ?? 0,
        text: (row) => bytes(row.site.peak_bytes ?? 0),
    },
    {
        name: "Blocks",
        number: true,
        of: (row) => row.site.live_blocks,
        text: (row) => count(row.site.live_blocks),
        title: "live",
    },
    {
        name: "Allocations",
        number: true,
        of: (row) => row.site.allocations,
        text: (row) => count(row.site.allocations),
    },
    {
        name: "Allocated",
        number: true,
        of: (row) => row.site.allocated_bytes,
        text: (row) => bytes(row.site.allocated_bytes),
        title: "bytes ever asked for",
    },
];

const rows = [];
let view = []; // of rows: what is left by the filter, sorted
let shown = 0; // of view
let sorted = {}; // { column, down }

function siteCell(row) {
    const frame = namedFrame(row.site);
    const button = element("button", { type: "button", class: "open", "aria-expanded": "false" }, row.name);
    button.addEventListener("click", () => toggle(button, row));
    return element("span", {}, button, " ", element("span", { class: "place" }, frame ? placeOf(frame) : ""));
}

function toggle(button, row) {
    const line = button.closest("tr");
    const open = button.getAttribute("aria-expanded") === "true";
    button.setAttribute("aria-expanded", String(!open));
    if (open) line.nextElementSibling.remove();
    else
        line.after(
            element(
                "tr",
                { class: "opened" },
                element("td", { colspan: COLUMNS.length }, element("div", { class: "opened-box" }, detailOf(row.site))),
            ),
        );
}

function line(row) {
    const cells = COLUMNS.map((column) =>
        element(
            column.cell && column.name === "Site" ? "th" : "td",
            {
                class: column.number || column.name === "#" ? "number" : null,
                scope: column.name === "Site" ? "row" : null,
            },
            column.cell ? column.cell(row) : column.text(row),
        ),
    );
    return element("tr", { "data-site": row.site.id }, ...cells);
}

function showMore(most) {
    const body = byId("sites-body");
    const to = Math.min(shown + most, view.length);
    const added = view.slice(shown, to).map(line);
    body.append(...added);
    shown = to;
    byId("sites-more").hidden = shown === view.length;
    byId("sites-status").textContent =
        view.length === rows.length
            ? `${plural(view.length, "site")}, ${count(shown)} shown`
            : `${count(view.length)} of ${plural(rows.length, "site")} match, ${count(shown)} shown`;
    return added[0];
}

function compare(a, b) {
    const x = sorted.column.of(a);
    const y = sorted.column.of(b);
    return (sorted.down ? -1 : 1) * ((x > y) - (x < y)) || a.rank - b.rank;
}

function showAgain() {
    const term = byId("sites-filter").value.trim().toLowerCase();
    const verdict = byId("sites-verdict").value;
    view = rows
        .filter((row) => (!verdict || verdictOf(row.site) === verdict) && (!term || textOf(row).includes(term)))
        .sort(compare);
    shown = 0;
    byId("sites-body").replaceChildren();
    showMore(AT_ONCE);
}

// What the filter looks at: every function, file and module of the stack. Made when it is first asked for.
function textOf(row) {
    row.text ??= row.site.stack
        .map((frame) => `${functionOf(frame)}\n${frame.file ?? ""}\n${frame.module}`)
        .join("\n")
        .toLowerCase();
    return row.text;
}

function sortBy(column) {
    const again = sorted.column === column;
    sorted = { column, down: again ? !sorted.down : Boolean(column.number) };
    for (const head of byId("sites-head").children) {
        const mine = head.dataset.column === column.name;
        if (mine) head.setAttribute("aria-sort", sorted.down ? "descending" : "ascending");
        else head.removeAttribute("aria-sort");
    }
    showAgain();
}

function heading(column) {
    const button = element("button", { type: "button", title: column.title }, column.name);
    button.addEventListener("click", () => sortBy(column));
    return element(
        "th",
        { scope: "col", "data-column": column.name, class: column.number || column.name === "#" ? "number" : null },
        button,
    );
}

function offerVerdicts() {
    for (const verdict of [...new Set(report.sites.map(verdictOf))])
        byId("sites-verdict").append(element("option", { value: verdict }, verdict));
}

export function showTable() {
    report.sites.forEach((site, i) => rows.push({ site, rank: i + 1, name: nameOf(site) }));
    const left = report.totals.sites - rows.length;
    byId("sites-note").textContent =
        left > 0
            ? `Sites that reached ${bytes(report.recorder.min_bytes ?? 0)}, the recorder's --min-bytes. ${plural(left, "smaller site")} left out.`
            : "Every site that ever allocated.";
    byId("sites-head").append(...COLUMNS.map(heading));
    offerVerdicts();
    let waiting;
    byId("sites-filter").addEventListener("input", () => {
        clearTimeout(waiting);
        waiting = setTimeout(showAgain, 80);
    });
    byId("sites-verdict").addEventListener("change", showAgain);
    byId("sites-more").addEventListener("click", () => showMore(AT_ONCE)?.querySelector("button").focus());
    sortBy(COLUMNS[0]);
}
