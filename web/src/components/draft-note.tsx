// Says that a text is from before, and offers to discard it.
import type { JSX } from "preact";
import type { Draft } from "../drafts";
import { formatMoment, formatTime } from "../format";
import { s } from "../strings/record";

/** "10:42" today, and the day with it before that. */
function formatSince(at: string): string {
  return new Date(at).toDateString() === new Date().toDateString() ? formatTime(at) : formatMoment(at);
}

export function DraftNote({
  draft,
  discard = draft.discard,
}: {
  draft: Pick<Draft, "from" | "discard">;
  discard?: () => void;
}): JSX.Element | null {
  if (draft.from === null) return null;
  return (
    <p class="draft-note">
      {s.draft.of(formatSince(draft.from))}{" "}
      <button type="button" class="link" onClick={discard}>
        {s.draft.discard}
      </button>
    </p>
  );
}
