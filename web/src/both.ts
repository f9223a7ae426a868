// What the desk and the admin pages both have, and the frame has not. Named by main.tsx, it is in the file that all
// of them load: in one of its own it would weigh half as much again.
import "./api/places";
import "./components/empty-state";
import "./components/entry";
import "./components/facts";
import "./components/form-dialog";
import "./components/none";
import "./components/page-head";
import "./components/picker";
import "./labels";
import "./rights";
import "./saving";
import "./strings/members";
