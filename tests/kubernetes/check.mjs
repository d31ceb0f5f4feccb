// Are manifests of Kubernetes what Kubernetes's own types say? check.mjs FILE.yaml...: each document becomes a constant of its
// kind's type, and the TypeScript compiler refuses wrong types, missing and unknown fields.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import yaml from "yaml";

const require = createRequire(import.meta.url);
const modules = { v1: "core/v1", "apps/v1": "apps/v1" };

function constantOf(document, i) {
    const { apiVersion, kind } = document;
    const module = modules[apiVersion];
    if (!module) throw new Error(`apiVersion ${apiVersion} is not known here`);
    return (
        `import type { ${kind} as Kind${i} } from "kubernetes-types/${module}";\n` +
        `export const document${i}: Kind${i} & { apiVersion: "${apiVersion}"; kind: "${kind}" } = ${JSON.stringify(document, null, 2)};\n`
    );
}

const documents = process.argv.slice(2).flatMap((file) => yaml.parseAllDocuments(readFileSync(file, "utf8")));
for (const document of documents) if (document.errors.length) throw document.errors[0];
if (!documents.length) throw new Error("no documents");
const folder = mkdtempSync(path.join(path.dirname(new URL(import.meta.url).pathname), "check-"));
const source = path.join(folder, "manifests.ts");
writeFileSync(source, documents.map((document, i) => constantOf(document.toJS(), i)).join("\n"));
const tsc = require.resolve("typescript/bin/tsc");
try {
    execFileSync(process.execPath, [tsc, "--noEmit", "--strict", "--module", "nodenext", source], { encoding: "utf8" });
} catch (error) {
    console.error(error.stdout);
    process.exit(1);
}
console.log(`${documents.length} documents are sound`);
