// Findings: a card for each runtime, each group and each place that grows, worst first.
import { badge, detailOf, figureList } from "./detail.js";
import { byId, element } from "./dom.js";
import { about, bytes, count, plural, rate } from "./format.js";
import { groupCard } from "./groups.js";
import { growingGroups, growingRuntimes, growingSites, nameOf, namedFrame, placeOf, places, report } from "./report.js";
import { runtimeCard } from "./runtimes.js";

const AT_ONCE = 10; // cards; more by a button

function figures(site) {
    const growing = site.verdict === "growing";
    return [
        growing && ["Growth", rate(site.growth_bytes_per_s), "of the level that it never falls below again"],
        growing && [
            "From, to",
            `${bytes(site.from_bytes ?? 0)} → ${bytes(site.to_bytes ?? 0)}`,
            site.freed_at_end ? "it was freed when the program ended" : "first seen, and last",
        ],
        !growing && ["Live", bytes(site.to_bytes ?? 0), "at the end, or before the program took itself apart"],
        ["Peak", bytes(site.peak_bytes ?? 0), "the most it ever held"],
        ["Blocks", `${count(site.live_blocks)} of ${count(site.allocations)}`, "live, of all it ever allocated"],
        growing &&
            site.growth_bytes_per_allocation > 0 && [
                "Each call",
                `+${bytes(site.growth_bytes_per_allocation)}`,
                "what an allocation here adds on average",
            ],
        growing &&
            site.seconds_to_limit != null && [
                "Memory used up in",
                about(site.seconds_to_limit),
                "if only this site went on",
            ],
        growing && ["Confidence", site.confidence?.toFixed(2), "of the verdict, at most 1"],
    ];
}

function headOf(site, rank, id) {
    const frame = namedFrame(site);
    const heading = element("h3", { id }, element("span", { class: "rank" }, `#${rank} `));
    heading.append(element("span", { class: "name" }, nameOf(site)), " ");
    heading.append(element("span", { class: "place" }, frame ? placeOf(frame) : ""));
    const head = element("header", {}, heading, badge(site));
    if (site.kind === "mmap") head.append(element("span", { class: "badge" }, "mmap"));
    if (site.freed_at_end) head.append(element("span", { class: "badge" }, "freed at the end"));
    return head;
}

function card({ site, others, container }, rank) {
    const id = `finding-${rank}`;
    const box = element("article", { class: "card", "aria-labelledby": id, "data-site": site.id });
    box.append(headOf(site, rank, id), figureList(figures(site)), detailOf(site));
    if (others.length) {
        const also = others.reduce((sum, other) => sum + other.growth_bytes_per_s, 0);
        const stacks = plural(others.length, "other stack");
        box.append(element("p", { class: "dim" }, `Also through ${stacks} to this place (${rate(also)}).`));
    }
    if (container) {
        const frame = namedFrame(container);
        const what = `Held by ${nameOf(container)} ${frame ? placeOf(frame) : ""}, which grows with it`;
        box.append(element("p", { class: "dim" }, `${what} (${rate(container.growth_bytes_per_s)}).`));
    }
    return box;
}

// cards: functions from a rank to a card. Appends the next ones, and a button while there are more.
function showCards(box, cards, from) {
    const to = Math.min(from + AT_ONCE, cards.length);
    for (let i = from; i < to; i++) box.append(cards[i](i + 1));
    if (to === cards.length) return;
    const more = element(
        "button",
        { type: "button", class: "more" },
        `Show ${Math.min(AT_ONCE, cards.length - to)} more of ${count(cards.length)}`,
    );
    more.addEventListener("click", () => {
        more.remove();
        showCards(box, cards, to);
        box.querySelectorAll(".card")[to].querySelector("summary, code")?.focus();
    });
    box.append(more);
}

// What is worth a look where nothing grows.
function largest() {
    const sites = report.sites.filter((site) => (site.to_bytes ?? 0) > 0).sort((a, b) => b.to_bytes - a.to_bytes);
    return sites.slice(0, 3).map((site) => ({ site, others: [] }));
}

function noteOf(runtimes, groups, shared, others) {
    const sites = shared.reduce((sum, place) => sum + 1 + place.others.length, 0);
    const stacks = shared.length < sites ? ` through ${plural(sites, "stack")}` : "";
    const parts = [
        ...runtimes.map((runtime) => runtime.heap),
        groups.length && `${plural(groups.length, "group")} of small sites`,
        shared.length && plural(shared.length, "place") + stacks,
    ];
    if (parts.some(Boolean))
        return (
            `${parts.filter(Boolean).join(", ")}, worst first. ` +
            "A band is the lowest and the highest that was live in each window of time."
        );
    const none = report.too_short ? "The run was too short to tell what grows." : "Nothing is held to be growing.";
    return `${none} ${others.length ? "The largest sites:" : `No site ever held ${bytes(report.recorder.min_bytes ?? 0)}.`}`;
}

// An array is told with what it holds.
function withContainers(shared) {
    const told = new Set();
    for (const place of shared) {
        const { site, others, container } = place;
        if (site.container_of == null || others.length || container) continue;
        const holds = ({ site: one, others: more }) => [one, ...more].some(({ id }) => id === site.container_of);
        const elements = shared.find((other) => other !== place && !told.has(other) && !other.container && holds(other));
        if (!elements) continue;
        elements.container = site;
        told.add(place);
    }
    return shared.filter((place) => !told.has(place));
}

// What a place or a group adds to each second.
const growthOf = ({ site, others, growth_bytes_per_s: growth }) =>
    site ? [site, ...others].reduce((sum, one) => sum + (one.growth_bytes_per_s ?? 0), 0) : (growth ?? 0);

export function showFindings() {
    const runtimes = growingRuntimes();
    const groups = growingGroups();
    const shared = withContainers(places(growingSites()));
    const others = runtimes.length + groups.length + shared.length ? [] : largest();
    const mixed = [...groups, ...shared].sort((a, b) => growthOf(b) - growthOf(a));
    const cards = [
        ...runtimes.map((runtime) => (rank) => runtimeCard(runtime, rank)),
        ...[...mixed, ...others].map((one) => (rank) => (one.site ? card(one, rank) : groupCard(one, rank))),
    ];
    byId("findings-note").textContent = noteOf(runtimes, groups, shared, others);
    showCards(byId("findings-box"), cards, 0);
}
