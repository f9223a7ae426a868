import type { Fault } from "../api";
import { inLanguage } from "../language";
import { memberName } from "./members";

export const s = inLanguage(
  {
    unreachableTitle: "The server can’t be reached",
    unreachable: "The server did not answer. Check your connection, then try again.",
    busyTitle: "The server is busy",
    busy: "It can’t take this right now. Try again in a moment.",
    /** What the app says better than the server's own words. */
    statuses: { 401: "Your session has ended. Sign in, then try again." } as Record<number, string>,
    /** After the name of a member: only where the server's words are in another language. */
    faults: {} as Record<string, string>,
    changed: "Somebody else has just changed this. Look at it, then try again.",
    refusedTitle: "That did not work",
    status: (status: number): string => `The server answered with status ${status}.`,
    unexpected: "Something unexpected happened. Reloading usually helps.",
    retry: "Try again",
    newVersionTitle: "This page can’t be loaded",
    newVersion: "The app may have been updated. Reload it; what you typed is kept.",
    reload: "Reload",
  },
  {
    unreachableTitle: "De server is niet bereikbaar",
    unreachable: "De server gaf geen antwoord. Controleer uw verbinding en probeer het opnieuw.",
    busyTitle: "De server is druk bezet",
    busy: "Dit kan nu niet worden verwerkt. Probeer het zo dadelijk opnieuw.",
    statuses: {
      401: "Uw sessie is beëindigd. Meld u aan en probeer het opnieuw.",
      403: "U mag dit niet doen.",
      404: "Dit bestaat niet, of u mag het niet zien.",
    },
    faults: {
      required: "ontbreekt.",
      not_an_option: "heeft een onbekende waarde.",
      not_a_date: "is geen datum.",
      unknown_person: "is geen bekende persoon.",
    },
    changed: "Iemand anders heeft dit zojuist gewijzigd. Bekijk het en probeer het opnieuw.",
    refusedTitle: "Dat is niet gelukt",
    status: (status) => `De server antwoordde met status ${status}.`,
    unexpected: "Er ging iets onverwachts mis. Opnieuw laden helpt meestal.",
    retry: "Opnieuw proberen",
    newVersionTitle: "Deze pagina kan niet worden geladen",
    newVersion: "Misschien is de app bijgewerkt. Laad haar opnieuw; wat u hebt getypt, blijft bewaard.",
    reload: "Opnieuw laden",
  },
);

/** What is wrong with a member of a record, by the name that people know, or a form's label. */
export function faultText({ pointer, code, detail }: Fault, label?: string): string {
  const member = pointer.split("/")[1] ?? "";
  const name = label ?? memberName(member);
  const said = s.faults[code];
  if (name !== member && said !== undefined) return `${name} ${said}`;
  return detail.startsWith(`${member} `) ? name + detail.slice(member.length) : detail;
}
