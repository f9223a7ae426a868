// What changed between two texts, line by line.
export interface DiffLine {
  kind: "same" | "removed" | "added";
  text: string;
}

/** Longer texts than this (lines × lines) are shown as one that is removed and one that is added. */
const effort = 1_000_000;

export function diffLines(before: string, after: string): DiffLine[] {
  const a = before === "" ? [] : before.split("\n");
  const b = after === "" ? [] : after.split("\n");
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end += 1;
  const line =
    (kind: DiffLine["kind"]) =>
    (text: string): DiffLine => ({ kind, text });
  return [
    ...a.slice(0, start).map(line("same")),
    ...middle(a.slice(start, a.length - end), b.slice(start, b.length - end)),
    ...a.slice(a.length - end).map(line("same")),
  ];
}

/** By the longest common subsequence. */
function middle(a: string[], b: string[]): DiffLine[] {
  const lines: DiffLine[] = [];
  const width = b.length + 1;
  let i = 0;
  let j = 0;
  if (a.length * b.length > 0 && a.length * b.length <= effort) {
    const common = new Uint32Array((a.length + 1) * width);
    const at = (row: number, column: number): number => common[row * width + column]!;
    for (let row = a.length - 1; row >= 0; row -= 1)
      for (let column = b.length - 1; column >= 0; column -= 1)
        common[row * width + column] =
          a[row] === b[column] ? at(row + 1, column + 1) + 1 : Math.max(at(row + 1, column), at(row, column + 1));
    while (i < a.length && j < b.length) {
      if (a[i] === b[j]) {
        lines.push({ kind: "same", text: a[i++]! });
        j += 1;
      } else if (at(i + 1, j) >= at(i, j + 1)) {
        lines.push({ kind: "removed", text: a[i++]! });
      } else {
        lines.push({ kind: "added", text: b[j++]! });
      }
    }
  }
  while (i < a.length) lines.push({ kind: "removed", text: a[i++]! });
  while (j < b.length) lines.push({ kind: "added", text: b[j++]! });
  return lines;
}
