// DOM: elements from code. Strangers' strings become text nodes and attribute values, never markup.

// element("p", {class: "dim", onclick: f}, "text", otherElement)
export function element(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
        if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
        else if (value === true) made.setAttribute(name, "");
        else if (value !== false && value != null) made.setAttribute(name, value);
    }
    made.append(...children.filter((child) => child != null && child !== false));
    return made;
}

export const byId = (id) => document.getElementById(id);

const unseen = new Set(); // what whenSeen was asked to show, and has not yet

// Calls show once, when the element is about to come into view or is printed: charts nobody looks at cost nothing.
export function whenSeen(target, show) {
    const once = () => {
        observer.disconnect();
        if (unseen.delete(once) && target.isConnected) show();
    };
    const observer = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && once(), {
        rootMargin: "300px",
    });
    unseen.add(once);
    observer.observe(target);
}

addEventListener("beforeprint", () => [...unseen].forEach((once) => once()));

// Calls fit(width) whenever the width of the element is another; never for a hidden one.
export function onWidth(target, fit) {
    let last = 0;
    new ResizeObserver(() => {
        const width = Math.floor(target.clientWidth);
        if (width && width !== last) fit((last = width));
    }).observe(target);
}
