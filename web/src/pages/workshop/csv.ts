// Comma-separated values (RFC 4180), read and written, and what a file of them seems to be.

export type Delimiter = "," | ";" | "\t";
export const delimiters: readonly Delimiter[] = [",", ";", "\t"];

/** The rows of a text; empty lines are passed over. A quote that never ends takes all that follows. */
export function parseCsv(text: string, delimiter: Delimiter): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let at = 0;
  const endRow = (): void => {
    if (row.length > 1 || row[0] !== "") rows.push(row);
    row = [];
  };
  while (at < text.length) {
    let cell = "";
    if (text[at] === '"') {
      at += 1;
      for (;;) {
        const quote = text.indexOf('"', at);
        if (quote < 0) {
          cell += text.slice(at);
          at = text.length;
          break;
        }
        cell += text.slice(at, quote);
        at = quote + 1;
        if (text[at] !== '"') break;
        cell += '"';
        at += 1;
      }
    }
    // What follows a closing quote, or the whole of a cell without one.
    const start = at;
    while (at < text.length && text[at] !== delimiter && text[at] !== "\n" && text[at] !== "\r") at += 1;
    row.push(cell + text.slice(start, at));
    if (text[at] === delimiter) {
      at += 1;
      if (at === text.length || text[at] === "\n" || text[at] === "\r") row.push("");
    }
    if (text[at] === "\r" || text[at] === "\n") {
      at += text[at] === "\r" && text[at + 1] === "\n" ? 2 : 1;
      endRow();
    }
  }
  if (row.length > 0) endRow();
  return rows;
}

/** The delimiter by which the first rows have most cells, as many in each. */
export function guessDelimiter(text: string): Delimiter {
  const start = text.slice(0, 20_000);
  const score = (delimiter: Delimiter): number => {
    const widths = parseCsv(start, delimiter).slice(0, 20).map((row) => row.length);
    const first = widths[0] ?? 0;
    const alike = widths.filter((width) => width === first).length;
    return first <= 1 ? 0 : (alike / widths.length) * 1000 + first;
  };
  return [...delimiters].sort((a, b) => score(b) - score(a))[0] ?? ",";
}

export type Encoding = "utf-8" | "windows-1252";

export interface Decoded {
  text: string;
  encoding: Encoding;
}

/** As UTF-8 if it is, else as Windows-1252, in which every file is something. */
export function decode(bytes: Uint8Array, encoding?: Encoding): Decoded {
  if (encoding !== "windows-1252") {
    try {
      return { text: new TextDecoder("utf-8", { fatal: encoding === undefined }).decode(bytes), encoding: "utf-8" };
    } catch {
      // Not UTF-8.
    }
  }
  return { text: new TextDecoder("windows-1252").decode(bytes), encoding: "windows-1252" };
}

/** A cell that a spreadsheet would run as a formula begins with an apostrophe. */
function cellOf(value: string): string {
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",;\t\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** With the mark by which spreadsheets know UTF-8. */
export const writeCsv = (rows: readonly (readonly string[])[]): string =>
  `\uFEFF${rows.map((row) => row.map(cellOf).join(",")).join("\r\n")}\r\n`;
