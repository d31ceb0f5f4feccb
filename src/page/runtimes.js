// Runtimes: the card of a language's heap that grows, with the functions that asked for its pages.
import { badge, chartBox, figureList, suppressLine } from "./detail.js";
import { element } from "./dom.js";
import { bytes, count, percent, rate } from "./format.js";
import { functionOf, placeOf, report } from "./report.js";
import { stackOf } from "./stack.js";

const MOST_CALLERS = 10;

function figures(runtime) {
    return [
        ["Growth", rate(runtime.growth_bytes_per_s ?? 0), "of the trough that it never falls below again"],
        ["Live", bytes(runtime.live_bytes ?? 0), "at the end, or before it was given back"],
        ["Peak", bytes(runtime.peak_bytes ?? 0), "the most it ever held"],
        [runtime.exact ? "Blocks" : "Page requests", count(runtime.page_requests ?? 0), "that the runtime has made"],
        ["Sites", count(runtime.sites ?? 0), "its own, which are told by it"],
        ["Confidence", runtime.confidence?.toFixed(2), "of the verdict, at most 1"],
    ];
}

function callerLine(caller) {
    const frame = { ...caller, offset: 0, module: "" };
    return element(
        "li",
        {},
        element("b", {}, percent(caller.share ?? 0, 1)),
        element("span", { class: "function" }, caller.function ? functionOf(frame) : "(no name)"),
        element("span", { class: "place" }, caller.file ? placeOf(frame) : ""),
    );
}

function callersOf(runtime) {
    const title = runtime.exact
        ? "Who allocated it (every block is counted)"
        : "Who asked for its pages (samples by page request, not an exact count)";
    const list = element("ol", {}, ...runtime.callers.slice(0, MOST_CALLERS).map(callerLine));
    return [element("h4", {}, title), element("div", { class: "stack" }, list)];
}

export function runtimeCard(runtime, rank) {
    const id = `finding-${rank}`;
    const [first] = runtime.callers;
    const site = first && report.sites.find((other) => other.id === first.site);
    const heading = element("h3", { id }, element("span", { class: "rank" }, `#${rank} `));
    heading.append(element("span", { class: "name" }, runtime.heap));
    const head = element("header", {}, heading, badge(runtime));
    if (runtime.freed_at_end) head.append(element("span", { class: "badge" }, "freed at the end"));
    const right = element("div", {}, ...(first ? callersOf(runtime) : []));
    if (site) right.append(element("h4", {}, "Call stack of the strongest"), stackOf(site));
    right.append(suppressLine(first?.function ?? runtime.heap));
    const box = element("article", { class: "card", "aria-labelledby": id, "data-runtime": runtime.name }, head);
    box.append(figureList(figures(runtime)), element("div", { class: "detail" }, chartBox(runtime), right));
    if (runtime.hint) box.append(element("p", { class: "dim" }, `To see more: ${runtime.hint}`));
    return box;
}
