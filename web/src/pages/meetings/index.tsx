// Stand-ups: the list of series; a series, which is its session while one runs; and minutes.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Problem } from "../../api";
import { readMeeting, type Meeting } from "../../api/meetings";
import { Failure } from "../../components/failure";
import { Skeleton } from "../../components/skeleton";
import type { PageProps } from "../../lazy";
import { useChanges } from "../../live";
import { useResource } from "../../resource";
import { correct, href } from "../../router";
import { s } from "../../strings/meetings";
import { toast } from "../../toast";
import { Missing } from "./missing";
import { SeriesList, SeriesPage } from "./series";
import { Standup } from "./standup";

function One({ id, named, query, account }: Omit<PageProps, "rest"> & { id: string; named: string }): JSX.Element {
  const [resource, reload] = useResource(`meeting ${id}`, () => readMeeting(id));
  const [meeting, setMeeting] = useState<Meeting | null>(null);
  // The session that runs stays on the page when it is closed: it becomes its minutes, with their address.
  const [shown, setShown] = useState("");
  useEffect(() => {
    if (resource.state === "ready") setMeeting(resource.value);
  }, [resource]);
  const again = (): void => void readMeeting(id).then(setMeeting, () => {});
  const session = named || meeting?.running || shown;
  const gone = (): void => {
    if (session === "") return;
    setShown("");
    setMeeting((now) => now && { ...now, running: null });
    correct(href(["meetings", id]));
    toast(s.discarded);
    again();
  };
  useChanges(
    (events) => {
      const mine = events.filter(
        ({ action, changes }) =>
          /^meeting\.(started|changed|closed|archived|discarded)$/.test(action) && changes?.meeting?.[1] === id,
      );
      const ended = mine.filter(({ action }) => action === "meeting.discarded");
      if (ended.some(({ changes }) => changes?.session?.[1] === session)) gone();
      else if (mine.length > 0) again();
    },
    again,
  );
  useEffect(() => {
    if (named !== "") setShown("");
    else if (meeting?.running) setShown(meeting.running);
  }, [named, meeting]);
  if (resource.state === "failed") {
    if (resource.error instanceof Problem && [400, 404].includes(resource.error.status)) return <Missing />;
    return (
      <div class="page">
        <Failure error={resource.error} retry={reload} />
      </div>
    );
  }
  if (meeting === null || meeting.id !== id)
    return (
      <div class="page">
        <Skeleton />
      </div>
    );
  const shared = { meeting, query, account, gone };
  if (session) return <Standup key={session} id={session} {...shared} />;
  return <SeriesPage meeting={meeting} account={account} changed={setMeeting} />;
}

export default function MeetingsPage({ rest, ...props }: PageProps): JSX.Element {
  const [id, named = ""] = rest;
  if (id === undefined) return <SeriesList scope={props.scope} account={props.account} />;
  return <One key={id} id={id} named={named} {...props} />;
}
