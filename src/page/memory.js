// Memory: what is resident at the end, and who held what is live over time.
import { drawStack } from "./chart.js";
import { byId, element } from "./dom.js";
import { bytes, percent, plural, seconds } from "./format.js";
import { nameOf, namedFrame, placeOf, places, report } from "./report.js";
import { colour } from "./theme.js";

const LAYERS = 7; // places with a colour of their own; style.css has as many

// [name, bytes, colour, meaning]; parts that are not known are left out.
function parts() {
    const m = report.memory;
    const untouched = m.untouched_bytes ?? 0;
    const heap = Math.max(m.heap_bytes - untouched, 0);
    const mapped = Math.max(m.mmap_bytes - Math.max(untouched - m.heap_bytes, 0), 0);
    const recorder = Math.min(m.recorder_bytes ?? 0, m.other_bytes ?? 0);
    return [
        ["Live, from malloc", heap, "part-heap", "what the program has allocated and not freed"],
        ["Live, mapped", mapped, "part-mmap", "anonymous memory from mmap that is still mapped"],
        [
            "Kept by malloc",
            m.retained_bytes ?? 0,
            "part-kept",
            "freed by the program, not given back: see malloc_trim(3)",
        ],
        ["leakwatch itself", recorder, "part-recorder", "the recorder's tables"],
        ["Other", (m.other_bytes ?? 0) - recorder, "part-other", "code, stacks, what malloc needs for itself"],
        [
            "Not split",
            m.rss_bytes && m.other_bytes == null ? m.rss_bytes - m.tracked_bytes : 0,
            "part-other",
            "code, stacks, what malloc keeps: the process was gone when it could have been asked",
        ],
    ].filter(([, size]) => size > 0);
}

function summary() {
    const m = report.memory;
    const tracked = `tracked live ${bytes(m.tracked_bytes)}`;
    if (!m.rss_bytes) {
        const peak = m.peak_rss_bytes ? `; it was at most ${bytes(m.peak_rss_bytes)}` : "";
        return `At the end: ${tracked}. How much was resident then is not known${peak}.`;
    }
    const untouched =
        m.untouched_bytes > 0 ? `, ${bytes(m.untouched_bytes)} of it never touched and so not resident` : "";
    return `Resident ${bytes(m.rss_bytes)}; ${tracked}${untouched}.`;
}

function showParts() {
    const list = parts();
    const whole = list.reduce((sum, [, size]) => sum + size, 0);
    byId("memory-note").textContent = summary();
    const bar = element("div", { class: "bar", "aria-hidden": "true" });
    const legend = element("ul", { class: "legend" });
    for (const [name, size, paint, meaning] of list) {
        const piece = element("span", { class: paint, title: `${name}: ${bytes(size)}` });
        piece.style.flexGrow = size / whole;
        bar.append(piece);
        legend.append(
            element(
                "li",
                { title: meaning },
                element("i", { class: paint }),
                `${name} `,
                element("b", {}, bytes(size)),
                ` ${percent(size, whole)}`,
            ),
        );
    }
    byId("memory-bar").append(bar, legend);
}

const peakOf = ({ site, others }) => [site, ...others].reduce((sum, { peak_bytes: peak }) => sum + (peak ?? 0), 0);

function labelOf({ site }) {
    const frame = namedFrame(site);
    const name = nameOf(site);
    const cut = name.length > 48 ? `${name.slice(0, 47)}…` : name;
    return frame?.line ? `${cut} ${placeOf(frame)}` : cut;
}

// The lowest first: all others, then the largest places, the largest on top.
function layers() {
    const all = places(report.sites).sort((a, b) => peakOf(b) - peakOf(a));
    const sitesOf = ({ site, others }) => [site, ...others];
    const own = all
        .slice(0, LAYERS)
        .map((place, i) => ({ name: labelOf(place), sites: sitesOf(place), paint: () => colour(`layer-${i + 1}`) }));
    const others = all.slice(LAYERS);
    const rest = {
        name: plural(others.length, "other place"),
        sites: others.flatMap(sitesOf),
        paint: () => colour("layer-rest"),
    };
    return [...(others.length ? [rest] : []), ...own.reverse()];
}

export function showMemory() {
    showParts();
    const chart = byId("memory-chart");
    const peak = report.totals.peak_live_bytes;
    byId("memory-over-time").textContent =
        `Live bytes by place of allocation, from the sites' histories: the ${LAYERS} largest, and all others that ever reached ` +
        `${bytes(report.recorder.min_bytes ?? 0)}. How much was resident is not recorded over time. ` +
        `The most that was live at once: ${bytes(peak)}.`;
    if (!report.sites.some((site) => site.history.length)) {
        chart.classList.add("empty");
        chart.append(`No site of size has a history in ${seconds(report.process.duration_s ?? 0)}.`);
        return;
    }
    chart.setAttribute("role", "img");
    chart.setAttribute("aria-label", `Live bytes of the largest places of allocation over time, on top of each other.`);
    drawStack(chart, layers());
}
