// The frame of the Workshop, and words that its sections share.
import { inLanguage } from "../language";

export const s = inLanguage(
  {
    title: "Workshop",
    lead: "Set up who works here, where, and which systems report.",
    sections: {
      workspaces: ["Domains and workspaces", "Where records are kept: add, rename, choose the time zone."],
      people: ["People and roles", "Who may do what. Hand over the work of somebody who leaves."],
      clients: ["Clients and secrets", "Systems that report over the API, and what they may do."],
      webhooks: ["Webhooks", "Systems that are told what happens, and what was sent to them."],
      forms: ["Forms", "What a report must have: build it by hand, try it, compare its versions."],
      rules: ["Rules", "What happens by itself: who gets records, who is reminded, what recurs."],
      requests: ["Requests", "What systems sent, what was wrong with it, and how to send it again."],
      imports: ["Import", "Records from a CSV file, each row checked before it counts."],
      history: ["History", "Who changed what here: people, rights, clients, forms."],
      sso: ["Single sign-on", "Which groups of your organisation give which roles."],
      health: ["Health and settings", "How the server is doing, and how it is configured."],
    } as Record<
      | "workspaces"
      | "people"
      | "clients"
      | "webhooks"
      | "sso"
      | "forms"
      | "rules"
      | "requests"
      | "imports"
      | "history"
      | "health",
      [title: string, hint: string]
    >,
    save: "Save",
    saving: "Saving…",
    add: "Add",
    remove: "Remove",
    edit: "Change",
    name: "Name",
    domain: "Domain",
    keys: "Workshop",
    moveDown: "Next row",
    moveUp: "Previous row",
    nothingFound: "Nothing matches what you typed.",
    some: (count: number): string => `Only the newest ${count} are shown.`,
    changedMeanwhile: "Somebody else has just changed this. You now see the newest state; please try again.",
    onceWarning: "Copy it now: it is not shown again, and nobody can look it up.",
    onceDone: "I have copied it",
    never: "Never",
  },
  {
    title: "Beheer",
    lead: "Richt in wie hier werkt, waar, en welke systemen melden.",
    sections: {
      workspaces: ["Domeinen en werkruimten", "Waar items worden bewaard: toevoegen, hernoemen, tijdzone kiezen."],
      people: ["Mensen en rollen", "Wie wat mag. Draag het werk over van wie vertrekt."],
      clients: ["Clients en secrets", "Systemen die via de API melden, en wat ze mogen."],
      webhooks: ["Webhooks", "Systemen die horen wat er gebeurt, en wat hun is gestuurd."],
      forms: ["Formulieren", "Wat een melding moet bevatten: bouw het met de hand, probeer het, vergelijk versies."],
      rules: ["Regels", "Wat vanzelf gebeurt: wie items krijgt, wie wordt herinnerd, wat terugkeert."],
      requests: ["Aanroepen", "Wat systemen stuurden, wat er niet klopte, en hoe het opnieuw te sturen."],
      imports: ["Importeren", "Items uit een CSV-bestand, elke rij gecontroleerd voor ze telt."],
      history: ["Geschiedenis", "Wie hier wat wijzigde: mensen, rechten, clients, formulieren."],
      sso: ["Eenmalige aanmelding", "Welke groepen van uw organisatie welke rollen geven."],
      health: ["Toestand en instellingen", "Hoe het met de server gaat en hoe hij is ingesteld."],
    },
    save: "Opslaan",
    saving: "Opslaan…",
    add: "Toevoegen",
    remove: "Verwijderen",
    edit: "Wijzigen",
    name: "Naam",
    domain: "Domein",
    keys: "Beheer",
    moveDown: "Volgende rij",
    moveUp: "Vorige rij",
    nothingFound: "Niets komt overeen met wat u typte.",
    some: (count) => `Alleen de nieuwste ${count} worden getoond.`,
    changedMeanwhile: "Iemand anders heeft dit zojuist gewijzigd. U ziet nu de nieuwste stand; probeer het opnieuw.",
    onceWarning: "Kopieer dit nu: het wordt niet opnieuw getoond en niemand kan het opzoeken.",
    onceDone: "Ik heb het gekopieerd",
    never: "Nooit",
  },
);
