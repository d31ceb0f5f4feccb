// Format: numbers as the text report prints them (src/tool/format.c), and strangers' strings made visible.

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

export function bytes(n) {
    let unit = 0;
    while (Math.abs(n) >= (unit ? 1023.95 : 1023.5) && unit < UNITS.length - 1) {
        n /= 1024;
        unit++;
    }
    return `${n.toFixed(unit ? 1 : 0)} ${UNITS[unit]}`;
}

export const rate = (bytesPerSecond) => `${bytesPerSecond < 0 ? "" : "+"}${bytes(bytesPerSecond)}/s`;

export const count = (n) => n.toLocaleString("en-US");

const SPANS = [
    [2 * 86400, 86400, "days"],
    [2 * 3600, 3600, "h"],
    [120, 60, "min"],
    [0, 1, "s"],
];

function span(seconds, decimals) {
    seconds = Math.max(seconds, 0);
    const [, unit, name] = SPANS.find(([from]) => seconds >= from);
    const value = seconds / unit;
    return `${value.toFixed(value < 100 ? decimals : 0)} ${name}`;
}

export const seconds = (n) => span(n, 1); // a measured time
export const about = (n) => span(n, 0); // an estimate

export const percent = (part, whole) => (whole > 0 ? `${((100 * part) / whole).toFixed(1)} %` : "0 %");

export const plural = (n, word) => `${count(n)} ${word}${n === 1 ? "" : "s"}`;

// Control bytes and what turns the direction of writing come out as \x1b and the like, as in a terminal.
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

export function visible(text) {
    return String(text).replace(UNSEEN, (character) => {
        const code = character.charCodeAt(0);
        return code < 256 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
    });
}
