// Signing in.
import { inLanguage } from "../language";

export const s = inLanguage(
  {
    page: "Sign in",
    heading: "Sign in to BzCtrl",
    lead: "Follow incidents and tasks from report to completion.",
    kept: "Sign in to continue to",
    expired: "Your session has ended. Sign in again to continue.",
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
    elsewhere: "Signing in works only at this server’s own address:",
    insecure: "Signing in may not work over http://. Ask your administrator for the https:// address.",
    forgotten: "No account, or forgot your password? Contact your administrator.",
    firstRun:
      "Nobody can sign in yet. When it started, the server printed a link for the first administrator (see " +
      "journalctl -u bzctrld). A restart prints a new one.",
    api: "The API, for connecting other systems",
    singleSignOn: "Continue with single sign-on",
    or: "or with a password",
    passwordAnyway: "Sign in with a password",
    /** What came of a sign-in at the provider. */
    outcomes: {
      cancelled: "You cancelled signing in.",
      expired: "That sign-in took too long, or began in another window. Try again.",
      refused:
        "Your organisation’s answer could not be verified. Try again, or ask your administrator.",
      unavailable: "Your organisation’s sign-in can’t be reached right now. Try again in a few minutes.",
      throttled: "Too many attempts from your network. Try again in a few minutes.",
      unverified:
        "Your organisation has not confirmed your e-mail address. Ask your administrator.",
      taken: "The account with your e-mail address belongs to another sign-in. Ask your administrator.",
      disabled: "Your account is disabled. Ask your administrator.",
      erasing: "The account that you had here is still being erased. Try again in a few minutes.",
      "no-role": "You are signed in, but nobody has given you a role here yet. Ask your administrator.",
    } as Record<string, string>,
    showPassword: "Show password",
    capsLock: "Caps Lock is on.",
  },
  {
    page: "Aanmelden",
    heading: "Aanmelden bij BzCtrl",
    lead: "Volg incidenten en taken van melding tot afronding.",
    kept: "Meld u aan om verder te gaan naar",
    expired: "Uw sessie is beëindigd. Meld u opnieuw aan.",
    email: "E-mailadres",
    password: "Wachtwoord",
    submit: "Aanmelden",
    busy: "Bezig met aanmelden…",
    emailMissing: "Vul uw e-mailadres in.",
    passwordMissing: "Vul uw wachtwoord in.",
    wrong: "Onjuist e-mailadres of wachtwoord. Probeer het opnieuw.",
    throttled: (seconds) =>
      `Te veel pogingen. Probeer het over ${seconds} ${seconds === 1 ? "seconde" : "seconden"} opnieuw.`,
    throttleOver: "U kunt het nu opnieuw proberen.",
    elsewhere: "Aanmelden kan alleen op het eigen adres van deze server:",
    insecure: "Aanmelden lukt mogelijk niet via http://. Vraag uw beheerder om het https://-adres.",
    forgotten: "Geen account, of uw wachtwoord vergeten? Vraag uw beheerder.",
    firstRun:
      "Nog niemand kan zich aanmelden. Bij het starten toonde de server een link voor de eerste beheerder (zie " +
      "journalctl -u bzctrld). Een herstart toont een nieuwe.",
    api: "De API, om andere systemen aan te sluiten",
    singleSignOn: "Doorgaan met single sign-on",
    or: "of met een wachtwoord",
    passwordAnyway: "Aanmelden met een wachtwoord",
    outcomes: {
      cancelled: "U hebt het aanmelden geannuleerd.",
      expired: "Dat aanmelden duurde te lang, of begon in een ander venster. Probeer het opnieuw.",
      refused:
        "Het antwoord van uw organisatie klopt niet. Vraag uw beheerder.",
      unavailable: "Aanmelden via uw organisatie lukt nu niet. Probeer het over enkele minuten opnieuw.",
      throttled: "Te veel pogingen vanaf uw netwerk. Probeer het over enkele minuten opnieuw.",
      unverified:
        "Uw organisatie heeft uw e-mailadres niet bevestigd. Vraag uw beheerder.",
      taken: "Uw e-mailadres hoort bij een andere aanmelding. Vraag uw beheerder.",
      disabled: "Uw account is uitgeschakeld. Vraag uw beheerder.",
      erasing: "Uw vorige account hier wordt nog gewist. Probeer het over enkele minuten opnieuw.",
      "no-role": "U bent aangemeld, maar hebt hier nog geen rol. Vraag uw beheerder om een rol.",
    },
    showPassword: "Wachtwoord tonen",
    capsLock: "Caps Lock staat aan.",
  },
);
