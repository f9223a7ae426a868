// The versions of a form, and what differs between two of them.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { listFormVersions, readFormVersion, type FormDocument, type FormVersion } from "../../api/forms";
import { Select } from "../../components/entry";
import { Failure } from "../../components/failure";
import { Skeleton } from "../../components/skeleton";
import { Reading } from "../../components/reading";
import { formatMoment } from "../../format";
import { nameOf } from "../../people";
import { useResource } from "../../resource";
import { s } from "../../strings/workshop-forms";
import { differences } from "./form-words";

interface VersionsProps {
  workspace: string;
  name: string;
  version: number;
  restore: (document: FormDocument) => Promise<unknown>;
}

const versionName = ({ version, changedAt, changedBy }: FormVersion): string =>
  `${version} · ${formatMoment(changedAt)} · ${changedBy === null ? s.operator : nameOf(changedBy)}`;

function Compare({
  workspace,
  name,
  versions,
  restore,
}: Omit<VersionsProps, "version"> & { versions: readonly FormVersion[] }): JSX.Element {
  const newest = versions[0]?.version ?? 1;
  const [newer, setNewer] = useState(newest);
  const [older, setOlder] = useState(versions[1]?.version ?? newest);
  const [pair, reload] = useResource(`${workspace} ${name} ${older} ${newer}`, () =>
    Promise.all([older, newer].map(async (one) => (await readFormVersion(workspace, name, one)).form)),
  );
  const [before, after] = pair.state === "ready" ? pair.value : [];
  const found = before && after ? differences(before, after) : [];
  const options = versions.map((one) => [String(one.version), versionName(one)] as const);
  return (
    <div class="stack parts">
      <div class="field-row">
        <Select label={s.older} value={String(older)} change={(to) => setOlder(Number(to))} options={options} />
        <Select label={s.newer} value={String(newer)} change={(to) => setNewer(Number(to))} options={options} />
      </div>
      <Reading of={pair} again={reload} rows={2} />
      {before && after && (
        <section class="stack part" aria-live="polite">
          <h2>{s.difference(older, newer)}</h2>
          {found.length === 0 ? (
            <p class="hint">{s.same}</p>
          ) : (
            <ul class="points">
              {found.map((one) => (
                <li key={one}>{one}</li>
              ))}
            </ul>
          )}
          <button
            type="button"
            class="button"
            aria-disabled={older === newest}
            onClick={() => older !== newest && void restore(before)}
          >
            {s.restore}
          </button>
          <p class="hint">{s.restoreHint}</p>
        </section>
      )}
    </div>
  );
}

export function Versions({ workspace, name, version, restore }: VersionsProps): JSX.Element {
  const [versions, reload] = useResource(`versions ${workspace} ${name} ${version}`, () =>
    version === 0 ? Promise.resolve([]) : listFormVersions(workspace, name),
  );
  if (versions.state === "failed") return <Failure error={versions.error} retry={reload} />;
  if (versions.state === "loading") return <Skeleton />;
  if (versions.value.length === 0) return <p class="hint">{version === 0 ? s.noVersions : s.same}</p>;
  return (
    <Compare key={version} workspace={workspace} name={name} versions={versions.value} restore={restore} />
  );
}
