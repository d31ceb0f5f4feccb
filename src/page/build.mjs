// Makes the page: one file with script, style and licences in it, and a mark where the report goes.
//
//   node build.mjs MODULES PAGE NOTICES
//
// MODULES is the node_modules folder that npm made; PAGE is written, and NOTICES: the licences alone.
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const [modules, page, notices] = process.argv.slice(2);
const here = dirname(fileURLToPath(import.meta.url));
const { build } = createRequire(join(modules, "x"))("esbuild");
const MARK = "@REPORT@"; // src/tool/export_html.c looks for it

// keepNames: d3-flame-graph asks whether a constructor is called "Node".
const bundle = await build({
    entryPoints: [join(here, "page.js")],
    nodePaths: [modules],
    bundle: true,
    minify: true,
    keepNames: true,
    charset: "utf8",
    legalComments: "none", // the licences are in the page as a whole
    target: ["chrome115", "firefox115", "safari16"],
    outdir: "unused",
    write: false,
    metafile: true,
});
const output = (ending) => bundle.outputFiles.find((file) => file.path.endsWith(ending)).text.trim();

// Those of the packages that are really in the bundle.
function packages() {
    const names = Object.keys(bundle.metafile.inputs).map(
        (path) => path.match(/node_modules\/((?:@[^/]+\/)?[^/]+)\//)?.[1],
    );
    return [...new Set(names.filter(Boolean))].sort();
}

// Packages with one text in common share it. A comment must not end early.
function licences() {
    const texts = new Map();
    for (const name of packages()) {
        const folder = join(modules, name);
        const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
        if (!file) throw new Error(`${name} comes without its licence`);
        const text = readFileSync(join(folder, file), "utf8").trim().replaceAll("--", "- -");
        const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
        texts.set(text, [...(texts.get(text) ?? []), `${name} ${version}`]);
    }
    return [...texts]
        .map(([text, names]) => `${names.join(", ")}:\n\n${text}`)
        .join("\n\n----------------\n\n".replaceAll("--", "=="));
}

const notice = `This page is a part of leakwatch (MIT licence) and contains:\n\n${licences()}`;
const hash = (text) => `sha256-${createHash("sha256").update(text).digest("base64")}`;
const script = output(".js");
const style = output(".css");
const values = {
    "@LICENCES@": notice,
    "@SCRIPT_HASH@": hash(script),
    "@STYLE_HASH@": hash(style),
    "@SCRIPT@": script,
    "@STYLE@": style,
};
if (/<\/script|<!--/i.test(script) || /<\/style/i.test(style)) throw new Error("the bundle would end its own element");
if (script.includes(MARK) || style.includes(MARK)) throw new Error(`the bundle contains ${MARK}`);
const template = readFileSync(join(here, "page.html"), "utf8");
writeFileSync(
    page,
    template.replace(/@(LICENCES|SCRIPT_HASH|STYLE_HASH|SCRIPT|STYLE)@/g, (name) => values[name]),
);
writeFileSync(notices, `${notice}\n`);
