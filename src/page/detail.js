// Detail: the pieces that cards and opened rows are made of.
import { drawSite, figuresOf } from "./chart.js";
import { element, whenSeen } from "./dom.js";
import { verdictOf } from "./report.js";
import { stackOf } from "./stack.js";

// figures: [what, how much, what it means]; false ones are left out.
export function figureList(figures) {
    const list = element("dl", { class: "figures-row" });
    for (const [what, value, meaning] of figures.filter(Boolean))
        list.append(element("div", { title: meaning }, element("dt", {}, what), element("dd", {}, value)));
    return list;
}

// Of a site, or of a runtime.
export function badge(site) {
    const verdict = verdictOf(site);
    const shape = site.verdict === "growing" && site.shape ? ` · ${site.shape}` : null;
    return element("span", { class: `badge ${verdict}` }, verdict, shape);
}

// Of a site, or of a runtime: its history, drawn when it is seen, and in figures when they are asked for.
export function chartBox(site) {
    const chart = element("div", { class: "chart" });
    whenSeen(chart, () => drawSite(chart, site));
    const box = element("div", {}, element("h4", {}, "Live bytes over time"), chart);
    if (!site.history.length) return box;
    const figures = element("details", { class: "chart-figures" }, element("summary", {}, "Figures of this chart"));
    figures.addEventListener("toggle", () => figures.children.length > 1 || figures.append(figuresOf(site)));
    box.append(figures);
    return box;
}

export function suppressLine(pattern) {
    return element("p", { class: "suppress" }, "suppress with ", element("code", { tabindex: "0" }, `leak:${pattern}`));
}

// Chart, stack and what would suppress it.
export function detailOf(site) {
    const right = element("div", {}, element("h4", {}, "Call stack"), stackOf(site));
    if (site.verdict === "growing" && site.suppress_with) right.append(suppressLine(site.suppress_with));
    return element("div", { class: "detail" }, chartBox(site), right);
}
