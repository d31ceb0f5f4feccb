// Theme: light or dark as the system says, or as the button was pressed; and the colours for canvases, which
// take none from style sheets.
import { byId } from "./dom.js";

const KEY = "leakwatch-theme";
const CHOICES = ["auto", "light", "dark"];
const dark = matchMedia("(prefers-color-scheme: dark)");
const listeners = [];

// A page from a file may have no storage; then the choice lasts as long as the page.
function remembered() {
    try {
        return CHOICES.includes(localStorage.getItem(KEY)) ? localStorage.getItem(KEY) : "auto";
    } catch {
        return "auto";
    }
}

function remember(choice) {
    try {
        localStorage.setItem(KEY, choice);
    } catch {
        // see remembered
    }
}

function apply(choice) {
    document.documentElement.dataset.theme = choice === "auto" ? (dark.matches ? "dark" : "light") : choice;
    for (const changed of listeners) changed();
}

export const onTheme = (changed) => listeners.push(changed);

export const isDark = () => document.documentElement.dataset.theme === "dark";

// The value of a custom property of style.css, as it is now.
export const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

export function showTheme() {
    let choice = remembered();
    const button = byId("theme");
    const label = () => (button.textContent = `Theme: ${choice}`);
    button.addEventListener("click", () => {
        choice = CHOICES[(CHOICES.indexOf(choice) + 1) % CHOICES.length];
        remember(choice);
        label();
        apply(choice);
    });
    dark.addEventListener("change", () => apply(choice));
    // Paper is white.
    addEventListener("beforeprint", () => apply("light"));
    addEventListener("afterprint", () => apply(choice));
    label();
    apply(choice);
}
