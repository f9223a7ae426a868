// Says on every page where one is, unless it is the real thing.
import type { JSX } from "preact";
import type { Config } from "../api";
import { strings } from "../strings";

export function EnvironmentBanner({ config }: { config: Config | null }): JSX.Element | null {
  if (config === null || config.environment === "prod") return null;
  const text =
    config.environment === "acc"
      ? strings.banner.acc
      : config.environment === "demo"
        ? strings.banner.demo
        : strings.banner.other(config.environment);
  return (
    <aside class="environment" aria-label={strings.banner.label}>
      {text}
    </aside>
  );
}
