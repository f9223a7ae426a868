// Builds the web app into dist/: a few files with fixed names, which the server carries in its
// executable and serves under /app/. Nothing else is fetched at run time.
//
//   npm run build            once, minified, with the sizes printed
//   npm run watch            again at every change, readable
import { copyFile, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import * as esbuild from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const source = join(here, "src");
const target = join(here, "dist");
const watch = process.argv.includes("--watch");

const common = {
  bundle: true,
  outdir: target,
  minify: !watch,
  target: ["chrome120", "firefox120", "safari17.4"],
  charset: "utf8",
  metafile: true,
  logLevel: "warning",
};

const bundles = [
  {
    ...common,
    entryPoints: { app: join(source, "main.tsx") },
    format: "iife",
    jsx: "automatic",
    jsxImportSource: "preact",
  },
  { ...common, entryPoints: { app: join(source, "styles/app.css"), docs: join(source, "styles/docs.css") } },
  // The Markdown parser runs in a worker: there it can be stopped when a text takes it too long.
  // "worker" picks the packages' variants that need no document.
  {
    ...common,
    entryPoints: { markdown: join(source, "markdown/worker.ts") },
    format: "iife",
    conditions: ["worker"],
  },
];

/** The licence texts of the packages whose code went into the bundles. */
async function licences(results) {
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

await mkdir(target, { recursive: true });
for (const name of ["index.html", "icon.svg"]) await copyFile(join(source, name), join(target, name));

if (watch) {
  for (const options of bundles) await (await esbuild.context(options)).watch();
} else {
  const results = await Promise.all(bundles.map((options) => esbuild.build(options)));
  await writeFile(join(target, "licences.txt"), await licences(results));
  for (const name of (await readdir(target)).sort()) {
    const bytes = await readFile(join(target, name));
    const gzipped = gzipSync(bytes, { level: 9 }).length;
    console.log(`${name.padEnd(14)}${String(bytes.length).padStart(8)} bytes, gzipped ${gzipped}`);
  }
}
