// Stack: a site's calls, leaf first, as the text report shows them, with the call that names the site marked.
import { element } from "./dom.js";
import { plural } from "./format.js";
import { detailsOf, functionOf, placeOf } from "./report.js";

const MOST_CALLS = 14; // from the named one on; the others are a click away

function call(stack, i, named) {
    const frame = stack[i];
    const into = frame.inlined ? (stack.slice(i + 1).find((outer) => !outer.inlined) ?? stack.at(-1)) : null;
    return element(
        "li",
        { class: i === named ? "named" : i < named ? "below" : null, title: detailsOf(frame) },
        element(i === named ? "strong" : "span", { class: "function" }, functionOf(frame)),
        element("span", { class: "place" }, placeOf(frame), into && ` (inlined into ${functionOf(into)})`),
    );
}

export function stackOf(site) {
    const { stack } = site;
    const named = Math.min(site.named ?? 0, Math.max(stack.length - 1, 0));
    const end = Math.min(named + MOST_CALLS, stack.length);
    const calls = (from, to) => stack.slice(from, to).map((_, i) => call(stack, from + i, named));
    if (!stack.length) return element("p", { class: "dim" }, "(untracked: no room for another stack)");
    const box = element(
        "div",
        { class: "stack" },
        element("ol", { "aria-label": "Call stack, allocation first" }, ...calls(0, end)),
    );
    if (end < stack.length) {
        const summary = element("summary", {}, plural(stack.length - end, "more caller"));
        box.append(element("details", {}, summary, element("ol", {}, ...calls(end, stack.length))));
    }
    if (site.stack_cut) box.append(element("p", { class: "dim" }, "… the stack was cut here"));
    return box;
}
