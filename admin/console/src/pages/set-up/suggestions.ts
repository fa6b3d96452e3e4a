/** What businesses of a trade usually offer and are asked: a beginning, to be changed. */

export interface SuggestedService {
  name: string;
  duration_minutes: number;
  description: string;
}

export interface Trade {
  id: string;
  name: string;
  services: readonly SuggestedService[];
  questions: readonly string[];
}

const service = (name: string, duration_minutes: number, description = ""): SuggestedService => ({
  name,
  duration_minutes,
  description,
});

export const TRADES: readonly Trade[] = [
  {
    id: "dentist",
    name: "Dentist",
    services: [
      service("Check-up", 30, "A look at teeth and gums, with X-rays where they are due."),
      service("Cleaning", 45, "Professional cleaning and polishing."),
      service("New patient exam", 60, "The first visit: history, X-rays and a full exam."),
      service("Filling", 45),
      service("Whitening", 60),
      service("Emergency visit", 30, "For pain, swelling, or a broken tooth."),
    ],
    questions: [
      "Which insurances do you take?",
      "Where can I park?",
      "What should I bring to my first visit?",
      "Do you treat children?",
      "How much does a cleaning cost without insurance?",
    ],
  },
  {
    id: "clinic",
    name: "Medical clinic",
    services: [
      service("Consultation", 20),
      service("New patient visit", 40, "The first visit, with the history."),
      service("Annual physical", 45),
      service("Vaccination", 15),
      service("Blood draw", 15, "Please come without breakfast if you were told so."),
      service("Telephone consultation", 15),
    ],
    questions: [
      "Which insurances do you take?",
      "How do I get a repeat prescription?",
      "How do I get my test results?",
      "Do you take new patients?",
      "Where can I park?",
    ],
  },
  {
    id: "salon",
    name: "Hair or beauty salon",
    services: [
      service("Haircut", 45),
      service("Haircut and wash", 60),
      service("Colour", 120),
      service("Highlights", 150),
      service("Beard trim", 20),
      service("Manicure", 45),
    ],
    questions: [
      "Do I need an appointment?",
      "Which products do you use?",
      "Do you cut children's hair?",
      "How can I pay?",
      "What is your cancellation policy?",
    ],
  },
  {
    id: "trades",
    name: "Plumber, electrician, repairs",
    services: [
      service("Site visit and quote", 60),
      service("Repair", 120),
      service("Installation", 180),
      service("Maintenance", 90),
      service("Emergency call-out", 60, "As soon as somebody is free."),
    ],
    questions: [
      "Which areas do you serve?",
      "What does a call-out cost?",
      "Do you work on weekends?",
      "Are you licensed and insured?",
      "How can I pay?",
    ],
  },
];

export function greetingFor(business: string): string {
  return `Thank you for calling ${business}. How can I help you today?`;
}
