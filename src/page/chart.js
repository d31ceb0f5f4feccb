// Charts over time, drawn by uPlot: a site's live bytes, and those of the largest sites on top of each other.
import uPlot from "uplot";
import { element, onWidth } from "./dom.js";
import { bytes, seconds } from "./format.js";
import { report, windowsOf } from "./report.js";
import { colour, onTheme } from "./theme.js";

const HEIGHT = 230; // of a plot with its axes, in pixels; style.css keeps room for it and its legend

// Distances between lines: powers of two, so that labels are round in MiB.
const BYTE_STEPS = Array.from({ length: 60 }, (_, power) => 2 ** power);

const time = (n) => (n == null ? "–" : seconds(n));
const size = (n) => (n == null ? "–" : bytes(n));

// "128 MiB" rather than "128.0 MiB": lines lie on whole numbers.
const mark = (n) => bytes(n).replace(".0 ", " ");

function axes() {
    const common = {
        stroke: () => colour("dim"),
        grid: { stroke: () => colour("line"), width: 1 },
        ticks: { show: false },
        font: "12px system-ui, sans-serif",
    };
    return [
        {
            ...common,
            space: 70,
            size: 32,
            values: (_, ticks) => ticks.map((n) => (n < 120 ? `${+n.toFixed(3)} s` : seconds(n))),
        },
        { ...common, space: 28, size: 66, incrs: BYTE_STEPS, values: (_, ticks) => ticks.map(mark) },
    ];
}

// Puts a chart into target, as wide as it; redrawn when width or theme change.
function plot(target, options, data) {
    const chart = new uPlot(
        {
            width: Math.max(target.clientWidth, 200),
            height: HEIGHT,
            axes: axes(),
            cursor: { y: false, points: { size: 7 } },
            ...options,
        },
        data,
        target,
    );
    onWidth(target, (width) => chart.setSize({ width, height: HEIGHT }));
    onTheme(() => chart.redraw(false, true));
    return chart;
}

const SCALES = { x: { time: false }, y: { range: (_, __, high) => [0, high > 0 ? high * 1.08 : 1] } };

// ---- one site ----

// Windows as steps: a value holds until the next one's time.
function steps(windows) {
    const last = windows.at(-1);
    return [
        [...windows.map((w) => w.from), last.to],
        [...windows.map((w) => w.low), last.low],
        [...windows.map((w) => w.high), last.high],
    ];
}

function drawFlag(chart, at) {
    const x = Math.round(chart.valToPos(at, "x", true));
    const { top, height } = chart.bbox;
    const paint = chart.ctx;
    paint.save();
    paint.strokeStyle = paint.fillStyle = colour("grow");
    paint.setLineDash([4 * devicePixelRatio, 3 * devicePixelRatio]);
    paint.beginPath();
    paint.moveTo(x, top);
    paint.lineTo(x, top + height);
    paint.stroke();
    paint.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
    paint.textAlign = x > chart.bbox.left + chart.bbox.width / 2 ? "right" : "left";
    paint.fillText(paint.textAlign === "left" ? " flagged" : "flagged ", x, top + 11 * devicePixelRatio);
    paint.restore();
}

// What a chart says, for those who do not see it.
function spoken(site, windows) {
    const first = windows[0];
    const last = windows.at(-1);
    return (
        `Live bytes over time: between ${bytes(first.low)} and ${bytes(first.high)} at ${seconds(first.to)}, ` +
        `between ${bytes(last.low)} and ${bytes(last.high)} at ${seconds(last.to)}, ` +
        `at most ${bytes(site.peak_bytes ?? 0)}.`
    );
}

// The band between the lowest and the highest live bytes of each window of a site's history.
export function drawSite(target, site) {
    const windows = windowsOf(site);
    if (!windows.length) {
        target.classList.add("empty");
        target.append("No history: this site hardly moved.");
        return;
    }
    const stepped = uPlot.paths.stepped({ align: 1 });
    const growing = site.verdict === "growing";
    const flagged = growing && site.first_flagged_s != null;
    const ink = () => colour(growing ? "grow" : "calm");
    const series = { paths: stepped, points: { show: false }, value: (_, n) => size(n) };
    target.setAttribute("role", "img");
    target.setAttribute("aria-label", spoken(site, windows));
    plot(
        target,
        {
            scales: SCALES,
            series: [
                { label: "Time", value: (_, n) => time(n) },
                { ...series, label: "Lowest", stroke: ink, width: 2 },
                { ...series, label: "Highest", stroke: ink, width: 1 },
            ],
            bands: [{ series: [2, 1], fill: () => colour(growing ? "grow-band" : "calm-band") }],
            hooks: { draw: [(chart) => flagged && drawFlag(chart, site.first_flagged_s)] },
        },
        steps(windows),
    );
}

// The figures of the chart, as a table: for reading aloud, and for copying.
export function figuresOf(site) {
    const rows = windowsOf(site).map((w) =>
        element(
            "tr",
            {},
            element("td", {}, `${seconds(w.from)} – ${seconds(w.to)}`),
            element("td", {}, bytes(w.low)),
            element("td", {}, bytes(w.high)),
        ),
    );
    const head = element(
        "tr",
        {},
        ...["Time", "Lowest", "Highest"].map((name) => element("th", { scope: "col" }, name)),
    );
    return element("table", { class: "figures" }, element("thead", {}, head), element("tbody", {}, ...rows));
}

// ---- the largest sites on top of each other ----

const POINTS = 160; // of time

// Live bytes of a site at rising times: straight lines between the middles of its windows.
function sample(site, times) {
    const windows = windowsOf(site);
    if (!windows.length) return times.map(() => site.to_bytes ?? 0);
    const last = windows.at(-1);
    const knots = [
        [windows[0].from, windows[0].low],
        ...windows.map((w) => [(w.from + w.to) / 2, (w.low + w.high) / 2]),
        [last.to, (last.low + last.high) / 2],
    ];
    let next = 0;
    return times.map((t) => {
        if (t < knots[0][0]) return 0;
        while (next < knots.length && knots[next][0] <= t) next++;
        if (next === knots.length) return knots[next - 1][1];
        const [[t0, v0], [t1, v1]] = [knots[next - 1], knots[next]];
        return v0 + ((v1 - v0) * (t - t0)) / (t1 - t0);
    });
}

function sum(rows, length) {
    const total = new Array(length).fill(0);
    for (const row of rows) for (let i = 0; i < length; i++) total[i] += row[i];
    return total;
}

// layers: [{ name, sites, paint }], the lowest first; paint gives a colour. Each is drawn from zero to the sum of
// those below it and itself, the highest first, so that each covers what is not its own.
export function drawStack(target, layers) {
    const end = Math.max(report.process.duration_s ?? 0, ...report.sites.map((site) => site.history.at(-1)?.t_s ?? 0));
    const times = Array.from({ length: POINTS + 1 }, (_, i) => (end * i) / POINTS);
    const total = (sites) =>
        sum(
            sites.map((site) => sample(site, times)),
            times.length,
        );
    const own = layers.map((layer) => total(layer.sites));
    const heights = own.map((_, i) => sum(own.slice(0, i + 1), times.length));
    const order = layers.map((_, i) => i).reverse();
    const series = order.map((i) => ({
        label: layers[i].name,
        stroke: () => colour("page"),
        width: 1,
        fill: layers[i].paint,
        points: { show: false },
        value: (_, __, ___, index) => size(index == null ? null : own[i][index]),
    }));
    const options = {
        scales: SCALES,
        legend: { markers: { fill: (_, i) => layers[order[i - 1]]?.paint() } },
        series: [{ label: "Time", value: (_, n) => time(n) }, ...series],
        cursor: { y: false, points: { show: false } },
    };
    const chart = plot(target, options, [times, ...order.map((i) => heights[i])]);
    const markers = chart.root.querySelectorAll(".u-marker"); // the first is of time
    onTheme(() => order.forEach((i, at) => (markers[at + 1].style.background = layers[i].paint())));
}
