// Files on their way to a record. They go on when somebody leaves the record's page, each to the
// record that it was meant for.
import { announce } from "./announce";
import { newKey } from "./api";
import { attachmentHref, readRecord } from "./api/record";
import { whenSignedIn } from "./resource";
import { s as failure } from "./strings/failure";
import { s } from "./strings/record";
import { uploads } from "./unsent";

export { uploads };

export interface Upload {
  id: number;
  /** The record. */
  key: string;
  file: File;
  name: string;
  /** A second try of what has arrived after all makes no second file. */
  once: string;
  /** From 0 to 1. */
  sent: number;
  /** Empty until it failed: why, in words. */
  failed: string;
}

/** The server takes no more (doc/follow-up.md). */
export const fileMax = 25 * 1024 * 1024;

const done = new Set<(key: string) => void>();

/** Says for which record a file has arrived. */
export function onUploaded(happen: (key: string) => void): () => void {
  done.add(happen);
  return () => done.delete(happen);
}

function update(id: number, change: Partial<Upload> | null): void {
  const others = uploads.get();
  uploads.set(
    change === null
      ? others.filter((one) => one.id !== id)
      : others.map((one) => (one.id === id ? { ...one, ...change } : one)),
  );
}

type Outcome = { status: number; text: string; retryAfter: number };

const dropped = ({ id }: Upload): boolean => uploads.get().every((one) => one.id !== id);

/** One try. Status 0: no answer. Rejects what was dropped: the person who signs in next must not send it. */
function send(upload: Upload): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    if (dropped(upload)) return reject();
    const request = new XMLHttpRequest();
    request.open("POST", `${attachmentHref(upload.key)}?${new URLSearchParams({ name: upload.name })}`);
    request.setRequestHeader("X-Bzctrl-App", "1");
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("Content-Type", upload.file.type || "application/octet-stream");
    request.setRequestHeader("Idempotency-Key", `"${upload.once}"`);
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) update(upload.id, { sent: event.loaded / event.total });
    };
    const stop = uploads.watch(() => dropped(upload) && request.abort());
    request.onloadend = () => {
      stop();
      if (dropped(upload)) return reject();
      resolve({
        status: request.status,
        text: request.responseText,
        retryAfter: Number(request.getResponseHeader("Retry-After")) || 0,
      });
    };
    request.send(upload.file);
  });
}

/** One after the other: together they would only wait for each other. */
let queue: Promise<void> = Promise.resolve();
let last = 0;

export function upload(key: string, files: readonly File[]): void {
  for (const file of files) {
    last += 1;
    // A picture that was pasted has no name of its own.
    const name =
      file.name === "" || file.name === "image.png" ? s.files.pasted(file.type.split("/")[1] ?? "png") : file.name;
    const one: Upload = { id: last, key, file, name, once: newKey(), sent: 0, failed: "" };
    if (file.size > fileMax) one.failed = s.files.tooLarge;
    else if (file.size === 0) one.failed = s.files.empty;
    uploads.set([...uploads.get(), one]);
    if (one.failed === "") enqueue(one);
    else announce(`${name}: ${one.failed}`);
  }
}

export function retryUpload(id: number): void {
  const one = uploads.get().find((upload) => upload.id === id);
  if (!one) return;
  update(id, { failed: "", sent: 0 });
  enqueue(one);
}

export function dropUpload(id: number): void {
  update(id, null);
}

function enqueue(one: Upload): void {
  queue = queue.then(() => run(one)).catch(() => {}); // it was dropped
}

async function run(one: Upload): Promise<void> {
  let outcome = await send(one);
  if (outcome.status === 401) {
    // The same person continues with it after a sign-in; for another one it was dropped (forget.ts).
    readRecord(one.key).catch(() => {}); // says so to the session
    await new Promise<void>((resolve) => whenSignedIn(resolve));
    outcome = await send(one);
  } else if ([0, 502, 503, 504].includes(outcome.status)) {
    await new Promise((resolve) => setTimeout(resolve, Math.min(10, Math.max(1, outcome.retryAfter)) * 1000));
    update(one.id, { sent: 0 });
    outcome = await send(one);
  }
  if (outcome.status === 200 || outcome.status === 201) {
    update(one.id, null);
    announce(outcome.status === 200 ? s.files.alreadyThere(one.name) : s.files.arrived(one.name));
    for (const happen of done) happen(one.key);
    return;
  }
  let reason = outcome.status === 0 ? failure.unreachable : failure.status(outcome.status);
  try {
    const problem = JSON.parse(outcome.text) as { detail?: unknown };
    if (typeof problem.detail === "string" && problem.detail !== "") reason = problem.detail;
  } catch {
    // The status says enough.
  }
  update(one.id, { failed: reason });
  announce(`${one.name}: ${reason}`);
}
