// Flame graph: whose callers hold the bytes, drawn by d3-flame-graph, roots on top. This adds what the
// library lacks: keys, names for screen readers, colours of the theme, search for plain text.
import flamegraph from "d3-flame-graph";
import { select } from "d3-selection";
import { byId, onWidth, whenSeen } from "./dom.js";
import { bytes, percent } from "./format.js";
import { functionOf, grownBytes, growthPerSecond, programName, report } from "./report.js";
import { isDark, onTheme } from "./theme.js";

const CELL = 20; // pixels a row
const LEAST = 1; // pixels a frame must be wide to be drawn

// ---- the tree ----

function grow(node, name, module, value) {
    node.index ??= new Map();
    const key = `${module}\n${name}`;
    let child = node.index.get(key);
    if (!child) {
        child = { name, module, value: 0, children: [] };
        node.index.set(key, child);
        node.children.push(child);
    }
    child.value += value;
    return child;
}

// valueOf(site) in bytes; rest: bytes of sites that the report leaves out.
function treeOf(valueOf, rest) {
    const root = { name: programName() || "all", module: "", value: 0, children: [] };
    for (const site of report.sites) {
        const value = valueOf(site);
        if (!(value > 0)) continue;
        let node = root;
        root.value += value;
        if (!site.stack.length) grow(root, "(untracked)", "", value);
        for (let i = site.stack.length - 1; i >= 0; i--)
            node = grow(node, functionOf(site.stack[i]), site.stack[i].module ?? "", value);
    }
    if (rest > 0) {
        root.value += rest;
        grow(root, `(sites that never reached ${bytes(report.recorder.min_bytes ?? 0)})`, "", rest);
    }
    return root;
}

const liveOf = (site) => site.live_bytes;
const smallSites = () =>
    Math.max(report.totals.live_bytes - report.sites.reduce((sum, site) => sum + liveOf(site), 0), 0);

const KINDS = {
    live: {
        tree: () => treeOf(liveOf, smallSites()),
        none: "Nothing is live: the program freed all before it ended. Growth shows what it had gained until then.",
    },
    growth: { tree: () => treeOf(grownBytes, 0), none: "No site is held to be growing." },
};

// ---- colours ----

function hash(text) {
    let value = 7;
    for (let i = 0; i < text.length; i++) value = (value * 31 + text.charCodeAt(i)) >>> 0;
    return value;
}

// A hue a module, a shade a function: calls within one module belong together.
function paint(frame) {
    if (frame.highlight) return isDark() ? "#b8860b" : "#ffd24a";
    const { name, module } = frame.data;
    if (!frame.parent || name.startsWith("(")) return isDark() ? "#3a4250" : "#d5dae2";
    const hue = module ? hash(module) % 360 : 40; // compiled at run time: no module
    const shade = hash(name) % 9;
    return isDark() ? `hsl(${hue} 34% ${25 + 1.6 * shade}%)` : `hsl(${hue} 62% ${75 + 1.4 * shade}%)`;
}

// ---- keys and names ----

let chart, host, root, frames, current;
let whole = 0; // bytes of the root

const label = (frame) => `${frame.data.name}: ${bytes(frame.data.value)}, ${percent(frame.data.value, whole)}`;

function tell(frame) {
    byId("flame-details").textContent = frame ? label(frame) : "";
}

function focusOn(frame) {
    const node = frames.get(frame);
    if (!node) return;
    frames.get(current)?.setAttribute("tabindex", "-1");
    current = frame;
    node.setAttribute("tabindex", "0");
    node.focus();
}

const drawn = (list) => (list ?? []).filter((frame) => frames.has(frame));

function step(frame, by) {
    const row = [...frames.keys()].filter((other) => other.depth === frame.depth).sort((a, b) => a.x0 - b.x0);
    return row[row.indexOf(frame) + by];
}

const MOVES = {
    ArrowDown: (frame) => drawn(frame.children).sort((a, b) => b.x1 - b.x0 - (a.x1 - a.x0))[0],
    ArrowUp: (frame) => frame.parent,
    ArrowLeft: (frame) => step(frame, -1),
    ArrowRight: (frame) => step(frame, 1),
    Home: () => root,
};

function onKey(event) {
    const frame = current;
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "Enter" || event.key === " ") chart.zoomTo(frame);
    else if (event.key === "Escape") resetZoom();
    else if (MOVES[event.key]) {
        const next = MOVES[event.key](frame);
        if (next) focusOn(next);
    } else return;
    event.preventDefault();
}

// After each drawing: frames come and go.
function name() {
    const svg = host.querySelector("svg");
    svg.setAttribute("role", "tree");
    svg.setAttribute("aria-label", "Flame graph: arrow keys move, Enter zooms, Escape shows all");
    frames = new Map();
    for (const node of svg.querySelectorAll("g.frame")) {
        const frame = node.__data__;
        frames.set(frame, node);
        node.setAttribute("role", "treeitem");
        node.setAttribute("aria-level", frame.depth + 1);
        node.setAttribute("aria-label", label(frame));
        node.setAttribute("tabindex", "-1");
    }
    if (!frames.has(current)) current = root;
    frames.get(current)?.setAttribute("tabindex", "0");
}

// ---- drawing ----

function zoomed(frame) {
    byId("flame-reset").disabled = frame === root;
    name();
    if (host.contains(document.activeElement)) focusOn(frame);
    current = frame;
    tell(frame === root ? null : frame);
}

function resetZoom() {
    chart.resetZoom();
}

function make(tree) {
    whole = tree.value;
    chart = flamegraph()
        .width(host.clientWidth)
        .cellHeight(CELL)
        .inverted(true)
        .minFrameSize(LEAST)
        .transitionDuration(0)
        .resetHeightOnZoom(true)
        .sort((a, b) => b.value - a.value)
        .setLabelHandler(label)
        .setColorMapper(paint)
        .setDetailsHandler(() => {})
        .setSearchMatch((frame, term) => term !== "" && frame.data.name.toLowerCase().includes(term))
        .setSearchHandler(found)
        .onHover(tell)
        .onClick(zoomed);
    select(host).datum(tree).call(chart);
    root = select(host).datum();
    current = root;
    name();
}

function found(results) {
    const hits = new Set(results);
    let sum = 0;
    const inside = (frame) => {
        for (let outer = frame.parent; outer; outer = outer.parent) if (hits.has(outer)) return true;
        return false;
    };
    for (const frame of hits) if (!inside(frame)) sum += frame.data.value;
    byId("flame-status").textContent =
        `${hits.size} of ${root.descendants().length} frames match: ${bytes(sum)}, ${percent(sum, whole)}`;
}

function search() {
    if (!chart) return;
    const term = byId("flame-search").value.trim().toLowerCase();
    if (term) chart.search(term);
    else {
        chart.clear();
        byId("flame-status").textContent = "";
    }
    name();
}

function show() {
    const kind = KINDS[document.querySelector("input[name=flame-kind]:checked").value];
    const tree = kind.tree();
    host.replaceChildren();
    host.classList.toggle("empty", tree.value === 0);
    byId("flame-reset").disabled = true;
    chart = null;
    tell(null);
    if (tree.value === 0) {
        host.append(kind.none);
        byId("flame-status").textContent = "";
        return;
    }
    make(tree);
    search();
}

function redraw() {
    if (!chart) return;
    chart.update();
    name();
}

// As much room as the deepest stack needs, before anything is drawn: what is below does not move.
function makeRoom() {
    const deepest = report.sites.reduce((most, site) => Math.max(most, site.stack.length), 0);
    host.style.minHeight = `min(80vh, 640px, ${(deepest + 1) * CELL}px)`;
}

export function showFlame() {
    host = byId("flame");
    makeRoom();
    if (growthPerSecond() > 0) document.querySelector("input[value=growth]").checked = true;
    for (const input of document.querySelectorAll("input[name=flame-kind]")) input.addEventListener("change", show);
    byId("flame-search").addEventListener("input", search);
    byId("flame-reset").addEventListener("click", () => resetZoom());
    host.addEventListener("keydown", (event) => chart && event.target.closest("g.frame") && onKey(event));
    host.addEventListener("focusin", (event) => event.target.__data__ && tell(event.target.__data__));
    whenSeen(host, () => {
        show();
        onWidth(host, (width) => chart && (chart.width(width), redraw()));
        onTheme(redraw);
    });
}
