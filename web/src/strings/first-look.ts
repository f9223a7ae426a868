// The first look around: where, what it is called, what it is for.
import { inLanguage } from "../language";

type Step = readonly [at: string, title: string, text: string];
const rail = (name: string): string => `.rail a[href^="#/${name}"]`;

export const s = inLanguage(
  {
    next: "Next",
    back: "Back",
    done: "Done",
    end: "End the tour",
    of: (n: number, all: number): string => `${n} of ${all}`,
    steps: [
      [
        rail("inbox"),
        "What needs you",
        "Each row says why it is here. Take it, finish it or put it off; it comes back when something happens.",
      ],
      [
        rail("todo"),
        "Every incident and task",
        "As a list, a board, a calendar or a matrix of risks. Save what you look at often as a view; pinned, it " +
          "stands here.",
      ],
      [
        rail("meetings"),
        "The weekly stand-up",
        "From what happened since last time, through the open records, to minutes that can be proved.",
      ],
      [rail("picture"), "Where you are", "Numbers, trends and risks. Each number opens the list that it counts."],
      [
        rail("workshop"),
        "For those who manage",
        "Forms, people and roles, the systems that report, and what they sent.",
      ],
      [".search-button", "Jump anywhere", "A key, an order, words, or what you want to do: Ctrl K."],
      [
        ".account",
        "Made yours",
        "Theme, language and dates. Press ? for the keys of the page you are on; this tour is there, too.",
      ],
    ] as readonly Step[],
  },
  {
    next: "Verder",
    back: "Terug",
    done: "Klaar",
    end: "Rondleiding beëindigen",
    of: (n, all) => `${n} van ${all}`,
    steps: [
      [
        rail("inbox"),
        "Wat u nodig heeft",
        "Elke regel zegt waarom hij er staat. Pak hem op, rond hem af of stel hem uit; hij komt terug als er iets " +
          "gebeurt.",
      ],
      [
        rail("todo"),
        "Elk incident en elke taak",
        "Als lijst, bord, kalender of risicomatrix. Sla op wat u vaak bekijkt als overzicht; vastgezet staat het hier.",
      ],
      [
        rail("meetings"),
        "De wekelijkse stand-up",
        "Van wat er sinds de vorige keer is gebeurd, langs de open items, tot notulen die te bewijzen zijn.",
      ],
      [rail("picture"), "Waar u staat", "Cijfers, trends en risico's. Elk getal opent de lijst die het telt."],
      [
        rail("workshop"),
        "Voor wie beheert",
        "Formulieren, mensen en rollen, de systemen die melden en wat ze stuurden.",
      ],
      [".search-button", "Overal heen", "Een nummer, een order, woorden, of wat u wilt doen: Ctrl K."],
      [
        ".account",
        "Zoals u het wilt",
        "Thema, taal en datums. Met ? ziet u de toetsen en deze rondleiding.",
      ],
    ],
  },
);
