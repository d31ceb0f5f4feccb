// Report: what the page was made of, and what is read off it more than once.
import { visible } from "./format.js";

// In the page each frame is there once (leakwatch-page/1); from here on stacks are those of leakwatch-report/1.
function read() {
    const { frames, ...report } = JSON.parse(document.getElementById("report").textContent);
    report.schema = "leakwatch-report/1";
    for (const site of report.sites) site.stack = site.stack.map((number) => frames[number]);
    return report;
}

export const report = read();

const baseName = (path) => path.slice(path.lastIndexOf("/") + 1);

// What the program was started as: "redis-server", although that is a link to redis-check-rdb.
export function programName() {
    const { command, program } = report.process;
    return visible(baseName(command[0] ?? "") || program || "");
}

const moduleName = (path) => (path === report.process.executable ? programName() : visible(baseName(path)));

// The function of a frame; or where it is: "libx.so+0x1234", "0x7f00".
export function functionOf(frame) {
    if (frame.function) return visible(frame.function);
    const offset = `0x${frame.offset.toString(16)}`;
    return frame.module ? `${moduleName(frame.module)}+${offset}` : offset;
}

// "src/cache.c:88": the last folder and the file; the module where there are no lines.
export function placeOf(frame) {
    if (frame.file) {
        const file = frame.file.split("/").slice(-2).join("/");
        return visible(frame.line ? `${file}:${frame.line}` : file);
    }
    return frame.function ? moduleName(frame.module) || "(jit)" : "";
}

// All that is known of a frame, for a tooltip.
export function detailsOf(frame) {
    const lines = [functionOf(frame)];
    if (frame.file) lines.push(visible(frame.line ? `${frame.file}:${frame.line}` : frame.file));
    if (frame.module) lines.push(`${visible(frame.module)}+0x${frame.offset.toString(16)}`);
    if (frame.build_id) lines.push(`build-id ${visible(frame.build_id)}`);
    return lines.join("\n");
}

// The frame that names a site; undefined: its stack is not known.
export const namedFrame = (site) => site.stack[site.named ?? 0] ?? site.stack[0];

export function nameOf(site) {
    const frame = namedFrame(site);
    return frame ? functionOf(frame) : "(untracked)";
}

export const verdictOf = (site) => (site.suppressed ? "suppressed" : site.verdict);

export const isGrowing = (site) => site.verdict === "growing" && !site.suppressed;

// A runtime that grows speaks for the sites that it owns.
export const growingRuntimes = () => (report.runtimes ?? []).filter(isGrowing);
const isToldByRuntime = (site) => growingRuntimes().some((runtime) => runtime.name === site.runtime);

// Growth that many small stacks share.
export const growingGroups = () => (report.groups ?? []).filter((group) => !group.known_from_baseline);

export const growingSites = () => report.sites.filter((site) => isGrowing(site) && !isToldByRuntime(site));

export const growthPerSecond = () =>
    [...growingRuntimes(), ...growingGroups(), ...growingSites()].reduce((sum, { growth_bytes_per_s: growth }) => sum + (growth ?? 0), 0);

export const grownBytes = (site) =>
    isGrowing(site) || isToldByRuntime(site) ? Math.max(site.to_bytes - site.from_bytes, 0) : 0;

// What two sites have in common that differ only in how their place was reached.
function keyOf(site) {
    const frame = namedFrame(site);
    if (!frame) return `site ${site.id}`;
    const where = frame.function && frame.file ? `${frame.file}\n${frame.line}` : `${frame.module}\n${frame.offset}`;
    return `${frame.function}\n${where}`;
}

// Sites by place, as in the text report: many stacks may lead to one. [{ site, others }], in the order of sites.
export function places(sites) {
    const groups = new Map();
    for (const site of sites) {
        const key = keyOf(site);
        if (groups.has(key)) groups.get(key).others.push(site);
        else groups.set(key, { site, others: [] });
    }
    return [...groups.values()];
}

// A site's history as windows {from, to, low, high}, in seconds since the start of the process. All closed
// windows are equally wide, and the first one's start is not in the report.
export function windowsOf(site) {
    const history = site.history.filter((w) => w.t_s !== null && w.low !== null && w.high !== null);
    if (!history.length) return [];
    const width = history.length > 1 ? history[1].t_s - history[0].t_s : history[0].t_s;
    let from = Math.max(history[0].t_s - width, 0);
    return history.map((w) => {
        const made = { from, to: w.t_s, low: w.low, high: w.high };
        from = w.t_s;
        return made;
    });
}
