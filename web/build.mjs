// Builds the web app into dist/: files that the server carries in its executable and serves under
// /app/. What the page loads has the hash of its content in its name, so a browser keeps it for
// ever; index.html, which names it, is asked for each time. Nothing else is fetched at run time.
//
//   npm run build            once, minified, with the sizes printed
//   npm run watch            again at every change, readable, under names without a hash
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import * as esbuild from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const source = join(here, "src");
const target = join(here, "dist");
const watch = process.argv.includes("--watch");
const hashed = watch ? "[name]" : "[name]-[hash]";

const common = {
  absWorkingDir: here,
  bundle: true,
  outdir: target,
  entryNames: hashed,
  chunkNames: hashed,
  minify: !watch,
  // The oldest browsers that the app works in: they have popovers and light-dark().
  target: ["chrome125", "firefox128", "safari17.5"],
  charset: "utf8",
  metafile: true,
  logLevel: "warning",
};

const results = [];

/** Builds, and says under which name each entry is found; in watching also whenever one changes. */
async function build(options) {
  if (watch) {
    const context = await esbuild.context({ ...common, ...options });
    results.push(await context.rebuild());
    await context.watch();
  } else {
    results.push(await esbuild.build({ ...common, ...options }));
  }
  const { outputs } = results.at(-1).metafile;
  const names = Object.entries(outputs).filter(([, output]) => output.entryPoint !== undefined);
  return Object.fromEntries(names.map(([path, output]) => [basename(output.entryPoint).replace(/\..*/, ""), basename(path)]));
}

/** Styles: app.css comes with the page; what it doesn't include is the style of a page that is loaded later. */
async function buildStyles() {
  const first = await build({ entryPoints: [join(source, "styles/app.css")] });
  const included = new Set(Object.keys(results.at(-1).metafile.inputs).map((path) => basename(path)));
  const all = await readdir(join(source, "styles"));
  const later = all.filter((name) => name.endsWith(".css") && name !== "docs.css" && !included.has(name));
  // The page of the API has another maker, so its style has a name that doesn't change.
  await build({ entryPoints: [join(source, "styles/docs.css")], entryNames: "[name]" });
  if (later.length === 0) return { ...first };
  return { ...first, ...(await build({ entryPoints: later.map((name) => join(source, "styles", name)) })) };
}

/** What an entry imports before it can start, itself first. */
function importedFirst(entry) {
  const { outputs } = results.at(-1).metafile;
  const found = new Map();
  const visit = (path) => {
    if (found.has(path)) return;
    found.set(path, basename(path));
    for (const { path: next, kind } of outputs[path].imports) if (kind === "import-statement") visit(next);
  };
  visit(Object.keys(outputs).find((path) => basename(path) === entry));
  return [...found.values()];
}

/** The licence texts of the packages whose code went into the bundles. */
async function licences() {
  const inputs = results.flatMap((result) => Object.keys(result.metafile.inputs));
  const packages = new Set(inputs.map((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]).filter(Boolean));
  const texts = [];
  for (const name of [...packages].sort()) {
    const folder = join(here, "node_modules", name);
    const { version } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
    const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
    if (file === undefined) throw new Error(`${name} comes without its licence`);
    texts.push(`${name} ${version}\n\n${(await readFile(join(folder, file), "utf8")).trim()}\n`);
  }
  return texts.join(`\n${"-".repeat(72)}\n\n`);
}

// Files of an earlier build have other names; the folder itself stays, since meson knows it.
await mkdir(target, { recursive: true });
for (const name of await readdir(target)) await rm(join(target, name));

const styles = await buildStyles();
// Without modules, so that it runs before the first paint.
const { first } = await build({ entryPoints: [join(source, "first.ts")], format: "iife" });
// The Markdown parser runs in a worker: there it can be stopped when a text takes it too long.
// "worker" picks the packages' variants that need no document.
const { worker } = await build({
  entryPoints: [join(source, "markdown/worker.ts")],
  entryNames: hashed.replace("[name]", "markdown"),
  format: "iife",
  conditions: ["worker"],
});
const { main } = await build({
  entryPoints: [join(source, "main.tsx")],
  entryNames: hashed.replace("[name]", "app"),
  format: "esm",
  splitting: true,
  jsx: "automatic",
  jsxImportSource: "preact",
  define: { WORKER_FILE: JSON.stringify(worker), STYLE_FILES: JSON.stringify(styles) },
});

const [entry, ...imported] = importedFirst(main);
const tags = [
  `<link rel="stylesheet" href="./${styles.app}">`,
  `<script src="./${first}"></script>`,
  ...imported.map((name) => `<link rel="modulepreload" href="./${name}">`),
  `<script type="module" src="./${entry}"></script>`,
];
const page = await readFile(join(source, "index.html"), "utf8");
const [before, after] = page.split("    <!-- files -->\n");
await writeFile(join(target, "index.html"), `${before}${tags.map((tag) => `    ${tag}\n`).join("")}${after}`);
await copyFile(join(source, "icon.svg"), join(target, "icon.svg"));

if (!watch) {
  await writeFile(join(target, "licences.txt"), await licences());
  let total = 0;
  for (const name of (await readdir(target)).sort()) {
    const bytes = await readFile(join(target, name));
    const gzipped = gzipSync(bytes, { level: 9 }).length;
    if (!/^(docs|licences)/.test(name)) total += gzipped;
    console.log(`${name.padEnd(24)}${String(bytes.length).padStart(8)} bytes, gzipped ${gzipped}`);
  }
  console.log(`the app in all: gzipped ${total}`);
}
