// Stand-ups: the list of series; a series, which is its session while one runs; and minutes.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { readMeeting } from "../../api/meetings";
import type { PageProps } from "../../lazy";
import { useChanges } from "../../live";
import { correct, href } from "../../router";
import { s } from "../../strings/meetings";
import { toast } from "../../toast";
import { useLatest } from "../records/latest";
import { changesSeries, SeriesList, SeriesPage } from "./series";
import { Standup } from "./standup";
import { Waiting } from "./waiting";

function One({ id, named, query, account }: Omit<PageProps, "rest"> & { id: string; named: string }): JSX.Element {
  const [meeting, error, again] = useLatest(id, 0, () => readMeeting(id));
  // The session that runs stays on the page when it is closed: it becomes its minutes, with their address.
  const [shown, setShown] = useState("");
  const session = named || meeting?.running || shown;
  const gone = (): void => {
    if (session === "") return;
    setShown("");
    correct(href(["meetings", id]));
    toast(s.discarded);
    again();
  };
  useChanges(
    (events) => {
      const mine = events.filter((event) => changesSeries(event) && event.changes?.meeting?.[1] === id);
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
  if (meeting === null) return <Waiting error={error} again={again} />;
  if (session) return <Standup key={session} id={session} {...{ meeting, query, account, gone }} />;
  return <SeriesPage meeting={meeting} changed={again} />;
}

export default function MeetingsPage({ rest, ...props }: PageProps): JSX.Element {
  const [id, named = ""] = rest;
  if (id === undefined) return <SeriesList scope={props.scope} account={props.account} />;
  return <One key={id} id={id} named={named} {...props} />;
}
