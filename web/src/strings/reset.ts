// The words around a new password: by the link of a mail, and for the first administrator.
import { inLanguage } from "../language";

export const s = inLanguage(
  {
    page: "New password",
    heading: "Set a new password",
    lead: "You will be signed out everywhere else.",
    person: "Account",
    password: "New password",
    rules: "At least 8 characters, not a common password, and not your e-mail address.",
    submit: "Set password",
    busy: "Setting it…",
    missing: "Enter a new password.",
    doneHeading: "Your new password is set",
    done: "Use it to sign in from now on. The link no longer works.",
    /** Somebody else is signed in here. */
    other: (email: string): string =>
      `In this browser ${email} is signed in. Sign out there to sign in with the new password.`,
    goOn: "Go to BzCtrl",
    voidHeading: "This link is no longer valid",
    void: "It was already used, a newer link replaced it, or it is older than 24 hours. Ask its sender for a new one.",
    signIn: "Go to sign in",
  },
  {
    page: "Nieuw wachtwoord",
    heading: "Een nieuw wachtwoord instellen",
    lead: "U wordt overal elders afgemeld.",
    person: "Account",
    password: "Nieuw wachtwoord",
    rules: "Minstens 8 tekens, geen veelgebruikt wachtwoord en niet uw e-mailadres.",
    submit: "Wachtwoord instellen",
    busy: "Bezig met instellen…",
    missing: "Vul een nieuw wachtwoord in.",
    doneHeading: "Uw nieuwe wachtwoord is ingesteld",
    done: "Gebruik het vanaf nu om u aan te melden. De link werkt niet meer.",
    other: (email) =>
      `In deze browser is ${email} aangemeld. Meld u daar af om u met het nieuwe wachtwoord aan te melden.`,
    goOn: "Naar BzCtrl",
    voidHeading: "Deze link is niet meer geldig",
    void: "Hij is al gebruikt, door een nieuwere vervangen, of ouder dan 24 uur. Vraag de afzender om een nieuwe.",
    signIn: "Naar het aanmelden",
  },
);
