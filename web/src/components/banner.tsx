// What is said above every page: which system this is, unless it is the real thing, and that the
// connection is lost.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Config } from "../api";
import { formatTime } from "../format";
import { lostSince } from "../live";
import { useStore } from "../store";
import { s } from "../strings/frame";

export function EnvironmentBanner({ config }: { config: Config | null }): JSX.Element | null {
  if (config === null || config.environment === "prod") return null;
  const text =
    config.environment === "acc"
      ? s.banner.acc
      : config.environment === "demo"
        ? s.banner.demo
        : s.banner.other(config.environment);
  return (
    <aside class="environment" aria-label={s.banner.label}>
      {text}
    </aside>
  );
}

const patience = 30_000;

/** A short break is nobody's business; after half a minute it is. */
export function OfflineBanner(): JSX.Element | null {
  const since = useStore(lostSince);
  const [long, setLong] = useState(false);
  useEffect(() => {
    setLong(false);
    if (since === null) return;
    const timer = setTimeout(() => setLong(true), Math.max(0, since + patience - Date.now()));
    return () => clearTimeout(timer);
  }, [since]);
  if (since === null || !long) return null;
  return (
    <p class="offline" role="status">
      {s.offline(formatTime(since))}
    </p>
  );
}
