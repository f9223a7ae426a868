import { inLanguage } from "../language";

export const s = inLanguage(
  {
    unreachableTitle: "The server can’t be reached",
    unreachable: "The server did not answer. Check your network connection, then try again. Stored records are safe.",
    busyTitle: "The server is busy",
    busy: "It can’t take this request right now. Try again in a moment.",
    refusedTitle: "That did not work",
    status: (status: number): string => `The server answered with status ${status}.`,
    unexpected: "Something unexpected happened on this page. Reloading it usually helps.",
    retry: "Try again",
    newVersionTitle: "This page can’t be loaded",
    newVersion: "The app may have been updated since you opened it. Reload it; what you typed is kept.",
    reload: "Reload",
    changed: (by: string): string =>
      `${by} changed this at the same time. Your change was not saved; look at the new value first.`,
    somebody: "Somebody",
  },
  {
    unreachableTitle: "De server is niet bereikbaar",
    unreachable:
      "De server gaf geen antwoord. Controleer uw netwerkverbinding en probeer het opnieuw. Opgeslagen " +
      "gegevens zijn veilig.",
    busyTitle: "De server is druk bezet",
    busy: "Dit verzoek kan nu niet worden verwerkt. Probeer het zo dadelijk opnieuw.",
    refusedTitle: "Dat is niet gelukt",
    status: (status) => `De server antwoordde met status ${status}.`,
    unexpected: "Er ging iets onverwachts mis op deze pagina. Opnieuw laden helpt meestal.",
    retry: "Opnieuw proberen",
    newVersionTitle: "Deze pagina kan niet worden geladen",
    newVersion:
      "Misschien is de app bijgewerkt sinds u haar opende. Laad haar opnieuw; wat u hebt getypt, blijft bewaard.",
    reload: "Opnieuw laden",
    changed: (by) =>
      `${by} heeft dit tegelijkertijd gewijzigd. Uw wijziging is niet opgeslagen; bekijk eerst de nieuwe waarde.`,
    somebody: "Iemand",
  },
);
