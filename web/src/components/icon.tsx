// Small drawings. They never appear alone: a word next to them, visible or only for screen readers, says the same.
import type { JSX, SVGAttributes } from "preact";

const circle = "M8 2.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11Z";

/** A path each; of some, a second one that looks otherwise. */
const paths = {
  incident: "M8 2.2 14.4 13.4H1.6Zm0 4.3v3.3m0 1.7v.1",
  task: "M2.5 4.5a2 2 0 0 1 2-2h7a2 2 0 0 1 2 2v7a2 2 0 0 1-2 2h-7a2 2 0 0 1-2-2Zm3 3.6 1.9 1.9 3.4-3.9",
  todo: circle,
  progress: [circle, "M8 2.5a5.5 5.5 0 0 1 0 11Z"],
  done: `${circle}M5.4 8.2l1.8 1.8 3.4-3.8`,
  expired: `${circle}M6 6l4 4m0-4-4 4`,
  high: "M3.5 10v3M8 6.5V13m4.5-10v10",
  medium: ["M3.5 10v3M8 6.5V13", "M12.5 3v10"],
  low: ["M3.5 10v3", "M8 6.5V13m4.5-10v10"],
  clock: `${circle}M8 4.5V8l2.3 1.6`,
  pin: "M6 2.5h4M6.8 2.5v4L4.5 9.2h7L9.2 6.5v-4M8 9.2v4.3",
  link:
    "M6.6 9.4a2.6 2.6 0 0 0 3.7 0l2.3-2.3a2.6 2.6 0 0 0-3.7-3.7l-.9.9" +
    "m1.4 2.3a2.6 2.6 0 0 0-3.7 0L3.4 8.9a2.6 2.6 0 0 0 3.7 3.7l.9-.9",
  copy: "M6 6h7v7.5H6Zm-3 4V2.5h7",
  check: "m3 8.5 3.2 3.2L13 4.8",
  back: "M13 8H3.5m4-4.2L3.2 8l4.3 4.2",
  refresh: "M13.2 6.4A5.5 5.5 0 1 0 13.3 10M13.5 2.7v3.9H9.6",
  filter: "M2.5 4h11m-9 4h7m-5 4h3",
  close: "m4 4 8 8m0-8-8 8",
  auto: [circle, "M8 2.5a5.5 5.5 0 0 0 0 11Z"],
  light:
    "M8 5.2a2.8 2.8 0 1 1 0 5.6 2.8 2.8 0 0 1 0-5.6" +
    "M8 1.5v1.3m0 10.4v1.3M1.5 8h1.3m10.4 0h1.3M3.4 3.4l.9.9m7.4 7.4.9.9m0-9.2-.9.9m-7.4 7.4-.9.9",
  dark: "M13 9.6A5.6 5.6 0 0 1 6.4 3a5.6 5.6 0 1 0 6.6 6.6Z",
  help: "M5.9 6a2.2 2.2 0 1 1 3.2 2c-.8.4-1.1.8-1.1 1.6m0 2.2v.1M8 1.9a6.1 6.1 0 1 1 0 12.2A6.1 6.1 0 0 1 8 1.9Z",
  out: "M6 2.5H3v11h3m1-5.5h6.5m-2.7-3 3 3-3 3",
  search: "M7 2.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9Zm3.3 7.8 3.4 3.4",
  plus: "M8 3v10M3 8h10",
  down: "m4.5 6.5 3.5 3.5 3.5-3.5",
  calendar: "M2.5 4.5a1 1 0 0 1 1-1h9a1 1 0 0 1 1 1v8a1 1 0 0 1-1 1h-9a1 1 0 0 1-1-1Zm0 2.5h11M5.5 2v3m5-3v3",
  settings: "M2 4.5h6.5m3 0H14M2 11.5h2.5m3 0H14M10 2.8v3.4M6 9.8v3.4",
  domain: "M8 2.5v3M4 13.5v-3h8v3M8 5.5v5M6.5 2.5h3v3h-3Z",
  workspace: "M2.5 5.5h11v7h-11Zm3.5 0v-2h4v2",
  scope: "M2.5 3h11L9.5 8.2V13l-3-1.6V8.2Z",
  inbox: "M2.5 9.5 4.3 3.5h7.4l1.8 6v3h-11Zm0 0h3.2l.8 1.5h3l.8-1.5h3.2",
  records: "M3.5 2.5h9v11h-9Zm2.5 3h4m-4 2.5h4m-4 2.5h2.5",
  meetings:
    "M5.5 3a2 2 0 1 1 0 4 2 2 0 0 1 0-4Zm5.3 1a1.7 1.7 0 1 1 0 3.4M1.8 13c0-2.5 1.5-4 3.7-4s3.7 1.5 3.7 4" +
    "m1.6-3.8c2 0 3.4 1.3 3.4 3.8",
  picture: "M2.5 13.5h11M4 11V8m4 3V3.5M12 11V6",
  workshop: "m9.5 6.5-6 6 1 1 6-6m-1-1a2.8 2.8 0 0 1 3.3-3.4L10.9 5l1.1 1.1 1.9-1.9a2.8 2.8 0 0 1-3.4 3.3",
  edit: "M2.8 13.2 3.5 10l7-7 2.5 2.5-7 7Zm6-8.6 2.5 2.5",
  file: "M4 2.5h5l3 3v8H4Zm5 0v3h3",
  attach: "m12.5 7.5-5 5a3 3 0 0 1-4.2-4.2l5.4-5.4a2 2 0 0 1 2.8 2.8l-5.2 5.3a1 1 0 0 1-1.5-1.4l4.5-4.6",
  follow: "M8 2.5A3.6 3.6 0 0 1 11.6 6c0 3 1.4 4.5 1.4 4.5H3S4.4 9 4.4 6A3.6 3.6 0 0 1 8 2.5ZM6.7 13h2.6",
  external: "M6.5 3.5h-4v10h10v-4M9 2.5h4.5V7m0-4.5L7.5 8.5",
  up: "m4.5 9.5 3.5-3.5 3.5 3.5",
  left: "M9.5 4.5 6 8l3.5 3.5",
  right: "M6.5 4.5 10 8l-3.5 3.5",
  more: "M3.5 8h.1M8 8h.1m4.4 0h.1",
  flag: "M4 14V2.5h7.5l-2 3 2 3H4",
  bell: "M3.5 11.5h9l-1-1.8V7a3.5 3.5 0 0 0-7 0v2.7Zm3.2 2h2.6M8 2v1.5",
  star: "m8 2.2 1.8 3.7 4 .6-2.9 2.8.7 4L8 11.4l-3.6 1.9.7-4L2.2 6.5l4-.6Z",
  download: "M8 2.5v8m-3.2-3L8 10.7l3.2-3.2M3 13.5h10",
  board: "M2.5 3h3v10h-3Zm4 0h3v7h-3Zm4 0h3v8.5h-3Z",
  key: "M10.5 2.5a3 3 0 1 1 0 6 3 3 0 0 1 0-6ZM8.4 7.6l-5.9 5.9m1.8-1.8 1.6 1.6",
  calls: "M3 5.5h10.5m-3-3 3 3-3 3m2.5 2H2.5m3-3-3 3 3 3",
  send: "M14 2 1.8 6.6 6.6 9.4 9.4 14.2Zm0 0L6.6 9.4",
  flash: "M9 1.8 3.5 9H8l-1 5.2L12.5 7H8Z",
  matrix: "M2.5 2.5h11v11h-11Zm0 3.7h11m-11 3.6h11M6.2 2.5v11m3.6-11v11",
} satisfies Record<string, string | [string, string]>;

const otherwise: Record<string, SVGAttributes<SVGPathElement>> = {
  progress: { fill: "currentColor" },
  auto: { fill: "currentColor" },
  medium: { opacity: ".25" },
  low: { opacity: ".25" },
  more: { "stroke-width": "2.4" },
};

export type IconName = keyof typeof paths;

export function Icon({ name }: { name: IconName }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
      {[paths[name]].flat().map((d, i, all) => (
        <path d={d} {...(i === all.length - 1 && otherwise[name])} />
      ))}
    </svg>
  );
}
