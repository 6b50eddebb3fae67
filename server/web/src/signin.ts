// Signing in with badge and PIN makes this tablet ready for work without a network (people.ts).
import { Vault } from "./outbox.ts";
import { badgeNumber, end, enrol, type Someone } from "./people.ts";
import { problemOf } from "./reasons.ts";

const form = document.getElementById("badge-form") as HTMLFormElement;
const error = document.getElementById("badge-error")!;

async function post<T>(url: string, body: unknown, token = ""): Promise<T> {
  const headers = { "Content-Type": "application/json", Accept: "application/json", ...(token ? { "X-CSRF-Token": token } : {}) };
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
  if (response.ok) return (await response.json()) as T;
  const { detail, title, action } = await problemOf(response);
  throw new Error([detail ?? title, action].filter(Boolean).join(" "));
}

async function signIn(badge: string, pin: string): Promise<void> {
  const { user, csrf } = await post<{ user: { id: string; display_name: string }; csrf: string }>("/api/v1/session/badge", { badge, pin });
  await makeReady({ id: user.id, name: user.display_name }, csrf, badge, pin).catch(() => {
    // Signed in all the same; only work without a network has to wait for the next time.
  });
  location.assign(form.querySelector<HTMLInputElement>('input[name="next"]')!.value || "/");
}

async function makeReady(user: Someone, csrf: string, badge: string, pin: string): Promise<void> {
  const number = badgeNumber(badge);
  if (number === null) return;
  const vault = await Vault.open();
  // From now on the session says who acts.
  await end(vault);
  await enrol(vault, user, number, pin, async (id, public_key) => (await post<{ expires_at: string }>("/api/v1/session/tablet-key", { id, public_key, badge, pin }, csrf)).expires_at);
}

form.dataset["repeat"] = "yes";
let sending = false;
form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (sending) return;
  sending = true;
  const data = new FormData(form);
  error.hidden = true;
  void signIn(String(data.get("badge") ?? ""), String(data.get("pin") ?? "")).catch((problem: Error) => {
    error.textContent = problem instanceof TypeError ? "The registry can not be reached." : problem.message;
    error.hidden = false;
    form.querySelector<HTMLInputElement>('input[name="pin"]')!.value = "";
    sending = false;
  });
});
