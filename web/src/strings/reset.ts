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
    done: "Use it to sign in from now on.",
    /** Somebody else is signed in here. */
    other: (email: string): string =>
      `${email} is signed in here. Sign out to sign in with the new password.`,
    goOn: "Go to BzCtrl",
    voidHeading: "This link is no longer valid",
    void:
      "It was used, replaced, or is older than 24 hours. Ask its sender for a new one.",
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
    done: "Gebruik het vanaf nu om u aan te melden.",
    other: (email) => `Hier is ${email} aangemeld. Meld dat account af om het nieuwe wachtwoord te gebruiken.`,
    goOn: "Naar BzCtrl",
    voidHeading: "Deze link is niet meer geldig",
    void: "Hij is gebruikt, vervangen of ouder dan 24 uur. Vraag de afzender om een nieuwe.",
    signIn: "Naar het aanmelden",
  },
);
