// The frame of the Workshop, and words that its sections share.
import { inLanguage } from "../language";

export const s = inLanguage(
  {
    title: "Workshop",
    lead: "Set up who works here, where, and which systems report.",
    sections: {
      workspaces: ["Domains and workspaces", "A workspace holds records; a domain holds workspaces and other domains."],
      people: [
        "People and roles",
        "A role counts for a domain and all below it. Viewers read, members also edit, managers also set things up.",
      ],
      clients: ["Clients and secrets", "Systems that use the API, each with an id and a secret."],
      webhooks: ["Webhooks", "Systems that are told what happens to records, signed."],
      forms: ["Forms", "What a report must have. Who names no form gets the default form."],
      rules: ["Rules", "What happens by itself: who gets records, who is reminded, what recurs."],
      requests: ["Requests", "What systems sent in the last 30 days, and how it was answered."],
      imports: ["Import", "Records from a CSV file. Nothing is stored before you say so."],
      history: ["History", "Who changed what here: people, rights, clients, forms."],
      "single-sign-on": ["Single sign-on", "The groups of your organisation give people their roles."],
      health: ["Health and settings", "How the server is doing. Its settings are changed where it runs."],
    } as Record<
      | "workspaces"
      | "people"
      | "clients"
      | "webhooks"
      | "single-sign-on"
      | "forms"
      | "rules"
      | "requests"
      | "imports"
      | "history"
      | "health",
      [title: string, hint: string]
    >,
    remove: "Remove",
    edit: "Change",
    domain: "Domain",
    keys: "Workshop",
    moveDown: "Next row",
    moveUp: "Previous row",
    some: (count: number): string => `Only the newest ${count} are shown.`,
    onceWarning: "Copy it now: it is not shown again, and nobody can look it up.",
    onceDone: "I have copied it",
    never: "Never",
    unknown: "Not found",
    unknownHint: "It may have been removed, or you may not see it.",
    askRole: "Ask your administrator for a role.",
    noDomain: "There is no domain yet",
  },
  {
    title: "Beheer",
    lead: "Richt in wie hier werkt, waar, en welke systemen melden.",
    sections: {
      workspaces: ["Domeinen en werkruimten", "Een werkruimte bevat items; een domein werkruimten en andere domeinen."],
      people: [
        "Mensen en rollen",
        "Een rol geldt voor een domein en alles daaronder. Lezers lezen, leden bewerken ook, managers beheren ook.",
      ],
      clients: ["Clients en secrets", "Systemen die de API gebruiken, elk met een id en een secret."],
      webhooks: ["Webhooks", "Systemen die horen wat er met items gebeurt, ondertekend."],
      forms: ["Formulieren", "Wat een melding moet bevatten. Wie geen formulier noemt, krijgt het standaardformulier."],
      rules: ["Regels", "Wat vanzelf gebeurt: wie items krijgt, wie wordt herinnerd, wat terugkeert."],
      requests: ["Aanroepen", "Wat systemen de laatste 30 dagen stuurden, en hoe dat werd beantwoord."],
      imports: ["Importeren", "Items uit een CSV-bestand. Er wordt niets opgeslagen voor u het zegt."],
      history: ["Geschiedenis", "Wie hier wat wijzigde: mensen, rechten, clients, formulieren."],
      "single-sign-on": ["Eenmalige aanmelding", "De groepen van uw organisatie geven mensen hun rollen."],
      health: ["Toestand en instellingen", "Hoe het met de server gaat. Instellingen wijzigt u waar hij draait."],
    },
    remove: "Verwijderen",
    edit: "Wijzigen",
    domain: "Domein",
    keys: "Beheer",
    moveDown: "Volgende rij",
    moveUp: "Vorige rij",
    some: (count) => `Alleen de nieuwste ${count} worden getoond.`,
    onceWarning: "Kopieer dit nu: het wordt niet opnieuw getoond.",
    onceDone: "Ik heb het gekopieerd",
    never: "Nooit",
    unknown: "Niet gevonden",
    unknownHint: "Misschien is het verwijderd, of mag u het niet zien.",
    askRole: "Vraag uw beheerder om een rol.",
    noDomain: "Er is nog geen domein",
  },
);
