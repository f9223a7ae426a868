// Signing in, and setting a new password by a link.
import { inLanguage } from "../language";

export const s = inLanguage(
  {
    page: "Sign in",
    heading: "Sign in to BzCtrl",
    lead: "Follow incidents and tasks from report to completion.",
    kept: "Sign in to continue to",
    expired: "Your session has ended. Sign in again to continue where you left off.",
    email: "E-mail address",
    password: "Password",
    submit: "Sign in",
    busy: "Signing in…",
    emailMissing: "Enter your e-mail address.",
    passwordMissing: "Enter your password.",
    wrong: "Incorrect e-mail address or password. Check both and try again.",
    throttled: (seconds: number): string =>
      `Too many attempts. You can try again in ${seconds} ${seconds === 1 ? "second" : "seconds"}.`,
    throttleOver: "You can try again now.",
    elsewhere: "Use this server at its own address; signing in works only there:",
    insecure:
      "This address begins with http://, so your browser may not prove who you are, and pages after " +
      "signing in may be refused. Ask your administrator for the https:// address.",
    forgotten: "No account, or forgot your password? Contact your administrator.",
    firstRun:
      "Nobody can sign in yet. The server printed a link when it started, which makes the first administrator: " +
      "look in its output, or in the journal (journalctl -u bzctrld). A restart prints a new one.",
    api: "The API, for connecting other systems",
    showPassword: "Show password",
    capsLock: "Caps Lock is on.",
  },
  {
    page: "Aanmelden",
    heading: "Aanmelden bij BzCtrl",
    lead: "Volg incidenten en taken van melding tot afronding.",
    kept: "Meld u aan om verder te gaan naar",
    expired: "Uw sessie is beëindigd. Meld u opnieuw aan om verder te gaan waar u gebleven was.",
    email: "E-mailadres",
    password: "Wachtwoord",
    submit: "Aanmelden",
    busy: "Bezig met aanmelden…",
    emailMissing: "Vul uw e-mailadres in.",
    passwordMissing: "Vul uw wachtwoord in.",
    wrong: "Onjuist e-mailadres of wachtwoord. Controleer beide en probeer het opnieuw.",
    throttled: (seconds) =>
      `Te veel pogingen. U kunt het over ${seconds} ${seconds === 1 ? "seconde" : "seconden"} opnieuw proberen.`,
    throttleOver: "U kunt het nu opnieuw proberen.",
    elsewhere: "Gebruik deze server op zijn eigen adres; alleen daar kunt u zich aanmelden:",
    insecure:
      "Dit adres begint met http://, waardoor uw browser mogelijk niet kan bewijzen wie u bent en " +
      "pagina’s na het aanmelden geweigerd kunnen worden. Vraag uw beheerder om het https://-adres.",
    forgotten: "Geen account, of uw wachtwoord vergeten? Neem contact op met uw beheerder.",
    firstRun:
      "Nog niemand kan zich aanmelden. De server toonde bij het starten een link waarmee u de eerste beheerder " +
      "maakt: kijk in zijn uitvoer of in het journaal (journalctl -u bzctrld). Een herstart toont een nieuwe link.",
    api: "De API, om andere systemen aan te sluiten",
    showPassword: "Wachtwoord tonen",
    capsLock: "Caps Lock staat aan.",
  },
);

export const reset = inLanguage(
  {
    page: "New password",
    heading: "Set a new password",
    lead: "The link that brought you here sets one new password. You will be signed out everywhere else.",
    password: "New password",
    rules: "At least 8 characters, not a common password, and not your e-mail address.",
    submit: "Set password",
    busy: "Setting it…",
    missing: "Enter a new password.",
    doneHeading: "Your new password is set",
    done: "Use it to sign in from now on. The link no longer works.",
    voidHeading: "This link is no longer valid",
    void:
      "It was already used, a newer link replaced it, or it is older than 24 hours. Ask the person who " +
      "sent it for a new one.",
    signIn: "Go to sign in",
  },
  {
    page: "Nieuw wachtwoord",
    heading: "Een nieuw wachtwoord instellen",
    lead: "Met de link die u hier bracht, stelt u één nieuw wachtwoord in. U wordt overal elders afgemeld.",
    password: "Nieuw wachtwoord",
    rules: "Minstens 8 tekens, geen veelgebruikt wachtwoord en niet uw e-mailadres.",
    submit: "Wachtwoord instellen",
    busy: "Bezig met instellen…",
    missing: "Vul een nieuw wachtwoord in.",
    doneHeading: "Uw nieuwe wachtwoord is ingesteld",
    done: "Gebruik het vanaf nu om u aan te melden. De link werkt niet meer.",
    voidHeading: "Deze link is niet meer geldig",
    void: "Hij is al gebruikt, door een nieuwere vervangen, of ouder dan 24 uur. Vraag de afzender om een nieuwe.",
    signIn: "Naar het aanmelden",
  },
);
