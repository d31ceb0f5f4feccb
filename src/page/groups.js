// Groups: the card of growth that many small stacks share.
import { badge, chartBox, figureList, suppressLine } from "./detail.js";
import { element } from "./dom.js";
import { bytes, count, plural, rate } from "./format.js";
import { functionOf, placeOf } from "./report.js";
import { stackOf } from "./stack.js";

function figures(group) {
    return [
        ["Growth", rate(group.growth_bytes_per_s ?? 0), "of the level that they never fall below again, together"],
        ["From, to", `${bytes(group.from_bytes ?? 0)} → ${bytes(group.live_bytes ?? 0)}`, "first seen, and last"],
        ["Stacks", count(group.stacks), "that have this function in common; each is too small to be told by itself"],
        ["Blocks", count(group.live_blocks), "live"],
        ["Confidence", group.confidence?.toFixed(2), "of the verdict, at most 1"],
    ];
}

export function groupCard(group, rank) {
    const id = `finding-${rank}`;
    const frame = { ...group, offset: 0 };
    const heading = element("h3", { id }, element("span", { class: "rank" }, `#${rank} `));
    heading.append(element("span", { class: "name" }, group.function ? functionOf(frame) : "(no name)"), " ");
    heading.append(element("span", { class: "place" }, placeOf(frame)));
    const stacks = element("span", { class: "badge" }, `in ${plural(group.stacks, "stack")}`);
    const right = element("div", {}, element("h4", {}, "Call stack of the strongest"), stackOf(group));
    if (group.function) right.append(suppressLine(group.function));
    const box = element("article", { class: "card", "aria-labelledby": id, "data-group": group.function ?? "" });
    box.append(element("header", {}, heading, badge(group), stacks), figureList(figures(group)));
    box.append(element("div", { class: "detail" }, chartBox(group), right));
    return box;
}
