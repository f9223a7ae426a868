import { inLanguage } from "../language";

export const s = inLanguage(
  {
    unreachableTitle: "The server can’t be reached",
    unreachable: "The server did not answer. Check your connection, then try again.",
    busyTitle: "The server is busy",
    busy: "It can’t take this right now. Try again in a moment.",
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
