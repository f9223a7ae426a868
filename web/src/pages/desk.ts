// The pages of those who follow records up. They are one file: people go back and forth between them, and
// together they weigh less. main.tsx is named so that whatever both have is in one file with it.
import "../main";

export { FirstLook } from "../components/first-look";
export { default as InboxPage } from "./inbox";
export { default as MeetingsPage } from "./meetings";
export { default as NewPage } from "./new";
export { default as PicturePage } from "./picture";
export { default as RecordPage } from "./record";
export { default as RecordsPage } from "./records/records";
export { default as ReviewPage } from "./review/review";
