// Builds the web app into dist/: files that the server carries in its executable and serves under
// /app/. What the page loads has the hash of its content in its name, so a browser keeps it for
// ever; index.html, which names it, is asked for each time. Nothing else is fetched at run time.
//
//   npm run build            once, minified, with the sizes printed
//   npm run watch            again at every change, readable, under names without a hash
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
import { minify } from "terser";
import ts from "typescript";

const here = dirname(fileURLToPath(import.meta.url));
const source = join(here, "src");
const target = join(here, "dist");
const watch = process.argv.includes("--watch");
const hashed = watch ? "[name]" : "[name]-[hash]";
const languages = ["en", "nl"];

const common = {
  absWorkingDir: here,
  bundle: true,
  write: false,
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

/** What was built: metafiles. */
const built = [];

/** Comparisons stay as they are written, since most are: alike compresses well. To read a member does nothing else. */
const compress = { passes: 3, lhs_constants: false, pure_getters: true };

/**
 * What a script has from another is called the same in both: `import{a}` and not `import{a as b}`. As terser's names,
 * by those of esbuild.
 */
function sharedNames(text) {
  const names = new Map();
  for (const [, kind, list] of text.matchAll(/\b(import|export) ?\{([^}]*)\}/g))
    for (const [, first, second] of list.matchAll(/([\w$]+) as ([\w$]+)/g)) {
      const [own, shared] = kind === "import" ? [second, first] : [first, second];
      // Of two scripts the first; the pages of desk.ts and admin.ts keep theirs.
      if (shared.length <= 2 && ![...names.values()].includes(shared)) names.set(`$${own}`, shared);
    }
  return { vars: { props: Object.fromEntries(names) }, props: { props: {} } };
}

/** Scripts are made a little smaller still; their names have the hash of what esbuild made. */
async function write({ path, contents, text }) {
  if (watch || !path.endsWith(".js")) return writeFile(path, contents);
  const nameCache = sharedNames(text);
  const { code } = await minify(text, { ecma: 2022, module: true, compress, nameCache, format: { comments: false } });
  await writeFile(path, code);
}

/** Builds, and says under which name each entry is found; in watching also whenever one changes. */
async function build(options) {
  const written = {
    name: "written",
    setup({ onEnd }) {
      onEnd(async ({ outputFiles = [] }) => void (await Promise.all(outputFiles.map(write))));
    },
  };
  const all = { ...common, ...options, plugins: [...(options.plugins ?? []), written] };
  let result;
  if (watch) {
    const context = await esbuild.context(all);
    result = await context.rebuild();
    await context.watch();
  } else {
    result = await esbuild.build(all);
  }
  built.push(result.metafile);
  const names = Object.entries(result.metafile.outputs).filter(([, output]) => output.entryPoint !== undefined);
  return Object.fromEntries(names.map(([path, output]) => [basename(output.entryPoint).replace(/\..*/, ""), basename(path)]));
}

/**
 * Character references that reports can be expected to have: what Windows-1252 has, and arrows. The package knows
 * 2,125, most of them for mathematics, a third of the parser. Any other name stays as it was typed.
 */
const expected = /^["&'<>\u00a0-\u00ffŒœŠšŸƒˆ˜–—‘’‚“”„†‡•…‰‹›€™←↑→↓≠≤≥]$/;
const fewerEntities = {
  name: "fewer entities",
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]character-entities[\\/]index\.js$/ }, async ({ path }) => {
      const { characterEntities } = await import(path);
      const wanted = Object.entries(characterEntities).filter(([name, text]) => name.length <= 8 && expected.test(text));
      return { contents: `export const characterEntities = ${JSON.stringify(Object.fromEntries(wanted))};` };
    });
  },
};

/** Raw HTML is text like any other: its two rules, htmlFlow and htmlText, never hold. */
const noHtml = {
  name: "no HTML",
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]micromark-core-commonmark[\\/]lib[\\/]html-(flow|text)\.js$/ }, ({ path }) => {
      const name = path.endsWith("flow.js") ? "htmlFlow" : "htmlText";
      return { contents: `export const ${name} = { name: "${name}", tokenize: (effects, ok, nok) => nok };` };
    });
  },
};

/** Replaces statements of a script. */
function rewrite(path, contents, replacementOf) {
  const { statements } = ts.createSourceFile(path, contents, ts.ScriptTarget.Latest, true);
  for (const node of [...statements].reverse()) {
    const replacement = replacementOf(node);
    if (replacement !== undefined)
      contents = `${contents.slice(0, node.getStart())}${replacement}${contents.slice(node.getEnd())}`;
  }
  return contents;
}

/**
 * Leaves the words of one language. `export const s = inLanguage(english, dutch)` becomes an export for each word of
 * that language, and `import { s }` the namespace of these. So a word that is said once moves to where it is said, its
 * name costs nothing, and one that nobody says is left out.
 */
const wordsOf = (language) => ({
  name: "words",
  setup({ onLoad }) {
    const words = join(source, "strings");
    onLoad({ filter: /[\\/]src[\\/].*\.tsx?$/ }, async ({ path }) => ({
      contents: rewrite(path, await readFile(path, "utf8"), (node) => {
        if (ts.isVariableStatement(node)) {
          const [{ initializer }] = node.declarationList.declarations;
          if (initializer === undefined || !ts.isCallExpression(initializer)) return;
          if (initializer.expression.getText() !== "inLanguage") return;
          const members = initializer.arguments[languages.indexOf(language)].properties.map((one) => [
            one.name.getText(),
            one.initializer.getText(),
          ]);
          return [
            ...members.map(([name, value]) => `const $${name} = ${value};`),
            `export { ${members.map(([name]) => `$${name} as ${name}`).join(", ")} };`,
            `import * as s from "./${basename(path)}";`,
          ].join("\n");
        }
        if (!ts.isImportDeclaration(node) || node.importClause === undefined) return;
        if (dirname(join(dirname(path), node.moduleSpecifier.text)) !== words) return;
        const from = node.moduleSpecifier.getText();
        return node.importClause.namedBindings.elements
          .filter(({ isTypeOnly }) => !isTypeOnly)
          .map((one) =>
            (one.propertyName ?? one.name).text === "s"
              ? `import * as ${one.name.text} from ${from};`
              : `import { ${one.getText()} } from ${from};`,
          )
          .join(" ");
      }),
      loader: path.endsWith("x") ? "tsx" : "ts",
    }));
  },
});

/** Elements are made by h(): its children are arguments without a name, so there is less to load than with jsx(). */
const elements = {
  inject: [join(source, "elements.ts")],
  tsconfigRaw: { compilerOptions: { jsx: "react", jsxFactory: "h", jsxFragmentFactory: "Fragment" } },
};

/** The app in one language: what starts it, and then what that imports before it can. */
async function buildApp(language) {
  const { main } = await build({
    entryPoints: [join(source, "main.tsx")],
    entryNames: hashed.replace("[name]", `app.${language}`),
    chunkNames: hashed.replace("[name]", `[name].${language}`),
    format: "esm",
    splitting: true,
    ...elements,
    define: { LANGUAGE: JSON.stringify(language), WORKER_FILE: JSON.stringify(worker) },
    plugins: [wordsOf(language)],
  });
  return importedFirst(main);
}

/** What an entry imports before it can start, itself first. */
function importedFirst(entry) {
  const { outputs } = built.at(-1);
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
  const inputs = built.flatMap((metafile) => Object.keys(metafile.inputs));
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

const { app: style } = await build({ entryPoints: [join(source, "styles/app.css")] });
// The page of the API has another maker, so its style has a name that doesn't change.
await build({ entryPoints: [join(source, "styles/docs.css")], entryNames: "[name]" });
// The Markdown parser runs in a worker: there it can be stopped when a text takes it too long.
// "worker" picks the packages' variants that need no document.
const { worker } = await build({
  entryPoints: [join(source, "markdown/worker.ts")],
  entryNames: hashed.replace("[name]", "markdown"),
  format: "iife",
  conditions: ["worker"],
  plugins: [fewerEntities, noHtml],
});
const apps = {};
for (const language of languages) apps[language] = await buildApp(language);
// Without modules, so that it runs before the first paint.
const { first } = await build({
  entryPoints: [join(source, "first.ts")],
  format: "iife",
  define: { LANGUAGE: '""', APP_FILES: JSON.stringify(apps) },
});

const tags = [`<link rel="stylesheet" href="./${style}">`, `<script src="./${first}"></script>`];
const page = await readFile(join(source, "index.html"), "utf8");
const [before, after] = page.split("    <!-- files -->\n");
const whole = `${before}${tags.map((tag) => `    ${tag}\n`).join("")}${after}`;
// One page for each language that a server may have as its own: first.ts reads it there.
await writeFile(join(target, "index.html"), whole);
await writeFile(join(target, "index.nl.html"), whole.replace('<html lang="en">', '<html lang="nl">'));
await copyFile(join(source, "icon.svg"), join(target, "icon.svg"));

if (!watch) await writeFile(join(target, "licences.txt"), await licences());
