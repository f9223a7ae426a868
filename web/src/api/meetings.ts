// Stand-ups: the series, a session that runs, and its minutes.
import { call, callAll, type Task } from "../api";
import type { components } from "../generated/schema";
import { putPeople } from "../people";

type Schemas = components["schemas"];
export type Meeting = Schemas["Meeting"];
export type MeetingRequest = Schemas["MeetingRequest"];
export type MeetingPatch = Schemas["MeetingPatch"];
export type Session = Schemas["MeetingSession"];
export type SessionHead = Schemas["MeetingSessionHead"];
export type Minutes = Schemas["MeetingMinutes"];
export type Since = Schemas["MeetingSince"];
export type Note = Minutes["notes"][number];
export type Reason = Schemas["MeetingReason"];
export type Group = Schemas["MeetingGroup"];
export type Stage = Session["stage"];
export type Step = Schemas["MeetingStep"];
export type Weekday = NonNullable<Schemas["MeetingWeekday"]>;
export type Comment = Schemas["Comment"];

export const reasons = ["overdue", "promised", "new", "undated", "untouched"] as const;
export const weekdays: readonly Weekday[] = [
  "Monday",
  "Tuesday",
  "Wednesday",
  "Thursday",
  "Friday",
  "Saturday",
  "Sunday",
];
export const groups: readonly Group[] = ["none", "person", "workspace"];

/** Which session of which series. */
export interface SessionId {
  id: string;
  session: string;
}

function known<T extends { people: Parameters<typeof putPeople>[0] }>(answer: T): T {
  putPeople(answer.people);
  return answer;
}

export const listMeetings = (): Promise<Meeting[]> =>
  callAll(async (cursor) =>
    known(
      await call("GET", "/meetings", { query: { limit: 200, ...(cursor !== undefined && { cursor }) } }),
    ),
  );

export const readMeeting = (id: string): Promise<Meeting> => call("GET", "/meetings/{id}", { path: { id } });

export const createMeeting = (body: MeetingRequest): Promise<Meeting> => call("POST", "/meetings", { body });

export const changeMeeting = (id: string, body: MeetingPatch, version: number): Promise<Meeting> =>
  call("PATCH", "/meetings/{id}", { path: { id }, body, ifMatch: version });

export const archiveMeeting = async (id: string): Promise<void> =>
  void (await call("DELETE", "/meetings/{id}", { path: { id } }));

/** Newest first. */
export async function listSessions(id: string, limit: number, cursor?: string): Promise<Schemas["MeetingSessionPage"]> {
  const query = { limit, ...(cursor !== undefined && { cursor }) };
  return known(await call("GET", "/meetings/{id}/sessions", { path: { id }, query }));
}

export const startSession = async (id: string): Promise<Session> =>
  known(await call("POST", "/meetings/{id}/sessions", { path: { id } }));

export const readSession = async (path: SessionId): Promise<Session> =>
  known(await call("GET", "/meetings/{id}/sessions/{session}", { path }));

export const readWalk = async (path: SessionId): Promise<Schemas["MeetingWalk"]> =>
  known(await call("GET", "/meetings/{id}/sessions/{session}/walk", { path }));

export const stepSession = async (path: SessionId, body: Step): Promise<Session> =>
  known(await call("PATCH", "/meetings/{id}/sessions/{session}", { path, body }));

/** Who is there; the caller, without an address. */
export const putGuest = async (path: SessionId, present: boolean, email?: string): Promise<Session> =>
  known(
    await call("POST", "/meetings/{id}/sessions/{session}/people", {
      path,
      body: { present, ...(email !== undefined && { email }) },
    }),
  );

export const addNote = async (path: SessionId, body: Schemas["MeetingNoteRequest"]): Promise<Session> =>
  known(await call("POST", "/meetings/{id}/sessions/{session}/notes", { path, body }));

/** Notes which action came out of a record; words are for who reads it. */
export const noteAction = (path: SessionId, of: string | null, key: string, title: string): Promise<Session> =>
  addNote(path, { text: `+ ${key}: ${title}`.slice(0, 2000), key: of });

export const changeNote = async (path: SessionId, note: string, body: Schemas["MeetingNotePatch"]): Promise<Session> =>
  known(await call("PATCH", "/meetings/{id}/sessions/{session}/notes/{note}", { path: { ...path, note }, body }));

export const dropNote = async (path: SessionId, note: string): Promise<Session> =>
  known(await call("DELETE", "/meetings/{id}/sessions/{session}/notes/{note}", { path: { ...path, note } }));

export const closeSession = async (path: SessionId): Promise<Session> =>
  known(await call("POST", "/meetings/{id}/sessions/{session}/close", { path }));

/** It leaves no minutes. */
export const discardSession = async (path: SessionId): Promise<void> =>
  void (await call("DELETE", "/meetings/{id}/sessions/{session}", { path }));

// ---- around the records ----

export async function lastComment(key: string): Promise<Comment | null> {
  const { items } = await call("GET", "/tasks/{key}/comments", { path: { key }, query: { limit: 5 } });
  return items.find(({ text }) => text !== null) ?? null;
}

/** What was overdue may not be any more: this is what is overdue now. */
export async function overdueNow(meeting: Meeting): Promise<Task[]> {
  const where = meeting.workspaces.length > 0 ? { workspace: meeting.workspaces } : { domain: [meeting.domain] };
  const { items, people } = await call("GET", "/tasks", { query: { ...where, overdue: [true], limit: 200 } });
  putPeople(people ?? {});
  return items;
}
