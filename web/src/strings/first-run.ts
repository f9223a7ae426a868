// The first administrator.
import { inLanguage } from "../language";

export const s = inLanguage(
  {
    page: "First run",
    heading: "Set up BzCtrl",
    lead:
      "Nobody can sign in yet. The link that brought you here makes the first administrator, once: an account " +
      "that may do everything, and that lets the others in.",
    you: "Your account",
    email: "E-mail address",
    emailHint: "You sign in with it, and reports name you by it.",
    name: "Name",
    nameHint: "As others are to see you.",
    password: "Password",
    place: "The first workspace",
    placeHint:
      "A place for records, such as one department or terminal. The key is a domain, a dash and one part more. You " +
      "can leave this empty and add workspaces later.",
    key: "Key",
    keyHint: "Such as EXA-CON-BUS-WOR; the domain EXA-CON-BUS is made with it. It cannot be changed later.",
    placeName: "Name of the workspace",
    zone: "Time zone",
    zoneHint: "Decides which day it is: when something is due, and when it is overdue.",
    submit: "Create the account and sign in",
    busy: "Setting up…",
    emailMissing: "Enter your e-mail address.",
    passwordMissing: "Enter a password.",
    doneHeading: "You are the administrator",
    done: "You are signed in, and the link no longer works. What comes next:",
    next: {
      clients: ["Connect a system", "Make a client and its secret, and send the first report."],
      people: ["Let people in", "Add them with a role; each gets a link to set a password."],
      workspaces: ["Add domains and workspaces", "One workspace for each place where records are kept."],
    } as Record<"clients" | "people" | "workspaces", [title: string, hint: string]>,
    voidHeading: "This link is no longer valid",
    void:
      "There is an administrator already, or the link is older than 24 hours, or a newer start of the server has " +
      "replaced it.",
    voidAdmin: "If there is an administrator, sign in, or ask them for an account.",
    voidNew: "If not, start the server again. It prints a new link, in its output or in the journal:",
    signIn: "Go to sign in",
  },
  {
    page: "Eerste keer",
    heading: "BzCtrl inrichten",
    lead:
      "Nog niemand kan zich aanmelden. Maak hier de eerste beheerder: een account dat alles mag.",
    you: "Uw account",
    email: "E-mailadres",
    emailHint: "Hiermee meldt u zich aan, en meldingen noemen u ermee.",
    name: "Naam",
    nameHint: "Zoals anderen u zien.",
    password: "Wachtwoord",
    place: "De eerste werkruimte",
    placeHint:
      "Een plek voor items, zoals één afdeling of terminal. De sleutel is een domein, een streepje en nog één deel. " +
      "U kunt dit leeg laten en later werkruimten toevoegen.",
    key: "Sleutel",
    keyHint: "Zoals EXA-CON-BUS-WOR; het domein EXA-CON-BUS wordt meteen gemaakt. Later niet te wijzigen.",
    placeName: "Naam van de werkruimte",
    zone: "Tijdzone",
    zoneHint: "Bepaalt welke dag het is: wanneer iets moet gebeuren en wanneer het te laat is.",
    submit: "Account aanmaken en aanmelden",
    busy: "Bezig met inrichten…",
    emailMissing: "Vul uw e-mailadres in.",
    passwordMissing: "Vul een wachtwoord in.",
    doneHeading: "U bent de beheerder",
    done: "U bent aangemeld, en de link werkt niet meer. Wat nu volgt:",
    next: {
      clients: ["Een systeem aansluiten", "Maak een client met een secret, en stuur de eerste melding."],
      people: ["Mensen toelaten", "Voeg ze toe met een rol; ieder krijgt een link om een wachtwoord te kiezen."],
      workspaces: ["Domeinen en werkruimten toevoegen", "Een werkruimte voor elke plek waar items worden bewaard."],
    },
    voidHeading: "Deze link is niet meer geldig",
    void: "Er is al een beheerder, of de link is ouder dan 24 uur of vervangen door een nieuwere.",
    voidAdmin: "Is er een beheerder, meld u dan aan of vraag die om een account.",
    voidNew: "Zo niet, start de server dan opnieuw. Hij toont een nieuwe link, in zijn uitvoer of in het journaal:",
    signIn: "Naar het aanmelden",
  },
);
