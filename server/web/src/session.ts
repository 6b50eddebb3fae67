/** The session's token for changes and its user: from the page, or asked for anew where the page was kept from earlier. */
import { noteTime } from "./clock.ts";
import type { Someone } from "./people.ts";

let token = document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? "";

/** The token; empty where the page has none. */
export const csrf = (): string => token;

const LAST = "tessera-session-user";
let user: Someone | null = null;

/** Who is signed in, as the registry said to this page; null before it was asked. */
export const sessionUser = (): Someone | null => user;

/** Who was signed in when the registry was last asked from this browser: who most likely acts while it is away. */
export function lastUser(): Someone | null {
  try {
    return user ?? (JSON.parse(localStorage.getItem(LAST) ?? "null") as Someone | null);
  } catch {
    return user;
  }
}

function noteUser(seen: { id?: string; display_name?: string } | null): void {
  user = seen?.id ? { id: seen.id, name: seen.display_name ?? "" } : null;
  try {
    localStorage.setItem(LAST, JSON.stringify(user));
  } catch {
    // Known on this page alone.
  }
}

/** Asks who is signed in. `signed-out` also stops changes from being sent with an old token. */
export async function renewSession(): Promise<"signed-in" | "signed-out" | "offline"> {
  try {
    const response = await fetch("/api/v1/session", { headers: { Accept: "application/json" }, cache: "no-store", signal: AbortSignal.timeout(4_000) });
    noteTime(response);
    if (response.status === 401 || response.status === 403) {
      noteUser(null);
      return "signed-out";
    }
    if (!response.ok) return "offline";
    const session = (await response.json()) as { csrf: string; user: { id?: string; display_name?: string } };
    token = session.csrf;
    noteUser(session.user);
    return "signed-in";
  } catch {
    return "offline";
  }
}
