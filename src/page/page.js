// Page: a report that opens without a network. Puts the rooms together; each shows one section of page.html.
import "uplot/dist/uPlot.min.css";
import "./style.css";
import { byId, element } from "./dom.js";
import { showFindings } from "./findings.js";
import { showFlame } from "./flame.js";
import { about, bytes, count, rate, seconds, visible } from "./format.js";
import { showMemory } from "./memory.js";
import { growingRuntimes, growingSites, growthPerSecond, report } from "./report.js";
import { showTable } from "./table.js";
import { showTheme } from "./theme.js";

function ended({ ended, exit_status: status, signal }) {
    if (ended === "running") return "still running";
    if (ended === "exit") return status == null ? "ended: exit" : `ended: exit ${status}`;
    if (ended === "killed") return signal ? `ended: killed by signal ${signal}` : "ended: killed";
    return ended === "exec" ? "ended: exec of another program" : "ended: unknown";
}

function showProcess() {
    const { process, recorder } = report;
    const command = process.command.length ? process.command : [process.program ?? "?"];
    const exact = recorder.sample_bytes ? `sampled every ${bytes(recorder.sample_bytes)}` : "exact recording";
    const facts = [
        `pid ${process.pid}`,
        process.started && `started ${process.started.replace(/\.\d+Z$/, "Z").replace("T", " ")}`,
        `ran ${seconds(process.duration_s ?? 0)}`,
        ended(process),
        exact,
    ];
    document.title = `leakwatch: ${visible(process.program ?? "?")} (${process.pid})`;
    byId("command").textContent = visible(command.join(" "));
    byId("facts").textContent = facts.filter(Boolean).join(" · ");
}

function tiles() {
    const { totals, memory, process } = report;
    const growth = growthPerSecond();
    const first = report.sites.find((site) => site.growth_bytes_per_s > 0 && site.seconds_to_limit != null);
    const resident = memory.rss_bytes ?? memory.peak_rss_bytes;
    return [
        ["Growing sites", `${count(growingSites().length)} of ${count(totals.sites)}`],
        growingRuntimes().length && ["Growing heaps", count(growingRuntimes().length)],
        ["Growth", growth > 0 ? rate(growth) : "none"],
        first &&
            growth > 0 && ["Memory used up in", about((first.seconds_to_limit * first.growth_bytes_per_s) / growth)],
        [process.ended === "running" ? "Live now" : "Live at the end", bytes(totals.live_bytes)],
        ["Most live at once", bytes(totals.peak_live_bytes)],
        resident && [memory.rss_bytes ? "Resident" : "Resident at most", bytes(resident)],
    ].filter(Boolean);
}

function showVerdict() {
    const verdict = growthPerSecond() > 0 ? "bad" : report.too_short ? "open" : "good";
    byId("verdict").classList.add(verdict);
    byId("headline").textContent = report.headline ?? "";
    for (const [name, value] of tiles())
        byId("tiles").append(element("div", {}, element("dt", {}, name), element("dd", {}, value)));
}

function childText({ program, pid, growing }) {
    const verdict = growing ? `${count(growing)} growing` : "nothing grows";
    return `Child ${visible(program ?? "?")} (pid ${pid}): ${verdict}, leakwatch report ${pid}`;
}

function showNotes() {
    const { losses, notes, version, depth } = report.recorder;
    const items = Object.entries(losses).map(
        ([name, times]) => `${count(times)} × ${visible(name.replaceAll("_", " "))}`,
    );
    const lines = [...notes.map(visible), ...report.process.children.map(childText)];
    byId("losses").textContent = items.length
        ? `Not seen or cut short: ${items.join(", ")}.`
        : "No event was lost and no stack cut.";
    byId("notes-list").append(...lines.map((line) => element("li", {}, line)));
    byId("made-by").textContent =
        `leakwatch ${visible(version ?? "")}, stacks of up to ${depth} frames. ` +
        "This page holds the whole report and asks no network.";
}

function saveJson() {
    const link = element("a", {
        href: URL.createObjectURL(new Blob([JSON.stringify(report)], { type: "application/json" })),
        download: `leakwatch-${report.process.pid}.json`,
    });
    link.click();
    URL.revokeObjectURL(link.href);
}

showTheme();
showProcess();
showVerdict();
showFindings();
showMemory();
showFlame();
showTable();
showNotes();
byId("save").addEventListener("click", saveJson);
document.documentElement.dataset.ready = "";
