/** The session's token for changes: from the page, or asked for anew where the page was kept from earlier. */
import { noteTime } from "./clock.ts";

let token = document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? "";

/** The token; empty where the page has none. */
export const csrf = (): string => token;

/** Asks who is signed in. `signed-out` also stops changes from being sent with an old token. */
export async function renewSession(): Promise<"signed-in" | "signed-out" | "offline"> {
  try {
    const response = await fetch("/api/v1/session", { headers: { Accept: "application/json" }, cache: "no-store", signal: AbortSignal.timeout(4_000) });
    noteTime(response);
    if (response.status === 401 || response.status === 403) return "signed-out";
    if (!response.ok) return "offline";
    token = ((await response.json()) as { csrf: string }).csrf;
    return "signed-in";
  } catch {
    return "offline";
  }
}
