/** Text, made of pieces. */

/** With a capital at its beginning. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** `snake_case` as words: what the server knows of and this build has no words for. */
export function spaced(name: string): string {
  return name.replaceAll("_", " ");
}

/** What is told of a thing in one line; what is empty is left out. */
export function inLine(...parts: (string | null | undefined)[]): string {
  return parts.filter(Boolean).join(" · ");
}
