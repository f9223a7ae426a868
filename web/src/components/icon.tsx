// Small drawings. They never appear alone: a word next to them, visible or only for screen readers, says the same.
import type { JSX } from "preact";

const ring = "M8 2a6 6 0 1 0 .1 0Z";

/** Lines on a grid of 16; a line without a length is a dot, and what is filled is lines next to each other. */
const paths = {
  incident: "M8 2 15 14H1ZM8 7v3M8 12v0",
  task: "M3 3h10v10H3ZM5 8l2 2 4-4",
  todo: ring,
  progress: `${ring}M8 3v10M9.5 3v10M11 4v8M12.5 5v6`,
  done: `${ring}M5 8l2 2 4-4`,
  expired: `${ring}M6 6l4 4M10 6l-4 4`,
  high: "M3 10v3M8 7v6M13 3v10",
  medium: "M3 10v3M8 7v6M13 13v0",
  low: "M3 10v3M8 13v0M13 13v0",
  clock: `${ring}M8 5v3l2 2`,
  pin: "M6 2h4M7 2v4L4 9h8L9 6V2M8 9v5",
  link: "M7 9a3 3 0 0 0 4 0l2-2a3 3 0 0 0-4-4L8 4M9 7a3 3 0 0 0-4 0L3 9a3 3 0 0 0 4 4l1-1",
  copy: "M6 6h7v8H6ZM3 10V2h7",
  check: "M3 8l4 4 6-8",
  back: "M13 8H3M7 4L3 8l4 4",
  refresh: "M13 6a5.5 5.5 0 1 0 0 4M13 2v4H9",
  filter: "M2 4h12M4 8h8M6 12h4",
  close: "M4 4l8 8M12 4l-8 8",
  auto: `${ring}M8 3v10M6.5 3v10M5 4v8M3.5 5v6`,
  light: "M8 5a3 3 0 1 0 .1 0ZM8 1v1M8 14v1M1 8h1M14 8h1M3 3l1 1M12 12l1 1M13 3l-1 1M4 12l-1 1",
  dark: "M13 10A6 6 0 0 1 6 3a6 6 0 1 0 7 7Z",
  help: `${ring}M6 6a2 2 0 1 1 3 2L8 9M8 11v0`,
  out: "M6 2H3v12h3M6 8h7M10 5l3 3-3 3",
  search: "M7 2a5 5 0 1 0 .1 0ZM11 11l3 3",
  plus: "M8 3v10M3 8h10",
  calendar: "M3 4h10v10H3ZM3 7h10M6 2v3M10 2v3",
  settings: "M2 5h6M12 5h2M2 11h2M8 11h6M10 3v4M6 9v4",
  domain: "M6 2h4v3H6ZM8 5v5M4 14v-4h8v4",
  workspace: "M2 5h12v8H2ZM6 5V3h4v2",
  scope: "M2 3h12L10 8v5L6 11V8Z",
  inbox: "M2 9l2-6h8l2 6v4H2ZM2 9h4l1 2h2l1-2h4",
  records: "M3 2h10v12H3ZM6 5h4M6 8h4M6 11h2",
  meetings: "M6 3a2 2 0 1 0 .1 0ZM11 3a2 2 0 0 1 0 4M2 13a4 4 0 0 1 8 0M11 9a3 3 0 0 1 3 4",
  picture: "M2 14h12M4 11V8M8 11V3M12 11V6",
  workshop: "M14 4a4 4 0 0 1-5 5l-4 4a1 1 0 0 1-2-2l4-4a4 4 0 0 1 5-5l-2 2v2h2Z",
  edit: "M3 13l1-4 7-7 3 3-7 7ZM9 4l3 3",
  comment: "M2 3h12v8H7l-3 3v-3H2Z",
  file: "M4 2h5l4 4v8H4ZM9 2v4h4",
  attach: "M13 7l-6 6a3 3 0 0 1-4-4l6-6a2 2 0 0 1 3 3l-6 6a1 1 0 0 1-1-1l5-5",
  external: "M7 3H3v10h10V9M9 3h4v4M13 3 8 8",
  down: "M4 6l4 4 4-4",
  up: "M4 10l4-4 4 4",
  left: "M10 4L6 8l4 4",
  right: "M6 4l4 4-4 4",
  more: "M3 8h1M8 8h1M13 8h1",
  flag: "M4 14V3h8l-2 3 2 3H4",
  bell: "M3 12h10l-1-2V7a4 4 0 0 0-8 0v3ZM7 14h2",
  star: "M8 2l2 4 4 .5-3 3 1 4.5-4-2-4 2 1-4.5-3-3L6 6Z",
  download: "M8 2v8M5 7l3 3 3-3M3 13h10",
  board: "M3 3h3v10H3ZM6 3h4v7H6ZM10 3h3v9h-3Z",
  key: "M11 2a3 3 0 1 0 .1 0ZM9 7l-6 6M5 11l2 2",
  calls: "M3 5h10M10 2l3 3-3 3M13 11H3M6 8l-3 3 3 3",
  send: "M14 2L2 7l5 2 2 5ZM14 2L7 9",
  flash: "M9 2L4 9h4l-1 5 5-7H8Z",
  matrix: "M2 2h12v12H2ZM2 6h12M2 10h12M6 2v12M10 2v12",
} satisfies Record<string, string>;

export type IconName = keyof typeof paths;

export function Icon({ name }: { name: IconName }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  );
}
